"""One origin: native routes for what must be lean or long (`/events`, `/health`, `/api/v1/usage`, `/static/`), Django for every page.

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

from numaru.config.health import health  # noqa: E402
from numaru.config.static import static  # noqa: E402
from numaru.config.stream import events, fan  # noqa: E402
from numaru.faces.rest.usage import intake  # noqa: E402


@contextlib.asynccontextmanager
async def _life(_app: Starlette) -> AsyncIterator[None]:
    await fan.start()
    try:
        yield
    finally:
        await fan.stop()


def _routes() -> list[BaseRoute]:
    pages: Any = WSGIMiddleware(get_wsgi_application(), workers=settings.WEB_THREADS)  # type: ignore[arg-type]
    return [
        Route("/events", events),
        Route("/health", health),
        Route("/api/v1/usage", intake, methods=["POST"]),
        Route("/static/{path:path}", static),
        Mount("/", pages),
    ]


app = Starlette(routes=_routes(), lifespan=_life)
