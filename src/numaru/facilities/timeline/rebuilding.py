"""Making entries of records in steps: filling in after a set event of many, and the rebuild that compares every record with its entries.

A step is one transaction of at most :data:`~numaru.facilities.timeline.feeds.CHUNK` records; where it stands is kept with it, so a worker that
dies loses at most a step, and making a step twice changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection, transaction

from numaru.facilities.timeline.feeds import CHUNK, feeds
from numaru.facilities.timeline.models import Reach
from numaru.facilities.timeline.permissions import ENTRY_REBUILD
from numaru.facilities.timeline.writing import mend, pull, withdraw
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import NotFound
from numaru.kernel.jobs import Progress, Stopped
from numaru.values.text import Text

WORK = "timeline.rebuild"
FILL = "timeline.fill"


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild of one feed found: records read, entries that were missing and made, entries that said something else and were replaced."""

    feed: str
    records: int
    missing: int
    wrong: int


def known(feed: str) -> str:
    """The feed's key; raises NotFound for one that no room registered."""
    if feed not in feeds:
        raise NotFound.named(Text("시간선 원천", "feed of the timeline"), feed[:40])
    return feed


@action(ENTRY_REBUILD)
def order_rebuild(act: Act, *, feed: str) -> None:
    """Queue the rebuild of a feed as long work that can be paused and stopped. Raises NotFound."""
    from numaru.facilities.timeline.jobs import rebuild_feed

    known(feed)
    staff = act.actor.staff_id
    act.record("timeline.feed", feed, after={"asked": "rebuild"})
    act.job(lambda: rebuild_feed.configure(lock=f"timeline:{feed}").defer(feed=feed, staff=staff))


def rebuild(feed: str, staff: int | None = None, *, chunk: int = CHUNK, afresh: bool = False) -> Rebuilt:
    """Compare every record of ``feed`` with its entries and put right what is missing or wrong. A rebuild that was cut off goes on where it
    stood; ``afresh`` begins anew. Entries of other kinds are not touched."""
    progress = Progress(WORK, known(feed), "system:timeline", "timeline.rebuild", staff)
    work = progress.work
    begun = {} if afresh or work.state == "done" else dict(work.note)
    found = [int(begun.get(key, 0)) for key in ("records", "missing", "wrong")]
    after: list[int] | None = begun.get("after")
    progress.begin()
    progress.stage("walk", feeds[feed].count(), found[0])
    try:
        while (span := feeds[feed].walk(after, chunk)) is not None:
            progress.check()
            with transaction.atomic():
                missing, wrong = mend(feed, span.where, span.values)
            after = span.upto
            found = [found[0] + span.records, found[1] + missing, found[2] + wrong]
            progress.work.note = {"after": after, "records": found[0], "missing": found[1], "wrong": found[2]}
            progress.advance(span.records)
    except Stopped as stopped:
        progress.note()
        progress.finish("paused" if stopped.asked == "pause" else "stopped")
        return Rebuilt(feed, *found)
    except BaseException:
        progress.note()
        progress.finish("failed")
        raise
    progress.finish("done", records=found[0], missing=found[1], wrong=found[2])
    return Rebuilt(feed, *found)


def fill(feed: str, start: list[int], end: list[int], *, chunk: int = CHUNK) -> int:
    """Make the entries of the records of ``feed`` after the place ``start`` and up to ``end``, a step at a time. Returns how many were new."""
    made, after = 0, start
    while after < end and (span := feeds[known(feed)].walk(after, chunk)) is not None and span.upto <= end:
        with transaction.atomic():
            made += pull(feed, span.where, span.values)
        after = span.upto
    return made


def clear(prefix: str) -> int:
    """Take the entries of withdrawn records out, a step at a time; returns how many."""
    gone = 0
    while True:
        with transaction.atomic():
            step = withdraw(prefix)
        gone += step
        if not step:
            return gone


def fill_later(feed: str, start: list[int], end: list[int]) -> None:
    """The same as a job that exists if and only if the caller's transaction commits; a worker that dies does no harm."""
    from numaru.facilities.timeline.jobs import fill_feed

    fill_feed.configure(lock=f"timeline:{known(feed)}").defer(feed=feed, start=[*start], end=[*end])


def clear_later(prefix: str) -> None:
    """Take the entries of withdrawn records out: some at once, the rest as a job."""
    from numaru.facilities.timeline.jobs import clear_prefix

    if withdraw(prefix, CLEARED) == CLEARED:
        clear_prefix.configure(lock=f"timeline:{prefix}").defer(prefix=prefix)


CLEARED = 2_000
LOCK = 0x4E4D_71E0
_NEXT = "SELECT max(position) FROM (SELECT position FROM audit_seal WHERE position > %s ORDER BY position LIMIT %s) t"


def pass_over(feed: str, alias: str, size: int = CHUNK) -> int:
    """Read what the audit chain has sealed since the last pass into the entries of ``feed``; returns how many were new.

    Positions of the chain have no gaps and are given after the commit, so nothing that commits late is passed over. The reach is kept in the
    transaction of its entries. One pass at a time.
    """
    made = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
            if not cursor.fetchone()[0]:
                return made
            reach, _ = Reach.objects.get_or_create(feed=known(feed))
            cursor.execute(_NEXT, [reach.upto, size])
            upto = cursor.fetchone()[0]
            if upto is None:
                return made
            where = f"{alias}.id IN (SELECT s.row FROM audit_seal s WHERE s.source = 'r' AND s.position > %(sealed)s AND s.position <= %(upto)s)"
            made += pull(feed, where, {"sealed": reach.upto, "upto": upto})
            reach.upto = upto
            reach.save(update_fields=["upto"])
