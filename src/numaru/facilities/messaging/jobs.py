"""Jobs of messaging: the work of batches in slices, so that one long sending never holds the others up; and, each minute, what became due."""

from __future__ import annotations

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from numaru.facilities.messaging import sending, unknowns
from numaru.facilities.messaging.models import MessageBatch
from numaru.kernel import clock
from numaru.kernel.jobs import job, resumable


@job(queue="messages", name="messaging.batch")
def run_batch(number: str) -> None:
    """Work on a batch for a slice; what is left is queued again behind whatever else waits. Called twice it does nothing the second time."""
    if sending.send(number):
        defer(number)


def defer(number: str) -> None:
    """Queue the work of a batch, unless it waits in the queue already."""
    try:
        with transaction.atomic():
            run_batch.configure(queueing_lock=f"messaging:{number}").defer(number=number)
    except AlreadyEnqueued:
        pass


resumable.add(sending.LIVE, defer)


def due() -> list[str]:
    """Batches that have something to do now: their hour has come, somebody is not queued yet, a message is due or was left on its way."""
    now = clock.now()
    found: set[str] = set()
    for rows in (
        MessageBatch.objects.filter(state="approved", send_at__lte=now),
        MessageBatch.objects.filter(state="running", queued_at__isnull=True),
        MessageBatch.objects.filter(state="running", messages__state__in=("queued", "waiting"), messages__due_at__lte=now),
        MessageBatch.objects.filter(state__in=("running", "paused", "stopped"), messages__state="sending"),
        MessageBatch.objects.filter(state="stopped", messages__state__in=("queued", "waiting")),
    ):
        found |= set(rows.values_list("number", flat=True).distinct()[:200])
    return sorted(found)


@app.periodic(cron="* * * * *")
@job(queue="periodic", name="messaging.minute")
def minute(timestamp: int) -> None:
    """Wake what is due; ask carriers about messages of unknown outcome; pull reports."""
    for number in due():
        defer(number)
    unknowns.ask_again()
    unknowns.pull_reports()
