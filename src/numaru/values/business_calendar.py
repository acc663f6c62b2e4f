"""Business hours: when a house is open, how much open time lies between two instants, and when so much of it will have passed.

A calendar is a row of versions. Each has hours for the seven days, a set of holidays that is data (a newer table of holidays never moves an
old answer), exceptions of single days, a zone, and the instant from which it holds; the first holds for all time before. At any minute the
version valid *at that minute* counts.

**Frames** belong to the day they begin, also when they end after midnight (22:00–03:00). ``00:00–24:00`` on every day is 24/7 to the
minute. **Holidays**: under ``begins`` a holiday takes away the frames that begin on it; under ``dates`` nothing is open while the wall
shows its date; under ``works`` it is a day like others. An exception of a day replaces the frames that begin on it, holiday or not.
**Clock changes**: a frame runs from the first instant at which the wall shows its start or later to the last at which it shows less than
its end; so a day has 23 or 25 hours where it has.

**Exactness**: instants are whole seconds (fractions are dropped), and so is every answer. Open time that ends exactly at closing is due *at
closing*, not at the next opening; what starts outside hours begins to count at the next opening.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

from numaru.values.text import Text

DAY = 1440  # minutes of a day on the wall
FARTHEST = 40  # years that an answer may lie ahead
type HolidayPolicy = Literal["begins", "dates", "works"]
HOLIDAY_POLICIES: tuple[HolidayPolicy, ...] = ("begins", "dates", "works")


class NeverOpen(ValueError):
    """So much open time will not come within :data:`FARTHEST` years."""


@dataclass(frozen=True, slots=True, order=True)
class Frame:
    """Minutes of the day on which it begins, from ``start`` (in) to ``end`` (out); an ``end`` above 1,440 lies on the day after.

    >>> Frame.parse("22:00–03:00"), str(Frame(540, 720))
    (Frame(start=1320, end=1620), '09:00–12:00')
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < DAY or not self.start < self.end <= self.start + DAY:
            raise ValueError(f"no frame of a day: {self.start} to {self.end}")

    @classmethod
    def parse(cls, text: str) -> Frame:
        """``09:00-12:00``; ``24:00`` is the end of the day, and an end before the start lies on the day after. Raises ValueError otherwise."""
        found = re.fullmatch(r"\s*(\d{1,2}):(\d{2})\s*[-–~]\s*(\d{1,2}):(\d{2})\s*", text, re.ASCII)
        if not found:
            raise ValueError(f"not a frame: {text!r}")
        h1, m1, h2, m2 = map(int, found.groups())
        if m1 > 59 or m2 > 59 or h1 > 23 or h2 > 24 or (h2 == 24 and m2):
            raise ValueError(f"not a frame: {text!r}")
        start, end = h1 * 60 + m1, h2 * 60 + m2
        return cls(start, end if end > start else end + DAY if end < start else start)

    def __str__(self) -> str:
        end = self.end - DAY if self.end > DAY else self.end
        return f"{self.start // 60:02}:{self.start % 60:02}–{end // 60:02}:{end % 60:02}"

    @property
    def minutes(self) -> int:
        return self.end - self.start


type Frames = tuple[Frame, ...]


def read_frames(text: str) -> Frames:
    """The frames of one day as people type them, divided by commas, in their order; nothing or a dash is closed. Raises ValueError for what
    is none, or overlaps.

    >>> [str(f) for f in read_frames("13:00-18:00, 9:00-12:00")]
    ['09:00–12:00', '13:00–18:00']
    """
    if text.strip() in ("", "-", "–"):
        return ()
    frames = tuple(sorted(Frame.parse(part) for part in text.split(",")))
    if any(a.end > b.start for a, b in pairwise(frames)):
        raise ValueError(f"frames overlap: {text!r}")
    return frames


ALL_DAY: Frames = (Frame(0, DAY),)


@dataclass(frozen=True, slots=True)
class DayException:
    """Other hours of one day; without frames it is closed."""

    frames: Frames = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Hours:
    """What one version says. ``week`` begins with Monday."""

    zone: str
    week: tuple[Frames, Frames, Frames, Frames, Frames, Frames, Frames]
    holidays: Mapping[date, Text] = field(default_factory=dict)
    policy: HolidayPolicy = "begins"
    exceptions: Mapping[date, DayException] = field(default_factory=dict)

    def closed(self, day: date) -> bool:
        """Whether the day is a holiday that closes, or an exception without hours."""
        other = self.exceptions.get(day)
        return not other.frames if other is not None else day in self.holidays and self.policy != "works"

    def begin_on(self, day: date) -> Frames:
        """The frames that begin on ``day``. Under ``dates`` those of a holiday too: what of them lies on its date is cut in :meth:`spans`."""
        other = self.exceptions.get(day)
        if other is not None:
            return other.frames
        return () if self.policy == "begins" and day in self.holidays else self.week[day.weekday()]

    def spans(self, first: date, last: date) -> list[tuple[int, int]]:
        """The open spans of the frames that begin on the days ``first`` to ``last`` (in), in order, those that touch as one."""
        zone, out = ZoneInfo(self.zone), list[tuple[int, int]]()
        day = first
        while day <= last:
            for frame in self.begin_on(day):
                start, end = _first_at(zone, day, frame.start), _last_below(zone, day, frame.end)
                if out and start <= out[-1][1]:
                    out[-1] = (out[-1][0], max(out[-1][1], end))
                elif end > start:
                    out.append((start, end))
            day += timedelta(days=1)
        if self.policy == "dates":
            off = sorted(d for d in {*self.holidays, *self.exceptions} if first <= d <= last + timedelta(days=1) and self.closed(d))
            for day in off:
                out = _without(out, _first_at(zone, day, 0), _first_at(zone, day + timedelta(days=1), 0))
        return out

    @property
    def minutes_a_week(self) -> int:
        return sum(frame.minutes for frames in self.week for frame in frames)


def _without(spans: list[tuple[int, int]], low: int, high: int) -> list[tuple[int, int]]:
    out = []
    for start, end in spans:
        if end <= low or start >= high:
            out.append((start, end))
            continue
        out += [(s, e) for s, e in ((start, low), (high, end)) if s < e]
    return out


def _first_at(zone: ZoneInfo, day: date, minute: int) -> int:
    """The first second at which the wall shows ``minute`` of ``day`` or later."""
    return _instant(zone, datetime.combine(day, time()) + timedelta(minutes=minute), 0)[0]


def _last_below(zone: ZoneInfo, day: date, minute: int) -> int:
    """The end of the last minute at which the wall shows less than ``minute`` of ``day``."""
    at, gap = _instant(zone, datetime.combine(day, time()) + timedelta(minutes=minute - 1), 1)
    return at if gap else at + 60


def _instant(zone: ZoneInfo, wall: datetime, fold: int) -> tuple[int, bool]:
    """The instant of a reading of the wall, and whether the clocks jumped over it: then that of the jump."""
    at = int(wall.replace(tzinfo=zone, fold=fold).timestamp())
    if datetime.fromtimestamp(at, zone).replace(tzinfo=None) == wall:
        return at, False
    low, high = sorted(int(wall.replace(tzinfo=zone, fold=f).timestamp()) for f in (0, 1))
    before = datetime.fromtimestamp(low, zone).utcoffset()
    while low < high:  # the first second with the new offset
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == before:
            low = middle + 1
        else:
            high = middle
    return low, True


@dataclass(frozen=True, slots=True)
class Version:
    """Hours that hold from ``valid_from`` (seconds of the epoch) until those of the next version; None: since ever."""

    hours: Hours
    valid_from: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """Open spans over a stretch of time with the open seconds passed at the end of each: every question is a binary search."""

    low: int
    high: int
    starts: Sequence[int]
    ends: Sequence[int]
    passed: Sequence[int]

    def position(self, at: int) -> int:
        """The open seconds of the line that lie before ``at``."""
        i = bisect_right(self.starts, at) - 1
        return self.passed[i] - max(0, self.ends[i] - at) if i >= 0 else 0

    def reached(self, position: int) -> int | None:
        """The first second at which so many open seconds have passed; None when the line is too short."""
        i = bisect_left(self.passed, position)
        return self.ends[i] - (self.passed[i] - position) if i < len(self.ends) else None


class BusinessCalendar:
    """The versions of a calendar as one line of open time. Lines are built by years as they are asked for, and kept."""

    def __init__(self, versions: Sequence[Version]) -> None:
        if not versions:
            raise ValueError("a calendar has a version")
        rest = sorted((v for v in versions[1:]), key=lambda v: v.valid_from or 0)
        self.versions = (Version(versions[0].hours), *rest)
        if any(v.valid_from is None for v in rest) or len({v.valid_from for v in self.versions}) != len(self.versions):
            raise ValueError("later versions hold from an instant each of its own")
        self._line: Line | None = None

    def hours_at(self, at: int) -> Hours:
        """The hours of the version valid at an instant."""
        return next(v.hours for v in reversed(self.versions) if v.valid_from is None or v.valid_from <= at)

    def line(self, low: int, high: int) -> Line:
        """A line that holds everything between two instants."""
        line = self._line
        if line is None or line.low > low or line.high < high:
            low, high = (min(low, line.low), max(high, line.high)) if line else (low, high)
            line = self._line = self._build(low - 7 * 86_400, high + 366 * 86_400)
        return line

    def _build(self, low: int, high: int) -> Line:
        starts, ends, passed, total = list[int](), list[int](), list[int](), 0
        for n, version in enumerate(self.versions):
            begin = low if version.valid_from is None else max(low, version.valid_from)
            until = min(high, self.versions[n + 1].valid_from or high) if n + 1 < len(self.versions) else high
            if begin >= until:
                continue
            first = datetime.fromtimestamp(begin, UTC).date() - timedelta(days=3)
            for span_start, span_end in version.hours.spans(first, datetime.fromtimestamp(until, UTC).date() + timedelta(days=1)):
                start, end = max(span_start, begin), min(span_end, until)
                if start < end:
                    total += end - start
                    starts.append(start)
                    ends.append(end)
                    passed.append(total)
        return Line(low, high, starts, ends, passed)

    # ── questions ───────────────────────────────────────────────────────
    def open_at(self, at: datetime) -> bool:
        """Whether the house is open at an instant; at closing it is not."""
        now = seconds_of(at)
        line = self.line(now, now + 1)
        i = bisect_right(line.starts, now) - 1
        return i >= 0 and now < line.ends[i]

    def between(self, start: datetime, end: datetime) -> int:
        """The open seconds between two instants; negative when they stand the other way round."""
        a, b = seconds_of(start), seconds_of(end)
        line = self.line(min(a, b), max(a, b))
        return line.position(b) - line.position(a)

    def add(self, start: datetime, seconds: int) -> datetime:
        """When ``seconds`` of open time will have passed since ``start``; none at all: ``start`` itself, or the next opening outside hours.
        Raises ValueError for less than none, and :class:`NeverOpen`."""
        if seconds < 0:
            raise ValueError("open time is added, not taken away")
        begin = seconds_of(start)
        if seconds == 0:
            return start.replace(microsecond=0).astimezone(UTC) if self.open_at(start) else self.next_opening(start)
        ahead = 366 * 86_400
        while ahead <= FARTHEST * 366 * 86_400:
            line = self.line(begin, begin + ahead)
            found = line.reached(line.position(begin) + seconds)
            if found is not None:
                return datetime.fromtimestamp(found, UTC)
            ahead *= 3
        raise NeverOpen(f"{seconds} open seconds after {start} do not come")

    def next_opening(self, at: datetime) -> datetime:
        """The next instant at which the house opens, after ``at`` or at it. Versions that follow each other without a pause do not open."""
        begin, ahead = seconds_of(at), 366 * 86_400
        while ahead <= FARTHEST * 366 * 86_400:
            line = self.line(begin, begin + ahead)
            for i in range(bisect_left(line.starts, begin), len(line.starts)):
                if i == 0 or line.ends[i - 1] != line.starts[i]:
                    return datetime.fromtimestamp(line.starts[i], UTC)
            ahead *= 3
        raise NeverOpen(f"no opening after {at}")

    def spans(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The open spans between two instants, cut at both."""
        a, b = seconds_of(start), seconds_of(end)
        line = self.line(a, b)
        for i in range(max(0, bisect_right(line.starts, a) - 1), len(line.starts)):
            low, high = max(a, line.starts[i]), min(b, line.ends[i])
            if line.starts[i] >= b:
                return
            if low < high:
                yield datetime.fromtimestamp(low, UTC), datetime.fromtimestamp(high, UTC)


def seconds_of(at: datetime) -> int:
    """An aware instant as whole seconds of the epoch; the fraction is dropped. Raises ValueError for a naive one."""
    if at.tzinfo is None:
        raise ValueError("a time without a zone is not an instant")
    return int(at.timestamp() // 1)


@lru_cache(maxsize=4096)
def known_zone(name: str) -> bool:
    """Whether ``name`` is a zone that the house knows."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    return bool(name)
