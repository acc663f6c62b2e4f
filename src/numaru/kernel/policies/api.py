"""The door of policies."""

from numaru.kernel.policies.changes import change, scope_name, service_of
from numaru.kernel.policies.kinds import KINDS, Unreadable
from numaru.kernel.policies.permissions import POLICY_APPROVE, POLICY_CHANGE, POLICY_VIEW
from numaru.kernel.policies.reads import Standing, Version, standing, standings
from numaru.kernel.policies.values import Shipped, ahead, policy, reading, shipped, trouble, value

__all__ = [
    "KINDS",
    "POLICY_APPROVE",
    "POLICY_CHANGE",
    "POLICY_VIEW",
    "Shipped",
    "Standing",
    "Unreadable",
    "Version",
    "ahead",
    "change",
    "policy",
    "reading",
    "scope_name",
    "service_of",
    "shipped",
    "standing",
    "standings",
    "trouble",
    "value",
]
