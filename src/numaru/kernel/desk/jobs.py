"""Jobs of the desk: bulk acts, long workbooks, and forgetting what was deleted."""

from __future__ import annotations

from datetime import timedelta

from procrastinate.contrib.django import app

from numaru.kernel import clock
from numaru.kernel.desk import bulk, downloads
from numaru.kernel.desk.models import SavedView
from numaru.kernel.jobs import job, resumable

UNDO = timedelta(days=7)  # for how long a deleted view can be brought back


@job(queue="bulk", name="desk.bulk")
def run_bulk(number: str) -> None:
    """Go on with a bulk act; done already means nothing happens."""
    bulk.execute(number)


def resume_bulk(number: str) -> object:
    """Queue an act again whose worker died."""
    return run_bulk.configure(lock=f"bulk:{number}").defer(number=number)


@job(queue="bulk", name="desk.download")
def run_download(number: str) -> None:
    """Make one workbook; made already means nothing happens."""
    downloads.make(number)


def resume_download(number: str) -> object:
    """Queue a workbook again whose worker died."""
    return run_download.configure(lock=f"download:{number}").defer(number=number)


resumable.add(bulk.WORK, resume_bulk)
resumable.add(downloads.WORK, resume_download)


@app.periodic(cron="*/10 * * * *")
@job(queue="periodic", name="desk.tidy")
def tidy(timestamp: int) -> None:
    """Delete files whose day is over, and views that nobody brought back."""
    downloads.delete_old()
    SavedView.objects.filter(dropped_at__lte=clock.now() - UNDO).delete()
