"""How long ended clocks are kept, and what of clocks and calendars needs no class."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from numaru.facilities.clocks.models import Clock
from numaru.facilities.timeline import api as timeline
from numaru.kernel.policies import policy
from numaru.kernel.retention.api import Act, Ref, RetentionClass, keep, leave
from numaru.kernel.retention.house import OWN, Rows
from numaru.values.text import Text


class _Ended(Rows):
    def delete(self, refs: Sequence[Ref]) -> int:
        """The clock with its log and its lines of time; returns the clocks."""
        timeline.withdraw_all([f"clocks.clock:{ref}:" for ref in refs])
        return int(Clock.objects.filter(pk__in=refs).delete()[1].get("clocks.Clock", 0))


ENDED = _Ended(Clock, "ended_at")


def count(cut: date, held: Sequence[int]) -> int:
    return ENDED.count(cut, held)


keep(
    RetentionClass(
        "clocks.clocks", Text("끝난 시계와 그 기록", "Ended clocks and their logs"), Text("시계가 끝난 날", "the end of the clock"), OWN,
        policy("retention.clocks_years", Text("끝난 시계를 보관하는 기간 (년)", "Years for which ended clocks are kept"), 3, "Operator's own rule, as long as complaints and disputes."),
        "years", Act.DELETE, ("clocks.Clock", "clocks.ClockEvent"), count, ENDED.due, ENDED.delete,
    )
)  # fmt: skip
leave(
    "clocks.CalendarVersion",
    Text("근무 시간을 정한 직원의 이름뿐인 업무 기록입니다.", "Work records that name the member of staff who set the hours."),
)
