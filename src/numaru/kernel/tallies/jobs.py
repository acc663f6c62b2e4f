"""Jobs: every five minutes what is older than it may be is counted again."""

from __future__ import annotations

from procrastinate.contrib.django import app

from numaru.kernel.jobs import job
from numaru.kernel.tallies.counting import due, recount, recount_soon


@job(queue="tallies", name="tallies.count")
def count_one(name: str) -> None:
    """Count one name."""
    recount(name)


@app.periodic(cron="*/5 * * * *")
@job(queue="periodic", name="tallies.count_due")
def count_due(timestamp: int) -> None:
    """Queue what is due."""
    for name in due():
        recount_soon(name)
