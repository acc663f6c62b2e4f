"""Due times laid again after a calendar changed: set by set, a chunk a transaction, from where it stood when it was cut off.

The arithmetic is done beside the database: open spans with their running sum are one table, and each chunk of clocks is joined to it twice as
of (where a clock began to count, where its rest ends). What comes out differs from what stood, or it is not written.
"""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

import duckdb
from django.db import connection, transaction

from numaru.facilities.clocks import calendars
from numaru.facilities.clocks.models import RUNNING, Clock
from numaru.kernel import bulk, clock, duck, live
from numaru.kernel.files import work_dir
from numaru.kernel.jobs import Progress, Stopped, job, resumable
from numaru.values.business_calendar import FARTHEST, BusinessCalendar, Line, NeverOpen

KIND = "clocks.recount"
CHUNK = 100_000
YEAR = 366 * 86_400
READ = (
    "SELECT id, floor(extract(epoch FROM counted_from))::bigint AS since, (target - used) AS rest, (near - used) AS near_rest"
    " FROM clocks_clock WHERE calendar_id = %s AND state = 'running' AND breached_at IS NULL AND id > %s ORDER BY id LIMIT %s"
)
LAY = """
    COPY (
        WITH begun AS (
            SELECT c.id, c.since, c.rest, c.near_rest, coalesce(l.passed - greatest(0, l.until - c.since), 0) AS position
            FROM read_csv(?, columns = {'id': 'BIGINT', 'since': 'BIGINT', 'rest': 'BIGINT', 'near_rest': 'BIGINT'}, header = true) c
            ASOF LEFT JOIN line l ON c.since >= l.since
        ), due AS (
            SELECT b.*, CASE WHEN b.rest <= 0 THEN b.since ELSE l.until - (l.passed - b.position - b.rest) END AS due
            FROM begun b ASOF LEFT JOIN line l ON b.position + b.rest <= l.passed
        )
        SELECT d.id, d.since, d.rest, d.due, CASE WHEN d.near_rest <= 0 THEN d.since ELSE l.until - (l.passed - d.position - d.near_rest) END AS near
        FROM due d ASOF LEFT JOIN line l ON d.position + d.near_rest <= l.passed
    ) TO '{target}' (FORMAT csv, HEADER false)
"""
WRITE = """
    UPDATE clocks_clock c SET due_at = to_timestamp(t.due), stands_at = to_timestamp(t.due), near_at = to_timestamp(t.near), changed_at = %s
    FROM clocks_laid t
    WHERE c.id = t.id AND c.state = 'running' AND c.breached_at IS NULL AND c.calendar_id = %s
      AND floor(extract(epoch FROM c.counted_from))::bigint = t.since AND c.target - c.used = t.rest
      AND (c.due_at IS DISTINCT FROM to_timestamp(t.due) OR c.near_at IS DISTINCT FROM to_timestamp(t.near))
"""


def _load(con: duckdb.DuckDBPyConnection, line: Line, folder: Path) -> None:
    path = folder / "line.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(zip(line.starts, line.ends, line.passed, strict=True))
    con.execute("CREATE OR REPLACE TABLE line (since BIGINT, until BIGINT, passed BIGINT)")
    con.execute(f"COPY line FROM {duck.literal(str(path))} (FORMAT csv, HEADER false)")


def _lay_chunk(con: duckdb.DuckDBPyConnection, source: Path, target: Path) -> bool:
    """Lay one chunk; False when the line was too short for one of its clocks."""
    con.execute(LAY.replace("{target}", str(target).replace("'", "''")), [str(source)])
    with target.open() as file:
        return all(not row.rstrip().endswith(",") and ",," not in row for row in file)


class Recount:
    """The open clocks of one calendar, laid on what its versions say now. ``after`` is the id behind which to go on."""

    def __init__(self, calendar: int, after: int = 0, chunk: int = CHUNK) -> None:
        self.calendar, self.after, self.chunk = calendar, after, chunk
        self.hours: BusinessCalendar = calendars.by_id(calendar)
        self.rows = Clock.objects.filter(RUNNING, calendar=calendar, pk__gt=after)
        self.moved = 0

    def run(self, progress: Progress | None = None) -> int:
        """Lay all that is left and return how many due times moved."""
        low = self.rows.order_by("counted_from").values_list("counted_from", flat=True).first()
        if low is None:
            return 0
        now = int(clock.now().timestamp())
        begin, ahead = int(low.timestamp()), YEAR
        with tempfile.TemporaryDirectory(prefix="clocks-", dir=work_dir("spill")) as folder, duck.connection() as con:
            place = Path(folder)
            _load(con, self.hours.line(begin, now + ahead), place)
            while True:
                source, target = place / "in.csv", place / "out.csv"
                bulk.copy_out(READ, [self.calendar, self.after, self.chunk], source)
                with source.open("rb") as file:
                    ids = [int(row.split(b",", 1)[0]) for row in file.readlines()[1:]]
                if not ids:
                    return self.moved
                while not _lay_chunk(con, source, target):
                    ahead *= 3
                    if ahead > FARTHEST * YEAR:
                        raise NeverOpen(f"calendar {self.calendar} has too little open time for a clock behind {self.after}")
                    _load(con, self.hours.line(begin, now + ahead), place)
                with transaction.atomic():
                    self.moved += self._write(target)
                self.after = ids[-1]
                if progress is not None:
                    progress.advance(len(ids), after=self.after, moved=self.moved)
                    progress.check()

    def _write(self, target: Path) -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE TEMPORARY TABLE IF NOT EXISTS clocks_laid (id bigint, since bigint, rest bigint, due bigint, near bigint) ON COMMIT DELETE ROWS"
            )
            with target.open("rb") as file:
                bulk.copy_file("clocks_laid", ["id", "since", "rest", "due", "near"], file)
            cursor.execute("ANALYZE clocks_laid")
            cursor.execute(WRITE, [clock.now(), self.calendar])
            return int(cursor.rowcount)


@job(queue="bulk", name=KIND)
def lay_again(calendar: int, version: int) -> None:
    """Lay the open clocks of a calendar on its newest hours; goes on where it was cut off."""
    progress = Progress(KIND, f"{calendar}/{version}", "system:worker", live_as="clocks")
    if progress.work.state == "done":
        return
    after, moved = int(progress.work.note.get("after", 0)), int(progress.work.note.get("moved", 0))
    work = Recount(calendar, after)
    work.moved = moved
    progress.begin()
    progress.stage("lay", total=work.rows.count() + progress.work.done, done=progress.work.done)
    try:
        work.run(progress)
    except Stopped as stopped:
        progress.finish("paused" if stopped.asked == "pause" else "stopped", moved=work.moved)
        return
    progress.finish("done", moved=work.moved, at=clock.now().isoformat(timespec="seconds"))
    live.announce("clocks", "all")


def _resume(key: str) -> None:
    calendar, version = key.split("/")
    lay_again.defer(calendar=int(calendar), version=int(version))


resumable.add(KIND, _resume)
