"""Jobs: the nightly backup, the nightly look through the house, and the archive that follows the database minute by minute."""

from __future__ import annotations

from datetime import timedelta

from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from numaru.kernel import clock, policies
from numaru.kernel.access import Actor
from numaru.kernel.backup import archive, runs
from numaru.kernel.backup.models import IntegrityRun
from numaru.kernel.backup.policies import CHECK_DAYS
from numaru.kernel.jobs import job


@job(queue="backup", name="backup.run")
def back_up() -> None:
    """A full backup to NUMARU_BACKUP_TO; nothing happens when that is not set."""
    target = runs.place()
    if target is not None:
        runs.carry_out(target, "full", Actor.system("worker"))


@job(queue="backup", name="backup.base")
def base() -> None:
    """A new base for points in time, where there is an archive and the last one is a week old."""
    target = archive.place()
    if target is not None and archive.due_for_base():
        runs.carry_out(target, "base", Actor.system("worker"))


@app.periodic(cron="10 18 * * *")  # 03:10 in Seoul
@job(queue="periodic", name="backup.nightly")
def nightly(timestamp: int) -> None:
    """Queue the nightly backup, and a new base for points in time when one is due."""
    if runs.place() is not None:
        _once(back_up, "backup")
    if archive.due_for_base():
        _once(base, "base")


@job(queue="backup", name="backup.check")
def check() -> None:
    """Look through the house."""
    runs.carry_out_check(Actor.system("worker"))


@app.periodic(cron="40 18 * * *")  # 03:40 in Seoul
@job(queue="periodic", name="backup.check_nightly")
def check_nightly(timestamp: int) -> None:
    """Queue the look through the house when the last one is as old as the policy says."""
    since = clock.now() - timedelta(days=int(policies.value(CHECK_DAYS.key, clock.today())), hours=-1)
    if not IntegrityRun.objects.filter(finished_at__gt=since).exists():
        _once(check, "integrity")


@job(queue="backup", name="backup.ship")
def ship() -> None:
    """Bring what the database archived, and new files, into the archive."""
    archive.ship()


@app.periodic(cron="* * * * *")
@job(queue="periodic", name="backup.ship_minutely")
def ship_minutely(timestamp: int) -> None:
    """Queue the shipping when there is an archive."""
    if archive.place() is not None:
        _once(ship, "archive")


def _once(task: object, lock: str) -> None:
    try:
        task.configure(queueing_lock=lock, lock=lock).defer()  # type: ignore[attr-defined]
    except AlreadyEnqueued:
        pass
