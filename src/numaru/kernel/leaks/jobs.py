"""Jobs of leak cases: every five minutes the clocks are looked at."""

from __future__ import annotations

from procrastinate.contrib.django import app

from numaru.kernel.jobs import job
from numaru.kernel.leaks.duties import tick


@app.periodic(cron="*/5 * * * *")
@job(queue="periodic", name="leaks.watch")
def watch_all(timestamp: int) -> None:
    """Warn of what is nearly due and mark what was missed."""
    tick()
