"""Reactions of billing to its own set events: what follows a posting without being a part of it."""

from __future__ import annotations

import shutil

from numaru.domains.billing import manifest
from numaru.domains.billing.events import ContractsEnrolled, ParkedBilled, RunCancelled, RunPosted, RunStarted
from numaru.domains.billing.models import BillRun
from numaru.kernel import live
from numaru.kernel.events import handles


def _tell(run_id: int) -> None:
    number = BillRun.objects.values_list("number", flat=True).get(pk=run_id)
    live.announce("billing.run", number)
    live.announce("billing.runs", "all")


@handles(RunStarted)
def started(event: RunStarted) -> None:
    """Open lists of runs show the new one."""
    _tell(event.run_id)


@handles(RunPosted)
def posted(event: RunPosted) -> None:
    """Open pages show the end, and the frozen rows are given back: they can be drawn again from the facts, and their hashes are kept.

    Bears a repeat: what is gone stays gone.
    """
    number = BillRun.objects.values_list("number", flat=True).get(pk=event.run_id)
    shutil.rmtree(manifest.folder(number), ignore_errors=True)
    _tell(event.run_id)


@handles(RunCancelled)
def cancelled(event: RunCancelled) -> None:
    _tell(event.run_id)


@handles(ParkedBilled)
def parked_billed(event: ParkedBilled) -> None:
    _tell(event.run_id)


@handles(ContractsEnrolled)
def enrolled(event: ContractsEnrolled) -> None:
    """Open lists of subscribers show the new ones."""
    live.announce("subscribers.list", event.service_id)
