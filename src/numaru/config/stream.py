"""`/events`: tells open pages what has changed (server-sent events, ids only).

One connection per process LISTENs on the channel; what arrives is handed to every page of the process. A message is what
`numaru.kernel.live.announce` sent: ``{"k": kind, "id": key}``. After a gap, when the connection to the database was lost, pages get
``{"k": "*", "id": "*"}``: anything may have changed. Only signed-in staff may listen; that is asked again every minute.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator, Iterator

import psycopg
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

log = logging.getLogger(__name__)
CHANNEL = "numaru_live"
EVERYTHING = '{"k": "*", "id": "*"}'
ACCESS = '"staff.access"'  # numaru.kernel.live.ACCESS, as it stands in a message
PULSE = 15.0  # seconds between signs of life on a silent stream
RECHECK = 60.0  # seconds between looks at the session
PENDING = 200  # messages kept for a slow page; beyond that it is told that everything may have changed


class Fan:
    """Hands messages of one LISTEN connection to any number of pages."""

    def __init__(self) -> None:
        self._pages: set[asyncio.Queue[str | None]] = set()
        self._task: asyncio.Task[None] | None = None
        self.listening = False

    async def start(self) -> None:
        self._task = asyncio.create_task(self._listen())

    async def stop(self) -> None:
        """End every open stream and the connection."""
        for page in self._pages:
            self._put(page, None)
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    @contextlib.contextmanager
    def page(self) -> Iterator[asyncio.Queue[str | None]]:
        """A page's own queue for the length of a ``with`` block; None in it means the end."""
        queue: asyncio.Queue[str | None] = asyncio.Queue(PENDING)
        self._pages.add(queue)
        try:
            yield queue
        finally:
            self._pages.discard(queue)

    def tell(self, message: str) -> None:
        """Give ``message`` to every page."""
        for page in self._pages:
            self._put(page, message)

    @staticmethod
    def _put(page: asyncio.Queue[str | None], message: str | None) -> None:
        if page.full() or message is None:
            while not page.empty():
                page.get_nowait()
            if message is not None:
                message = EVERYTHING
        page.put_nowait(message)

    async def _listen(self) -> None:
        wait = 0.5
        again = False
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    os.environ.get("DATABASE_URL", ""), autocommit=True, connect_timeout=5
                ) as con:
                    await con.execute(f"LISTEN {CHANNEL}")
                    self.listening, wait = True, 0.5
                    if again:
                        self.tell(EVERYTHING)
                    async for note in con.notifies():
                        self.tell(note.payload)
            except (psycopg.Error, OSError) as error:
                log.warning("the live connection was lost: %s", error)
            finally:
                self.listening = False
            again = True
            await asyncio.sleep(wait)
            wait = min(wait * 2, 10)


fan = Fan()


def signed_in(cookie: str | None) -> bool:
    """Whether the session of the cookie belongs to active staff. Runs in a thread; gives its database connection back."""
    from importlib import import_module
    from types import SimpleNamespace

    from django.conf import settings
    from django.contrib.auth import get_user
    from django.db import close_old_connections, connection

    if not cookie:
        return False
    close_old_connections()
    try:
        store = import_module(settings.SESSION_ENGINE).SessionStore(cookie)
        user = get_user(SimpleNamespace(session=store))  # type: ignore[arg-type]
        return bool(user.is_authenticated and user.is_active)
    finally:
        connection.close()


async def events(request: Request) -> Response:
    """The stream. 401 without a session of active staff; ends when the page leaves, the session ends or the process stops."""
    from django.conf import settings

    cookie = request.cookies.get(settings.SESSION_COOKIE_NAME)
    if not await run_in_threadpool(signed_in, cookie):
        return PlainTextResponse("sign in first\n", status_code=401, headers={"Cache-Control": "no-store"})

    async def lines() -> AsyncIterator[str]:
        loop = asyncio.get_running_loop()
        checked = loop.time()
        with fan.page() as queue:
            yield "retry: 2000\n\n"
            while True:
                try:
                    message = await asyncio.wait_for(queue.get(), PULSE)
                except TimeoutError:
                    message = ""
                if message is None:
                    return
                ended = ACCESS in message  # somebody's sessions were ended: ours? pages are not told whose
                if ended or loop.time() - checked > RECHECK:
                    if not await run_in_threadpool(signed_in, cookie):
                        return
                    checked = loop.time()
                yield f"data: {message}\n\n" if message and not ended else ": here\n\n"

    return StreamingResponse(
        lines(),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no", "X-Content-Type-Options": "nosniff"},
    )
