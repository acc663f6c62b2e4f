"""``./numaru bench bill-run [--n 100000] [--json]``: a whole bill run, rating included, against raw COPY of the same rows.

The world: N subscribers with three charges (a monthly fee in arrears, graduated saves, rentals a piece; tax included) and three usage
events each. The limit of the same run: the finished rows of the run, as CSV, into bare tables without keys. Prints invoices a second,
rows a second, the ratio, and the peak memory of this process; the goal is 15,000 invoices/s and a ratio of 0.3.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import time
from datetime import date
from decimal import Decimal

import pyarrow as pa
from django.db import connection, transaction
from psycopg import sql

from numaru.domains.billing import api as billing
from numaru.domains.billing import run_tables
from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.metering import api as metering
from numaru.kernel import bulk, duck
from numaru.kernel.access import Actor
from numaru.kernel.files import work_dir

ACTOR = Actor.system("bench")
CHARGES = [
    billing.ChargeSpec("monthly", "월정액", "Monthly fee", "recurring", price=Decimal(13900)),
    billing.ChargeSpec(
        "saves", "저장", "Saves", "graduated", meter="save", unit_ko="회", unit_en="saves",
        tiers=(billing.TierSpec(Decimal(10), Decimal(0)), billing.TierSpec(Decimal(20), Decimal(300)), billing.TierSpec(None, Decimal(200))),
    ),
    billing.ChargeSpec("rentals", "개별 대여", "Rentals", "per_unit", price=Decimal(1500), meter="rental", unit_ko="편", unit_en="titles"),
]  # fmt: skip


def build(count: int) -> str:
    """The world of ``count`` subscribers; returns the slug of its service."""
    slug = f"bench-{count}"
    catalogue.open_service.do(ACTOR, slug=slug, name_ko="측정", name_en="Bench", zone="Asia/Seoul", currency="KRW")
    offer = billing.publish_offer.do(
        ACTOR, service=slug, slug="standard", name_ko="스탠다드", name_en="Standard", valid_from=date(2020, 1, 1), charges=CHARGES
    )
    order = list(range(count))
    random.Random(7).shuffle(order)  # accounts in random order, so that indexes get no help
    refs = pa.array([f"u{n:09d}" for n in order])
    rows = pa.table(
        {
            "row": pa.array(range(1, count + 1), pa.int64()), "external_id": refs, "reference": refs,
            "version_id": pa.array([offer.version_id] * count, pa.int64()), "started_on": pa.array([date(2026, 1, 1)] * count),
            "ended_on": pa.nulls(count, pa.date32()), "digest": pa.array(["bench"] * count),
        }
    )  # fmt: skip
    billing.enrol.do(ACTOR, service=slug, rows=rows, source="bench")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT subject_key FROM subscribers_subscriber s JOIN catalogue_service c ON c.id = s.service_id WHERE c.slug = %s", [slug]
        )
        subjects = pa.table({"subject": pa.array([r[0] for r in cursor.fetchall()], pa.int64())})
    metering.ingest.do(ACTOR, service=slug, events=usage(subjects), origin="bench")
    return slug


EVENTS = """
SELECT row_number() OVER () AS row, 'bench' AS source, printf('e%09d', row_number() OVER ()) AS event_id, subject,
       CASE WHEN n < 2 THEN 'save' ELSE 'rental' END AS meter,
       TIMESTAMP '2026-09-30 15:00:00' + to_seconds(CAST(hash(subject + n) % 2678400 AS BIGINT)) AS "at",
       CAST(CASE WHEN n < 2 THEN 1 + hash(subject - n) % 19 ELSE 1 END AS DECIMAL(19,6)) AS quantity,
       NULL::DECIMAL(18,6) AS amount, NULL::VARCHAR AS currency
  FROM subjects, range(3) t(n)
"""


def usage(subjects: pa.Table) -> pa.Table:
    """Three events a subscriber spread over October in Seoul: two of saves, one of rentals."""
    with duck.connection() as con:
        con.register("subjects", subjects)
        return con.sql(EVENTS).to_arrow_table()


def limit(run_id: int) -> tuple[float, int]:
    """Seconds to COPY the rows of the run, as they stand, into bare tables without keys; and how many rows."""
    seconds, count = 0.0, 0
    folder = work_dir("bench")
    for kind in run_tables.PARENTS:
        source, target = run_tables.name(kind, run_id), f"bench_{kind}"
        columns = run_tables.COLUMNS[kind]
        path = folder / f"{kind}.csv"
        listed = sql.SQL(", ").join(map(sql.Identifier, columns))
        query = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT (FORMAT csv)").format(listed, sql.Identifier(source))
        with transaction.atomic(), path.open("wb") as file, bulk.raw().cursor() as cursor, cursor.copy(query) as copy:
            for block in copy:
                file.write(block)
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {target}")
            cursor.execute(f"CREATE TABLE {target} (LIKE {source})")
            began = time.perf_counter()
            with transaction.atomic(), path.open("rb") as file:
                bulk.copy_file(target, columns, file)
            seconds += time.perf_counter() - began
            cursor.execute(f"SELECT count(*) FROM {target}")
            count += cursor.fetchone()[0]
            cursor.execute(f"DROP TABLE {target}")
        path.unlink()
    return seconds, count


def main(argv: list[str]) -> int:
    """Build, run, compare, print. Exit status 0; the figures are for a person or a nightly board to judge."""
    parser = argparse.ArgumentParser(prog="numaru bench bill-run")
    parser.add_argument("--n", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    began = time.perf_counter()
    slug = build(options.n)
    built = time.perf_counter() - began
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    number = billing.start_run.do(ACTOR, service=slug, period="2026-10", queue=False).number
    began = time.perf_counter()
    run = billing.carry_out(number)
    seconds = time.perf_counter() - began
    if run.state != "posted":
        raise SystemExit(f"run {number} is {run.state}: {run.failure}")
    copied, rows = limit(run.pk)
    figures = {
        "subscribers": options.n,
        "charges": len(CHARGES),
        "usage_events": run.usage["accepted"],
        "invoices": run.invoices,
        "rows": rows,
        "build_seconds": round(built, 2),
        "run_seconds": round(seconds, 2),
        "invoices_per_second": round(run.invoices / seconds),
        "raw_copy_seconds": round(copied, 2),
        "ratio_to_raw_copy": round(copied / seconds, 3),
        "goal_invoices_per_second": 15_000,
        "goal_ratio": 0.3,
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "stages": run.summary.get("stages", {}),
    }
    if options.json:
        print(json.dumps(figures))
    else:
        for key, value in figures.items():
            print(f"{key:28} {value}")
    return 0
