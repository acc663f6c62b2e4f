"""``./numaru bench audit``: whether sealing keeps up with actions that are being written.

Several processes write real actions at a steady rate (1,000/s by default) for 20 seconds while the sealer passes every second as in the worker.
Measured: actions written, rows sealed, the lag of the oldest unsealed row after each pass (p50, p95, worst), the bare speed of the sealer on
the backlog of an import, and a full check of the chain. ``--rows N`` adds the check at N rows.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import statistics
import time
from typing import Any

WRITERS = 4


def _note(act: Any, *, key: str) -> None:
    act.record(
        "bench.thing", key, before={"state": "active", "amount": 13900}, after={"state": "paused", "amount": 0, "since": "2026-11-01"}
    )


def _write(rate: float, seconds: float, said: Any) -> None:
    """One writer: actions at ``rate`` a second, each in its transaction; late ones are made up for."""
    from numaru.config import world

    world.set_up()
    from numaru.kernel.access import Actor
    from numaru.kernel.actions import Action

    act = Action(_note, "catalogue.service.open", reason=False, service=None)
    who, began, n = Actor.system("bench"), time.monotonic(), 0
    while (spent := time.monotonic() - began) < seconds:
        if n < spent * rate:
            act.do(who, key=str(n))
            n += 1
        else:
            time.sleep(0.0005)
    said.put((n, time.monotonic() - began))


def _filled(rows: int) -> None:
    """A backlog as an import leaves it, put in by the database."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kernel_auditrecord (at, actor_kind, actor_id, actor_name, action, object, key, reason, before, after)"
            " SELECT now(), 'staff', n %% 50, 'bench', 'bench.thing.do', 'bench.thing', n::text, '고객 요청',"
            " jsonb_build_object('state', 'active', 'n', n), jsonb_build_object('state', 'paused', 'n', n) FROM generate_series(1, %s) n",
            [rows],
        )
        cursor.execute("ANALYZE kernel_auditrecord")


def main(argv: list[str]) -> int:
    """Print the figures; exit status 1 when sealing does not keep up."""
    parser = argparse.ArgumentParser(prog="numaru bench audit")
    parser.add_argument("--rate", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    found = measure(options.rate, options.seconds, options.rows)
    if options.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name:<28} {value:,}" if isinstance(value, (int, float)) else f"{name:<28} {value}")
    return 0 if found["keeps_up"] else 1


def measure(rate: int = 1000, seconds: float = 20, rows: int = 100_000) -> dict[str, Any]:
    """The figures by name: rates a second, lags in seconds."""
    from numaru.config import world
    from numaru.kernel.audit import api as audit

    world.forget_connections()
    spawn = multiprocessing.get_context("spawn")
    said = spawn.Queue()
    writers = [spawn.Process(target=_write, args=(rate / WRITERS, seconds, said)) for _ in range(WRITERS)]
    for one in writers:
        one.start()
    sealer, sealed, busy = audit.Sealer(), 0, 0.0
    lags: list[float] = []
    began = time.monotonic()
    while any(one.is_alive() for one in writers):
        started = time.monotonic()
        sealed += sealer.all()
        busy += time.monotonic() - started
        lags.append(audit.lag()[1])
        time.sleep(max(0.0, 1.0 - (time.monotonic() - started)))
        lags.append(audit.lag()[1])  # just before the next pass: the worst moment
    watched = time.monotonic() - began
    told = [said.get() for _ in writers]
    sealed += sealer.all()
    written = sum(n for n, _ in told)
    took = max(t for _, t in told)
    _filled(rows)
    started = time.monotonic()
    backlog = sealer.all()
    bare = backlog / (time.monotonic() - started)
    started = time.monotonic()
    report = audit.verify()
    checked = report.records / (time.monotonic() - started)
    lags.sort()
    return {
        "actions_written": written,
        "actions_per_second": round(written / took),
        "sealed": sealed,
        "sealer_busy_share": round(busy / watched, 3),
        "lag_p50_seconds": round(statistics.median(lags), 2),
        "lag_p95_seconds": round(lags[int(len(lags) * 0.95)], 2),
        "lag_worst_seconds": round(lags[-1], 2),
        "backlog_rows": backlog,
        "backlog_sealed_per_second": round(bare),
        "verify_rows": report.records,
        "verify_seconds": round(report.seconds, 2),
        "verify_rows_per_second": round(checked),
        "chain_whole": report.good,
        "keeps_up": report.good and sealed == written and written >= 0.95 * rate * took and bare >= rate,
    }
