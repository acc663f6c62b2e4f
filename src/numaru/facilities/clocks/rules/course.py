"""What a log of a clock comes to: the fold over its lines. The only place that knows what each line does; every cache is made by it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from numaru.values.business_calendar import BusinessCalendar

type What = Literal["start", "pause", "resume", "satisfy", "breach", "cancel", "retarget"]
type State = Literal["running", "paused", "met", "missed", "cancelled"]
type CalendarOf = Callable[[int], BusinessCalendar]
ENDED: frozenset[str] = frozenset({"met", "missed", "cancelled"})


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the log. ``calendar``, ``target`` and ``near`` (open seconds) stand on a start and a retarget."""

    what: What
    at: datetime
    calendar: int | None = None
    target: int | None = None
    near: int | None = None
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Course:
    """Where a clock stands. ``used`` are the open seconds before ``counted_from``, from where it runs on ``calendar``."""

    state: State
    calendar: int
    target: int
    near: int
    used: int
    counted_from: datetime | None
    due_at: datetime | None
    near_at: datetime | None
    breached_at: datetime | None
    ended_at: datetime | None
    last: datetime

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    def used_at(self, at: datetime, calendar_of: CalendarOf) -> int:
        """The open seconds used by an instant."""
        if self.counted_from is None or at <= self.counted_from:
            return self.used
        return self.used + calendar_of(self.calendar).between(self.counted_from, at)


class OutOfOrder(ValueError):
    """A line that cannot follow on what is written."""


def begin(step: Step, calendar_of: CalendarOf) -> Course:
    """The course of a clock that has only started."""
    if step.what != "start" or step.calendar is None or step.target is None or step.near is None:
        raise OutOfOrder("a log begins with a start, which names calendar and target")
    fresh = Course("running", step.calendar, step.target, step.near, 0, step.at, None, None, None, None, step.at)
    return _laid(fresh, calendar_of)


def follow(course: Course, step: Step, calendar_of: CalendarOf) -> Course:
    """The course after one more line. A line dated before the last one counts from the last one: what was laid is not laid again.

    Raises :class:`OutOfOrder` for a line after the end, a second start, pause or breach, a resume of what runs, a retarget after a breach.
    """
    if course.ended or step.what == "start":
        raise OutOfOrder(f"{step.what} after {'the end' if course.ended else 'the start'}")
    at = max(step.at, course.last)
    match step.what:
        case "pause":
            if not step.counts:
                return replace(course, last=at)
            if course.state == "paused":
                raise OutOfOrder("it is paused")
            stopped = _stopped(course, at, calendar_of)
            return replace(stopped, state="paused", due_at=course.due_at if course.breached_at else None, near_at=None)
        case "resume":
            if course.state != "paused":
                raise OutOfOrder("it runs")
            return _laid(replace(course, state="running", counted_from=at, last=at), calendar_of)
        case "breach":
            if course.breached_at is not None or course.state != "running":
                raise OutOfOrder("it is breached, or does not run")
            return replace(course, breached_at=step.at, near_at=None)  # dated at its due time, noted later: what ran on is not touched
        case "satisfy":
            late = course.breached_at is not None or (course.due_at is not None and step.at > course.due_at)
            return replace(_stopped(course, at, calendar_of), state="missed" if late else "met", ended_at=step.at, near_at=None)
        case "cancel":
            return replace(_stopped(course, at, calendar_of), state="cancelled", ended_at=step.at, near_at=None)
        case "retarget":
            if course.breached_at is not None:
                raise OutOfOrder("a verdict stands")
            moved = _stopped(course, at, calendar_of)
            moved = replace(
                moved, calendar=step.calendar or course.calendar, target=step.target if step.target is not None else course.target,
                near=step.near if step.near is not None else course.near,
            )  # fmt: skip
            return replace(moved, due_at=None) if course.state == "paused" else _laid(replace(moved, counted_from=at), calendar_of)
    raise OutOfOrder(f"unknown line {step.what}")


def fold(steps: Sequence[Step], calendar_of: CalendarOf) -> Course:
    """The course that a whole log comes to."""
    course = begin(steps[0], calendar_of)
    for step in steps[1:]:
        course = follow(course, step, calendar_of)
    return course


def lay(calendar: BusinessCalendar, start: datetime, rest: int) -> datetime:
    """When the rest of a target is due that counts from ``start``. A rest of none, or less (a target made shorter), is due at once."""
    return calendar.add(start, rest) if rest > 0 else start.replace(microsecond=0)


def _laid(course: Course, calendar_of: CalendarOf) -> Course:
    """Due times of what runs from ``counted_from`` on."""
    if course.counted_from is None or course.breached_at is not None:
        return course
    calendar = calendar_of(course.calendar)
    return replace(
        course,
        due_at=lay(calendar, course.counted_from, course.target - course.used),
        near_at=lay(calendar, course.counted_from, course.near - course.used),
    )


def _stopped(course: Course, at: datetime, calendar_of: CalendarOf) -> Course:
    return replace(course, used=course.used_at(at, calendar_of), counted_from=None, last=at)
