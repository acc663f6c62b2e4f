"""Jobs of work: every five minutes, whoever has a task that became overdue is told once; once, the processes that a house begins with."""

from __future__ import annotations

from procrastinate.contrib.django import app

from numaru.facilities.work.actions.processes import ship
from numaru.facilities.work.handlers import tell_late
from numaru.facilities.work.models import Task
from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.jobs import job

CHUNK = 500


def late_ones() -> int:
    """Tell of the tasks that became overdue since the last look; returns how many tasks they were."""
    count = 0
    while True:
        rows = list(
            Task.objects.filter(closed_at__isnull=True, told_late_at__isnull=True, ends_at__lte=clock.now()).order_by("ends_at", "id")[
                :CHUNK
            ]
        )
        if not rows:
            return count
        tell_late(rows)
        Task.objects.filter(pk__in=[row.pk for row in rows]).update(told_late_at=clock.now())
        count += len(rows)


@app.periodic(cron="*/5 * * * *")
@job(queue="periodic", name="work.late")
def late(timestamp: int) -> None:
    """Look for tasks that became overdue."""
    ship(Actor.system("work"))
    late_ones()
