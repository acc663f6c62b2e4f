"""``./numaru bench paint [--repeats 20] [--json]``: when a warm list is first seen in Chromium, against a blank page of the same server.

The world: 60 subscribers of one service with a name and a plan, so that a list has a full page of rows. The house is served as ``up`` serves
it: collected files with hashed names and gzip, uvicorn in a process of its own over a real socket. Each page is opened 20 times after three warm-ups in one browser with
its cache; measured is ``first-contentful-paint`` of the Performance API, in milliseconds since navigation began. The limit of the same run:
a page of the same house with one word and no files. The goal is a p95 below 300 ms. Needs Chromium (NUMARU_CHROMIUM or on the path) and the
packages of development.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from random import Random
from typing import Any

import pyarrow as pa
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, reverse

from bench import bill_run
from numaru.config.demo_world import person
from numaru.domains.billing import api as billing
from numaru.facilities.catalogue import api as catalogue
from numaru.kernel.models import Staff
from numaru.kernel.staff.api import add_staff

ROWS = 60
GOAL_MS = 300
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FIRST_PAINT = """() => new Promise((done) => {
  const look = () => { const seen = performance.getEntriesByName('first-contentful-paint')[0]; if (seen) done(seen.startTime); else setTimeout(look, 5); };
  look(); })"""


def blank(_request: HttpRequest) -> HttpResponse:
    """The limit: one word, no files."""
    return HttpResponse("<!doctype html><title>blank</title><p>blank")


urlpatterns = [path("bench/blank/", blank), path("", include("numaru.config.urls"))]


def build() -> None:
    """One service with a full page of named subscribers."""
    named = [person(number, Random(number)) for number in range(1, ROWS + 1)]
    slug = bill_run.build(0)
    (version,) = catalogue.versions(slug)["standard"]
    references = [f"n{n:09d}" for n in range(len(named))]
    rows = pa.table(
        {
            "row": pa.array(range(1, len(named) + 1), pa.int64()), "external_id": references, "reference": references,
            "version_id": pa.array([version] * len(named), pa.int64()), "started_on": pa.array([date(2026, 1, 1)] * len(named)),
            "ended_on": pa.nulls(len(named), pa.date32()), "digest": ["bench"] * len(named),
        }
    )  # fmt: skip
    billing.enrol.do(bill_run.ACTOR, service=slug, rows=rows, source="bench", people=named)


def session() -> tuple[str, str]:
    """The cookie of a signed-in administrator: its name and its value."""
    from django.conf import settings
    from django.test import Client

    add_staff.do(bill_run.ACTOR, login="bench", name="한누리", roles=["administrator", "subscriber_clerk"])
    client = Client()
    client.force_login(Staff.objects.get(login="bench"))
    return settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value


@contextmanager
def served() -> Iterator[str]:
    """The house in a process of its own, on a free port of this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    code = "from numaru.config import world; world.set_up(); from bench.paint import serve; serve()"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p), "NUMARU_STATIC_HASHED": "1"}
    child = subprocess.Popen([sys.executable, "-c", code, str(port)], env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    base = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"{base}/bench/blank/", timeout=5):
                    break
            except OSError:
                time.sleep(0.1)
        yield base
    finally:
        child.terminate()
        child.wait(20)


def serve() -> None:
    """What the child process does."""
    import uvicorn
    from django.conf import settings

    from numaru.config import static

    settings.ROOT_URLCONF = "bench.paint"
    static.collect()
    from numaru.config.server import app

    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", lifespan="off")


def paints(base: str, cookie: tuple[str, str], places: dict[str, str], repeats: int) -> dict[str, list[float]]:
    """Milliseconds to the first contentful paint of each page, page after page, so that load falls on all alike."""
    from playwright.sync_api import sync_playwright

    program = os.environ.get("NUMARU_CHROMIUM") or next((p for name in BROWSERS if (p := shutil.which(name))), "")
    if not program:
        raise SystemExit("Chromium is not installed; name it in NUMARU_CHROMIUM")
    found: dict[str, list[float]] = {name: [] for name in places}
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="ko")
        context.add_cookies([{"name": cookie[0], "value": cookie[1], "url": base}])
        page = context.new_page()
        for turn in range(repeats + 3):
            for name, place in places.items():
                answer = page.goto(base + place, wait_until="load")
                if answer is None or answer.status != 200 or page.url != base + place:
                    raise SystemExit(f"{place} was not shown: {page.url}")
                taken = float(page.evaluate(FIRST_PAINT))
                if turn >= 3:
                    found[name].append(taken)
        browser.close()
    return found


def told(values: Sequence[float]) -> dict[str, float]:
    return {"p50": round(statistics.median(values), 1), "p95": round(sorted(values)[max(0, -(-len(values) * 95 // 100) - 1)], 1)}


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="numaru bench paint", description=__doc__)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    build()
    places = {"blank": "/bench/blank/", "subscribers": reverse("subscribers:list"), "today": reverse("console:home")}
    with served() as base:
        seen = {name: told(values) for name, values in paints(base, session(), places, options.repeats).items()}
    limit = seen.pop("blank")
    result: dict[str, Any] = {
        "repeats": options.repeats, "blank": limit, "goal_ms": GOAL_MS, "met": all(v["p95"] < GOAL_MS for v in seen.values()),
        "pages": {name: v | {"ratio": round(v["p50"] / max(limit["p50"], 0.1), 2)} for name, v in seen.items()},
    }  # fmt: skip
    if options.json:
        print(json.dumps(result))
    else:
        print(f"first contentful paint, {options.repeats} runs, warm cache; goal p95 < {GOAL_MS} ms")
        print(f"  blank page     p50 {limit['p50']:7.1f}  p95 {limit['p95']:7.1f}")
        for name, v in result["pages"].items():
            print(f"  {name:14} p50 {v['p50']:7.1f}  p95 {v['p95']:7.1f}  {v['ratio']:.2f} × blank")
    return 0 if result["met"] else 1
