"""One origin: native routes for what must be lean or long (`/events`, `/health`, `/metrics`, `/api/v1/usage`, `/static/`), Django for
every page, and around all of them the edge (:mod:`numaru.config.edge`).

Django runs in threads (a2wsgi). As many threads as `NUMARU_WEB_THREADS` (16): that is also the most database connections Django takes.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "numaru.config.settings")
django.setup()

from a2wsgi import WSGIMiddleware  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from starlette.applications import Starlette  # noqa: E402
from starlette.routing import BaseRoute, Mount, Route  # noqa: E402

from numaru.config.edge import Edge  # noqa: E402
from numaru.config.health import health, live, ready  # noqa: E402
from numaru.config.metrics import THREADS, metrics, page_threads  # noqa: E402
from numaru.config.static import static  # noqa: E402
from numaru.config.stream import events, fan  # noqa: E402
from numaru.faces.rest.usage import METHODS, intake  # noqa: E402


@contextlib.asynccontextmanager
async def _life(_app: Starlette) -> AsyncIterator[None]:
    await fan.start()
    try:
        yield
    finally:
        await fan.stop()


def _routes() -> list[BaseRoute]:
    THREADS.set(settings.WEB_THREADS)
    pages: Any = WSGIMiddleware(page_threads(get_wsgi_application()), workers=settings.WEB_THREADS)
    return [
        Route("/events", events),
        Route("/health", health),
        Route("/health/live", live),
        Route("/health/ready", ready),
        Route("/metrics", metrics),
        Route("/api/v1/usage", intake, methods=METHODS),
        Route("/static/{path:path}", static),
        Mount("/", pages),
    ]


inner = Starlette(routes=_routes(), lifespan=_life)
app = Edge(inner)
