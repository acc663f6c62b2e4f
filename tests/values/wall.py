"""A second, slow implementation of business hours: it asks at each minute what the wall clock shows, and knows no spans."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from numaru.values.business_calendar import Hours, Version


class Wall:
    """``days`` days from ``first``: which minutes are open, by the rules in words. A frame is open from the first minute at which the wall
    shows its start or later through the last at which it shows less than its end."""

    def __init__(self, versions: Sequence[Version], first: date, days: int) -> None:
        self.begin = datetime(first.year, first.month, first.day, tzinfo=UTC)
        minutes = [self.begin + timedelta(minutes=n) for n in range(days * 1440)]
        masks = [self._mask(v.hours, minutes, first, days) for v in versions]
        turns = [None if v.valid_from is None else datetime.fromtimestamp(v.valid_from, UTC) for v in versions]
        self.open = []
        for n, minute in enumerate(minutes):
            current = max(i for i, turn in enumerate(turns) if turn is None or turn <= minute)
            self.open.append(masks[current][n])

    def _mask(self, hours: Hours, minutes: list[datetime], first: date, days: int) -> list[bool]:
        zone = ZoneInfo(hours.zone)
        shown = [m.astimezone(zone).replace(tzinfo=None) for m in minutes]
        mask = [False] * len(minutes)
        for n in range(-2, days + 2):
            day = first + timedelta(days=n)
            if day in hours.exceptions:
                frames = hours.exceptions[day].frames
            elif day in hours.holidays and hours.policy == "begins":
                frames = ()
            else:
                frames = hours.week[day.weekday()]
            midnight = datetime.combine(day, time())
            for frame in frames:
                start, end = midnight + timedelta(minutes=frame.start), midnight + timedelta(minutes=frame.end)
                near = range(max(0, (n - 1) * 1440), min(len(minutes), (n + 4) * 1440))
                begins = next((i for i in near if shown[i] >= start), None)
                ends = next((i for i in reversed(near) if shown[i] < end), None)
                if begins is not None and ends is not None:
                    for i in range(begins, ends + 1):
                        mask[i] = True
        if hours.policy == "dates":
            for i, wall in enumerate(shown):
                day = wall.date()
                off = not hours.exceptions[day].frames if day in hours.exceptions else day in hours.holidays
                if off:
                    mask[i] = False
        return mask

    def _index(self, at: datetime) -> int:
        return int((at - self.begin).total_seconds() // 60)

    def open_at(self, at: datetime) -> bool:
        return self.open[self._index(at)]

    def between(self, start: datetime, end: datetime) -> int:
        return sum(self.open[self._index(start) : self._index(end)])

    def add(self, start: datetime, minutes: int) -> datetime | None:
        """The end of the minute with which ``minutes`` open ones have passed; None beyond the days that were walked (less two at the end)."""
        left = minutes
        for i in range(self._index(start), len(self.open) - 2880):
            left -= self.open[i]
            if left == 0:
                return self.begin + timedelta(minutes=i + 1)
        return None
