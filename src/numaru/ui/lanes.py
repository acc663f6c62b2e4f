"""A life in lanes: bars for what is counted by day, marks of a shape of their own for what happened (SCREENS §10, picture 03).

The picture is SVG made here, with places in percent so that it fits any width without script; the words around it are HTML.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from numaru.ui import formats
from numaru.values.period import Period
from numaru.values.text import Text

type Shape = Literal["square", "diamond", "triangle", "circle"]
PATHS: dict[str, str] = {  # drawn around the origin, about nine units wide
    "square": "M-4-4H4V4H-4Z",
    "diamond": "M0-5.2L5.2 0L0 5.2L-5.2 0Z",
    "triangle": "M0-5L5 4H-5Z",
    "circle": "M0-4.5A4.5 4.5 0 1 1 0 4.5A4.5 4.5 0 1 1 0-4.5Z",
}
BARS, LANE, AXIS = 56, 22, 20  # heights in units of the picture, which are pixels
TOP = 8  # free above the highest bar


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened on a day. ``tone``: "", bad, warn or now."""

    day: date
    said: Text | str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """One line of marks of one shape."""

    label: Text
    shape: Shape
    marks: Sequence[Mark]


@dataclass(frozen=True, slots=True)
class Bar:
    """A day's bar as drawn."""

    x: str
    y: str
    height: str
    said: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A day's marks on one lane as drawn: where, and what they were."""

    x: str
    tone: str
    said: str


@dataclass(frozen=True)
class Lanes:
    """``days`` side by side; ``counts`` by day make the bars, named ``label`` and counted in ``unit``."""

    days: Period
    counts: Mapping[date, int]
    label: Text
    unit: tuple[str, str, str]  # the Korean counter, the English noun and its plural
    lanes: Sequence[Lane]

    # ── figures ─────────────────────────────────────────────────────────
    @property
    def step(self) -> int:
        """The one line of the grid: the largest of 1, 2, 5, 10 … that a bar reaches; 0 without bars."""
        top = self.top
        steps = [s * 10**power for power in range(len(str(top))) for s in (1, 2, 5)]
        return max((s for s in steps if s <= top), default=0) if top else 0

    @property
    def top(self) -> int:
        return max((n for day, n in self.counts.items() if day in self.days), default=0)

    def counted(self, n: int) -> Text:
        ko, one, many = self.unit
        return Text(f"{n:,}{ko}", f"{n:,} {one if n == 1 else many}")

    @property
    def stepped(self) -> Text:
        return self.counted(self.step)

    @property
    def said(self) -> Text:
        """The picture as a sentence."""
        used = [n for day, n in self.counts.items() if day in self.days and n]
        bars = Text("{d}일 가운데 {u}일, {n}", "{u} of {d} days, {n}").fill(d=self.days.days, u=len(used), n=self.counted(sum(used)))
        parts = [Text(f"{self.label.ko} {bars.ko}", f"{self.label.en}: {bars.en}")]
        parts += [Text(f"{lane.label.ko} {len(lane.marks)}건", f"{lane.label.en}: {len(lane.marks)}") for lane in self.lanes]
        return Text(", ".join(p.ko for p in parts) + ".", "; ".join(p.en for p in parts) + ".")

    @property
    def empty(self) -> bool:
        return not self.top and not any(lane.marks for lane in self.lanes)

    # ── the picture ─────────────────────────────────────────────────────
    @property
    def height(self) -> int:
        return BARS + LANE * len(self.lanes) + AXIS

    @property
    def floor(self) -> int:
        """Where the bars stand and the axis of the lanes below begins."""
        return BARS

    @property
    def end(self) -> int:
        return BARS + LANE * len(self.lanes)

    @property
    def grid(self) -> str:
        return f"{self._up(self.step):.1f}"

    @property
    def width(self) -> str:
        """Of one bar, in percent."""
        return f"{68 / self.days.days:.3f}"

    def _x(self, day: date, share: float = 0.5) -> str:
        return f"{((day - self.days.start).days + share) * 100 / self.days.days:.3f}"

    def _up(self, n: int) -> float:
        return BARS - (BARS - TOP) * n / max(self.top, 1)

    def bars(self) -> Iterator[Bar]:
        for day in self.days:
            if n := self.counts.get(day, 0):
                y = min(self._up(n), BARS - 2)
                yield Bar(
                    self._x(day, 0.16), f"{y:.1f}", f"{BARS - y:.1f}", f"{formats.day(day, year=self.days.last.year)} · {self.counted(n)}"
                )

    def drawn(self) -> Iterator[tuple[Lane, int, str, list[Dot]]]:
        """Each lane with the height of its line, its path and its dots; marks of one day are one dot."""
        for place, lane in enumerate(self.lanes):
            by_day: dict[date, list[Mark]] = {}
            for mark in lane.marks:
                if mark.day in self.days:
                    by_day.setdefault(mark.day, []).append(mark)
            dots = []
            for day, marks in sorted(by_day.items()):
                tone = next((m.tone for m in marks if m.tone), "")
                words = ", ".join(dict.fromkeys(formats.word(m.said) for m in marks))
                dots.append(Dot(self._x(day), tone, f"{formats.day(day, year=self.days.last.year)} · {words}"))
            yield lane, BARS + LANE * place + LANE // 2, PATHS[lane.shape], dots

    def ticks(self) -> list[tuple[str, str, bool]]:
        """Mondays: (place, words, kept where there is little room). None so near the right end that it would be cut."""
        out = []
        first = self.days.start + timedelta(days=-self.days.start.weekday() % 7)
        for number, monday in enumerate(d for d in self.days if (d - first).days % 7 == 0 and d >= first):
            if (self.days.end - monday).days > 3:
                out.append((self._x(monday, 0.0), formats.month_day(monday), number % 2 == 0))
        return out

    # ── the table behind it ─────────────────────────────────────────────
    def rows(self) -> list[tuple[date, int, list[str]]]:
        """Days on which anything was, latest first: the count and what stood on each lane."""
        out = []
        for day in reversed(list(self.days)):
            told = [", ".join(dict.fromkeys(formats.word(m.said) for m in lane.marks if m.day == day)) for lane in self.lanes]
            if self.counts.get(day, 0) or any(told):
                out.append((day, self.counts.get(day, 0), told))
        return out
