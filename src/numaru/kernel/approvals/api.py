"""The door of approvals."""

from numaru.kernel.approvals.limits import above
from numaru.kernel.approvals.permissions import REQUEST_USE
from numaru.kernel.approvals.reads import decided_by_day, request, visible, waiting
from numaru.kernel.approvals.requests import approve, cut_off, may_decide, preview, refuse, somebody_else, withdraw

__all__ = [
    "REQUEST_USE",
    "above",
    "approve",
    "cut_off",
    "decided_by_day",
    "may_decide",
    "preview",
    "refuse",
    "request",
    "somebody_else",
    "visible",
    "waiting",
    "withdraw",
]
