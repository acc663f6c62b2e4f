"""Making events into files: each identity once, Parquet by local day, registered in the transaction that makes them exist.

A file is written under a name of its own, synced and renamed, and only then registered. A kill in between leaves a file that nobody knows:
it counts for nothing, and the next store of the service sets it aside.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
from django.conf import settings
from django.db import connection

from numaru.facilities.metering.actions.accept import zone_of
from numaru.facilities.metering.models import Compaction, Delivery, UsageFile
from numaru.facilities.metering.permissions import USAGE_STORE
from numaru.facilities.metering.rules.payload import DIGEST_SQL
from numaru.kernel import bulk, clock, duck
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Invalid
from numaru.kernel.files import work_dir
from numaru.values.text import Text

REMEMBERED = timedelta(days=3)  # how long the waiting room still knows an event that is in a file
SET_ASIDE = timedelta(days=30)  # how long an unregistered file is kept before it is deleted
CONFLICTS_NAMED = 10_000  # conflicts that one store writes down one by one

INCOMING = {
    "row": "BIGINT", "source": "VARCHAR", "event_id": "VARCHAR", "subject": "BIGINT", "meter": "VARCHAR", "at": "TIMESTAMP",
    "quantity": "DECIMAL(19,6)", "amount": "DECIMAL(18,6)", "currency": "VARCHAR",
}  # fmt: skip
STORED = 'source, event_id, subject, meter, "at", day, quantity, amount, currency, digest'
_IDENTITY = "source, event_id, day"
# What a plan would have stored from the intake: known to the rest of the same plan.
PENDING = "CREATE TEMP TABLE pending (source VARCHAR, event_id VARCHAR, day DATE, digest VARCHAR)"


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of a set of events: accepted + duplicates + conflicts = events given. ``clashes`` names up to 10,000 conflicts as
    (source row, event id, day)."""

    accepted: int
    duplicates: int
    conflicts: int
    files: int = 0
    clashes: tuple[tuple[int, str, date], ...] = field(default=())


def usage_root(service: str) -> Path:
    """The folder of a service's usage files."""
    root: Path = settings.HOME / "usage" / service
    return root


@action(USAGE_STORE)
def ingest(act: Act, *, service: str, events: pa.Table | pa.RecordBatchReader, origin: str) -> Ingested:
    """Store a set of events as files. Columns: ``row`` int64 (place in the source), source, event_id, subject int64, meter, at (naive UTC
    timestamp), quantity decimal(19,6), amount decimal(18,6) or null, currency or null; ``origin`` names where they come from.

    An identity (source, event_id, local day) that is stored already is a duplicate, or with another payload a conflict: the stored one
    stands. Of equal identities inside the set the payload with the smallest digest stands; the order of the set never matters. What waits
    in the intake is stored first. One store a service at a time (advisory lock until commit). Raises NotFound, and Invalid for missing
    columns or empty values. In a plan nothing is written and the figures are the same.
    """
    zone = zone_of(service)
    missing = set(INCOMING) - set(events.schema.names)
    if missing:
        raise ValueError(f"columns are missing: {sorted(missing)}")
    _lock(service)
    with duck.connection() as con:
        con.execute(PENDING)
        waiting = _store_intake(act, con, service, zone)
        con.register("given", events)
        result, _ = _store(act, con, service, zone, "given", origin[:200])
    act.record(
        "metering.usage",
        service,
        after={
            "origin": origin[:200],
            "accepted": result.accepted,
            "duplicates": result.duplicates,
            "conflicts": result.conflicts,
            "from_intake": waiting.accepted,
        },
    )
    act.effect(
        Text("이용 기록 {a}건 저장, 중복 {d}건, 충돌 {c}건", "{a} events stored, {d} duplicates, {c} conflicts").fill(
            a=result.accepted, d=result.duplicates, c=result.conflicts
        )
    )
    return result


@action(USAGE_STORE)
def compact(act: Act, *, service: str) -> Ingested:
    """Store as files what waits in the intake of ``service``, forget what has been in files for three days, and set aside files that
    nobody knows. Safe to repeat and to kill at any point; a bill run calls it before it freezes its manifest."""
    zone = zone_of(service)
    _lock(service)
    if not act.dry:
        _tidy(service)
    with duck.connection() as con:
        con.execute(PENDING)
        result = _store_intake(act, con, service, zone)
    act.record(
        "metering.usage",
        service,
        after={"origin": "intake", "accepted": result.accepted, "duplicates": result.duplicates, "conflicts": result.conflicts},
    )
    return result


def _lock(service: str) -> None:
    key = int.from_bytes(hashlib.blake2b(f"metering:{service}".encode(), digest_size=8).digest(), signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def _store_intake(act: Act, con: duckdb.DuckDBPyConnection, service: str, zone: str) -> Ingested:
    """The deliveries that are committed now become files. Later ones wait: a delivery and its events appear together or not at all."""
    open_ones = list(Delivery.objects.filter(service_slug=service, compaction__isnull=True).order_by("id").values_list("pk", flat=True))
    if not open_ones:
        return Ingested(0, 0, 0)
    path = work_dir("metering") / f"{uuid.uuid4().hex}.csv"
    try:
        bulk.copy_out(
            "SELECT (delivery_id << 13) + n AS row, source, event_id, subject, meter, at AT TIME ZONE 'UTC' AS at, quantity, amount, currency "
            "FROM metering_intake WHERE delivery_id = ANY(%s)", [open_ones], path,
        )  # fmt: skip
        columns = ", ".join(f"{duck.literal(key)}: {duck.literal(kind)}" for key, kind in INCOMING.items())
        con.execute(
            f"CREATE TEMP TABLE waiting AS SELECT * FROM read_csv({duck.literal(str(path))}, header = true, auto_detect = false, "
            f"delim = ',', quote = '\"', escape = '\"', columns = {{{columns}}}, nullstr = '', allow_quoted_nulls = false)"
        )
    finally:
        path.unlink(missing_ok=True)
    result, compaction = _store(act, con, service, zone, "waiting", "intake")
    con.execute("DROP TABLE waiting")
    if not act.dry:
        Delivery.objects.filter(pk__in=open_ones).update(compaction=compaction)
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM metering_intake i USING metering_delivery d, metering_compaction c "
                "WHERE i.delivery_id = d.id AND d.compaction_id = c.id AND d.service_slug = %s AND c.at < %s",
                [service, clock.now() - REMEMBERED],
            )
    return result


def _store(
    act: Act, con: duckdb.DuckDBPyConnection, service: str, zone: str, relation: str, origin: str
) -> tuple[Ingested, Compaction | None]:
    """Store ``relation`` (columns of INCOMING): days and digests, losers inside the set, what is known already, files, register."""
    total = _gather(con, relation, zone)
    _repeats(con)
    _known(con, service)
    duplicates = _count(con, "SELECT count(*) FROM out WHERE same")
    conflicts = _count(con, "SELECT count(*) FROM out WHERE NOT same")
    accepted = total - duplicates - conflicts
    clashes = con.execute(
        f"SELECT e.row, e.event_id, e.day FROM events e JOIN out USING (row) WHERE NOT same ORDER BY e.row LIMIT {CONFLICTS_NAMED}"
    ).fetchall()
    if act.dry:
        con.execute(f"INSERT INTO pending SELECT {_IDENTITY}, digest FROM events WHERE NOT EXISTS (FROM out WHERE out.row = events.row)")
        _clear(con)
        return Ingested(accepted, duplicates, conflicts, 0, tuple(clashes)), None
    compaction = Compaction.objects.create(
        service_slug=service, origin=origin, at=clock.now(), accepted=accepted, duplicates=duplicates, conflicts=conflicts
    )
    if conflicts:
        _write_conflicts(con, service, origin)
    files = _write(con, service) if accepted else []
    UsageFile.objects.bulk_create(
        UsageFile(service_slug=service, day=day, path=path, rows=rows, sha256=sha, recorded_at=compaction.at, compaction=compaction)
        for path, day, rows, sha in files
    )
    if sum(rows for _, _, rows, _ in files) != accepted:
        raise RuntimeError(f"{accepted} events were to be stored, the files hold {sum(rows for _, _, rows, _ in files)}")
    compaction.files = len(files)
    compaction.save(update_fields=["files"])
    _clear(con)
    return Ingested(accepted, duplicates, conflicts, len(files), tuple(clashes)), compaction


def _count(con: duckdb.DuckDBPyConnection, query: str) -> int:
    found = con.execute(query).fetchone()
    assert found is not None
    return int(found[0])


def _clear(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("DROP TABLE IF EXISTS events; DROP TABLE IF EXISTS out")


def _gather(con: duckdb.DuckDBPyConnection, relation: str, zone: str) -> int:
    """The table ``events``: every column cast exactly, with local day and digest; and the empty table ``out`` (row, same)."""
    casts = ", ".join(f"CAST({duck.name(key)} AS {kind}) AS {duck.name(key)}" for key, kind in INCOMING.items())
    con.execute(
        f"CREATE TEMP TABLE events AS SELECT *, CAST((\"at\" AT TIME ZONE 'UTC') AT TIME ZONE {duck.literal(zone)} AS DATE) AS day, "
        f"{DIGEST_SQL} AS digest FROM (SELECT {casts} FROM {relation})"
    )
    con.execute("CREATE TEMP TABLE out (row BIGINT, same BOOLEAN)")
    needed = " OR ".join(f"{duck.name(key)} IS NULL" for key in ("row", "source", "event_id", "subject", "meter", "at", "quantity"))
    if _count(con, f"SELECT count(*) FROM events WHERE {needed} OR (amount IS NOT NULL AND currency IS NULL)"):
        raise Invalid.because(
            "usage.empty_value", Text("사건에 꼭 있어야 하는 값이 비었습니다.", "An event lacks a required value."),
            Text("대상, 미터, 시각, 수량을 채우고 금액에는 통화를 적으십시오.", "Fill in subject, meter, time and quantity, and the currency of an amount."),
        )  # fmt: skip
    return _count(con, "SELECT count(*) FROM events")


def _repeats(con: duckdb.DuckDBPyConnection) -> None:
    """Of equal identities inside the set the smallest digest stands, of equal digests the smallest row; the others are out."""
    con.execute(
        f"INSERT INTO out SELECT row, digest = best FROM ("
        f"SELECT e.row, e.digest, r.best, row_number() OVER (PARTITION BY {_IDENTITY} ORDER BY e.digest, e.row) AS place "
        f"FROM events e JOIN (SELECT {_IDENTITY}, min(digest) AS best FROM events GROUP BY ALL HAVING count(*) > 1) r USING ({_IDENTITY})"
        f") WHERE place > 1"
    )


def _known(con: duckdb.DuckDBPyConnection, service: str) -> None:
    """What the files of these days hold already is out too: the same payload as a duplicate, another one as a conflict."""
    days = [row[0] for row in con.execute("SELECT DISTINCT day FROM events").fetchall()]
    paths = list(UsageFile.objects.filter(service_slug=service, day__in=days).order_by("id").values_list("path", flat=True))
    known = f"SELECT {_IDENTITY}, digest FROM pending"
    if paths:
        listed = ", ".join(duck.literal(str(settings.HOME / path)) for path in paths)
        known += f" UNION ALL SELECT {_IDENTITY}, digest FROM read_parquet([{listed}], hive_partitioning = false)"
    con.execute(f"CREATE TEMP TABLE hits AS SELECT e.row, k.digest = e.digest AS same FROM events e JOIN ({known}) k USING ({_IDENTITY})")
    con.execute("DELETE FROM out WHERE row IN (SELECT row FROM hits)")
    con.execute("INSERT INTO out SELECT row, same FROM hits")
    con.execute("DROP TABLE hits")


def _write_conflicts(con: duckdb.DuckDBPyConnection, service: str, origin: str) -> None:
    rows = con.execute(
        f'SELECT e.source, e.event_id, e.day, e.digest, e.subject, e.meter, e."at", e.quantity, e.amount, e.currency, e.row '
        f"FROM events e JOIN out USING (row) WHERE NOT same ORDER BY e.row LIMIT {CONFLICTS_NAMED}"
    ).fetchall()
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO metering_conflict (source, event_id, day, digest, subject, meter, at, quantity, amount, currency, row, service_slug, origin, recorded_at) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s::timestamp AT TIME ZONE 'UTC', %s, %s, %s, %s, %s, %s, %s) "
            "ON CONFLICT (service_slug, source, event_id, day, digest) DO NOTHING",
            [(*row, service, origin, now) for row in rows],
        )


def _write(con: duckdb.DuckDBPyConnection, service: str) -> list[tuple[str, date, int, str]]:
    """Write the events that are not out, a file a day: (path relative to the home, day, rows, sha256). All of them durable on return."""
    root = usage_root(service)
    draft = root / f".draft-{uuid.uuid4().hex}"
    draft.mkdir(parents=True)
    kept = "WHERE NOT EXISTS (FROM out WHERE out.row = events.row)" if _count(con, "SELECT count(*) FROM out") else ""
    try:
        con.execute(
            f"COPY (SELECT {STORED} FROM events {kept}) "
            f"TO {duck.literal(str(draft))} (FORMAT parquet, PARTITION_BY (day), WRITE_PARTITION_COLUMNS true, COMPRESSION zstd)"
        )
        made = []
        for piece in sorted(draft.glob("day=*/*.parquet")):
            day = date.fromisoformat(piece.parent.name.removeprefix("day="))
            folder = root / piece.parent.name
            folder.mkdir(exist_ok=True)
            final = folder / f"{uuid.uuid4().hex}.parquet"
            with piece.open("rb") as file:
                sha = hashlib.file_digest(file, "sha256").hexdigest()
                os.fsync(file.fileno())
            os.replace(piece, final)
            made.append((final, day, sha))
        for folder in {final.parent for final, _, _ in made} | {root}:
            _sync(folder)
        names = [str(final) for final, _, _ in made]
        counted = dict(con.execute("SELECT file_name, num_rows FROM parquet_file_metadata(?)", [names]).fetchall())
        return [(str(final.relative_to(settings.HOME)), day, int(counted[str(final)]), sha) for final, day, sha in made]
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _tidy(service: str) -> Sequence[Path]:
    """Set aside files that a killed store left unregistered and delete those set aside long ago. Under the lock nobody else is writing."""
    root = usage_root(service)
    if not root.exists():
        return []
    for draft in root.glob(".draft-*"):
        shutil.rmtree(draft, ignore_errors=True)
    aside = root / ".aside"
    known = set(UsageFile.objects.filter(service_slug=service).values_list("path", flat=True))
    moved = []
    for path in root.glob("day=*/*.parquet"):
        if str(path.relative_to(settings.HOME)) not in known:
            aside.mkdir(exist_ok=True)
            target = aside / f"{path.parent.name}-{path.name}"
            os.replace(path, target)
            os.utime(target)
            moved.append(target)
    for old in aside.glob("*.parquet") if aside.exists() else []:
        if old.stat().st_mtime < time.time() - SET_ASIDE.total_seconds():
            old.unlink()
    return moved
