"""Reads of boards: what each indicator comes to over a span, for the services a reader may see. Two queries for a board, whatever its size."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Count, Max, Q, Sum

from numaru.facilities.indicators.models import Board, IndicatorDay, IndicatorTarget
from numaru.facilities.indicators.ports import Indicator, indicators
from numaru.facilities.indicators.rules import figures as rule
from numaru.facilities.indicators.rules.figures import Attainment, Day, Point, Span
from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.errors import NotFound
from numaru.values.period import Period
from numaru.values.text import Text


@dataclass(frozen=True, slots=True)
class Figure:
    """One indicator on a board, in one currency: what the span comes to, what the days before came to, today so far, and the buckets."""

    key: str
    indicator: Indicator
    currency: str
    value: Decimal | None
    then: Decimal | None
    moved: Decimal | None
    tone: str  # good | bad | calm
    today: Decimal | None
    points: tuple[Point, ...]
    points_then: tuple[Point, ...]
    attainment: Attainment | None
    target: Decimal | None
    month: date


@dataclass(frozen=True, slots=True)
class Shown:
    """A board as one reader sees it. ``taken_at``: when the newest value was measured; ``hidden``: how many indicators it has beside."""

    figures: tuple[Figure, ...]
    period: Period
    then: Period
    taken_at: datetime | None
    hidden: int = 0


def visible(actor: Actor, keys: Iterable[str]) -> list[str]:
    """Those of ``keys`` that exist and whose figures the actor may see somewhere, in their order."""
    return [key for key in keys if key in indicators and actor.may_somewhere(indicators[key].permission)]


def of_room(actor: Actor, room: str) -> list[str]:
    """The indicators of a room that the actor may see, in the order in which the room names them (by key)."""
    return visible(actor, (key for key, row in indicators if row.room == room))


def show(actor: Actor, keys: Sequence[str], span: Span, service: str = "") -> Shown:
    """The figures of ``keys`` over ``span``, which ends with yesterday; for one service, or for all that the actor may see.

    An indicator without any measured day is shown with unknown values; money stands once a currency. What the actor may not see is left
    out and counted in ``hidden``.
    """
    seen = visible(actor, keys)
    today = clock.today()
    periods = rule.buckets(span, today)
    whole = Period(periods[0].start, today)
    then = rule.before(span, today)
    days = _days(actor, seen, then.start, service)
    targets = _targets(seen, today.replace(day=1), service)
    taken = IndicatorDay.objects.filter(indicator__in=seen).aggregate(at=Max("taken_at"))["at"] if seen else None
    made = []
    for key in seen:
        by_currency = days.get(key) or {"": {}}
        for currency, known in sorted(by_currency.items()):
            made.append(
                _figure(key, currency, known, periods, whole, then, span, today, targets.get((key, currency)) or targets.get((key, "")))
            )
    return Shown(tuple(made), whole, then, taken, len(keys) - len(seen))


def _days(actor: Actor, keys: Sequence[str], since: date, service: str) -> dict[str, dict[str, dict[date, Day]]]:
    """key → currency → day → the day, over the services that the actor may see for that key's permission."""
    allowed = Q(pk__in=[])
    for key in keys:
        services = actor.services(indicators[key].permission)
        one = Q(indicator=key)
        if service:
            one &= Q(service=service) if services is None or service in services else Q(pk__in=[])
        elif services is not None:
            one &= Q(service__in=services)
        allowed |= one
    rows = (
        IndicatorDay.objects.filter(allowed, day__gte=since)
        .values("indicator", "currency", "day")
        .annotate(n=Sum("number"), b=Sum("base"), known=Count("id"))
    )
    out: dict[str, dict[str, dict[date, Day]]] = {}
    for row in rows:
        out.setdefault(row["indicator"], {}).setdefault(row["currency"], {})[row["day"]] = Day(row["day"], row["n"], row["b"])
    return out


def _targets(keys: Sequence[str], month: date, service: str) -> dict[tuple[str, str], Decimal]:
    rows = IndicatorTarget.objects.filter(indicator__in=keys, month=month, service=service).order_by("id")
    latest = {(r.indicator, r.currency): r.value for r in rows} if keys else {}
    return {key: value for key, value in latest.items() if value is not None}


def _figure(
    key: str, currency: str, known: Mapping[date, Day], periods: Sequence[Period], whole: Period, then: Period, span: Span, today: date, target: Decimal | None
) -> Figure:  # fmt: skip
    row = indicators[key]
    value = rule.come_to((known[d] for d in known if d in whole), row.sort)
    past = rule.come_to((known[d] for d in known if d in then), row.sort)
    moved = rule.change(value, past)
    now = known.get(today)
    month = Period.month(f"{today:%Y-%m}")
    standing = rule.come_to((known[d] for d in known if d in month), row.sort)
    reached = rule.attain(standing, target, row.sort, row.better, (today - month.start).days + 1, month.days) if target else None
    return Figure(
        key, row, currency, value, past, moved, rule.verdict(moved, row.better), rule.come_to([now], row.sort) if now else None,
        tuple(rule.points(known, row.sort, periods)), tuple(rule.points(known, row.sort, _moved(span, periods, then))), reached, target, month.start,
    )  # fmt: skip


def _moved(span: Span, periods: Sequence[Period], then: Period) -> list[Period]:
    """The buckets of the days before, one for each bucket shown."""
    if span == "12m":
        from numaru.values.period import add_months

        return [Period(add_months(p.start, -12), add_months(p.end, -12)) for p in periods]
    shift = periods[0].start - then.start
    return [Period(p.start - shift, p.end - shift) for p in periods]


@dataclass(frozen=True, slots=True)
class TargetRow:
    """A target as it was set."""

    month: date
    service: str
    value: Decimal | None
    reason: str
    set_at: datetime
    set_name: str


def targets(key: str, limit: int = 24) -> list[TargetRow]:
    """The targets of an indicator, the latest first; those taken back among them."""
    rows = IndicatorTarget.objects.filter(indicator=key).order_by("-id")[:limit]
    return [TargetRow(r.month, r.service, r.value, r.reason, r.set_at, r.set_name) for r in rows]


def by_service(actor: Actor, key: str, span: Span) -> list[tuple[str, Figure]]:
    """The figure of each service that the actor may see and that was measured, by slug."""
    services = IndicatorDay.objects.filter(indicator=key).values_list("service", flat=True).distinct()
    return [
        (slug, figure)
        for slug in sorted(s for s in services if s)
        for figure in show(actor, [key], span, slug).figures
        if figure.value is not None
    ]


@dataclass(frozen=True, slots=True)
class BoardCard:
    """A board that somebody put together."""

    number: str
    name: str
    keys: list[str] = field(default_factory=list)
    shared: bool = False
    owner: int = 0
    owner_name: str = ""


def _card(row: Board) -> BoardCard:
    return BoardCard(row.number, row.name, list(row.indicators), row.shared, row.owner, row.owner_name)


def boards(actor: Actor) -> list[BoardCard]:
    """The own boards and those that others share, by name, own ones first. Shared boards of which nothing could be seen are left out."""
    rows = Board.objects.filter(Q(owner=actor.staff_id or 0) | Q(shared=True), gone_at__isnull=True).order_by("id")[:200]
    cards = [_card(row) for row in rows]
    seen = [c for c in cards if c.owner == actor.staff_id or visible(actor, c.keys)]
    return sorted(seen, key=lambda c: (c.owner != actor.staff_id, c.name))


def board(actor: Actor, number: str) -> BoardCard:
    """One board; NotFound for one that is gone, or neither the reader's nor shared."""
    row = Board.objects.filter(Q(owner=actor.staff_id or 0) | Q(shared=True), number=number, gone_at__isnull=True).first()
    if row is None:
        raise NotFound.named(Text("현황판", "board"), number)
    return _card(row)
