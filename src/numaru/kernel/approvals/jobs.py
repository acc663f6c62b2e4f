"""Jobs of approvals: once an hour what nobody decided in time is closed."""

from __future__ import annotations

from procrastinate.contrib.django import app

from numaru.kernel.approvals.requests import expire
from numaru.kernel.jobs import job


@app.periodic(cron="7 * * * *")
@job(queue="periodic", name="approvals.expire")
def expire_all(timestamp: int) -> None:
    """Close the requests whose days are over."""
    expire()
