"""``./numaru bench clocks [--clocks 1000000] [--quick] [--json]``: what it costs to lay the due times of open clocks again after a calendar changed.

A million clocks run on office hours, begun over the last three days with targets from 20 to 100 business hours; then Saturday is opened, so that
nearly all move. Beside it the plainest way to write the same rows: finished figures in a
table and one UPDATE from it. The list of calendars is asked twenty times on the full house.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from typing import Any

from django.db import connection
from django.test import Client

from numaru.facilities.clocks import calendars
from numaru.facilities.clocks.actions.calendars import change_calendar
from numaru.facilities.clocks.approvals import KEY
from numaru.facilities.clocks.jobs import house
from numaru.facilities.clocks.models import Clock
from numaru.facilities.clocks.recount import Recount
from numaru.kernel import clock
from numaru.kernel.models import Staff, StaffGrant

GOAL = 60  # seconds for a million
FILL = """
    INSERT INTO clocks_clock (kind, subject_kind, subject, service, row, round, owner, enforced, started_at, calendar_id, target, near, state,
                              counted_from, used, due_at, stands_at, near_at, changed_at)
    SELECT %s, 'bench', 'B-' || n, '', '', 1, NULL, true, t, %s, g, g * 3 / 4, 'running', t, 0, t + interval '1 second' * g,
           t + interval '1 second' * g, t + interval '1 second' * (g * 3 / 4), %s
    FROM (SELECT n, %s - interval '1 second' * (n %% 259200) AS t, 72000 + (n::bigint * 7919 %% 288000)::int AS g FROM generate_series(1, %s) n) x
"""


def measure(count: int) -> dict[str, Any]:
    actor, now = house(), clock.now()
    office = calendars.row_of("office")
    with connection.cursor() as cursor:
        cursor.execute(FILL, [KEY, office.pk, now, now, count])
        cursor.execute("ANALYZE clocks_clock")
    Recount(office.pk).run()  # as they would stand: laid on the first version
    version = office.versions.get()
    start = time.perf_counter()
    change_calendar.do(
        actor, key="office", zone=version.zone, week=[*version.week[:5], ["10:00–14:00"], []], holidays=version.holidays, policy="begins",
        exceptions={}, country="KR", reason="bench",
    )  # fmt: skip
    asked = time.perf_counter() - start
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE stood AS SELECT id, due_at, near_at FROM clocks_clock")
        cursor.execute("VACUUM ANALYZE clocks_clock")
    start = time.perf_counter()
    moved = Recount(office.pk).run()
    spent = time.perf_counter() - start
    sample = list(Clock.objects.filter(pk__in=range(1, count, max(1, count // 2000))))
    of = calendars.by_id(office.pk)
    wrong = sum(row.due_at != of.add(row.counted_from, row.target) for row in sample)  # type: ignore[arg-type]
    raw = plain()
    return {"clocks": count, "moved": moved, "seconds": round(spent, 2), "plain_seconds": round(raw, 2), "ratio": round(spent / raw, 2),
            "foretold_seconds": round(asked, 2), "checked": len(sample), "wrong": wrong, **pages()}  # fmt: skip


def plain() -> float:
    """The same rows put back to where they stood: finished figures in a table, written by one statement."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE clocks_clock")
        start = time.perf_counter()
        cursor.execute(
            "CREATE TEMPORARY TABLE again AS SELECT s.* FROM stood s JOIN clocks_clock c USING (id) WHERE c.due_at <> s.due_at OR c.near_at <> s.near_at"
        )
        cursor.execute(
            "UPDATE clocks_clock c SET due_at = t.due_at, stands_at = t.due_at, near_at = t.near_at FROM again t WHERE c.id = t.id"
        )
        return time.perf_counter() - start


def pages() -> dict[str, Any]:
    staff = Staff.objects.create(login="bench", name="bench", created_at=clock.now())
    StaffGrant.objects.create(staff=staff, role="administrator", granted_at=clock.now())
    client, times = Client(), []
    client.force_login(staff)
    for _ in range(20):
        start = time.perf_counter()
        assert client.get("/calendars/").status_code == 200
        times.append((time.perf_counter() - start) * 1000)
    return {"calendars_p95_ms": round(statistics.quantiles(times[1:], n=20)[-1], 1)}


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="numaru bench clocks")
    parser.add_argument("--clocks", type=int, default=1_000_000)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    found = measure(20_000 if options.quick else options.clocks)
    print(json.dumps(found) if options.json else "\n".join(f"{key}: {value}" for key, value in found.items()))
    if found["wrong"] or found["seconds"] > GOAL * max(1, options.clocks / 1_000_000):
        print("too slow, or wrong", file=sys.stderr)
        return 1
    return 0
