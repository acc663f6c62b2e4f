"""`/health`: whether the house can work, part by part; and two plainer questions for whoever starts and stops containers.

/health        200 when every vital part is well, 503 otherwise. Names and states of the parts; sentences and remedies besides for the holder
               of ``NUMARU_METRICS_TOKEN``. No version, no path, nothing personal.
/health/live   200 while this process answers at all. It asks nobody: a process without its database must not be killed for that.
/health/ready  200 when requests may be sent here: database there, its tables up to date.
"""

from __future__ import annotations

import time
from typing import Any

from django.db import connection
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from numaru.config.metrics import token_given
from numaru.kernel import health as parts

WORKER_SILENT = 20.0  # seconds without a sign of life after which a worker counts as gone
FRESH = 0.5  # seconds for which an answer holds, so that a crowd of probes costs one look
_kept: tuple[float, dict[str, Any], list[parts.Line]] = (0.0, {}, [])


def look() -> dict[str, Any]:
    """State of database, worker and outbox. Keys: ``healthy``, ``database``, ``worker``, ``outbox_parked``, ``jobs_waiting``."""
    state: dict[str, Any] = {"healthy": False, "database": False, "worker": False, "outbox_parked": None, "jobs_waiting": None}
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT (SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => %s)),"
                " (SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())),"
                " (SELECT count(*) FROM kernel_outboxevent WHERE parked_at IS NOT NULL AND dispatched_at IS NULL)",
                [WORKER_SILENT],
            )
            workers, waiting, parked = cursor.fetchone()
    except Exception:  # whatever is wrong with the database, the page must say so and not break
        return state
    finally:
        connection.close()
    return state | {"healthy": workers > 0, "database": True, "worker": workers > 0, "outbox_parked": parked, "jobs_waiting": waiting}


def _look() -> tuple[dict[str, Any], list[parts.Line]]:
    state = look()
    try:
        lines = parts.look()
    finally:
        connection.close()
    state["healthy"] = state["healthy"] and not any(line.part.vital and line.seen.state == "bad" for line in lines)
    return state, lines


async def _state() -> tuple[dict[str, Any], list[parts.Line]]:
    global _kept
    at, state, lines = _kept
    if not state or time.monotonic() - at > FRESH:
        state, lines = await run_in_threadpool(_look)
        _kept = (time.monotonic(), state, lines)
    return state, lines


async def health(request: Request) -> Response:
    """The state of every part."""
    state, lines = await _state()
    if token_given(request.headers.get("authorization")):
        told: dict[str, Any] = {
            line.key: {
                "state": line.seen.state,
                "title_ko": line.part.title.ko,
                "title_en": line.part.title.en,
                "fact_ko": line.seen.fact.ko,
                "fact_en": line.seen.fact.en,
                "remedy_ko": line.seen.remedy.ko if line.seen.remedy else None,
                "remedy_en": line.seen.remedy.en if line.seen.remedy else None,
                "seconds_old": round(line.age, 1),
            }
            for line in lines
        }
    else:
        told = {line.key: line.seen.state for line in lines}
    return JSONResponse(state | {"parts": told}, status_code=200 if state["healthy"] else 503)


async def live(_request: Request) -> Response:
    """This process answers."""
    return JSONResponse({"live": True})


async def ready(_request: Request) -> Response:
    """Requests may be sent here."""
    state, lines = await _state()
    good = state["database"] and not any(line.part.ready and line.seen.state == "bad" for line in lines)
    return JSONResponse({"ready": good}, status_code=200 if good else 503)
