"""The states of a case, its duties and texts as people see them."""

from __future__ import annotations

from numaru.kernel import clock
from numaru.kernel.leaks.models import LeakDuty
from numaru.ui.states import State
from numaru.values.text import Text

CASE: dict[str, State] = {
    "open": State(Text("대응 중", "Being handled"), "warn", "tool"),
    "closed": State(Text("종결", "Closed"), "good"),
}
DUTY: dict[str, State] = {
    "due": State(Text("진행 중", "Running"), "info", "clock"),
    "near": State(Text("기한 임박", "Due soon"), "warn", "calendar-due"),
    "over": State(Text("기한 초과", "Breached"), "bad"),
    "done": State(Text("기한 안에 마침", "Done in time"), "good"),
    "late": State(Text("늦게 마침", "Done late"), "bad", "clock"),
    "exempt": State(Text("예외", "Exempt"), "calm", "circle-minus"),
}
TEXT: dict[str, State] = {
    "none": State(Text("아직 없음", "Not written"), "calm"),
    "draft": State(Text("초안", "Draft"), "info", "pencil"),
    "approved": State(Text("승인", "Approved"), "good"),
}


def of_duty(duty: LeakDuty) -> State:
    """A duty that is over or near its end says so while it runs."""
    if duty.state != "due":
        return DUTY[duty.state]
    if duty.due_at <= clock.now():
        return DUTY["over"]
    return DUTY["near" if duty.warned_at else "due"]
