"""``./numaru bench audit``: whether sealing keeps up with what is being written, and whether a long log can be checked and read.

Two loads while the sealer passes every second as in the worker, so that the cost of writing is not taken for the cost of sealing:

- *actions*: two processes run real actions as fast as the machine lets them, beside the sealer (how fast is printed beside 1,000/s);
- *rows*: one light writer inserts 1,000 audit rows a second (``--rate``), four in a transaction, as a busy house leaves them.

Measured: rows sealed, the share of the time that the sealer is busy, the lag of the oldest unsealed row just before each pass and after it,
a pass with nothing to do, the speed on a backlog, and a full check. ``--rows N`` (100,000 unless told) lays in a backlog of N rows;
``--pages`` then asks the pages of the log for the slowest of their searches. Nothing is measured elsewhere while it runs: give it a quiet
machine.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import statistics
import time
from collections.abc import Callable
from typing import Any

WRITERS = 2
IN_ONE = 4  # rows of a transaction


def _note(act: Any, *, key: str) -> None:
    act.record(
        "bench.thing", key, before={"state": "active", "amount": 13900}, after={"state": "paused", "amount": 0, "since": "2026-11-01"}
    )


def _act(_: float, seconds: float, said: Any) -> None:
    """Actions one after the other, each in its transaction, until the time is over."""
    from numaru.config import world

    world.set_up()
    from numaru.kernel.access import Actor
    from numaru.kernel.actions import Action

    act, who, n = Action(_note, "catalogue.service.open", reason=False, service=None), Actor.system("bench"), 0
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        act.do(who, key=str(n))
        n += 1
    said.put((n, time.monotonic() - began))


ROW = (
    "INSERT INTO kernel_auditrecord (at, actor_kind, actor_id, actor_name, action, object, key, reason, before, after)"
    " SELECT clock_timestamp(), 'staff', mod(n, 50), 'bench', 'bench.thing.do', 'bench.thing', 'B' || n, '고객 요청',"
    " jsonb_build_object('state', 'active', 'amount', 13900), jsonb_build_object('state', 'paused', 'amount', 0, 'since', '2026-11-01')"
)


def _insert(rate: float, seconds: float, said: Any) -> None:
    """Rows at ``rate`` a second in small transactions; late ones are made up for."""
    import psycopg

    from numaru.config import world

    world.set_up()
    from numaru.kernel.backup.snapshot import address

    with psycopg.connect(address(), autocommit=True) as con:
        began, n = time.monotonic(), 0
        while (spent := time.monotonic() - began) < seconds:
            if n < spent * rate:
                con.execute(f"{ROW} FROM generate_series(%s::int, %s::int) n", [n + 1, n + IN_ONE], prepare=True)
                n += IN_ONE
            else:
                time.sleep(0.002)
        said.put((n, time.monotonic() - began))


def _filled(rows: int) -> None:
    """A backlog as an import leaves it, put in by the database."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"{ROW} FROM generate_series(1, {int(rows)}) n")


def main(argv: list[str]) -> int:
    """Print the figures; exit status 1 when sealing does not keep up."""
    parser = argparse.ArgumentParser(prog="numaru bench audit")
    parser.add_argument("--rate", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--pages", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    found = measure(options.rate, options.seconds, options.rows, options.pages)
    if options.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name:<36} {value:,}" if isinstance(value, (int, float)) else f"{name:<36} {value}")
    return 0 if found["keeps_up"] else 1


def _under(sealer: Any, work: Callable[[float, float, Any], None], count: int, rate: float, seconds: float, name: str) -> dict[str, Any]:
    """Run ``count`` writers beside the sealer and tell what both did."""
    from numaru.kernel.audit import api as audit

    spawn = multiprocessing.get_context("spawn")
    said = spawn.Queue()
    writers = [spawn.Process(target=work, args=(rate, seconds, said)) for _ in range(count)]
    for one in writers:
        one.start()
    sealed, busy, before, after, began = 0, 0.0, [0.0], [0.0], time.monotonic()
    while any(one.is_alive() for one in writers):
        time.sleep(1.0)
        before.append(audit.lag()[1])  # the worst moment
        started = time.monotonic()
        n = sealer.all()
        audit.watch()
        busy += time.monotonic() - started
        sealed += n
        if n:
            after.append(audit.lag()[1])
    watched = time.monotonic() - began
    told = [said.get(timeout=5) for _ in writers]  # a writer that died leaves nothing: that is an error, not a wait
    sealed += sealer.all()
    written, took = sum(n for n, _ in told), max(t for _, t in told)
    before.sort()
    return {
        f"{name}_written": written,
        f"{name}_per_second": round(written / took),
        f"{name}_sealed": sealed,
        f"{name}_sealer_busy_share": round(busy / watched, 3),
        f"{name}_lag_p95_seconds": round(before[min(len(before) - 1, int(len(before) * 0.95))], 2),
        f"{name}_lag_after_a_pass_worst_seconds": round(max(after), 2),
    }


def measure(rate: int = 1000, seconds: float = 8, rows: int = 100_000, pages: bool = False) -> dict[str, Any]:
    """The figures by name: rates a second, lags in seconds."""
    from numaru.config import world
    from numaru.kernel.audit import api as audit

    world.forget_connections()
    sealer = audit.Sealer()
    sealer.all()
    found = _under(sealer, _act, WRITERS, 0, seconds, "actions")
    found["actions_ratio_to_rate"] = round(found["actions_per_second"] / rate, 2)
    found |= _under(sealer, _insert, 1, rate, seconds, "rows")
    idle = []
    for _ in range(21):
        started = time.monotonic()
        sealer.once()
        idle.append(time.monotonic() - started)
    found["empty_pass_p50_ms"] = round(statistics.median(idle) * 1000, 1)
    _filled(rows)
    started = time.monotonic()
    backlog = sealer.all()
    found["backlog_rows"], found["backlog_sealed_per_second"] = backlog, round(backlog / (time.monotonic() - started))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    report = audit.verify()
    found |= {
        "verify_rows": report.records,
        "verify_seconds": round(report.seconds, 2),
        "verify_rows_per_second": round(report.records / report.seconds),
        "verify_memory_grown_mb": round((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024, 1),
        "chain_whole": report.good,
    }
    if pages:
        found |= _pages()
    found["keeps_up"] = bool(
        report.good
        and found["actions_sealed"] >= found["actions_written"]
        and found["rows_sealed"] >= found["rows_written"] >= 0.95 * rate * seconds
        and found["rows_lag_p95_seconds"] < 2
        and found["backlog_sealed_per_second"] >= rate
    )
    return found


def _pages() -> dict[str, Any]:
    """Server time of the pages of the log (p95 of 10, ms), with as many openings as there are hundreds of records."""
    from django.db import connection
    from django.test import Client
    from django.urls import reverse

    from bench.pages import measure as ask
    from numaru.kernel import clock
    from numaru.kernel.access import Actor
    from numaru.kernel.audit import api as audit
    from numaru.kernel.models import Staff
    from numaru.kernel.staff.api import add_staff
    from numaru.ui.lists import encode

    name = f"bench-{clock.now():%H%M%S%f}"
    add_staff.do(Actor.system("bench"), login=name, name=name, roles=["administrator"])
    reader = Staff.objects.get(login=name)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO vault_opening (person, kind, at, actor, staff, service, code, outcome, purpose, case_ref, bulk)"
            " SELECT mod(n, 5000), 'phone', clock_timestamp(), 'staff:bench', mod(n, 50), '', '', 'opened', '상담', '', ''"
            " FROM generate_series(1, %s) n",
            [max(1, audit.records().count() // 10)],
        )
        cursor.execute("VACUUM ANALYZE")
    audit.Sealer().all()
    client = Client()
    client.force_login(reader)
    some = audit.records().order_by("-pk")[1000]
    records, openings = reverse("audit:records"), reverse("audit:openings")
    asked = {
        "first": records, "deep": f"{records}?after={encode('new', [some.pk // 2])}", "by_number": f"{records}?q=B777", "by_nothing": f"{records}?q=B0",
        "by_account": f"{records}?q={name}", "by_action": f"{records}?action=staff.account.add", "of_programs": f"{records}?kind=client",
        "of_the_house": f"{records}?kind=system", "of_a_day": f"{records}?since=day",
        "record": reverse("audit:record", args=[some.pk]),
        "openings": openings, "openings_by_account": f"{openings}?q={name}", "openings_refused": f"{openings}?outcome=refused",
        "openings_of_kind": f"{openings}?kind=email", "findings": reverse("audit:findings"), "reviews": reverse("audit:reviews"),
    }  # fmt: skip
    took = {f"page_{key}_p95_ms": round(ask(client, address, 10)[1], 1) for key, address in asked.items()}
    return took | {"pages_slowest_p95_ms": max(took.values())}
