"""Figures that are too dear to count on every page: a room says how, the worker counts, pages read what was last counted with its time.

    tallies.counts.add("subscribers", tallies.Counted(count, every=timedelta(minutes=15)))

``count`` returns figures by scope: ``{"naru": {"active": 1204, "joined": 12}}``; a scope that is no longer there loses its row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from numaru.kernel import clock, live
from numaru.kernel.registers import Register
from numaru.kernel.tallies.models import Tally


@dataclass(frozen=True, slots=True)
class Counted:
    """How figures are counted, set-wise, and how old they may become before the worker counts again."""

    count: Callable[[], Mapping[str, Mapping[str, int]]]
    every: timedelta = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Read:
    """Figures as they were last counted. ``at`` is None where they never were."""

    figures: dict[str, int]
    at: datetime | None


counts: Register[Counted] = Register("tallies")


def recount(name: str) -> None:
    """Count one name now and tell open pages. Repeating it changes nothing but the time."""
    found, now = counts[name].count(), clock.now()
    with transaction.atomic():
        for scope, figures in found.items():
            Tally.objects.update_or_create(name=name, scope=scope, defaults={"figures": dict(figures), "counted_at": now})
        Tally.objects.filter(name=name).exclude(scope__in=list(found)).delete()
    live.announce("tally", name)


def due() -> list[str]:
    """The names that were never counted or not within their time. One question."""
    now, last = clock.now(), {}
    for name, at in Tally.objects.order_by("counted_at").values_list("name", "counted_at"):
        last[name] = at
    return [name for name, one in counts if name not in last or last[name] <= now - one.every]


def recount_soon(name: str) -> None:
    """Queue a count, once however often it is asked for. Called where something came that the figures should show."""
    from procrastinate.exceptions import AlreadyEnqueued

    from numaru.kernel.tallies.jobs import count_one

    try:
        with transaction.atomic():
            count_one.configure(lock=f"tally:{name}", queueing_lock=f"tally:{name}").defer(name=name)
    except AlreadyEnqueued:
        return


def read(name: str) -> dict[str, Read]:
    """What was last counted, by scope. One question."""
    return {row.scope: Read(row.figures, row.counted_at) for row in Tally.objects.filter(name=name)}
