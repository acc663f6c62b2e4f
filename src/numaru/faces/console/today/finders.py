"""What the console's rooms offer the first page, loaded: each module stands beside the places of its room."""

# ruff: noqa: F401
from __future__ import annotations

from numaru.faces.console.access import today as access_today
from numaru.faces.console.access import told as access_told
from numaru.faces.console.account import today as account_today
from numaru.faces.console.approvals import today as approvals_today
from numaru.faces.console.approvals import told as approvals_told
from numaru.faces.console.audit import today as audit_today
from numaru.faces.console.audit import told as audit_told
from numaru.faces.console.backups import today as backups_today
from numaru.faces.console.imports import today as imports_today
from numaru.faces.console.imports import told as imports_told
from numaru.faces.console.leaks import today as leaks_today
from numaru.faces.console.leaks import told as leaks_told
from numaru.faces.console.policies import told as policies_told
from numaru.faces.console.privacy.openings import today as openings_today
from numaru.faces.console.privacy.retention import today as retention_today
from numaru.faces.console.privacy.retention import told as retention_told
from numaru.faces.console.privacy.subject import today as subject_today
from numaru.faces.console.system import today as system_today
