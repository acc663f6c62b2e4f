"""Who is told of a task, and what ends with a leaver."""

from __future__ import annotations

from numaru.facilities.work import happenings
from numaru.facilities.work.actions.handing import hand_on, players
from numaru.facilities.work.events import ProcessMoved, TaskChanged
from numaru.facilities.work.models import CalendarFeed, Task
from numaru.kernel import clock, live
from numaru.kernel.access import Actor
from numaru.kernel.events import handles
from numaru.kernel.notices import api as notices
from numaru.kernel.staff.api import Departure, departures
from numaru.values.text import Text

GIVEN, OFFERED, ANSWERED, SAID, NEAR, LATE = "work.given", "work.offered", "work.answered", "work.said", "work.near", "work.late"
KINDS = {"opened": GIVEN, "assigned": GIVEN, "offered": OFFERED, "accepted": ANSWERED, "returned": ANSWERED, "comment": SAID}
LIVE = "work.task"
PROCESS_ENDED, PROCESS_LIVE = "work.process_ended", "work.process"


@handles(TaskChanged)
def changed(event: TaskChanged) -> None:
    """Whoever got a task, is offered one, or offered one that was answered is told; who did it themselves is not. What is settled is settled."""
    live.announce(LIVE, event.number)
    if event.what in happenings.SAID:
        happenings.noted(event.number)
    if event.what in ("accepted", "returned", "withdrawn", "assigned", "finished", "cancelled"):
        notices.settle(OFFERED, event.number)
    if event.state in ("done", "cancelled"):
        for kind in (GIVEN, NEAR, LATE):
            notices.settle(kind, event.number)
    if event.what not in KINDS:
        return
    kind = KINDS[event.what]
    people = [event.to] if event.to is not None else players(event.role, event.service) if event.role else []
    told = [one for one in people if one != event.by]
    if told:
        notices.tell(told, kind, event.number, needs=kind == OFFERED or event.what == "returned", about={"what": event.what})


@handles(ProcessMoved)
def moved(event: ProcessMoved) -> None:
    """Whoever started a process is told when it ended or was cancelled by somebody else."""
    live.announce(PROCESS_LIVE, event.number)
    if event.what in ("done", "cancelled") and event.tell is not None and event.tell != event.by:
        notices.tell([event.tell], PROCESS_ENDED, event.number, about={"what": event.what})


def tell_near(rows: list[Task]) -> int:
    """Remind those who have these tasks, or the role before which they wait, that they are due soon. Returns how many were told."""
    return sum(notices.tell([row.staff] if row.staff else players(row.role, row.service), NEAR, row.number) for row in rows)


def tell_late(rows: list[Task]) -> int:
    """Tell those who have these tasks, or the role before which they wait, that they are overdue. Returns how many were told."""
    return sum(notices.tell([row.staff] if row.staff else players(row.role, row.service), LATE, row.number, needs=True) for row in rows)


departures.add("tasks", Departure(Text("맡은 할 일 (넘김)", "Open tasks (handed on)"), hand_on))


def shut_feeds(staff: int, by: Actor) -> int:
    """The private address of the calendar ends with its person. A part of cutting off."""
    return CalendarFeed.objects.filter(staff=staff, ended_at__isnull=True).update(ended_at=clock.now())


departures.add("calendar", Departure(Text("캘린더 구독 주소", "The private address of the calendar"), shut_feeds))
