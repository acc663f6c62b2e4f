"""The one clock. Everything that asks for the time asks here, so that a job, a test or ``--as-of`` can pin it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

_pinned: ContextVar[datetime | None] = ContextVar("numaru_clock", default=None)


def now() -> datetime:
    """The present instant, aware, in UTC; or the pinned one."""
    return _pinned.get() or datetime.now(UTC)


def today(zone: str | None = None) -> date:
    """The calendar day of ``now`` in ``zone``; without one in the operator zone."""
    from django.conf import settings

    return now().astimezone(ZoneInfo(zone or settings.TIME_ZONE)).date()


@contextmanager
def pinned(at: datetime) -> Iterator[None]:
    """Let the clock stand still at ``at`` (aware) inside the block. Raises ValueError for a naive time."""
    if at.tzinfo is None:
        raise ValueError("a pinned time needs a zone")
    token = _pinned.set(at.astimezone(UTC))
    try:
        yield
    finally:
        _pinned.reset(token)
