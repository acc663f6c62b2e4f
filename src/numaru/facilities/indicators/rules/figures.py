"""What days of an indicator come to: over a period, against the period before, against a target. Pure; exact decimals, no rounding here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from numaru.values.period import Period, add_months

type Sort = Literal["flow", "stock", "ratio"]
type Better = Literal["up", "down", "none"]
type Span = Literal["28d", "13w", "12m"]
SPANS: tuple[Span, ...] = ("28d", "13w", "12m")


@dataclass(frozen=True, slots=True)
class Day:
    """One measured day: ``number``, and for a ratio what it is divided by."""

    day: date
    number: Decimal
    base: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """One bucket of a picture: the days it covers and what they come to; None where nothing was measured."""

    period: Period
    value: Decimal | None


def come_to(days: Iterable[Day], sort: Sort) -> Decimal | None:
    """What days come to: a flow is summed, of a stock the last day stands, a ratio is the sum of its numbers over the sum of its bases.
    None when nothing was measured, and for a ratio over nothing.

    >>> d = [Day(date(2026, 11, 1), Decimal(3), Decimal(4)), Day(date(2026, 11, 2), Decimal(1), Decimal(4))]
    >>> come_to(d, "flow"), come_to(d, "stock"), come_to(d, "ratio"), come_to([], "flow")
    (Decimal('4'), Decimal('1'), Decimal('0.5'), None)
    """
    known = sorted(days, key=lambda d: d.day)
    if not known:
        return None
    if sort == "flow":
        return sum((d.number for d in known), Decimal(0))
    if sort == "stock":
        return known[-1].number
    base = sum((d.base or Decimal(0) for d in known), Decimal(0))
    return sum((d.number for d in known), Decimal(0)) / base if base else None


def together(parts: Iterable[Day]) -> list[Day]:
    """Several services' days as one row of days: numbers and bases of a day are added.

    >>> together([Day(date(2026, 11, 1), Decimal(3)), Day(date(2026, 11, 1), Decimal(2))])
    [Day(day=datetime.date(2026, 11, 1), number=Decimal('5'), base=None)]
    """
    found: dict[date, Day] = {}
    for part in parts:
        had = found.get(part.day)
        if had is None:
            found[part.day] = part
            continue
        base = None if had.base is None and part.base is None else (had.base or Decimal(0)) + (part.base or Decimal(0))
        found[part.day] = Day(part.day, had.number + part.number, base)
    return [found[day] for day in sorted(found)]


def buckets(span: Span, until: date) -> list[Period]:
    """The buckets of a span that ends on the day before ``until``: 28 days, 13 weeks of seven days, or 12 calendar months of which the
    last is the one that holds that day, cut at ``until``.

    >>> len(buckets("28d", date(2026, 11, 27))), buckets("13w", date(2026, 11, 27))[-1].start, buckets("12m", date(2026, 11, 27))[0].label
    (28, datetime.date(2026, 11, 20), '2025-12')
    """
    if span == "28d":
        return [Period(until - timedelta(days=n), until - timedelta(days=n - 1)) for n in range(28, 0, -1)]
    if span == "13w":
        return [Period(until - timedelta(days=7 * n), until - timedelta(days=7 * n - 7)) for n in range(13, 0, -1)]
    first = (until - timedelta(days=1)).replace(day=1)
    months = [Period(add_months(first, -n), add_months(first, 1 - n)) for n in range(11, -1, -1)]
    return [*months[:-1], Period(first, until)]


def before(span: Span, until: date) -> Period:
    """The days that a span is held against: as many before it, for months the same days a year earlier.

    >>> before("28d", date(2026, 11, 27)), before("12m", date(2026, 11, 27)).start
    (Period(start=datetime.date(2026, 10, 2), end=datetime.date(2026, 10, 30)), datetime.date(2024, 12, 1))
    """
    shown = buckets(span, until)
    start = shown[0].start
    if span == "12m":
        return Period(add_months(start, -12), add_months(until, -12))
    return Period(start - (until - start), start)


def points(days: Mapping[date, Day], sort: Sort, periods: Sequence[Period]) -> list[Point]:
    """What each bucket comes to."""
    return [Point(p, come_to((days[d] for d in p if d in days), sort)) for p in periods]


def change(now: Decimal | None, then: Decimal | None) -> Decimal | None:
    """The relative change, 0.081 for eight per cent more; None where either is unknown or there was nothing to compare with.

    >>> change(Decimal(108), Decimal(100)), change(Decimal(1), Decimal(0))
    (Decimal('0.08'), None)
    """
    if now is None or not then:
        return None
    return (now - then) / abs(then)


def verdict(moved: Decimal | None, better: Better) -> Literal["good", "bad", "calm"]:
    """How a change is to be read: towards the better side, away from it, or neither (unknown, unchanged, no side)."""
    if moved is None or not moved or better == "none":
        return "calm"
    return "good" if (moved > 0) == (better == "up") else "bad"


@dataclass(frozen=True, slots=True)
class Attainment:
    """A target and where one stands: ``share`` of it reached so far and ``due``, the share that would be on time today. For "less is
    better" and for stocks and ratios nothing is on time before the end: ``due`` is 1 and ``met`` is read from the value as it stands."""

    target: Decimal
    value: Decimal
    share: Decimal
    due: Decimal
    met: bool


def attain(value: Decimal | None, target: Decimal, sort: Sort, better: Better, gone: int, days: int) -> Attainment | None:
    """Where ``value`` stands against ``target`` after ``gone`` of ``days`` days. A flow is on time when its share is at least the share of
    days gone; a stock or ratio is compared as it stands. ``better`` down turns the comparison round. None when nothing was measured.

    >>> attain(Decimal(50), Decimal(100), "flow", "up", 15, 30).met, attain(Decimal(40), Decimal(100), "flow", "up", 15, 30).met
    (True, False)
    """
    if value is None or target <= 0 or days <= 0:
        return None
    flow = sort == "flow"
    due = Decimal(min(gone, days)) / days if flow else Decimal(1)
    share = value / target
    met = share <= due if better == "down" else share >= due
    return Attainment(target, value, share, due, met)
