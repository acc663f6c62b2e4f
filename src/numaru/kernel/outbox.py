"""The one dispatcher of the outbox: reads events in order per aggregate and calls their handlers, at least once each.

A handler runs in a transaction of its own that also writes the row which says it ran. Five failures park the aggregate: its later
events wait, other aggregates go on, and the health page says so.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q

from numaru.kernel import clock
from numaru.kernel.actions import cause
from numaru.kernel.events import Event, Handler, handlers
from numaru.kernel.models import HandlerRun, OutboxEvent
from numaru.kernel.scrubbing import kind_of

log = logging.getLogger(__name__)
LOCK = 0x4E4D_0001  # advisory lock: one dispatcher at a time, whatever the number of workers
TRIES = 5


def _table() -> dict[str, list[tuple[str, type[Event], Handler]]]:
    table: dict[str, list[tuple[str, type[Event], Handler]]] = defaultdict(list)
    for key, (event, function) in handlers:
        table[event.name].append((key, event, function))
    return table


def publish(event: Event, actor: str) -> None:
    """Record an event that no action made: a fact of the house's own work, whose row says who wanted it. Actions use ``act.event``."""
    now = clock.now()
    OutboxEvent.objects.create(
        name=event.name, version=event.version, aggregate=event.aggregate, payload=event.payload(), occurred_at=now, recorded_at=now,
        actor=actor[:100], cause=cause.get(),
    )  # fmt: skip


def dispatch_once(limit: int = 500) -> int:
    """Hand out up to ``limit`` waiting events and return how many were finished. Returns 0 when another dispatcher is at work."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
        try:
            return _run(limit)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _run(limit: int) -> int:
    table = _table()
    now = clock.now()
    stuck = OutboxEvent.objects.filter(
        Q(parked_at__isnull=False) | Q(next_try_at__gt=now),
        aggregate=OuterRef("aggregate"),
        dispatched_at__isnull=True,
        id__lt=OuterRef("id"),
    )
    waiting = OutboxEvent.objects.filter(dispatched_at__isnull=True, parked_at__isnull=True).exclude(next_try_at__gt=now)
    blocked: set[str] = set()
    finished = 0
    for event in waiting.filter(~Exists(stuck)).order_by("id")[:limit]:
        if event.aggregate in blocked:
            continue
        if _deliver(event, table[event.name]):
            finished += 1
        else:
            blocked.add(event.aggregate)
    return finished


def _deliver(event: OutboxEvent, wanted: list[tuple[str, type[Event], Handler]]) -> bool:
    token = cause.set(event.pk)
    try:
        for key, kind, function in wanted:
            with transaction.atomic():
                _, fresh = HandlerRun.objects.get_or_create(event=event, handler=key[:200], defaults={"at": clock.now()})
                if fresh:
                    function(kind(**event.payload))
    except Exception as fault:  # whatever a handler raises must not stop the other aggregates
        event.attempts += 1
        event.error = kind_of(fault)
        if event.attempts >= TRIES:
            event.parked_at = clock.now()
            log.error("event %s %s parked after %s tries: %s", event.pk, event.name, event.attempts, type(fault).__name__)
        else:
            event.next_try_at = clock.now() + timedelta(seconds=2**event.attempts)
        event.save(update_fields=["attempts", "error", "parked_at", "next_try_at"])
        return False
    finally:
        cause.reset(token)
    event.dispatched_at = clock.now()
    event.save(update_fields=["dispatched_at"])
    return True


def parked() -> int:
    """How many events are parked; the health page shows it."""
    return OutboxEvent.objects.filter(parked_at__isnull=False, dispatched_at__isnull=True).count()
