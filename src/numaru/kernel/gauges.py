"""Figures of the house that are read when somebody asks for the metrics: what waits, what lags. Rooms register theirs.

    gauges.add("audit_seal_lag_seconds", Gauge("Age of the oldest record that is not sealed", read))

``read`` returns one number, or numbers by the values of the gauge's one ``label`` (few and known: states, queues, parts; never a person,
a number of a thing or an address). One quick query; it may raise, then the figure is left out and counted as unread.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.db import connection

from numaru.kernel.registers import Register


@dataclass(frozen=True, slots=True)
class Gauge:
    """``help`` in English, as Prometheus shows it; ``label`` when ``read`` returns a mapping."""

    help: str
    read: Callable[[], float | Mapping[str, float]]
    label: str = ""


gauges: Register[Gauge] = Register("gauges")


def _one(sql: str) -> float:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return float(cursor.fetchone()[0] or 0)


def _by(sql: str) -> dict[str, float]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return {str(name): float(number) for name, number in cursor.fetchall()}


gauges.add(
    "jobs",
    Gauge(
        "Jobs in the queue by queue and state",
        lambda: _by("SELECT queue_name || ':' || status, count(*) FROM procrastinate_jobs WHERE status <> 'succeeded' GROUP BY 1"),
        "queue_state",
    ),
)
gauges.add(
    "jobs_oldest_seconds",
    Gauge(
        "How long the oldest job that may run has waited",
        lambda: _one(
            "SELECT coalesce(extract(epoch FROM now() - min(coalesce(j.scheduled_at, e.at))), 0) FROM procrastinate_jobs j"
            " LEFT JOIN procrastinate_events e ON e.job_id = j.id AND e.type = 'deferred'"
            " WHERE j.status = 'todo' AND (j.scheduled_at IS NULL OR j.scheduled_at <= now())"
        ),
    ),
)
gauges.add("workers", Gauge("Workers with a recent sign of life", lambda: _one("SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '20 s'")))  # fmt: skip
gauges.add(
    "outbox_waiting", Gauge("Events not handed out", lambda: _one("SELECT count(*) FROM kernel_outboxevent WHERE dispatched_at IS NULL AND parked_at IS NULL"))
)  # fmt: skip
gauges.add(
    "outbox_parked", Gauge("Events given up after five tries", lambda: _one("SELECT count(*) FROM kernel_outboxevent WHERE dispatched_at IS NULL AND parked_at IS NOT NULL"))
)  # fmt: skip
gauges.add(
    "outbox_oldest_seconds",
    Gauge(
        "Age of the oldest event not handed out",
        lambda: _one("SELECT coalesce(extract(epoch FROM now() - min(recorded_at)), 0) FROM kernel_outboxevent WHERE dispatched_at IS NULL AND parked_at IS NULL"),
    ),
)  # fmt: skip
gauges.add(
    "database_connections",
    Gauge(
        "Connections to the database by state",
        lambda: _by("SELECT coalesce(state, 'other'), count(*) FROM pg_stat_activity WHERE datname = current_database() GROUP BY 1"),
        "state",
    ),
)
gauges.add("database_size_bytes", Gauge("Size of the database", lambda: _one("SELECT pg_database_size(current_database())")))


_counted: Counter[tuple[str, str]] = Counter()
_lock = threading.Lock()


def count(name: str, outcome: str, by: int = 1) -> None:
    """Add to a figure that this process counts from its start, by outcome: names and outcomes are few and written in the source."""
    with _lock:
        _counted[name, outcome] += by


def counted() -> dict[tuple[str, str], int]:
    """What `count` has added up: (name, outcome) → number."""
    with _lock:
        return dict(_counted)
