"""Jobs of work: every five minutes, whoever has a task that is due soon or became overdue is told, each once; once, the processes that a house begins with."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from procrastinate.contrib.django import app

from numaru.facilities.work.actions.processes import ship
from numaru.facilities.work.handlers import tell_late, tell_near
from numaru.facilities.work.models import Task
from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.jobs import job
from numaru.kernel.policies import policy, value
from numaru.values.text import Text

CHUNK = 500
MORNING = timedelta(hours=15)  # from nine o'clock to the end of the day
NEAR_MINUTES = policy(
    "work.near_minutes", Text("기한이 다가온 할 일을 알리는 때 (기한 전 분)", "When somebody is reminded of a task (minutes before it is due)"), 60,
    "Operator's own rule.", unit=Text("분", "minutes"), least=1,
)  # fmt: skip


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


def near_ones() -> int:
    """Remind of the tasks that are due soon: what is due at an hour, so many minutes before it (policy); what is due through a day, from nine
    o'clock of that day. What was opened or is due sooner than that is not told twice. Returns how many tasks they were."""
    now = clock.now()
    before = timedelta(minutes=int(value(NEAR_MINUTES.key, clock.today())))
    soon = Q(due_whole=False, ends_at__lte=now + before) | Q(due_whole=True, ends_at__lte=now + MORNING)
    rows = Task.objects.filter(soon, closed_at__isnull=True, told_near_at__isnull=True, ends_at__gt=now, opened_at__lte=now - before)
    count = 0
    while found := list(rows.order_by("ends_at", "id")[:CHUNK]):
        tell_near(found)
        Task.objects.filter(pk__in=[row.pk for row in found]).update(told_near_at=now)
        count += len(found)
    return count


@app.periodic(cron="*/5 * * * *")
@job(queue="periodic", name="work.late")
def late(timestamp: int) -> None:
    """Look for tasks that are due soon, and for those that became overdue."""
    ship(Actor.system("work"))
    near_ones()
    late_ones()
