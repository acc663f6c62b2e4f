"""How long a thing is kept, in whole days, months or years, and from which day it may be destroyed.

The day of the event is not counted and the last day is kept whole (Civil Act art. 157 and 159); a month or year without the corresponding
day ends on its last day (art. 160). What began on 29 February 2024 and is kept for a year is kept through 28 February 2025.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from numaru.values.text import Text

Unit = Literal["days", "months", "years"]
UNITS: dict[str, Text] = {"days": Text("{n}일", "{n} days"), "months": Text("{n}개월", "{n} months"), "years": Text("{n}년", "{n} years")}


@dataclass(frozen=True, slots=True)
class Span:
    """A length of keeping: ``count`` ≥ 0 of ``unit``."""

    count: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.count < 0 or self.unit not in UNITS:
            raise ValueError(f"not a span: {self.count} {self.unit}")

    @property
    def text(self) -> Text:
        said = UNITS[self.unit].fill(n=self.count)
        return Text(said.ko, said.en.removesuffix("s") if self.count == 1 else said.en)

    def last_day(self, start: date) -> date:
        """The last day on which what began on ``start`` is kept."""
        if self.unit == "days":
            return start + timedelta(days=self.count)
        months = start.year * 12 + start.month - 1 + self.count * (12 if self.unit == "years" else 1)
        year, month = months // 12, months % 12 + 1
        return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))

    def due_on(self, start: date) -> date:
        """The first day on which it may be destroyed."""
        return self.last_day(start) + timedelta(days=1)

    def cut(self, on: date) -> date:
        """The latest start that is due on ``on``: a start s is due exactly when s ≤ cut(on). So a set is asked for by one comparison."""
        if self.unit == "days":
            return on - timedelta(days=self.count + 1)
        months = on.year * 12 + on.month - 1 - self.count * (12 if self.unit == "years" else 1)
        year, month = months // 12, months % 12 + 1
        found = date(year, month, calendar.monthrange(year, month)[1])
        while self.due_on(found) > on:  # at most a month of steps
            found -= timedelta(days=1)
        return found
