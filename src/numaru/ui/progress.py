"""Long work as people watch it: how far, of what, which station, and the figures beside it (picture 05)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from numaru.ui import formats
from numaru.values.money import round_half_away
from numaru.values.text import Text

WIDTH = 1000  # of the bar, in units of its picture


@dataclass(frozen=True, slots=True)
class Station:
    """A station on the line: its name, a note below, and whether it is done, now, waiting or bad."""

    name: Text
    note: Text | str = ""
    state: Literal["done", "now", "wait", "bad"] = "wait"


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure at the right: label and value; Money, counts and texts are written by their kind."""

    label: Text
    value: Any
    unit: Text | None = None


@dataclass(frozen=True)
class Progress:
    """How far a piece of work is. ``done`` ≤ ``total``; a total of 0 is not known yet. ``parked`` of the done ones need somebody.

    ``noun`` completes "612,904 / 1,032,418 계정"; ``said`` is the sentence for those who do not see the bar.
    """

    done: int
    total: int
    noun: Text
    stations: Sequence[Station] = ()
    figures: Sequence[Figure] = ()
    parked: int = 0
    said: Text = field(default_factory=lambda: Text("진행", "Progress"))

    @property
    def tenths(self) -> int:
        """Permille, never rounded up to the end before the end is there."""
        if self.total <= 0:
            return 0
        whole = round_half_away(min(self.done, self.total) * 1000, self.total)
        return min(whole, 999) if self.done < self.total else 1000

    @property
    def percent(self) -> str:
        return f"{self.tenths // 10}.{self.tenths % 10}%"

    @property
    def now(self) -> str:
        """The value for machines: 59.4."""
        return f"{self.tenths / 10:.1f}"

    @property
    def parked_width(self) -> int:
        return 0 if not self.parked or self.total <= 0 else max(3, round_half_away(self.parked * WIDTH, self.total))

    @property
    def done_width(self) -> int:
        return max(0, self.tenths * WIDTH // 1000 - self.parked_width)

    @property
    def of(self) -> str:
        known = formats.count(self.total) if self.total > 0 else formats.UNKNOWN
        return f"{formats.count(self.done)} / {known} {self.noun}"
