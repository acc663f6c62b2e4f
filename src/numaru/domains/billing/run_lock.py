"""Which process carries a run: a session lock of the database, free again the moment the process is gone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

LOCK = 0x4E4D_B111


@contextmanager
def hold(run_id: int) -> Iterator[bool]:
    """Take the run for the block; yields False at once when another process has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK, run_id])
        if not cursor.fetchone()[0]:
            yield False
            return
    try:
        yield True
    finally:
        if connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK, run_id])


def held(run_id: int) -> bool:
    """Whether some process is carrying the run now. Takes nothing, so asking never gets in a worker's way."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid::bigint = %s AND objid::bigint = %s"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))",
            [LOCK, run_id],
        )
        return bool(cursor.fetchone()[0])
