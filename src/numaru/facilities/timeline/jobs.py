"""Jobs of the line of time: what the audit chain sealed is read in each minute; many entries are made, taken out and compared in steps."""

from __future__ import annotations

from procrastinate.contrib.django import app

from numaru.facilities.timeline import rebuilding
from numaru.facilities.timeline.below import AUDITED
from numaru.kernel.jobs import job, resumable


@app.periodic(cron="* * * * *")
@job(queue="periodic", name="timeline.minute")
def minute(timestamp: int) -> None:
    """Entries of what was recorded since the last minute."""
    rebuilding.pass_over(AUDITED, "r")


@job(queue="bulk", name="timeline.fill")
def fill_feed(feed: str, start: list[int], end: list[int]) -> None:
    """Entries of a stretch of records; again adds nothing."""
    rebuilding.fill(feed, start, end)


@job(queue="bulk", name="timeline.clear")
def clear_prefix(prefix: str) -> None:
    """Entries of withdrawn records go."""
    rebuilding.clear(prefix)


@job(queue="bulk", name="timeline.rebuild")
def rebuild_feed(feed: str, staff: int | None = None) -> None:
    """Compare every record of a feed with its entries; goes on where a dead worker stood."""
    rebuilding.rebuild(feed, staff)


def resume(feed: str) -> object:
    """Queue a rebuild again that was paused or whose worker died."""
    return rebuild_feed.configure(lock=f"timeline:{feed}").defer(feed=feed)


resumable.add(rebuilding.WORK, resume)
