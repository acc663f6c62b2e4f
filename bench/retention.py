"""``./numaru bench retention [--people 1000000] [--quick] [--json]``: what the calendar costs on a full house, and what counting costs.

People are registered as they are in use (key, three sealed values, tokens). Then every class is counted, each on the clock; the page of the
calendar, which reads what was counted, is asked twenty times. A plain count of the people is the limit beside the slowest class.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from typing import Any

from django.db import connection, transaction
from django.test import Client

from bench.vault import people
from numaru.facilities.parties import api as parties
from numaru.kernel import clock
from numaru.kernel.models import Staff, StaffGrant
from numaru.kernel.retention import api as retention

BATCH = 50_000
GOAL = 100  # milliseconds of the page at the 95th percentile


def measure(count: int) -> dict[str, Any]:
    for first in range(0, count, BATCH):
        with transaction.atomic():
            parties.register(people(first, min(BATCH, count - first)))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE parties_party")
        cursor.execute("ANALYZE keys.person_key")
        start = time.perf_counter()
        cursor.execute("SELECT count(*) FROM parties_party")
        limit = time.perf_counter() - start
    spent: dict[str, float] = {}
    for key, klass in retention.classes:
        start = time.perf_counter()
        retention.tally(klass, clock.today())
        spent[key] = round(time.perf_counter() - start, 3)
    staff = Staff.objects.create(login="bench", name="bench", created_at=clock.now())
    StaffGrant.objects.create(staff=staff, role="privacy_officer", granted_at=clock.now())
    client, times = Client(), []
    client.force_login(staff)
    for _ in range(20):
        start = time.perf_counter()
        answer = client.get("/privacy/retention/")
        times.append((time.perf_counter() - start) * 1000)
        assert answer.status_code == 200, answer.status_code
    slowest = max(spent, key=lambda key: spent[key])
    return {"people": count, "calendar_p95_ms": round(statistics.quantiles(times[1:], n=20)[-1], 1), "calendar_first_ms": round(times[0], 1),
            "slowest": slowest, "slowest_seconds": spent[slowest], "plain_count_seconds": round(limit, 3), "ratio": round(spent[slowest] / limit, 1),
            "counts_seconds": round(sum(spent.values()), 2)}  # fmt: skip


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="numaru bench retention")
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    found = measure(20_000 if options.quick else options.people)
    print(json.dumps(found) if options.json else "\n".join(f"{key}: {value}" for key, value in found.items()))
    if found["calendar_p95_ms"] > GOAL:
        print(f"calendar_p95_ms {found['calendar_p95_ms']} is over {GOAL}", file=sys.stderr)
        return 1
    return 0
