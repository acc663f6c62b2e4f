"""``./numaru bench pages [--n 1000000] [--repeats 20] [--json]``: server time of every list, search and detail page, and of the palette, on a full house.

The world: N subscribers with three charges and three usage events each (as in ``bill-run``), up to 50,000 of them with a name, a phone
number and an address, so that a search by name really looks through blind tokens; one month is billed. Each page is asked for through
Django's test client, with every middleware and a signed-in administrator, 20 times after two warm-ups; p50 and p95 are in milliseconds. The limit
of the same run: a page of the same house with every middleware and one ``SELECT 1``. The goal is a p95 below 100 ms.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import time
from collections.abc import Sequence
from datetime import date
from random import Random
from typing import Any
from urllib.parse import urlencode

import pyarrow as pa
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path, reverse

from bench import bill_run
from numaru.config.demo_world import person
from numaru.domains.billing import api as billing
from numaru.domains.billing import reads
from numaru.domains.billing.models import BillRun, Invoice
from numaru.domains.subscribers.models import Subscriber
from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.parties.api import Person
from numaru.kernel import clock
from numaru.kernel.models import Staff
from numaru.kernel.staff.api import add_staff
from numaru.ui.lists import encode
from numaru.values import hangul

NAMED = 50_000
GOAL_MS = 100


def nothing(_request: HttpRequest) -> HttpResponse:
    """The limit: one question to the database and an answer of two bytes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return HttpResponse("ok")


urlpatterns = [path("bench/nothing/", nothing), path("", include("numaru.config.urls"))]


def build(count: int) -> tuple[str, list[Person], dict[str, float]]:
    """``count`` subscribers, the last of them named; returns the service, the named people, and how long what took."""
    named = [person(number, Random(number)) for number in range(1, min(NAMED, count // 10) + 1)]
    began = time.perf_counter()
    slug = bill_run.build(count - len(named))
    unnamed = time.perf_counter() - began
    (version,) = catalogue.versions(slug)["standard"]
    references = [f"n{n:09d}" for n in range(len(named))]
    rows = pa.table(
        {
            "row": pa.array(range(1, len(named) + 1), pa.int64()), "external_id": references, "reference": references,
            "version_id": pa.array([version] * len(named), pa.int64()), "started_on": pa.array([date(2026, 1, 1)] * len(named)),
            "ended_on": pa.nulls(len(named), pa.date32()), "digest": ["bench"] * len(named),
        }
    )  # fmt: skip
    began = time.perf_counter()
    billing.enrol.do(bill_run.ACTOR, service=slug, rows=rows, source="bench", people=named)
    return slug, named, {"unnamed": round(unnamed, 2), "named": round(time.perf_counter() - began, 2)}


def addresses(slug: str, run: BillRun, people: Sequence[Person]) -> dict[str, str]:
    """Every page that is measured, by the name under which it is reported."""
    listed, invoices, runs = reverse("subscribers:list"), reverse("billing:invoices"), reverse("billing:runs")
    first, last = Subscriber.objects.order_by("pk").first(), Subscriber.objects.order_by("-pk").first()
    assert first is not None and last is not None
    middle = Subscriber.objects.filter(pk__gte=(first.pk + last.pk) // 2).order_by("pk")[0]
    deep = first.pk + (last.pk - first.pk) // 50
    total = Invoice.objects.filter(run=run).count()
    number = reads.number_of(run.series, max(1, total // 2))

    def ask(base: str, **query: Any) -> str:
        return f"{base}?{urlencode(query)}"

    return {
        "today": reverse("console:home"),
        "subscribers, first page": listed,
        "subscribers, deep page": ask(listed, after=encode("new", [deep])),
        "subscribers, running now": ask(listed, served="running"),
        "subscribers, ended (none)": ask(listed, served="ended"),
        "subscribers of a service": ask(listed, service=slug),
        "subscribers, by number": ask(listed, q=middle.number),
        "subscribers, by external id": ask(listed, q=middle.external_id),
        "subscribers, by prefix": ask(listed, q=middle.external_id[:6]),
        "subscribers, by a common name": ask(listed, q=people[0].name),
        "subscribers, by last 4 digits": ask(listed, q=people[1].phone[-4:]),
        "subscribers, by nobody's name": ask(listed, q="없는사람"),
        "subscriber": reverse("subscribers:subscriber", args=[middle.number]),
        "subscriber, bill so far": ask(reverse("subscribers:subscriber", args=[middle.number]), part="bill"),
        "runs": runs,
        "run": reverse("billing:run", args=[run.number]),
        "invoices, first page": invoices,
        "invoices of a run": ask(invoices, run=run.number),
        "invoices, deep page": ask(invoices, after=encode("new", [run.pk, max(1, total // 50)])),
        "invoices, by number": ask(invoices, q=number),
        "invoices, by subscriber": ask(invoices, q=middle.number),
        "invoice": reverse("billing:invoice", args=[number]),
    }


PART = {"HX-Request": "true"}  # as the palette asks


def searches(run: BillRun, people: Sequence[Person]) -> dict[str, str]:
    """What is typed into the palette, by the name under which it is reported: a question of every shape, the dearest of each."""
    middle = Subscriber.objects.order_by("-pk")[0]
    number = reads.number_of(run.series, max(1, run.invoices // 2))
    name = people[0].name

    def ask(typed: str, **more: str) -> str:
        return f"{reverse('console:find')}?{urlencode({'q': typed, **more})}"

    return {
        "palette, nothing typed": ask(""),
        "palette, by number": ask(middle.number),
        "palette, by external id": ask(middle.external_id),
        "palette, by prefix": ask(middle.external_id[:4]),
        "palette, by two common initials": ask("ㄱㅎ"),
        "palette, by three initials": ask(hangul.initials(name)),
        "palette, by a common name": ask(name),
        "palette, by a half-typed name": ask(name[0] + hangul.initials(name[1:2])),
        "palette, by last 4 digits": ask(people[1].phone[-4:]),
        "palette, by a whole number": ask(people[1].phone),
        "palette, while it is typed": ask(people[1].phone, typing="1"),
        "palette, by nobody's number": ask("010-9999-9999"),
        "palette, by an invoice's number": ask(number),
        "palette, by words": ask("청구 실행"),
        "palette, acts": ask(">"),
    }


def measure(client: Client, address: str, repeats: int, headers: dict[str, str] | None = None) -> tuple[float, float]:
    """p50 and p95 of the milliseconds in which the page is answered. Raises SystemExit when it is not answered with 200."""
    took = []
    for n in range(repeats + 2):
        began = time.perf_counter()
        answer = client.get(address, headers=headers or {})
        content = answer.getvalue() if answer.streaming else answer.content
        spent = (time.perf_counter() - began) * 1000
        if answer.status_code != 200 or not content:
            raise SystemExit(f"{address}: {answer.status_code}")
        if n >= 2:
            took.append(spent)
    return statistics.median(took), statistics.quantiles(took, n=20)[18] if len(took) > 1 else took[0]


def main(argv: list[str]) -> int:
    """Build, bill a month, measure, print. Exit status 0; the figures are for a person or a nightly board to judge."""
    parser = argparse.ArgumentParser(prog="numaru bench pages")
    parser.add_argument("--n", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    slug, people, built = build(max(100, options.n))
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    built["vacuum"] = round(time.perf_counter() - began, 2)
    began = time.perf_counter()
    run = billing.carry_out(billing.start_run.do(bill_run.ACTOR, service=slug, period="2026-10", queue=False).number)
    built["run"] = round(time.perf_counter() - began, 2)
    if run.state != "posted":
        raise SystemExit(f"run {run.number} is {run.state}: {run.failure}")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    name = f"bench-{clock.now():%H%M%S%f}"
    add_staff.do(bill_run.ACTOR, login=name, name=name, roles=["administrator"])
    client = Client()
    client.force_login(Staff.objects.get(login=name))
    with override_settings(ROOT_URLCONF="bench.pages"):
        limit = measure(client, "/bench/nothing/", options.repeats)
        pages = {key: measure(client, address, options.repeats) for key, address in addresses(slug, run, people).items()}
        pages |= {key: measure(client, address, options.repeats, PART) for key, address in searches(run, people).items()}
    figures = {
        "subscribers": Subscriber.objects.count(),
        "named": len(people),
        "invoices": run.invoices,
        "build_seconds": built,
        "limit_ms": {"p50": round(limit[0], 2), "p95": round(limit[1], 2)},
        "pages": {
            key: {"p50_ms": round(p50, 1), "p95_ms": round(p95, 1), "ratio_to_limit": round(p50 / limit[0], 1)}
            for key, (p50, p95) in pages.items()
        },
        "goal_p95_ms": GOAL_MS,
        "slowest_p95_ms": round(max(p95 for _, p95 in pages.values()), 1),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }  # fmt: skip
    if options.json:
        print(json.dumps(figures))
        return 0
    print(f"{figures['subscribers']:,} subscribers, {len(people):,} named, {run.invoices:,} invoices; built in {built}")
    print(f"{'limit: one SELECT 1':32} p50 {limit[0]:8.2f} ms   p95 {limit[1]:8.2f} ms")
    for key, (p50, p95) in pages.items():
        late = "" if p95 < GOAL_MS else f"   over {GOAL_MS} ms"
        print(f"{key:32} p50 {p50:8.1f} ms   p95 {p95:8.1f} ms   {p50 / limit[0]:6.1f} × limit{late}")
    print(f"peak memory {figures['peak_memory_mb']} MB")
    return 0
