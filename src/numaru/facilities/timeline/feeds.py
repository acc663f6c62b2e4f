"""Where entries come from: for each feed one SELECT over a room's records. Handlers read a part of it when something happened, the rebuild
reads all of it; so both make the same entries.

A feed's ``select`` yields the columns of :data:`COLUMNS` in any order and holds ``{where}`` where a caller narrows it::

    SELECT f.effective_at AS at, …, 'billing.fact:' || f.id AS source, ARRAY[]::text[] AS mentions FROM billing_contractfact f … WHERE {where}

``mentions`` are further objects as ``kind:number``. A ``%`` in the text is written ``%%``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from numaru.kernel.registers import Register
from numaru.values.text import Text

COLUMNS = (
    "at", "recorded_at", "kind", "party", "object_kind", "object_key", "service", "data", "actor_kind", "actor_id", "event", "source", "mentions",
)  # fmt: skip
CHUNK = 10_000  # records of one step


@dataclass(frozen=True, slots=True)
class Span:
    """The next records of a feed: the condition that narrows its SELECT to them, and the place after the last of them."""

    where: str
    values: dict[str, Any]
    upto: list[int]
    records: int = 0


@dataclass(frozen=True, slots=True)
class Feed:
    """The records behind some kinds. ``walk(after, size)`` gives the next span after a place (None: from the first), None at the end;
    ``count`` says about how many records there are, for the progress."""

    label: Text
    kinds: tuple[str, ...]
    select: str
    walk: Callable[[list[int] | None, int], Span | None]
    count: Callable[[], int] = field(default=lambda: 0)


feeds: Register[Feed] = Register("timeline.feeds")


def by_id(table: str, alias: str) -> Callable[[list[int] | None, int], Span | None]:
    """Walk a table by its bigint key ``id``; ``alias`` is what the SELECT calls the table."""

    def walk(after: list[int] | None, size: int) -> Span | None:
        start = after[0] if after else 0
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT max(id), count(*) FROM (SELECT id FROM {table} WHERE id > %s ORDER BY id LIMIT %s) t", [start, size])
            upto, records = cursor.fetchone()
        if upto is None:
            return None
        return Span(f"{alias}.id > %(after)s AND {alias}.id <= %(upto)s", {"after": start, "upto": upto}, [upto], records)

    return walk


def counted(table: str) -> Callable[[], int]:
    """About how many rows a table has, as the planner knows it; exact while it is small."""

    def count() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass(%s)", [table])
            about = int((cursor.fetchone() or [0])[0])
            if about > 100_000:
                return about
            cursor.execute(f"SELECT count(*) FROM {table}")
            return int(cursor.fetchone()[0])

    return count
