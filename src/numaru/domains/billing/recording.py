"""The order of recording, so that "as known at R" means the same thing for ever.

A fact carries the instant at which it was recorded, yet nobody sees it before its transaction commits. A run that froze in between would
claim to have known what it never read, and the difference would be lost. So writers take a shared lock of the service before they read the
clock, and a run that freezes waits for those under way.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from numaru.kernel import clock

WRITING = 0x4E4D_0002
ENROLLING = 0x4E4D_0003


def _lock(function: str, key: int, service_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, %s)", [key, service_id])


def writing(service_id: int) -> datetime:
    """Take part in recording for the rest of the transaction and return the instant to record."""
    _lock("pg_advisory_xact_lock_shared", WRITING, service_id)
    return clock.now()


def enrolling(service_id: int) -> datetime:
    """The same for a bulk enrolment, of which a service has one at a time."""
    _lock("pg_advisory_xact_lock", ENROLLING, service_id)
    return writing(service_id)


def settled(service_id: int) -> datetime:
    """Wait for the writers under way and return an instant up to which everything that was recorded can be read."""
    with transaction.atomic():
        _lock("pg_advisory_xact_lock", WRITING, service_id)
        return clock.now()
