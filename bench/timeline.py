"""``./numaru bench timeline``: whether any page of the line of time is fast among many entries, and how fast entries are put in.

``--entries N`` (10,000,000 unless told) are laid in by the database in the mix of a house of ``--people N`` (1,000,000): contract facts,
invoices, messages, tasks and corrections over five years, one in twenty concerning a second object; one party with 50,000 entries and one
object with 1,000,000. Then, with caches as they come:

- *pages*: first, deep and filtered pages of usual parties and objects and of the largest ones, as the reading function answers them
  (p50, p95 and the slowest of all, in ms);
- *others*: the same questions to the two ways that were not taken, mentions as an array under GIN and an index without the kind;
- *writing*: entries a second through ``add`` (COPY) beside a raw COPY of the same rows into a bare table, and through a SELECT of records.

Nothing is measured elsewhere while it runs: give it a quiet machine.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

KINDS = ("billing.contract", "billing.invoice", "billing.parked", "parties.corrected", "parties.portal")
BIG_PARTY, BIG_OBJECT = 900_000_001, "BIG"
START = datetime(2022, 1, 1, tzinfo=UTC)
STEP = 1_000_000
LAY = """
INSERT INTO timeline_entry (at, recorded_at, kind, party, object_kind, object_key, service, data, actor_kind, actor_id, event, source)
SELECT at, at, (ARRAY['billing.invoice','billing.invoice','billing.invoice','billing.invoice','billing.invoice','billing.invoice','billing.contract',
       'billing.contract','parties.portal','parties.corrected'])[1 + mod(n * 7, 10)],
       CASE WHEN n <= 50000 THEN {big} ELSE 1 + mod(n * 7919, {people}) END,
       CASE WHEN mod(n, 10) = 3 THEN 'bench.thing' ELSE 'subscribers.subscriber' END,
       CASE WHEN mod(n, 10) = 3 THEN 'BIG' ELSE 'S-' || lpad((1 + mod(n * 7919, {people}))::text, 7, '0') END,
       CASE WHEN mod(n, 3) = 0 THEN 'naru-toon' ELSE 'naru-video' END,
       jsonb_build_object('month', to_char(at, 'YYYY-MM'), 'total', mod(n, 50000), 'currency', 'KRW', 'number', 'R' || n, 'fact', 'started', 'field', 'phone', 'what', 'opened'),
       '', NULL, NULL, 'bench:' || n
  FROM (SELECT n, timestamptz '2022-01-01 00:00+00' + make_interval(secs => mod(n * 104729, 157680000)) AS at FROM generate_series({first}::bigint, {last}::bigint) n) t
"""
MENTION = """
INSERT INTO timeline_mention (object_kind, object_key, kind, at, entry_id)
SELECT 'subscribers.subscriber', 'S-' || lpad((1 + mod(id * 31, {people}))::text, 7, '0'), kind, at, id FROM timeline_entry WHERE mod(id, 20) = 0
"""


def _timed(work: Callable[[], object], times: int) -> list[float]:
    took = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        took.append((time.perf_counter() - began) * 1000)
    return took


def lay(entries: int, people: int) -> dict[str, Any]:
    """Fill the tables; indexes stand while it goes on, as in a house."""
    from django.db import connection

    began = time.monotonic()
    with connection.cursor() as cursor:
        for first in range(1, entries + 1, STEP):
            cursor.execute(LAY.format(big=BIG_PARTY, people=people, first=first, last=min(entries, first + STEP - 1)))
        cursor.execute(MENTION.format(people=people))
        laid = time.monotonic() - began
        cursor.execute("VACUUM ANALYZE timeline_entry")
        cursor.execute("VACUUM ANALYZE timeline_mention")
        sizes = {}
        for name in ("timeline_entry", "timeline_of_party", "timeline_of_object", "timeline_mention"):
            cursor.execute("SELECT pg_total_relation_size(%s::regclass)", [name])
            sizes[name] = cursor.fetchone()[0]
    gigabytes = {f"size_{name}_mb": round(size / 1e6) for name, size in sizes.items()}
    return {"entries": entries, "laid_per_second": round(entries / laid)} | gigabytes


def pages(people: int, entries: int) -> dict[str, Any]:
    """The reading function asked in many ways."""
    from numaru.facilities.timeline import api as timeline
    from numaru.kernel.access import Actor

    house, rng = Actor.system("bench"), random.Random(11)
    middle = timeline.Place(START + timedelta(days=900))

    def subscriber() -> list[timeline.Thing]:
        n = rng.randrange(1, people + 1)
        return [timeline.thing("subscribers.subscriber", f"S-{n:07d}"), timeline.person(n, service="")]

    asked: dict[str, Callable[[], object]] = {
        "subscriber": lambda: timeline.stretch(house, subscriber()),
        "subscriber_deep": lambda: timeline.stretch(house, subscriber(), before=middle),
        "subscriber_bills": lambda: timeline.stretch(house, subscriber(), only=["billing.invoice"]),
        "party": lambda: timeline.of_party(house, rng.randrange(1, people + 1)),
        "big_party": lambda: timeline.of_party(house, BIG_PARTY),
        "big_party_deep": lambda: timeline.of_party(house, BIG_PARTY, before=timeline.Place(START + timedelta(days=rng.randrange(1800)))),
        "big_party_absent_kind": lambda: timeline.of_party(house, BIG_PARTY, only=["billing.parked"]),
        "big_object": lambda: timeline.of_object(house, "bench.thing", BIG_OBJECT),
        "big_object_deep": lambda: timeline.of_object(
            house, "bench.thing", BIG_OBJECT, before=timeline.Place(START + timedelta(days=rng.randrange(1800)))
        ),
        "big_object_absent_kind": lambda: timeline.of_object(house, "bench.thing", BIG_OBJECT, only=["billing.parked"]),
        "big_object_since": lambda: timeline.of_object(house, "bench.thing", BIG_OBJECT, since=START + timedelta(days=1700)),
        "nobody": lambda: timeline.of_party(house, 5 * 10**9),
    }
    found: dict[str, Any] = {}
    found["first_of_all_ms"] = round(_timed(asked["nobody"], 1)[0], 1)  # with the connection
    for name, work in asked.items():
        work()
        took = sorted(_timed(work, 60))
        found |= {
            f"{name}_p50_ms": round(statistics.median(took), 2),
            f"{name}_p95_ms": round(took[57], 2),
            f"{name}_worst_ms": round(took[-1], 2),
        }
    found["worst_ms"] = max(value for key, value in found.items() if key.endswith("_worst_ms"))
    return found


def others() -> dict[str, Any]:
    """The ways not taken, on the same rows: an array of mentions under GIN, and an index by time alone asked for an absent kind."""
    from django.db import connection

    found: dict[str, Any] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bench_array AS SELECT id, at, kind, ARRAY[object_kind || ':' || object_key] AS things FROM timeline_entry"
        )
        began = time.monotonic()
        cursor.execute("CREATE INDEX bench_gin ON bench_array USING gin (things)")
        found["array_gin_build_seconds"] = round(time.monotonic() - began, 1)
        cursor.execute("ANALYZE bench_array")

        def ask(thing: str) -> None:
            cursor.execute("SELECT id, at FROM bench_array WHERE things @> %s ORDER BY at DESC, id DESC LIMIT 41", [[thing]])
            cursor.fetchall()

        found["array_usual_p50_ms"] = round(statistics.median(_timed(lambda: ask("subscribers.subscriber:S-0000777"), 20)), 2)
        found["array_big_object_p50_ms"] = round(statistics.median(_timed(lambda: ask(f"bench.thing:{BIG_OBJECT}"), 3)), 1)
        cursor.execute("CREATE INDEX bench_time ON timeline_entry (object_kind, object_key, at DESC, id DESC)")
        cursor.execute("ANALYZE timeline_entry")

        def absent() -> None:
            cursor.execute(
                "SELECT id FROM timeline_entry WHERE object_kind = 'bench.thing' AND object_key = 'BIG' AND kind || '' = 'billing.parked'"
                " ORDER BY at DESC, id DESC LIMIT 41"
            )
            cursor.fetchall()

        found["without_kind_absent_p50_ms"] = round(statistics.median(_timed(absent, 3)), 1)
        cursor.execute("DROP TABLE bench_array")
        cursor.execute("DROP INDEX bench_time")
    return found


def writing(count: int = 200_000) -> dict[str, Any]:
    """Entries a second on top of what is there."""
    from django.db import connection, transaction

    from numaru.facilities.timeline import api as timeline
    from numaru.kernel import bulk

    at = datetime(2027, 1, 1, tzinfo=UTC)
    some = [
        timeline.New(at, "parties.corrected", f"bench.new:{n}", party=n + 1, object=("bench.thing", f"T{n}"), data={"field": "phone"})
        for n in range(count)
    ]
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE bench_bare (LIKE timeline_entry)")
    columns = ["id", "at", "recorded_at", "kind", "party", "object_kind", "object_key", "service", "data", "actor_kind", "source"]
    began = time.monotonic()
    bulk.copy_rows(
        "bench_bare",
        columns,
        ((n, at, at, "parties.corrected", n, "bench.thing", f"T{n}", "", '{"field": "phone"}', "", f"bench.new:{n}") for n in range(count)),
    )
    bare = count / (time.monotonic() - began)
    began = time.monotonic()
    for start in range(0, count, 10_000):
        with transaction.atomic():
            timeline.add(some[start : start + 10_000])
    added = count / (time.monotonic() - began)
    began = time.monotonic()
    for start in range(0, count, 10_000):
        with transaction.atomic():
            timeline.add(some[start : start + 10_000])
    again = count / (time.monotonic() - began)
    return {
        "copy_bare_per_second": round(bare),
        "added_per_second": round(added),
        "added_ratio_to_copy": round(added / bare, 2),
        "added_again_per_second": round(again),
    }


def main(argv: list[str]) -> int:
    """Print the figures; exit status 1 when a page took 100 ms or more."""
    parser = argparse.ArgumentParser(prog="numaru bench timeline")
    parser.add_argument("--entries", type=int, default=10_000_000)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--no-others", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    found = lay(options.entries, options.people) | pages(options.people, options.entries)
    if not options.no_others:
        found |= others()
    found |= writing()
    if options.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name:<36} {value:,}" if isinstance(value, (int, float)) else f"{name:<36} {value}")
    return 0 if found["worst_ms"] < 100 else 1
