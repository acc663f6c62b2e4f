"""Reactions of billing to its own set events: what follows a posting without being a part of it."""

from __future__ import annotations

import shutil

from django.db.models import Max, Min

from numaru.domains.billing import happenings, manifest
from numaru.domains.billing.events import ContractsEnrolled, FactRecorded, ParkedBilled, RunCancelled, RunPosted, RunStarted
from numaru.domains.billing.models import BillRun, ContractFact
from numaru.facilities.timeline import api as timeline
from numaru.kernel import live
from numaru.kernel.events import handles
from numaru.kernel.tallies import api as tallies


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
    """Open lists of subscribers show the new ones, and who is served is counted again."""
    live.announce("subscribers.list", event.service_id)
    tallies.recount_soon("subscribers")


@handles(FactRecorded)
def recorded(event: FactRecorded) -> None:
    """Open lists of subscribers show the changed state."""
    live.announce("subscribers.list", event.contract_id)


# ── the line of time: a few at once, many as a job that goes on where it was cut off ─────────────────────────────────────

FEW = 2_000


@handles(FactRecorded)
def fact_told(event: FactRecorded) -> None:
    timeline.pull(happenings.FACTS, "f.id = %(fact)s", {"fact": event.fact_id})


@handles(ContractsEnrolled)
def enrolment_told(event: ContractsEnrolled) -> None:
    span = {"first": event.first_contract, "end": event.first_contract + event.count}
    if event.count <= FEW:
        timeline.pull(happenings.FACTS, "f.contract_id >= %(first)s AND f.contract_id < %(end)s", span)
        return
    facts = ContractFact.objects.filter(contract_id__gte=span["first"], contract_id__lt=span["end"]).aggregate(
        first=Min("id"), last=Max("id")
    )
    timeline.fill_later(happenings.FACTS, [facts["first"] - 1], [facts["last"]])


@handles(RunStarted)
def start_told(event: RunStarted) -> None:
    timeline.pull(happenings.RUNS, "r.id = %(run)s", {"run": event.run_id})


@handles(RunPosted)
def posting_told(event: RunPosted) -> None:
    """The run's own line, what it parked, and a line for each invoice."""
    run = {"run": event.run_id}
    timeline.pull(happenings.RUNS, "r.id = %(run)s", run)
    timeline.pull(happenings.PARKINGS, "k.run_id = %(run)s", run)
    if event.count <= FEW:
        timeline.pull(happenings.INVOICES, "i.run_id = %(run)s", run)
    else:
        timeline.fill_later(happenings.INVOICES, [event.run_id, 0], [event.run_id, event.count])


@handles(RunCancelled)
def cancelling_told(event: RunCancelled) -> None:
    """Invoices that were taken back stand on nobody's line any more; that of the run says so."""
    timeline.pull(happenings.RUNS, "r.id = %(run)s", {"run": event.run_id})
    timeline.clear_later(f"billing.invoice:{event.run_id}:")


@handles(ParkedBilled)
def parked_told(event: ParkedBilled) -> None:
    timeline.pull(
        happenings.PARKINGS, "k.run_id = %(run)s AND k.account_id = %(account)s", {"run": event.run_id, "account": event.account_id}
    )
    series, _, ordinal = event.invoice.rpartition("-")
    timeline.pull(happenings.INVOICES, "r.series = %(series)s AND i.ordinal = %(ordinal)s", {"series": series, "ordinal": int(ordinal)})
