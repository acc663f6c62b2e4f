"""Jobs of retention: the nightly walk, a walk that was ordered, making a person's package, and forgetting packages."""

from __future__ import annotations

import logging

from procrastinate.contrib.django import app

from numaru.kernel import clock, live
from numaru.kernel.access import Actor
from numaru.kernel.jobs import job
from numaru.kernel.retention import journal, packages
from numaru.kernel.retention.classes import classes
from numaru.kernel.retention.runs import execute, tally

log = logging.getLogger(__name__)


@job(queue="bulk", name="retention.walk")
def walk_class(klass: str) -> None:
    """Destroy what of one class is over today. Safe to kill and to repeat."""
    execute(klass, clock.today(), Actor.system("worker"))


@job(queue="bulk", name="retention.count")
def count_classes() -> None:
    """Count every class, so that the calendar shows figures of now."""
    for _, klass in classes:
        tally(klass, clock.today())
        live.announce("retention", klass.key)


@app.periodic(cron="23 4 * * *")
@job(queue="periodic", name="retention.nightly")
def nightly(timestamp: int) -> None:
    """Queue a walk for each class, one at a time a class, and let the journal follow the table."""
    from procrastinate.exceptions import AlreadyEnqueued

    journal.follow()
    for key, _ in classes:
        try:
            walk_class.configure(lock=f"retention:{key}", queueing_lock=f"retention:{key}").defer(klass=key)
        except AlreadyEnqueued:
            continue


@job(queue="bulk", name="retention.package")
def make_package(number: str) -> None:
    """Make the package of one request; one that is made already stays."""
    packages.make(number)


@app.periodic(cron="41 * * * *")
@job(queue="periodic", name="retention.forget_packages")
def forget_packages(timestamp: int) -> None:
    """Delete packages that were fetched or whose days are over."""
    packages.forget_old()
