"""Numbers that people see. Single documents take the next number of a series under its row lock; bulk verbs take a block."""

from __future__ import annotations

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import NumericRange

from numaru.kernel.models import NumberRange, Series

LOCK = 0x4E49  # advisory: one block of ids at a time
TRIES = 8


def take(series: str) -> int:
    """The next number of ``series``, gap-free: it is given back when the transaction rolls back. Locks the series until commit."""
    Series.objects.bulk_create([Series(name=series)], ignore_conflicts=True)
    row = Series.objects.select_for_update().get(name=series)
    row.last += 1
    row.save(update_fields=["last"])
    return row.last


def reserve(series: str, first: int, count: int, owner: str) -> None:
    """Take the block [first, first + count) of ``series`` for ``owner``. Raises IntegrityError when it overlaps a taken one."""
    if count > 0:
        NumberRange.objects.create(series=series, taken=NumericRange(first, first + count, "[)"), owner=owner)


def ids(table: str, count: int) -> int:
    """Take ``count`` consecutive primary keys of ``table`` from its sequence and return the first. Made for COPY of finished rows.

    Blocks of one table are drawn one after the other; a single row inserted in between costs a new try and leaves a gap in the keys.
    """
    if count <= 0:
        raise ValueError("count must be positive")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table])
        sequence = cursor.fetchone()[0]
        for _ in range(TRIES):
            first, last = _draw(sequence, count)
            if last - first + 1 == count:
                return first
    raise RuntimeError(f"no {count} consecutive ids could be drawn from {sequence}")


def _draw(sequence: str, count: int) -> tuple[int, int]:
    """The first and last of ``count`` numbers. Rolling back gives the lock free at once and keeps the numbers drawn: sequences don't roll back."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [LOCK, sequence])
        cursor.execute("SELECT min(n), max(n) FROM (SELECT nextval(%s) AS n FROM generate_series(1, %s)) t", [sequence, count])
        first, last = cursor.fetchone()
        transaction.set_rollback(True)
    return int(first), int(last)
