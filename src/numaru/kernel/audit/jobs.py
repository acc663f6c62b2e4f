"""Jobs of audit: every night the last day of the chain is checked, on Sundays all of it; the review of the month before is laid out."""

from __future__ import annotations

import logging

from procrastinate.contrib.django import app

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
