"""The web process: uvicorn on a socket that the supervisor opened, so that a restart loses no connection that was waiting."""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from numaru.config import limits, logs
from numaru.config.supervisor import follow_supervisor

bound = ""  # the address on which this process listens, once it does


class Prompt(H11Protocol):
    """Closes a connection whose next request does not show its whole head within `limits.HEAD_WITHIN` seconds of its first byte, or of
    the opening of the connection."""

    _head: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            self._await_head()  # a piece of a head; the time runs since the first one
        else:
            self._head_came()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_came()
        super().connection_lost(exc)

    def _await_head(self) -> None:
        if self._head is None:
            self._head = self.loop.call_later(limits.HEAD_WITHIN, self._too_late)

    def _head_came(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None

    def _too_late(self) -> None:
        self._head = None
        if not self.transport.is_closing() and self.conn.their_state is h11.IDLE and (self.cycle is None or self.cycle.response_complete):
            self.transport.close()


class Web(uvicorn.Server):
    """Ends open event streams at once when asked to stop: they would never end by themselves."""

    def handle_exit(self, sig: int, frame: object) -> None:
        from numaru.config.stream import fan

        super().handle_exit(sig, frame)  # type: ignore[arg-type]
        with_loop = getattr(self, "_loop", None)
        if with_loop is not None:
            with_loop.call_soon_threadsafe(lambda: with_loop.create_task(fan.stop()))

    async def serve(self, sockets: object = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().serve(sockets)  # type: ignore[arg-type]


def _address(fd: int) -> str:
    """The address of an open listening socket."""
    with socket.socket(fileno=os.dup(fd)) as door:
        return str(door.getsockname()[0])


def main(argv: list[str]) -> int:
    """Serve until SIGTERM. ``--fd`` is an open listening socket."""
    words = argparse.ArgumentParser(prog="numaru web")
    words.add_argument("--fd", type=int, required=True)
    chosen = words.parse_args(argv)
    follow_supervisor()
    logs.set_up()
    global bound
    bound = _address(chosen.fd)
    config = uvicorn.Config(
        "numaru.config.server:app",
        fd=chosen.fd,
        log_config=None,
        http=Prompt,
        ws="none",
        proxy_headers=False,  # the edge decides which proxy is believed
        access_log=False,
        lifespan="on",
        server_header=False,
        timeout_graceful_shutdown=4,
        timeout_keep_alive=30,
        h11_max_incomplete_event_size=64 * 1024,
    )
    server = Web(config)
    server.run()
    return 0 if server.started else 1
