"""Figures for Prometheus at /metrics.

The web process tells its own figures (requests, threads, usage taken, its process) and, read from the database when asked, those of the
house: :data:`numaru.kernel.gauges.gauges` and the parts of /health. The worker is another process: with ``NUMARU_WORKER_METRICS=HOST:PORT``
it opens an address of its own for the figures of its jobs. Nothing is shared between processes, so nothing has to be merged.

Who may read: whoever has ``NUMARU_METRICS_TOKEN`` (as a bearer token); without such a setting only the machine itself. Labels are patterns
of routes, names of jobs, states: their number is bounded by the source, and none holds anything personal.
"""

from __future__ import annotations

import contextlib
import hmac
import http.server
import ipaddress
import logging
import os
import threading
import time
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

log = logging.getLogger(__name__)
READ_EVERY = 2.0  # seconds for which the figures of the house hold, so that a crowd of scrapers costs one look
STATES = {"ok": 0, "warn": 1, "bad": 2}

registry = CollectorRegistry(auto_describe=False)
ProcessCollector(registry=registry)
GCCollector(registry=registry)

REQUESTS = Counter("numaru_requests", "Requests answered", ["route", "method", "status"], registry=registry)
SECONDS = Histogram(
    "numaru_request_seconds",
    "Time from the head of a request to the end of its answer",
    ["route", "method"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30),
    registry=registry,
)
BUSY = Gauge("numaru_requests_running", "Requests being answered", registry=registry)
LIMITED = Counter("numaru_requests_limited", "Requests refused by a rate limit", ["limit"], registry=registry)
THREADS = Gauge("numaru_web_threads", "Threads that may answer pages", registry=registry)
THREADS_BUSY = Gauge("numaru_web_threads_busy", "Threads answering a page", registry=registry)
JOBS = Counter("numaru_jobs_run", "Jobs run by this worker", ["job", "outcome"], registry=registry)
JOB_SECONDS = Histogram(
    "numaru_job_seconds", "Time a job ran", ["job"], buckets=(0.01, 0.1, 0.5, 1, 5, 15, 60, 300, 1800, 7200), registry=registry
)
EVENTS = Counter("numaru_outbox_events", "Events handed out by this worker", registry=registry)
BUILD = Gauge("numaru_build_info", "The running program; always 1", ["version"], registry=registry)


def program_version() -> str:
    """The version of the source that runs."""
    with contextlib.suppress(PackageNotFoundError):
        return version("numaru")
    import tomllib

    from numaru.config.home import ROOT

    found: str = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    return found


BUILD.labels(program_version()).set(1)


def begun() -> None:
    BUSY.inc()


def ended(route: str, method: str, status: int, seconds: float | None) -> None:
    """Count a request; ``seconds`` None for a stream, which is as long as its page is open."""
    BUSY.dec()
    REQUESTS.labels(route, method, str(status)).inc()
    if seconds is not None:
        SECONDS.labels(route, method).observe(seconds)


def page_threads(app: Any) -> Any:
    """``app`` (WSGI), with the threads it takes counted."""

    def counted(environ: Any, start_response: Any) -> Any:
        with THREADS_BUSY.track_inprogress():
            return app(environ, start_response)

    return counted


class _Counted(Collector):
    """What the rooms count in this process (:func:`numaru.kernel.gauges.count`)."""

    def collect(self) -> Iterator[Metric]:
        from numaru.kernel.gauges import counted

        families: dict[str, CounterMetricFamily] = {}
        for (name, outcome), number in sorted(counted().items()):
            family = families.setdefault(
                name, CounterMetricFamily(f"numaru_{name}", f"Counted by this process: {name}", labels=["outcome"])
            )
            family.add_metric([outcome], number)
        yield from families.values()


class _House(Collector):
    """What the database says, read when it is asked for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._at = 0.0
        self._kept: list[Metric] = []

    def collect(self) -> Iterator[Metric]:
        with self._lock:
            if time.monotonic() - self._at > READ_EVERY:
                self._kept = list(self._read())
                self._at = time.monotonic()
            yield from self._kept

    def _read(self) -> Iterator[Metric]:
        from django.db import connection

        from numaru.kernel import health
        from numaru.kernel.gauges import gauges

        unread = 0
        try:
            for key, gauge in gauges:
                family = GaugeMetricFamily(f"numaru_{key}", gauge.help, labels=[gauge.label] if gauge.label else [])
                try:
                    found = gauge.read()
                except Exception as error:  # one figure that cannot be read must not hide the others
                    log.warning("the figure %s could not be read: %s", key, type(error).__name__)
                    connection.close()
                    unread += 1
                    continue
                if isinstance(found, Mapping):
                    for name, number in sorted(found.items()):
                        family.add_metric([name], number)
                else:
                    family.add_metric([], float(found))
                yield family
            states = GaugeMetricFamily("numaru_health_part", "State of a part: 0 ok, 1 warn, 2 bad", labels=["part"])
            for line in health.look():
                states.add_metric([line.key], STATES[line.seen.state])
            yield states
            pool = getattr(connection, "pool", None)
            if pool is not None:
                told = GaugeMetricFamily("numaru_database_pool", "The pool of this process", labels=["figure"])
                for name, number in sorted(pool.get_stats().items()):
                    told.add_metric([name], number)
                yield told
        finally:
            connection.close()
        yield GaugeMetricFamily("numaru_figures_unread", "Figures of the house that could not be read", value=unread)


registry.register(_Counted())
house = CollectorRegistry(auto_describe=False)
house.register(_House())


def text() -> bytes:
    """The exposition of the web process and the house."""
    return generate_latest(registry) + generate_latest(house)


def token_given(authorization: str | None) -> bool:
    """Whether the header holds the metrics token; False when none is set."""
    wanted = os.environ.get("NUMARU_METRICS_TOKEN", "")
    scheme, _, given = (authorization or "").partition(" ")
    return bool(wanted) and scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), wanted.encode())


def may_read(authorization: str | None, peer: str, direct: bool) -> bool:
    """The token's holder; without a token set, a caller on this machine that no proxy stands for."""
    if os.environ.get("NUMARU_METRICS_TOKEN"):
        return token_given(authorization)
    try:
        return direct and ipaddress.ip_address(peer).is_loopback
    except ValueError:
        return False


async def metrics(request: Request) -> Response:
    """/metrics: 200 with the figures, 404 for who may not read them."""
    peer = request.client.host if request.client else ""
    if not may_read(request.headers.get("authorization"), peer, bool(request.scope.get("numaru.direct"))):
        return PlainTextResponse("not found\n", 404)
    return Response(await run_in_threadpool(text), media_type=CONTENT_TYPE_LATEST)


class _WorkerFigures(http.server.BaseHTTPRequestHandler):
    """The worker's own /metrics."""

    timeout = 5

    def do_GET(self) -> None:
        allowed = self.path == "/metrics" and may_read(self.headers.get("authorization"), self.client_address[0], True)
        body = generate_latest(registry) if allowed else b"not found\n"
        self.send_response(200 if allowed else 404)
        self.send_header("Content-Type", CONTENT_TYPE_LATEST if allowed else "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass

    def version_string(self) -> str:
        return "numaru"


def open_worker_figures() -> http.server.ThreadingHTTPServer | None:
    """Open ``NUMARU_WORKER_METRICS`` (HOST:PORT), when it is set. An address that cannot be opened is logged; the worker works without it."""
    wanted = os.environ.get("NUMARU_WORKER_METRICS", "")
    if not wanted:
        return None
    host, _, port = wanted.rpartition(":")
    try:
        server = http.server.ThreadingHTTPServer((host.strip("[]") or "127.0.0.1", int(port)), _WorkerFigures)
    except (OSError, ValueError) as error:
        log.warning("NUMARU_WORKER_METRICS could not be opened: %s", error)
        return None
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="figures", daemon=True).start()
    return server
