"""How fast usage is taken: `./numaru bench usage [--n 1000000] [--http 200000] [--senders 4] [--json]`.

From files: a CSV of N events with ids of their own, through reader, mapping, checks, subscribers, deduplication and registered Parquet; then
the same file again, which must bring nothing. Limit = 1: the engine alone reading the same CSV and writing the same rows as Parquet by day.
Over HTTP: batches of 1,000 CloudEvents to a real server on the loopback interface, each answered when it is durable. Limit = 1: one COPY of
the same rows into a bare table.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import resource
import shutil
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import orjson
import pyarrow as pa
from django.db import connection

from numaru.domains.billing import api as billing
from numaru.domains.billing.actions.offers import ChargeSpec
from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.metering import api as metering
from numaru.kernel import bulk, clock, duck
from numaru.kernel.access import Actor, hash_token, new_token
from numaru.kernel.files import work_dir
from numaru.kernel.imports import api as imports
from numaru.kernel.models import ApiClient

ACTOR = Actor.system("bench")
SUBSCRIBERS = 5_000
BATCH = 1_000
MAPPING = """
[import]
kind = "usage"
[service]
slug = "{slug}"
zone = "Asia/Seoul"
currency = "KRW"
[identity]
source = "bench"
[fields.event_id]
column = "id"
[fields.subject]
column = "subscriber"
[fields.meter]
constant = "play"
[fields.at]
column = "at"
formats = ["YYYY-MM-DD hh:mi:ss"]
[fields.quantity]
column = "minutes"
min = "0"
"""


@dataclass
class Measured:
    """One measurement: events a second, the limit's rows a second in the same run, and peak memory in MB."""

    what: str
    events: int
    seconds: float
    limit_seconds: float
    memory_mb: int

    def as_dict(self) -> dict[str, object]:
        return {
            "what": self.what, "events": self.events, "per_second": round(self.events / self.seconds),
            "ratio": round(self.limit_seconds / self.seconds, 3), "limit_per_second": round(self.events / self.limit_seconds),
            "seconds": round(self.seconds, 2), "memory_mb": self.memory_mb,
        }  # fmt: skip


def world() -> str:
    """A fresh service with 5,000 subscribers: its slug."""
    slug = f"bench-{uuid.uuid4().hex[:8]}"
    catalogue.open_service.do(ACTOR, slug=slug, name_ko=slug, name_en=slug, zone="Asia/Seoul", currency="KRW")
    charge = ChargeSpec(key="use", name_ko="이용", name_en="Use", kind="per_unit", meter="play", price=Decimal(1), tax_mode="none")
    offer = billing.publish_offer.do(
        ACTOR, service=slug, slug="basic", name_ko="기본", name_en="Basic", valid_from=date(2026, 1, 1), charges=[charge]
    )
    names = [f"u{n:06d}" for n in range(SUBSCRIBERS)]
    n = len(names)
    rows = pa.table(
        {
            "row": pa.array(range(n), pa.int64()), "external_id": names, "reference": names, "version_id": pa.array([offer.version_id] * n, pa.int64()),
            "started_on": pa.array([date(2026, 1, 1)] * n), "ended_on": pa.nulls(n, pa.date32()), "digest": ["x"] * n,
        }
    )  # fmt: skip
    billing.enrol.do(ACTOR, service=slug, rows=rows, source="bench")
    return slug


def peak_mb(pid: int | None = None) -> int:
    """The peak resident memory of a process (Linux), or of this one."""
    if pid is None:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) // 1024
    return 0


def write_csv(path: Path, n: int) -> None:
    """N events over the 30 days of November, in a mixed order of days."""
    with duck.connection() as con:
        con.execute(
            f"COPY (SELECT 'ev-' || i AS id, 'u' || lpad(CAST(hash(i) % {SUBSCRIBERS} AS VARCHAR), 6, '0') AS subscriber, "
            "strftime(TIMESTAMP '2026-11-01' + to_seconds(CAST(hash(i * 7) % 2592000 AS BIGINT)), '%Y-%m-%d %H:%M:%S') AS at, "
            f"CAST(hash(i * 3) % 12000 AS VARCHAR) || '.' || CAST(hash(i * 5) % 10 AS VARCHAR) AS minutes FROM range({n}) t(i)) "
            f"TO {duck.literal(str(path))} (FORMAT csv, HEADER true)"
        )


def take_file(path: Path, slug: str) -> imports.ImportCard:
    """The import as a person starts it: read, map, check, find the subscribers, store each identity once, report."""
    card = imports.start.do(
        ACTOR,
        kind="usage",
        file_name=path.name,
        sha256=imports.sha256_of(path),
        mapping_name="bench.toml",
        mapping_text=MAPPING.format(slug=slug),
    )
    return imports.execute(card.number, path)


def from_files(n: int, slug: str) -> list[Measured]:
    folder = work_dir("bench")
    path = folder / "usage.csv"
    write_csv(path, n)
    begun = time.perf_counter()
    with duck.connection() as con:
        con.execute(
            f"COPY (SELECT *, CAST(at AS DATE) AS day FROM read_csv({duck.literal(str(path))}, columns = {{'id': 'VARCHAR', 'subscriber': 'VARCHAR', "
            f"'at': 'TIMESTAMP', 'minutes': 'DECIMAL(19,6)'}}, header = true)) TO {duck.literal(str(folder / 'limit'))} "
            "(FORMAT parquet, PARTITION_BY (day), COMPRESSION zstd)".replace("CAST(at AS DATE)", 'CAST("at" AS DATE)')
        )
    limit = time.perf_counter() - begun
    begun = time.perf_counter()
    first = take_file(path, slug)
    seconds = time.perf_counter() - begun
    begun = time.perf_counter()
    again = take_file(path, slug)
    repeat = time.perf_counter() - begun
    shutil.rmtree(folder)
    if (first.accepted, again.accepted, again.unchanged) != (n, 0, n):
        raise RuntimeError(f"the file was not taken as it should be: {first}, {again}")
    return [Measured("file", n, seconds, limit, peak_mb()), Measured("file again", n, repeat, limit, peak_mb())]


def batches(n: int) -> Iterator[bytes]:
    """JSON bodies of 1,000 CloudEvents each."""
    for start in range(0, n, BATCH):
        yield orjson.dumps(
            [
                {
                    "specversion": "1.0", "id": f"h-{i}", "source": "bench", "type": "play", "subject": f"u{i * 7919 % SUBSCRIBERS:06d}",
                    "time": f"2026-11-{1 + i % 28:02d}T{i % 24:02d}:30:00+09:00", "data": {"quantity": f"{i % 90}.5"},
                }
                for i in range(start, min(start + BATCH, n))
            ]
        )  # fmt: skip


def over_http(n: int, senders: int, slug: str) -> Measured:
    token = new_token()
    ApiClient.objects.create(name=slug, token_hash=hash_token(token), roles=["billing_clerk"], service=slug, created_at=clock.now())
    bodies = list(batches(n))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "numaru.config.server:app", "--port", str(port), "--log-level", "warning"]
    server = subprocess.Popen(command, env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))})
    headers = {"authorization": f"Bearer {token}", "content-type": "application/cloudevents-batch+json"}

    def send(mine: list[bytes]) -> int:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        accepted = 0
        for body in mine:
            line.request("POST", f"/api/v1/usage?service={slug}", body, headers)
            answer = line.getresponse()
            content = orjson.loads(answer.read())
            if answer.status != 200:
                raise RuntimeError(f"the server answered {answer.status}: {content}")
            accepted += content["accepted"]
        line.close()
        return accepted

    try:
        _reachable(port, server)
        warm = send(bodies[:1])
        begun = time.perf_counter()
        with ThreadPoolExecutor(senders) as pool:
            accepted = warm + sum(pool.map(send, [bodies[1 + s :: senders] for s in range(senders)]))
        seconds = time.perf_counter() - begun
        memory = peak_mb(server.pid)
    finally:
        server.terminate()
        server.wait(20)
    if accepted != n or metering.waiting(slug) != n:
        raise RuntimeError(f"{n} events were sent, {accepted} accepted, {metering.waiting(slug)} wait")
    return Measured("http", n - BATCH, seconds, _copy_limit(slug) * (n - BATCH) / n, memory)


def _reachable(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if server.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError("the server did not start")


def _copy_limit(slug: str) -> float:
    """Seconds of one COPY of the accepted rows into a table without keys."""
    path = work_dir("bench-limit") / "rows.csv"
    columns = ["service_slug", "source", "event_id", "subject", "meter", "at", "day", "quantity", "amount", "currency", "digest"]
    bulk.copy_out(f"SELECT {', '.join(columns)} FROM metering_intake WHERE service_slug = %s", [slug], path)
    with connection.cursor() as cursor:
        cursor.execute(
            "DROP TABLE IF EXISTS bench_bare; CREATE TABLE bench_bare (LIKE metering_intake); ALTER TABLE bench_bare ALTER delivery_id DROP NOT NULL, ALTER n DROP NOT NULL"
        )
    begun = time.perf_counter()
    with path.open("rb") as file:
        file.readline()
        bulk.copy_file("bench_bare", columns, file)
    seconds = time.perf_counter() - begun
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE bench_bare")
    shutil.rmtree(path.parent)
    return seconds


def main(argv: list[str]) -> int:
    """Measure and print. Status 1 when a number of the design is missed (200,000 events/s from files, 20,000 over HTTP)."""
    parser = argparse.ArgumentParser(prog="numaru bench usage", description=__doc__)
    parser.add_argument("--n", type=int, default=1_000_000, help="events in the file")
    parser.add_argument("--http", type=int, default=200_000, help="events over HTTP")
    parser.add_argument("--senders", type=int, default=4)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    slug = world()
    results = [] if options.n == 0 else from_files(options.n, slug)
    if options.http:
        results.append(over_http(options.http, options.senders, slug))
    wanted = {"file": 200_000, "http": 20_000}
    missed = [r.what for r in results if r.events / r.seconds < wanted.get(r.what, 0)]
    if options.json:
        print(json.dumps({"results": [r.as_dict() for r in results], "cores": os.cpu_count(), "missed": missed}, ensure_ascii=False))
    else:
        for result in results:
            shown = result.as_dict()
            print(
                f"{result.what:<11} {shown['per_second']:>9,} events/s   ratio {shown['ratio']:<6} limit {shown['limit_per_second']:>9,}/s   {result.memory_mb:,} MB"
            )
    return 1 if missed else 0
