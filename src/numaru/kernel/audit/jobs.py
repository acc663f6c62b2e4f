"""Jobs of audit: every night the last day of the chain is checked, on Sundays all of it; the review of the month before is laid out."""

from __future__ import annotations

import logging
from datetime import timedelta

from procrastinate.contrib.django import app

from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.audit.models import SearchMiss
from numaru.kernel.audit.reviews import month_before, prepare_review
from numaru.kernel.audit.verify import Report, keep, last_day, verify
from numaru.kernel.jobs import job

log = logging.getLogger(__name__)


def _told(report: Report) -> None:
    keep(report)
    if not report.good:
        log.error("the audit chain has %s problems; run ./numaru audit verify", report.problems)


@app.periodic(cron="40 2 * * 1-6")
@job(queue="periodic", name="audit.verify_day")
def verify_day(timestamp: int) -> None:
    """Check what was sealed within a day and keep the result."""
    _told(last_day())


@app.periodic(cron="40 2 * * 0")
@job(queue="bulk", name="audit.verify_all")
def verify_all(timestamp: int) -> None:
    """Check the whole chain, the head and the journal, and keep the result."""
    _told(verify())


@app.periodic(cron="10 4 1 * *")
@job(queue="periodic", name="audit.review")
def review(timestamp: int) -> None:
    """Lay out the review of the month that has ended."""
    prepare_review.do(Actor.system("worker"), month=month_before())


@app.periodic(cron="25 3 * * *")
@job(queue="periodic", name="audit.forget_misses")
def forget_misses(timestamp: int) -> None:
    """Forget searches in vain after 30 days: no rule looks further back."""
    SearchMiss.objects.filter(at__lt=clock.now() - timedelta(days=30)).delete()
