"""`/health`: whether the house can work. 200 when everything that people need answers, 503 otherwise; the parts are named."""

from __future__ import annotations

import time
from typing import Any

from django.db import connection
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

WORKER_SILENT = 20.0  # seconds without a sign of life after which a worker counts as gone
_kept: tuple[float, dict[str, Any]] = (0.0, {})


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


async def health(_request: Request) -> Response:
    """The state, at most half a second old, so that a crowd of probes costs one query."""
    global _kept
    at, state = _kept
    if time.monotonic() - at > 0.5:
        state = await run_in_threadpool(look)
        _kept = (time.monotonic(), state)
    return JSONResponse(
        state, status_code=200 if state["healthy"] else 503, headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    )
