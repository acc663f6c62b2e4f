"""``./numaru bench leaks [--openings 1000000] [--people 1000000] [--quick] [--json]``: who is affected, on a full house.

Openings are brought by COPY: one account read a large part of the house in one night, each person once or more. ``find_affected`` then freezes
the set by one account and a time. The limit of the same run is a plain SQL count of the same join: openings of that account in that time
against the vault's entries, distinct people. A second set, of everybody, takes no opening at all; its limit counts distinct people of the vault.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.db import connection

from numaru.kernel import bulk, clock
from numaru.kernel.access import Actor
from numaru.kernel.leaks import api as leaks

HOUSE = Actor.system("bench")
STAFF = 7
KINDS = ("name", "phone", "email")
GOALS = {"openings_seconds": 30, "everybody_seconds": 30}


def fill(people: int, openings: int) -> None:
    """People 1…n of the vault with three kinds each, and openings: nine of ten by one account, the rest by others, over thirty nights."""
    now = clock.now()
    ages = [now - timedelta(minutes=n) for n in range(43_200)]

    def entries() -> Iterator[tuple[Any, ...]]:
        for person in range(1, people + 1):
            for kind in KINDS:
                yield person, kind, 1, b"x", now

    def rows() -> Iterator[tuple[Any, ...]]:
        for n in range(openings):
            staff = STAFF if n % 10 else 8
            person = n * 7919 % people + 1
            yield ages[n % len(ages)], f"staff:{staff}", staff, person, KINDS[n % 3], "", "bench", "opened", "", "", ""

    bulk.copy_rows("vault_entry", ["person", "kind", "version", "sealed", "at"], entries())
    bulk.copy_rows(
        "vault_opening", ["at", "actor", "staff", "person", "kind", "service", "purpose", "outcome", "code", "case_ref", "bulk"],
        rows(),
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE vault_entry")
        cursor.execute("ANALYZE vault_opening")


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    found = work()
    return time.perf_counter() - start, found


def plain(statement: str) -> Callable[[], int]:
    def ask() -> int:
        with connection.cursor() as cursor:
            cursor.execute(statement, {"staff": STAFF})
            return int(cursor.fetchone()[0])

    return ask


OPENED = (
    "SELECT count(*) FROM (SELECT o.person, count(DISTINCT o.kind), count(DISTINCT o.id) FROM vault_opening o"
    " JOIN vault_entry v ON v.person = o.person AND v.kind = o.kind WHERE o.outcome = 'opened' AND o.staff = %(staff)s GROUP BY o.person) x"
)
EVERYBODY = "SELECT count(*) FROM (SELECT person, count(DISTINCT kind) FROM vault_entry GROUP BY person) x"


def measure(people: int, openings: int) -> dict[str, Any]:
    fill(people, openings)
    case = leaks.open_case.do(HOUSE, kind="leak", known_at=clock.now(), happened="bench")
    out: dict[str, Any] = {"people": people, "openings": openings}
    for name, step, statement in (
        ("openings", leaks.Step("add", "openings", staff=STAFF), OPENED),
        ("everybody", leaks.Step("add", "everyone"), EVERYBODY),
    ):
        limit, counted = timed(plain(statement))
        seconds, version = timed(lambda step=step: leaks.find_affected.do(HOUSE, case=case, steps=[step]))  # type: ignore[misc]
        found = leaks.page(HOUSE, case).sets[0]
        assert found.version == version and found.people == counted, "the set is not what a plain count says"
        out |= {f"{name}_people": counted, f"{name}_seconds": round(seconds, 2), f"{name}_count_seconds": round(limit, 2),
                f"{name}_ratio": round(seconds / limit, 1)}  # fmt: skip
    spent, _ = timed(lambda: leaks.page(HOUSE, case))
    out["page_seconds"] = round(spent, 2)
    return out


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="numaru bench leaks")
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--openings", type=int, default=1_000_000)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    found = measure(*((20_000, 20_000) if options.quick else (options.people, options.openings)))
    if options.json:
        print(json.dumps(found))
    else:
        for name in ("openings", "everybody"):
            print(f"{name}: {found[f'{name}_people']:,} people in {found[f'{name}_seconds']} s; a plain count {found[f'{name}_count_seconds']} s;"
                  f" ratio {found[f'{name}_ratio']}")  # fmt: skip
        print(f"the page of the case: {found['page_seconds']} s")
    missed = [name for name, most in GOALS.items() if found[name] > most]
    for name in missed:
        print(f"{name} {found[name]} is over {GOALS[name]}", file=sys.stderr)
    return 1 if missed and not options.quick else 0
