"""The web process: uvicorn on a socket that the supervisor opened, so that a restart loses no connection that was waiting."""

from __future__ import annotations

import argparse
import asyncio
import logging

import uvicorn

from numaru.config.supervisor import follow_supervisor


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


def main(argv: list[str]) -> int:
    """Serve until SIGTERM. ``--fd`` is an open listening socket."""
    words = argparse.ArgumentParser(prog="numaru web")
    words.add_argument("--fd", type=int, required=True)
    chosen = words.parse_args(argv)
    follow_supervisor()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    config = uvicorn.Config(
        "numaru.config.server:app",
        fd=chosen.fd,
        log_level="warning",
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
