"""``./numaru bench vault [--persons 1000000] [--quick] [--json]``: sealing, searching and rotating on a full house.

Write: people with name, phone and e-mail are registered by ``parties.register`` (data key, three sealed values, tokens, masked forms, COPY),
50,000 in a transaction. The limit of the same run: the same rows, dumped, brought by plain COPY into tables with the same indexes.
Search: whole phone numbers of people drawn at random. Re-wrap: a new master key, every data key under it. Reindex: tokens renewed under a
new blind-index key, for up to 100,000 people, as a rate. The master key stands in the home of the run. Last the sealing of the log, as in
``bench audit``: actions as fast as two processes do them, and 1,000 rows a second, with the sealer beside them.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from django.db import connection, transaction

from bench import audit
from numaru.facilities.parties import api as parties
from numaru.facilities.parties.actions.people import COLUMNS
from numaru.kernel import bulk
from numaru.kernel.access import Actor
from numaru.kernel.vault import api as vault

HOUSE = Actor.system("bench")
BATCH = 50_000
RENEWED = 100_000
GOALS = {"write_per_second": 20_000, "rewrap_seconds_per_million": 30, "search_p95_ms": 50, "sealed_actions_per_second": 1_000}
FAMILY = "김이박최정강조윤장임한오서신권황안송류홍"
GIVEN = "하늘노을나래다온새봄겨울민수지우서연도윤예준시우주원하준지호서윤수아지안은우선우연우유준정우승우민재현우"
TABLES = {
    "parties_party": ", ".join(COLUMNS), "keys.person_key": "person, master, wrapped", "vault_entry": "person, kind, version, sealed, at",
}  # fmt: skip


def people(first: int, count: int) -> list[parties.Person]:
    """``count`` made-up people from number ``first`` on; numbers and addresses differ, names repeat as names do."""
    draw = Random(first)
    found = []
    for n in range(first, first + count):
        given = draw.randrange(0, len(GIVEN) - 1)
        name = draw.choice(FAMILY) + GIVEN[given : given + 2]
        found.append(parties.Person(name, f"010-{1000 + n // 9000 % 9000:04d}-{1000 + n % 9000:04d}", f"u{n}@mail{n % 50}.example"))
    return found


def blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            yield block


def plain(folder: Path) -> float:
    """Seconds that plain COPY of the same rows takes, into tables with the same indexes."""
    spent = 0.0
    with connection.cursor() as cursor:
        for n, (table, columns) in enumerate(TABLES.items()):
            path = folder / str(n)
            with (
                bulk.raw().cursor() as out,
                path.open("wb") as file,
                out.copy(f"COPY {table} ({columns}) TO STDOUT (FORMAT binary)") as copy,
            ):  # type: ignore[call-overload]
                for block in copy:
                    file.write(block)
            cursor.execute(f"CREATE TABLE bench_copy_{n} (LIKE {table} INCLUDING ALL)")
            began = time.perf_counter()
            with (
                transaction.atomic(),
                bulk.raw().cursor() as into,
                into.copy(f"COPY bench_copy_{n} ({columns}) FROM STDIN (FORMAT binary)") as copy,  # type: ignore[call-overload]
            ):
                for block in blocks(path):
                    copy.write(block)
            spent += time.perf_counter() - began
            path.unlink()
            cursor.execute(f"DROP TABLE bench_copy_{n}")
    return spent


def write(count: int) -> tuple[float, float]:
    """Seconds that registering ``count`` people takes, and seconds of this process's own work in them; making them up is not counted."""
    spent = own = 0.0
    for first in range(0, count, BATCH):
        batch = people(first, min(BATCH, count - first))
        began, worked = time.perf_counter(), time.process_time()
        with transaction.atomic():
            parties.register(batch)
        spent += time.perf_counter() - began
        own += time.process_time() - worked
    return spent, own


def search(count: int, times: int = 200) -> tuple[float, float]:
    """p50 and p95, in milliseconds, of finding one person by the whole phone number; each number is asked once."""
    draw = Random(7)
    took = []
    for _ in range(times):
        one = people(BATCH * draw.randrange(0, max(1, count // BATCH)), 20)[draw.randrange(20)]
        began = time.perf_counter()
        hits = parties.found(parties.search_tokens(one.phone))
        took.append((time.perf_counter() - began) * 1000)
        if not hits:
            raise SystemExit("a person was not found by the phone number")
    return statistics.median(took), statistics.quantiles(took, n=20)[18]


def renew() -> tuple[int, float]:
    """How many people's tokens were renewed, and in how many seconds."""
    vault.begin_reindex.do(HOUSE, reason="bench")
    index = vault.asking()[0]
    (room,) = [one for _, one in vault.indexes]
    began, done, last = time.perf_counter(), 0, 0
    while done < RENEWED:
        with transaction.atomic():
            count, last = room.renew(index, last, 5_000)
        done += count
        if not last:
            break
    return done, time.perf_counter() - began


def main(argv: list[str]) -> int:
    """Write, search, rotate, print. Exit status 0; the figures are for a person or a nightly board to judge."""
    parser = argparse.ArgumentParser(prog="numaru bench vault")
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument("--quick", action="store_true", help="100,000 people")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    count = 100_000 if options.quick else options.persons
    wrote, own = write(count)
    with tempfile.TemporaryDirectory() as folder:
        limit = plain(Path(folder))
    with connection.cursor() as cursor:
        cursor.execute("SELECT gin_clean_pending_list('parties_party_tokens')")
        cursor.execute("VACUUM ANALYZE parties_party")
    p50, p95 = search(count)
    vault.rotate_master.do(HOUSE, reason="bench")
    began = time.perf_counter()
    wrapped = vault.rewrap()
    rewrapped = time.perf_counter() - began
    renewed, renewing = renew()
    sealing = audit.measure(seconds=5)
    figures: dict[str, Any] = {
        "persons": count,
        "write_seconds": round(wrote, 2),
        "write_per_second": round(count / wrote),
        "write_cpu_us_per_person": round(own / count * 1_000_000, 1),  # of this process; the rest is the database, or waiting for it
        "plain_copy_seconds": round(limit, 2),
        "ratio_to_plain_copy": round(wrote / limit, 2),
        "search_p50_ms": round(p50, 2),
        "search_p95_ms": round(p95, 2),
        "rewrapped": wrapped,
        "rewrap_seconds": round(rewrapped, 2),
        "rewrap_seconds_per_million": round(rewrapped * 1_000_000 / max(1, wrapped), 2),
        "reindex_per_second": round(renewed / renewing),
        "actions_per_second": sealing["actions_per_second"],
        "actions_sealer_busy_share": sealing["actions_sealer_busy_share"],
        "rows_sealed_per_second": sealing["rows_per_second"],
        "seal_lag_p95_seconds": sealing["rows_lag_p95_seconds"],
        "backlog_sealed_per_second": sealing["backlog_sealed_per_second"],
        "sealing_keeps_up": sealing["keeps_up"],
        "goals": GOALS,
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    if options.json:
        print(json.dumps(figures))
        return 0
    print(
        f"write    {figures['write_per_second']:>9,} people/s   {wrote:.1f} s, {figures['ratio_to_plain_copy']} × plain COPY of the same rows"
    )
    print(f"search   p50 {p50:.2f} ms   p95 {p95:.2f} ms   by whole phone number among {count:,}")
    print(f"re-wrap  {wrapped:>9,} keys in {rewrapped:.1f} s")
    print(f"reindex  {figures['reindex_per_second']:>9,} people/s")
    print(
        f"sealing  {sealing['actions_per_second']:>9,} actions/s beside it, {sealing['rows_per_second']:,} rows/s with a lag of"
        f" {sealing['rows_lag_p95_seconds']} s (p95); a backlog at {sealing['backlog_sealed_per_second']:,} rows/s;"
        f" {'keeps up' if sealing['keeps_up'] else 'DOES NOT KEEP UP'}"
    )
    print(f"peak memory {figures['peak_memory_mb']} MB")
    return 0
