"""Counts that never cost more than a page: exact to a limit, then "1,000+" (DESIGN §4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Counted:
    """``n`` rows, or at least ``n`` when ``more``."""

    n: int
    more: bool = False

    def __str__(self) -> str:
        return f"{self.n:,}{'+' if self.more else ''}"


def bounded(rows: QuerySet[Any], limit: int = LIMIT, *, exact: bool = False) -> Counted:
    """Count ``rows``, reading at most ``limit`` + 1 of them unless ``exact``. One query."""
    plain = rows.order_by()
    if exact:
        return Counted(plain.count())
    n = plain[: limit + 1].count()
    return Counted(min(n, limit), n > limit)
