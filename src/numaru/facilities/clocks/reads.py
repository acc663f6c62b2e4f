"""What clocks say: of one subject or many, lists as an actor may see them, and what lies ahead. No read costs a query for each clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q, QuerySet

from numaru.facilities.clocks import calendars
from numaru.facilities.clocks.actions.run import step_of
from numaru.facilities.clocks.kinds import kinds
from numaru.facilities.clocks.models import OPEN, RUNNING, Clock, ClockEvent
from numaru.facilities.clocks.rules import forecast as rule
from numaru.facilities.clocks.rules.course import Course, begin, follow
from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.errors import NotFound
from numaru.ui.counts import Counted
from numaru.values.text import Text

WHAT = Text("시계", "clock")


@dataclass(frozen=True, slots=True)
class Standing:
    """A clock as other rooms show it. ``left`` until ``due_at`` is the template's (``{% left %}``); ``used`` and ``target`` are open seconds."""

    id: int
    kind: str
    label: Text
    subject: str
    state: str  # running | nearing | breached | paused | met | missed | cancelled
    due_at: datetime | None
    target: int
    used: int
    calendar: str
    started_at: datetime
    ended_at: datetime | None
    breached_at: datetime | None

    @property
    def open(self) -> bool:
        return self.state in ("running", "nearing", "breached", "paused")

    @property
    def share(self) -> int:
        """Of the target, in per cent, rounded down."""
        return self.used * 100 // self.target


def state_of(row: Clock, now: datetime | None = None) -> str:
    """The state as people see it: a running clock may be near its due time or past it."""
    if row.state in OPEN and row.breached_at is not None:
        return "breached"
    if row.state != "running":
        return row.state
    at = now or clock.now()
    if row.enforced and row.due_at is not None and row.due_at <= at:
        return "breached"
    return "nearing" if row.near_at is not None and row.near_at <= at else "running"


def standings(rows: Iterable[Clock]) -> list[Standing]:
    """Clocks with what is used of their targets now. One query for each calendar among them. ``rows`` have their calendar selected."""
    now, of = clock.now(), calendars.reader()
    out = []
    for row in rows:
        used = row.used
        if row.counted_from is not None and row.counted_from < now:
            used += of(row.calendar_id).between(row.counted_from, now)
        label = kinds[row.kind].label if row.kind in kinds else Text(row.kind, row.kind)
        out.append(
            Standing(
                row.pk, row.kind, label, row.subject, state_of(row, now), row.due_at, row.target, used, row.calendar.key, row.started_at,
                row.ended_at, row.breached_at,
            )
        )  # fmt: skip
    return out


def of(subject: str, kind: str = "") -> list[Standing]:
    """The clocks of one subject, the newest first. The caller has seen to it that the reader may see the subject."""
    rows = Clock.objects.filter(subject=subject).select_related("calendar").order_by("-id")
    return standings((rows.filter(kind=kind) if kind else rows)[:50])


def of_many(kind: str, subjects: Sequence[str]) -> dict[str, Standing]:
    """The newest clock of each subject of one kind, set by set: for the lists of other rooms."""
    rows = Clock.objects.filter(kind=kind, subject__in=list(subjects)).select_related("calendar").order_by("id")
    return {one.subject: one for one in standings(rows)}


def of_ids(ids: Sequence[int]) -> list[Standing]:
    """Clocks by their ids: what the sets of events name."""
    return standings(Clock.objects.filter(pk__in=list(ids)).select_related("calendar").order_by("id"))


# ── what an actor sees ──────────────────────────────────────────────────────


def visible(actor: Actor) -> QuerySet[Clock]:
    """The clocks of the kinds, services and subjects that the actor may see."""
    return Clock.objects.filter(_allowed(actor, "subjects")).select_related("calendar")


def concerning(actor: Actor, keys: Sequence[str] | None = None) -> QuerySet[Clock]:
    """Open clocks that wait for the actor: their own, and those of subjects that the kind says wait for them."""
    mine = Q(owner=actor.staff_id or 0) | _allowed(actor, "concerns", keys)
    rows = Clock.objects.filter(mine, state__in=OPEN).select_related("calendar")
    return rows.filter(kind__in=keys) if keys is not None else rows


def _allowed(actor: Actor, way: str, keys: Sequence[str] | None = None) -> Q:
    found = Q(pk__in=[])
    for key, kind in kinds:
        if (keys is not None and key not in keys) or not actor.may_somewhere(kind.permission):
            continue
        narrower = getattr(kind, way)
        if way == "concerns" and narrower is None:
            continue
        one = Q(kind=key)
        services = actor.services(kind.permission)
        if services is not None:
            one &= Q(service__in=services)
        if narrower is not None:
            one &= Q(subject__in=narrower(actor))
        found |= one
    return found


def clock_of(actor: Actor, pk: int) -> Clock:
    """One clock. Raises NotFound, also for one that is not the actor's to see."""
    row = visible(actor).filter(pk=pk).first()
    if row is None:
        raise NotFound.named(WHAT, pk)
    return row


def names(rows: Sequence[Clock]) -> Mapping[tuple[str, str], Text]:
    """What the subjects are called, where their kind tells; one question a kind."""
    out: dict[tuple[str, str], Text] = {}
    for key in {row.kind for row in rows}:
        kind = kinds.get(key)
        if kind is not None and kind.names is not None:
            found = kind.names([row.subject for row in rows if row.kind == key])
            out |= {(key, subject): name for subject, name in found.items()}
    return out


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a log with what it came to."""

    event: ClockEvent
    course: Course


def log_of(row: Clock) -> list[Line]:
    """The log of a clock, the oldest first, with the course after each line."""
    of_calendar, out, course = calendars.reader(), list[Line](), None
    for event in row.events.select_related("calendar").order_by("id"):
        step = step_of(event)
        course = begin(step, of_calendar) if course is None else follow(course, step, of_calendar)
        out.append(Line(event, course))
    return out


# ── what lies ahead ─────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Ahead:
    """The hours ahead, by kind: due, expected to breach at the present pace; and what is past due already. ``pace`` is clocks an open hour."""

    hours: list[rule.Hour]
    overdue: int
    paces: dict[str, float]

    def near(self, hours: int) -> Ahead:
        """Its first ``hours`` alone, where something is due in them; else all of it."""
        return replace(self, hours=self.hours[:hours]) if any(h.due for h in self.hours[:hours]) else self

    @property
    def due(self) -> int:
        return sum(h.due for h in self.hours)

    @property
    def breaching(self) -> int:
        return sum(h.breaching for h in self.hours)


PACE_OVER = timedelta(days=7)


def forecast(rows: QuerySet[Clock], hours: int = 24) -> Ahead:
    """What of ``rows`` (as :func:`visible` gives them, narrowed at will) will breach in the ``hours`` ahead, if each kind goes on to be
    satisfied at the pace of its last seven days of open time. Four queries, whatever the number of clocks."""
    now = clock.now()
    begins = [now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=n) for n in range(hours)]
    live_rows = rows.filter(RUNNING)
    overdue = live_rows.filter(stands_at__lte=now).count()
    counted = _by_hour(live_rows.filter(stands_at__gt=now, stands_at__lt=begins[-1] + timedelta(hours=1)))
    done = _done_since(rows.filter(state__in=("met", "missed"), ended_at__gte=now - PACE_OVER))
    of_calendar = calendars.reader()
    total: list[rule.Hour] = [rule.Hour(at, 0, 0) for at in begins]
    paces: dict[str, float] = {}
    for kind, calendar in sorted({(k, c) for k, c, _ in counted}):
        hours_of = of_calendar(calendar)
        pace = rule.pace(done.get((kind, calendar), 0), hours_of.between(now - PACE_OVER, now))
        paces[kind] = float(pace)
        open_seconds = [max(0, hours_of.between(max(now, at), at + timedelta(hours=1))) for at in begins]
        due = [counted.get((kind, calendar, at), 0) for at in begins]
        expected = rule.expected(begins, due, open_seconds, pace)
        total = [rule.Hour(a.begins, a.due + b.due, a.breaching + b.breaching) for a, b in zip(total, expected, strict=True)]
    return Ahead(total, overdue, paces)


def _by_hour(rows: QuerySet[Clock]) -> dict[tuple[str, int, datetime], int]:
    from django.db.models import Count
    from django.db.models.functions import TruncHour

    found = rows.annotate(hour=TruncHour("due_at")).order_by().values_list("kind", "calendar_id", "hour").annotate(n=Count("id"))
    return {(kind, calendar, hour): n for kind, calendar, hour, n in found}


def _done_since(rows: QuerySet[Clock]) -> dict[tuple[str, int], int]:
    from django.db.models import Count

    return {(kind, calendar): n for kind, calendar, n in rows.order_by().values_list("kind", "calendar_id").annotate(n=Count("id"))}


def due_within(rows: QuerySet[Clock], horizon: timedelta) -> QuerySet[Clock]:
    """Running clocks that will be due within a stretch of time."""
    now = clock.now()
    return rows.filter(RUNNING, stands_at__gt=now, stands_at__lte=now + horizon)


def beyond_share(rows: QuerySet[Clock]) -> QuerySet[Clock]:
    """Running clocks that have used the share of their target from which they are warned of, and are not due yet."""
    now = clock.now()
    return rows.filter(RUNNING, near_at__lte=now, due_at__gt=now)


MANY = 10_000  # open clocks of a calendar are counted up to here


def open_counts() -> dict[int, Counted]:
    """Open clocks by calendar, in one question whose cost has an end."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.id, (SELECT count(*) FROM (SELECT 1 FROM clocks_clock k WHERE k.calendar_id = c.id AND k.state IN ('running', 'paused') LIMIT %s) x)"
            " FROM clocks_calendar c",
            [MANY + 1],
        )
        return {calendar: Counted(min(n, MANY), n > MANY) for calendar, n in cursor.fetchall()}
