"""Half-open periods of calendar days, and the arithmetic of months (MODEL §5)."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

FAR = date(9999, 12, 31)  # the end of what has no end


def add_months(anchor: date, months: int) -> date:
    """``anchor`` moved by whole months; a day that the month lacks clamps to its last day. Derive each date from the anchor, never chain.

    >>> add_months(date(2026, 1, 31), 1), add_months(date(2026, 1, 31), 2)
    (datetime.date(2026, 2, 28), datetime.date(2026, 3, 31))
    """
    index = anchor.year * 12 + anchor.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(anchor.day, calendar.monthrange(year, month + 1)[1]))


def start_of_day(day: date, zone: str) -> datetime:
    """The instant at which ``day`` begins in ``zone`` (aware)."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Days from ``start`` (in) to ``end`` (out). An empty period has start == end; start > end is refused.

    >>> Period.month("2024-02").days
    29
    """

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.start > self.end:
            raise ValueError(f"period ends before it starts: {self.start} > {self.end}")

    @classmethod
    def month(cls, text: str) -> Period:
        """The calendar month written YYYY-MM. Raises ValueError on any other form."""
        found = re.fullmatch(r"([0-9]{4})-([0-9]{2})", text)
        if not found or not 1 <= int(found[2]) <= 12 or not 1 <= int(found[1]) < 9999:
            raise ValueError(f"not a month: {text!r}")
        start = date(int(found[1]), int(found[2]), 1)
        return cls(start, add_months(start, 1))

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    @property
    def last(self) -> date:
        """The last day inside; for people, who read periods inclusively."""
        return self.end - timedelta(days=1)

    @property
    def label(self) -> str:
        """YYYY-MM of the first day."""
        return f"{self.start:%Y-%m}"

    def clip(self, other: Period) -> Period | None:
        """What both share, or None when they share no day."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Period(start, end) if start < end else None

    def next_month(self) -> Period:
        """The month after one that starts on the first."""
        return Period(self.end, add_months(self.end, 1))

    def previous_month(self) -> Period:
        return Period(add_months(self.start, -1), self.start)

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def __iter__(self) -> Iterator[date]:
        day = self.start
        while day < self.end:
            yield day
            day += timedelta(days=1)
