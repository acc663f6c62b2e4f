"""When a task is due, and in which order tasks stand. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

FAR = datetime(9999, 1, 1, tzinfo=UTC)  # stands for no due time, behind every other one


def end_of(day: date, zone: str) -> datetime:
    """The first instant after ``day`` in ``zone``: a task due on a day is overdue from then on.

    >>> end_of(date(2026, 11, 27), "Asia/Seoul").isoformat()
    '2026-11-27T15:00:00+00:00'
    """
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)


def day_of(ends: datetime, zone: str) -> date:
    """The day that :func:`end_of` ended.

    >>> day_of(end_of(date(2026, 11, 27), "Asia/Seoul"), "Asia/Seoul")
    datetime.date(2026, 11, 27)
    """
    return (ends - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date()
