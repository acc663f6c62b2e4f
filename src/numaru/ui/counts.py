"""Counts that never cost more than a page: exact to a limit, then "1,000+" (DESIGN §4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet, Value

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


def bounded_all(sets: Sequence[QuerySet[Any]], limit: int = LIMIT) -> list[Counted]:
    """Count several sets, each to at most ``limit`` + 1 rows. One query, whatever their number."""
    parts: list[str] = []
    parameters: list[Any] = []
    for rows in sets:
        try:
            sql, values = rows.order_by().annotate(nm_one=Value(1)).values("nm_one")[: limit + 1].query.sql_with_params()
        except EmptyResultSet:
            parts.append("0")
            continue
        parts.append(f"(SELECT count(*) FROM ({sql}) nm_part)")
        parameters += values
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(parts), parameters)
        found = cursor.fetchone()
    return [Counted(min(n, limit), n > limit) for n in found]
