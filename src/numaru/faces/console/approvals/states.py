"""The states of a request for approval as people see them."""

from __future__ import annotations

from numaru.kernel import clock
from numaru.kernel.approvals.models import ApprovalRequest
from numaru.ui.states import State
from numaru.values.text import Text

STATES: dict[str, State] = {
    "pending": State(Text("결재 대기", "Awaiting approval"), "warn", "hourglass-empty"),
    "approved": State(Text("승인", "Approved"), "good"),
    "refused": State(Text("반려", "Refused"), "bad"),
    "withdrawn": State(Text("거둠", "Withdrawn"), "calm", "arrow-back-up"),
    "expired": State(Text("기한 지남", "Expired"), "calm", "clock"),
}


def face(row: ApprovalRequest) -> State:
    """A request that is too old reads so even before the hourly tick has closed it."""
    return STATES["expired" if row.state == "pending" and row.expires_at <= clock.now() else row.state]
