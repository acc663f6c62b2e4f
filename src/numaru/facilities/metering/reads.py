"""Reads of usage: which files there are, and their events as a lazy frame for the set engine."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import duckdb
import narwhals as nw
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.conf import settings
from django.db.models import Min, QuerySet, Sum

from numaru.facilities.metering import models
from numaru.kernel import clock, duck
from numaru.kernel.errors import Conflict
from numaru.values.period import Period
from numaru.values.text import Text

EMPTY = (
    "SELECT CAST(NULL AS VARCHAR) AS source, CAST(NULL AS VARCHAR) AS event_id, CAST(NULL AS BIGINT) AS subject, CAST(NULL AS VARCHAR) AS meter, "
    'CAST(NULL AS TIMESTAMP) AS "at", CAST(NULL AS DATE) AS day, CAST(NULL AS DECIMAL(19,6)) AS quantity, CAST(NULL AS DECIMAL(18,6)) AS amount, '
    "CAST(NULL AS VARCHAR) AS currency, CAST(NULL AS VARCHAR) AS digest WHERE false"
)


@dataclass(frozen=True, slots=True)
class UsageFile:
    """An immutable file of one service and local day; ``path`` is relative to NUMARU_HOME."""

    path: str
    day: date
    rows: int
    sha256: str
    recorded_at: datetime

    @property
    def local(self) -> Path:
        found: Path = settings.HOME / self.path
        return found


def late(service: str, days: Period, known_at: datetime) -> int:
    """Events of the local days in ``days`` (half-open) that were stored after ``known_at``: a run frozen then does not hold them."""
    rows = models.UsageFile.objects.filter(service_slug=service, day__gte=days.start, day__lt=days.end, recorded_at__gt=known_at)
    return int(rows.aggregate(n=Sum("rows"))["n"] or 0)


def daily(services: Collection[str], days: Period) -> dict[str, dict[date, int]]:
    """How many events of each local day in ``days`` (half-open) are in files, by service; days without one are left out. One query by index."""
    rows = models.UsageFile.objects.filter(service_slug__in=services, day__gte=days.start, day__lt=days.end)
    found: dict[str, dict[date, int]] = {service: {} for service in services}
    for service, day, count in rows.values_list("service_slug", "day").annotate(n=Sum("rows")).order_by():
        found[service][day] = int(count)
    return found


def files(service: str, days: Period, known_at: datetime) -> list[UsageFile]:
    """The files of the local days in ``days`` (half-open) that were recorded at or before ``known_at`` (aware), by day and path."""
    rows = models.UsageFile.objects.filter(service_slug=service, day__gte=days.start, day__lt=days.end, recorded_at__lte=known_at)
    found = [UsageFile(r.path, r.day, r.rows, r.sha256, r.recorded_at) for r in rows]
    return sorted(found, key=lambda f: (f.day, f.path))


def check_files(chosen: Sequence[UsageFile], *, content: bool = False) -> None:
    """Raises Conflict naming the first file that is gone or, with ``content``, whose bytes are not those that were registered."""
    for file in chosen:
        whole = file.local.exists()
        if whole and content:
            with file.local.open("rb") as stream:
                whole = hashlib.file_digest(stream, "sha256").hexdigest() == file.sha256
        if not whole:
            raise Conflict.because(
                "usage.file_damaged", Text("이용 기록 파일이 없거나 달라졌습니다: {p}", "A usage file is gone or has changed: {p}").fill(p=file.path),
                Text("백업에서 이 파일을 되살리십시오. 그 전에는 청구하지 않습니다.", "Restore this file from the backup; nothing is billed before that."), value=file.path,
            )  # fmt: skip


def usage_frame(con: duckdb.DuckDBPyConnection, chosen: Sequence[UsageFile]) -> nw.LazyFrame[duckdb.DuckDBPyRelation]:
    """The events of ``chosen`` as a lazy frame over DuckDB: source, event_id, subject, meter, at (naive UTC), day, quantity decimal(19,6),
    amount decimal(18,6), currency, digest. No file gives an empty frame of the same shape. Raises Conflict when a file is gone."""
    if not chosen:
        return nw.from_native(con.sql(EMPTY))
    check_files(chosen)
    paths = ", ".join(duck.literal(str(file.local)) for file in chosen)
    return nw.from_native(con.sql(f"SELECT * FROM read_parquet([{paths}], hive_partitioning = false)"))


@dataclass(frozen=True, slots=True)
class UsageEvent:
    """One accepted event. ``at`` is naive UTC, ``day`` the local day of the service's zone; ``amount`` in major units or None."""

    source: str
    event_id: str
    subject: int
    meter: str
    at: datetime
    day: date
    quantity: Decimal
    amount: Decimal | None
    currency: str | None


def events_of(service: str, subjects: Collection[int], days: Period, known_at: datetime | None = None) -> list[UsageEvent]:
    """The events of a few subjects in the local days of ``days`` (half-open), those that still wait in the intake included, each once.

    With ``known_at`` (aware) only those in files recorded by then, as a run frozen at that moment read them. For one person's page: the files are sorted by subject, so that row groups without them are skipped. A set of people belongs into the
    engine (:func:`usage_frame`). Raises Conflict when a file is gone.
    """
    columns = [f.name for f in fields(UsageEvent)]
    chosen = files(service, days, known_at or clock.now())
    check_files(chosen)
    found: dict[tuple[str, str, date], UsageEvent] = {}
    for row in _waiting_rows(service, subjects, days).values_list(*columns) if known_at is None else ():
        event = UsageEvent(*row)
        found[event.source, event.event_id, event.day] = replace(event, at=event.at.astimezone(UTC).replace(tzinfo=None))
    if chosen and subjects:
        wanted = [("subject", "in", sorted(subjects))]
        table = pq.read_table([str(file.local) for file in chosen], columns=columns, filters=wanted, partitioning=None)
        for raw in table.to_pylist():
            event = UsageEvent(**raw)
            found[event.source, event.event_id, event.day] = event
    return sorted(found.values(), key=lambda e: (e.at, e.source, e.event_id))


def _waiting_rows(service: str, subjects: Collection[int], days: Period) -> QuerySet[models.Intake]:
    """What is accepted of these subjects and days and not yet in a file."""
    return models.Intake.objects.filter(
        service_slug=service, subject__in=subjects, day__gte=days.start, day__lt=days.end, delivery__compaction__isnull=True
    )


@dataclass(frozen=True, slots=True)
class DayUse:
    """What one subject used on one local day: how many records, how much by meter, and the time of the last one (aware)."""

    day: date
    records: int
    quantities: tuple[tuple[str, Decimal], ...]
    last: datetime


def daily_use(service: str, subject: int, days: Period) -> list[DayUse]:
    """Use by day of one subject, days without any left out, the earliest first; what still waits in the intake is counted.

    For a picture of some weeks: a file is opened once for a subject and what it gave is remembered, for files never change. Raises Conflict
    when a file is gone.
    """
    chosen = files(service, days, clock.now())
    check_files(chosen)
    counted: dict[date, tuple[int, dict[str, Decimal], datetime]] = {}

    def count(day: date, meter: str, records: int, quantity: Decimal, last: datetime) -> None:
        n, by_meter, latest = counted.get(day, (0, {}, last))
        by_meter[meter] = by_meter.get(meter, Decimal(0)) + quantity
        counted[day] = (n + records, by_meter, max(latest, last))

    for file in chosen:
        for row in _of_subject(str(file.local), subject):
            count(*row)
    for day, meter, quantity, at in _waiting_rows(service, [subject], days).values_list("day", "meter", "quantity", "at"):
        count(day, meter, 1, quantity, at)
    return [DayUse(day, n, tuple(sorted(by_meter.items())), last) for day, (n, by_meter, last) in sorted(counted.items())]


@lru_cache(maxsize=4_000)
def _footer(path: str) -> pq.FileMetaData:
    return pq.read_metadata(path)


@lru_cache(maxsize=20_000)
def _of_subject(path: str, subject: int) -> tuple[tuple[date, str, int, Decimal, datetime], ...]:
    """(day, meter, records, quantity, last) of a subject in one file. Row groups that cannot hold it are not read."""
    file = pq.ParquetFile(path, metadata=_footer(path))
    place = file.schema_arrow.get_field_index("subject")
    found: dict[tuple[date, str], tuple[int, Decimal, datetime]] = {}
    for group in range(file.metadata.num_row_groups):
        known = file.metadata.row_group(group).column(place).statistics
        if known is not None and known.has_min_max and not known.min <= subject <= known.max:
            continue
        mine = pc.equal(file.read_row_group(group, columns=["subject"], use_threads=False)["subject"], subject)
        if not pc.any(mine).as_py():
            continue
        for row in file.read_row_group(group, columns=["day", "meter", "quantity", "at"], use_threads=False).filter(mine).to_pylist():
            n, quantity, last = found.get((row["day"], row["meter"]), (0, Decimal(0), row["at"]))
            found[row["day"], row["meter"]] = (n + 1, quantity + row["quantity"], max(last, row["at"]))
    return tuple((day, meter, n, quantity, last.replace(tzinfo=UTC)) for (day, meter), (n, quantity, last) in sorted(found.items()))


def first_day(service: str) -> date | None:
    """The earliest local day of which an event of the service is kept; None when there is none."""
    stored = models.UsageFile.objects.filter(service_slug=service).aggregate(n=Min("day"))["n"]
    fresh = models.Intake.objects.filter(service_slug=service, delivery__compaction__isnull=True).aggregate(n=Min("day"))["n"]
    return min((day for day in (stored, fresh) if day is not None), default=None)


def waiting(service: str) -> int:
    """Events that are accepted and durable but not yet in a file."""
    return models.Intake.objects.filter(service_slug=service, delivery__compaction__isnull=True).count()


def services_with_waiting() -> list[str]:
    """The services that have deliveries to compact."""
    found = models.Delivery.objects.filter(compaction__isnull=True).values_list("service_slug", flat=True).distinct()
    return sorted(found)


def rows_by_day(service: str, days: Period) -> dict[date, int]:
    """How many stored events each local day of ``days`` (half-open) has; days without any are left out. One query."""
    rows = models.UsageFile.objects.filter(service_slug=service, day__gte=days.start, day__lt=days.end)
    return {row["day"]: int(row["n"]) for row in rows.values("day").annotate(n=Sum("rows"))}
