"""The door of backups and integrity."""

from numaru.kernel.backup.archive import Reach
from numaru.kernel.backup.integrity import Check, Looked, checks, same_file
from numaru.kernel.backup.permissions import RESTORATION_NOTE, RUN_START, RUN_VIEW
from numaru.kernel.backup.prune import KeptBackups, keys_gone_by, prune
from numaru.kernel.backup.reads import Overview, check_names, ever, last_check, overview, recent, unacknowledged
from numaru.kernel.backup.runs import RESTORED, acknowledge, ask_backup, ask_check, carry_out, carry_out_check, place
from numaru.kernel.backup.snapshot import notes
from numaru.kernel.backup.steps import Restored, Step, restore_steps

__all__ = [
    "RESTORATION_NOTE",
    "RESTORED",
    "RUN_START",
    "RUN_VIEW",
    "Check",
    "KeptBackups",
    "Looked",
    "Overview",
    "Reach",
    "Restored",
    "Step",
    "acknowledge",
    "ask_backup",
    "ask_check",
    "carry_out",
    "carry_out_check",
    "check_names",
    "checks",
    "ever",
    "keys_gone_by",
    "last_check",
    "notes",
    "overview",
    "place",
    "prune",
    "recent",
    "restore_steps",
    "same_file",
    "unacknowledged",
]
