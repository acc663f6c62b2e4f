"""The calendar as pictures: weeks of days, days in a row, and a year in lanes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from numaru.facilities.work.actions.windows import KINDS, event_of
from numaru.facilities.work.models import Window
from numaru.facilities.work.rules import clash, ics
from numaru.ui import formats
from numaru.values.text import Text

CELL = 4  # entries of a day in the grid; the rest is one line
LANE, STEP, LEAST = 26, 2.75, 3  # height of a lane, width of a day and of the shortest stretch in the picture of a year


@dataclass(frozen=True, slots=True)
class Shown:
    """One occurrence as it is drawn. ``clash`` names what it clashes with."""

    row: Window
    starts: datetime
    ends: datetime
    title: str
    clash: tuple[str, ...] = ()

    @property
    def kind(self) -> Text:
        return KINDS[self.row.kind]

    @property
    def said(self) -> Text:
        """When it takes place, on the day it begins."""
        if self.row.all_day:
            return Text("종일", "All day")
        begin = formats.clock(self.starts)
        return Text(begin, begin)

    @property
    def through(self) -> date | None:
        """The last day of what lasts for days."""
        last = formats.local(self.ends - timedelta(microseconds=1), settings.TIME_ZONE).date()
        return last if last > formats.local(self.starts, settings.TIME_ZONE).date() else None

    @property
    def day(self) -> str:
        """The day it begins."""
        return formats.day(formats.local(self.starts, settings.TIME_ZONE).date())


@dataclass(slots=True)
class Day:
    """A day and what takes place on it."""

    day: date
    today: bool
    inside: bool = True
    entries: list[Shown] = field(default_factory=list)

    @property
    def first(self) -> list[Shown]:
        return self.entries[:CELL]

    @property
    def rest(self) -> int:
        return max(0, len(self.entries) - CELL)

    @property
    def weekday(self) -> Text:
        return (
            Text("월", "Mon"),
            Text("화", "Tue"),
            Text("수", "Wed"),
            Text("목", "Thu"),
            Text("금", "Fri"),
            Text("토", "Sat"),
            Text("일", "Sun"),
        )[self.day.weekday()]


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(settings.TIME_ZONE))


def shown(rows: Sequence[Window], since: date, until: date, table: frozenset[frozenset[str]]) -> list[Shown]:
    """Every occurrence within the days, by start, each with what it clashes with."""
    begin, end = midnight(since), midnight(until)
    found = [(row, a, b, title) for row in rows for a, b, title in ics.occurrences(event_of(row), begin, end)]
    stretches = [clash.Stretch(row.number, row.kind, row.service, a, b) for row, a, b, _ in found]
    met: dict[tuple[str, datetime], set[str]] = {}
    for a, b in clash.clashes(stretches, stretches, table):
        met.setdefault((a.key, a.starts), set()).add(b.key)
    out = [Shown(row, a, b, title, tuple(sorted(met.get((row.number, a), ())))) for row, a, b, title in found]
    return sorted(out, key=lambda one: (one.starts, not one.row.all_day, one.row.number))


def by_day(entries: Sequence[Shown], since: date, until: date, today: date, *, once: bool = False) -> list[Day]:
    """Each day of the stretch with what takes place on it; what lasts for days stands on each of them, or ``once`` on the first that is shown."""
    days = [Day(since + timedelta(days=n), since + timedelta(days=n) == today) for n in range((until - since).days)]
    for one in entries:
        first = formats.local(one.starts, settings.TIME_ZONE).date()
        last = formats.local(one.ends - timedelta(microseconds=1), settings.TIME_ZONE).date()
        span = range(max(0, (first - since).days), min(len(days), (last - since).days + 1))
        for n in span[:1] if once else span:
            days[n].entries.append(one)
    return days


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch in its lane: where, how wide, and what a pointer is told."""

    x: int
    width: int
    shown: Shown


@dataclass(frozen=True, slots=True)
class Lane:
    """The year of one kind."""

    kind: str
    name: Text
    y: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Year:
    """The picture of a year: a lane for each kind that has something, the months as ticks, and the sentence that says it."""

    lanes: tuple[Lane, ...]
    months: tuple[tuple[int, Text], ...]
    width: int
    height: int
    now: int | None
    said: Text


def year(entries: Sequence[Shown], first: date, today: date) -> Year:
    """A year from ``first`` on in lanes."""
    last = date(first.year + 1, first.month, 1)
    length = (last - first).days
    begin = midnight(first)
    lanes = []
    used = [key for key in KINDS if any(one.row.kind == key for one in entries)]
    for n, key in enumerate(used):
        bars = []
        for one in entries:
            if one.row.kind == key:
                x = max(0, int((one.starts - begin).total_seconds() * STEP / 86_400))
                right = min(int(length * STEP), int((one.ends - begin).total_seconds() * STEP / 86_400))
                bars.append(Bar(x, max(LEAST, right - x), one))
        lanes.append(Lane(key, KINDS[key], 18 + n * LANE, tuple(bars)))
    months = []
    for n in range(12):
        month = date(first.year + (first.month - 1 + n) // 12, (first.month - 1 + n) % 12 + 1, 1)
        months.append((int((month - first).days * STEP), Text(f"{month.month}월", f"{month:%b}")))
    bad = len({(one.row.number, one.starts) for one in entries if one.clash})
    said = Text("{y}부터 열두 달: 일정 {n}건, 겹침 {b}건", "Twelve months from {y}: {n} occurrences, {b} that clash").fill(
        y=f"{first:%Y-%m}", n=len(entries), b=bad
    )
    at = int((today - first).days * STEP)
    return Year(tuple(lanes), tuple(months), int(length * STEP), 18 + len(used) * LANE, at if 0 <= at < int(length * STEP) else None, said)
