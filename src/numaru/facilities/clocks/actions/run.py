"""Running clocks: each act adds a line to the log and makes the cache from it. Rooms call these within their own actions and handlers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from numaru.facilities.clocks import calendars
from numaru.facilities.clocks.kinds import BREACHES, NEAR, Kind, kinds
from numaru.facilities.clocks.models import FAR, OPEN, Clock, ClockEvent
from numaru.facilities.clocks.permissions import CLOCK_RUN
from numaru.facilities.clocks.rules.course import Course, OutOfOrder, Step, begin, fold, follow
from numaru.facilities.timeline import api as timeline
from numaru.kernel import clock, live, policies
from numaru.kernel.actions import Act, action, cause
from numaru.kernel.errors import Conflict, Invalid, NotFound
from numaru.values.business_calendar import BusinessCalendar
from numaru.values.text import Text

WHAT = Text("시계", "clock")
LIVE = "clocks"


def _anywhere(**_: object) -> None:
    return None


def _kind(key: str) -> Kind:
    found = kinds.get(key)
    if found is None:
        raise NotFound.named(Text("시계 종류", "kind of clock"), key)
    return found


def step_of(row: ClockEvent) -> Step:
    return Step(row.what, row.at, row.calendar_id, row.target, row.near, row.counts)  # type: ignore[arg-type]


def course_of(row: Clock) -> Course:
    """Where a clock stands by its cache, so that one more line costs no reading of its log."""
    last = row.events.order_by("-id").values_list("at", flat=True).first() or row.started_at
    return Course(
        row.state, row.calendar_id, row.target, row.near, row.used, row.counted_from, row.due_at, row.near_at, row.breached_at,  # type: ignore[arg-type]
        row.ended_at, max(last, row.counted_from or last),
    )  # fmt: skip


def keep(row: Clock, course: Course) -> None:
    """Put a course into the cache of a clock."""
    row.state, row.calendar_id, row.target, row.near, row.used = course.state, course.calendar, course.target, course.near, course.used
    row.counted_from, row.due_at, row.near_at = course.counted_from, course.due_at, course.near_at
    row.stands_at = course.due_at or FAR
    row.breached_at, row.ended_at, row.changed_at = course.breached_at, course.ended_at, clock.now()


def _write(act: Act, row: Clock, step: Step, reason: str = "") -> None:
    ClockEvent.objects.create(
        clock=row, what=step.what, at=step.at, recorded_at=clock.now(), calendar_id=step.calendar, target=step.target, near=step.near,
        reason=reason, counts=step.counts, actor_kind=act.actor.kind, actor=act.actor.id, actor_name=act.actor.name[:80], cause=cause.get(),
    )  # fmt: skip
    act.job(lambda: live.announce(LIVE, str(row.pk)))


def open_clock(kind: str, subject: str) -> Clock | None:
    """The clock that is open on a subject, locked; None when there is none."""
    return Clock.objects.select_for_update().filter(kind=kind, subject=subject, state__in=OPEN).first()


def _open(kind: str, subject: str) -> Clock:
    row = open_clock(kind, subject)
    if row is None:
        raise NotFound.named(WHAT, f"{kind} {subject}")
    return row


def _line(act: Act, row: Clock, step: Step, reason: str = "", of: Callable[[int], BusinessCalendar] | None = None) -> Course:
    before = row.state
    try:
        course = follow(course_of(row), step, of or calendars.reader())
    except OutOfOrder:
        raise Conflict.because(
            "clocks.order", Text("시계 {n}의 지금 상태에는 이 일을 적을 수 없습니다.", "Clock {n} is in a state in which this cannot be written.").fill(n=row.pk),
            Text("시계의 기록을 확인하십시오.", "Look at the log of the clock."), value=step.what,
        ) from None  # fmt: skip
    _write(act, row, step, reason)
    keep(row, course)
    row.save()
    act.record("clocks.clock", str(row.pk), before={"state": before}, after={"state": row.state, "what": step.what, "reason": reason})
    return course


def _target(kind: Kind, row: str, at: datetime) -> tuple[int, int]:
    """Target and warning in open seconds. Raises Invalid for a row that the policy does not have."""
    day = clock.today()
    try:
        seconds = kind.minutes(row, day) * 60
    except KeyError:
        raise Invalid.because(
            "clocks.row", Text("목표 정책에 ‘{r}’ 항목이 없습니다.", "The policy of the target has no row “{r}”.").fill(r=row),
            Text("정책의 항목을 확인하십시오.", "Look at the rows of the policy."), field="row", value=row,
        ) from None  # fmt: skip
    return seconds, seconds * int(policies.value(NEAR.key, day)) // 100


@action(CLOCK_RUN, service=_anywhere)
def start(
    act: Act, *, kind: str, subject: str, subject_kind: str = "", at: datetime | None = None, row: str = "", owner: int | None = None,
    service: str = "", calendar: str = "", minutes: int | None = None,
) -> int:  # fmt: skip
    """Start a clock on a subject and return its id. One that is open already is returned as it is, so an event told twice starts one clock;
    after an end the subject gets a clock of its own (``round`` 2 and on).

    Target and calendar are those of the kind's policies on this day, ``row`` choosing the target's row, unless ``minutes`` (business minutes)
    and ``calendar`` name them. Refuses an unknown kind, row or calendar, and a target that is not above zero.
    """
    found = _kind(kind)
    if (have := open_clock(kind, subject)) is not None:
        act.record("clocks.clock", str(have.pk), after={"what": "start", "open": True})
        return have.pk
    now = clock.now()
    began, on = at or now, clock.today()
    target, near = (
        _target(found, row, began) if minutes is None else (minutes * 60, minutes * 60 * int(policies.value(NEAR.key, on)) // 100)
    )
    if target <= 0:
        raise Invalid.because(
            "clocks.target", Text("목표가 0분입니다.", "The target is no minutes."), Text("1분 이상으로 정하십시오.", "Set one minute or more."), field="minutes",
        )  # fmt: skip
    counted = calendars.row_of(calendar or policies.value(found.calendar, on))
    step = Step("start", began, counted.pk, target, near)
    course = begin(step, calendars.reader())
    last = Clock.objects.filter(kind=kind, subject=subject).order_by("-round").values_list("round", flat=True).first() or 0
    made = Clock(
        kind=kind, subject_kind=subject_kind or kind, subject=subject, service=service, row=row, round=last + 1, owner=owner, started_at=began,
        enforced=found.enforced(on), calendar=counted,
    )  # fmt: skip
    keep(made, course)
    made.save()
    _write(act, made, step)
    act.record("clocks.clock", str(made.pk), after={"kind": kind, "subject": subject, "due": made.due_at and made.due_at.isoformat()})
    return made.pk


@action(CLOCK_RUN, service=_anywhere)
def pause(act: Act, *, kind: str, subject: str, why: str, at: datetime | None = None) -> bool:
    """Let the clock stand for one of the reasons that its kind names; returns whether it stands. A reason that does not stop the clock (by its
    policy) is written into the log and changes nothing. Refuses an unknown reason, and a clock that stands already."""
    found = next((p for p in _kind(kind).pauses if p.key == why), None)
    if found is None:
        raise Invalid.because(
            "clocks.pause", Text("‘{r}’은(는) 이 시계를 멈추는 까닭이 아닙니다.", "“{r}” is no reason to stop this clock.").fill(r=why),
            Text("시계 종류가 정한 까닭을 쓰십시오.", "Use a reason that the kind names."), field="why", value=why,
        )  # fmt: skip
    counts = not found.counts or bool(policies.value(found.counts, clock.today()))
    row = _open(kind, subject)
    _line(act, row, Step("pause", at or clock.now(), counts=counts), why)
    return counts


@action(CLOCK_RUN, service=_anywhere)
def resume(act: Act, *, kind: str, subject: str, at: datetime | None = None) -> None:
    """Let the clock run again: time used stays, the rest is laid from now. A clock that runs is left alone (its pause did not count)."""
    row = _open(kind, subject)
    if row.state == "running":
        act.record("clocks.clock", str(row.pk), after={"what": "resume", "ran": True})
        return
    _line(act, row, Step("resume", at or clock.now()))


@action(CLOCK_RUN, service=_anywhere)
def satisfy(act: Act, *, kind: str, subject: str, at: datetime | None = None) -> str:
    """What the clock waited for has happened; returns its verdict, ``met`` or ``missed``. Empty when no clock is open: what was answered twice
    is answered once. A clock past its due time that nobody judged yet is breached first."""
    row = open_clock(kind, subject)
    if row is None:
        act.record("clocks.clock", f"{kind} {subject}", after={"what": "satisfy", "open": False})
        return ""
    of, when = calendars.reader(), at or clock.now()
    if row.enforced and row.state == "running" and row.breached_at is None and row.due_at is not None and when > row.due_at:
        _line(act, row, Step("breach", row.due_at), of=of)
        timeline.pull(BREACHES, "e.clock_id = %(clock)s", {"clock": row.pk})  # no event tells of it: the answer is told
    _line(act, row, Step("satisfy", when), of=of)
    return row.state


@action(CLOCK_RUN, service=_anywhere)
def cancel(act: Act, *, kind: str, subject: str, at: datetime | None = None) -> None:
    """What the clock waited for is not wanted any more: no verdict. Nothing happens when no clock is open."""
    row = open_clock(kind, subject)
    if row is None:
        act.record("clocks.clock", f"{kind} {subject}", after={"what": "cancel", "open": False})
        return
    _line(act, row, Step("cancel", at or clock.now()))


@action(CLOCK_RUN, service=_anywhere)
def retarget(
    act: Act, *, kind: str, subject: str, row: str = "", calendar: str = "", minutes: int | None = None, owner: int | None = None
) -> datetime | None:
    """Another target, calendar or owner for the open clock; returns its due time (None while it stands still). Time used stays, the rest is
    laid on the new calendar from now. What is left out stays as it is. Refuses a clock that is breached: a verdict stands."""
    have = _open(kind, subject)
    if owner is not None:
        have.owner = owner
    target, near = (None, None)
    if minutes is not None:
        target, near = minutes * 60, minutes * 60 * int(policies.value(NEAR.key, clock.today())) // 100
    elif row:
        target, near = _target(_kind(kind), row, clock.now())
        have.row = row
    if target is not None and target <= 0:
        raise Invalid.because(
            "clocks.target", Text("목표가 0분입니다.", "The target is no minutes."), Text("1분 이상으로 정하십시오.", "Set one minute or more."), field="minutes",
        )  # fmt: skip
    other = calendars.row_of(calendar).pk if calendar else None
    if target is None and other is None:
        have.save(update_fields=["owner"])
        act.record("clocks.clock", str(have.pk), after={"owner": owner})
        return have.due_at
    return _line(act, have, Step("retarget", clock.now(), other, target, near)).due_at


@action(CLOCK_RUN, service=_anywhere)
def rebuild(act: Act, *, clock_id: int) -> bool:
    """Make the cache of one clock from its log again; returns whether it was different. Verdicts are lines of the log, so none changes."""
    row = Clock.objects.select_for_update().filter(pk=clock_id).first()
    if row is None:
        raise NotFound.named(WHAT, clock_id)
    course = fold([step_of(e) for e in row.events.order_by("id")], calendars.reader())
    kept = ("state", "calendar_id", "target", "near", "used", "counted_from", "due_at", "breached_at", "ended_at")
    before = [getattr(row, name) for name in kept]
    keep(row, course)
    row.save()
    changed = before != [getattr(row, name) for name in kept]
    act.record("clocks.clock", str(row.pk), after={"what": "rebuild", "changed": changed})
    return changed
