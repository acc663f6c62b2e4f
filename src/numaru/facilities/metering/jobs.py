"""Jobs of metering: every five minutes what waits becomes files."""

from __future__ import annotations

from procrastinate.contrib.django import app

from numaru.facilities.metering.actions.store import compact
from numaru.facilities.metering.reads import services_with_waiting
from numaru.kernel.access import Actor
from numaru.kernel.jobs import job


@job(queue="metering", name="metering.compact")
def compact_service(service: str) -> None:
    """Store what waits for one service. Safe to run twice and to kill."""
    compact.do(Actor.system("worker"), service=service)


@app.periodic(cron="*/5 * * * *")
@job(queue="periodic", name="metering.compact_all", pass_context=False)
def compact_all(timestamp: int) -> None:
    """Queue a compaction for each service that has something waiting; one at a time a service."""
    from procrastinate.exceptions import AlreadyEnqueued

    for service in services_with_waiting():
        try:
            compact_service.configure(lock=f"metering:{service}", queueing_lock=f"metering:{service}").defer(service=service)
        except AlreadyEnqueued:
            continue
