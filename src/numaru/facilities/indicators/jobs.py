"""Jobs of indicators: today every ten minutes, the last five weeks every night (facts come late), everything once when it is new."""

from __future__ import annotations

from datetime import timedelta

from procrastinate.contrib.django import app

from numaru.facilities.indicators.actions.measure import measure_days, unmeasured
from numaru.facilities.indicators.models import Board
from numaru.kernel import clock, live
from numaru.kernel.access import Actor
from numaru.kernel.jobs import job

BACK = timedelta(days=760)  # two years and a month: what the longest span is held against
LATE = timedelta(days=35)
GONE = timedelta(days=30)


def measure(since: timedelta, only: tuple[str, ...] = ()) -> int:
    """Measure from ``since`` before today up to and with today, and tell open boards."""
    today = clock.today()
    kept = measure_days.do(
        Actor.system("worker"), since=(today - since).isoformat(), until=(today + timedelta(days=1)).isoformat(), only=only
    )
    live.announce("indicators.measured", "today")
    return kept


@app.periodic(cron="*/10 * * * *")
@job(queue="periodic", name="indicators.today")
def today(timestamp: int) -> None:
    """Measure today and yesterday; an indicator that is new is measured as far back as boards look."""
    new = tuple(unmeasured())
    if new:
        measure(BACK, new)
    measure(timedelta(days=1))


@app.periodic(cron="20 1 * * *")
@job(queue="bulk", name="indicators.late")
def late(timestamp: int) -> None:
    """Measure the last five weeks again: facts and usage of past days may have come since. Boards taken away 30 days ago are deleted."""
    measure(LATE)
    Board.objects.filter(gone_at__lt=clock.now() - GONE).delete()
