"""The states of this room's objects as people see them: word, icon and tone, declared once."""

from __future__ import annotations

from datetime import date

from numaru.domains.subscribers.ports import PlanSummary
from numaru.ui.states import State
from numaru.values.text import Text

PLAN: dict[str, State] = {
    "pending": State(Text("예정", "Pending"), "calm"),
    "active": State(Text("이용 중", "Active"), "good"),
    "ending": State(Text("해지 예정", "Ending"), "warn", "calendar-due"),
    "paused": State(Text("일시 정지", "Paused"), "calm", "player-pause"),
    "suspended": State(Text("이용 정지", "Suspended"), "warn"),
    "ended": State(Text("해지", "Ended"), "calm", "x"),
}


def face(plan: PlanSummary, today: date) -> State:
    """The state of a plan on ``today``; one that runs and has an end ahead of it is ending."""
    ending = plan.state == "active" and plan.until is not None and plan.until > today
    return PLAN["ending" if ending else plan.state]
