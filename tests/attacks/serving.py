"""The whole house behind a real socket, for attacks that a test client can't make: native routes, raw bytes, slow senders."""

from __future__ import annotations

import contextlib
import http.client
import socket
import time
from collections.abc import Iterator
from threading import Thread
from typing import Any

import uvicorn


@contextlib.contextmanager
def served(app: Any, **options: Any) -> Iterator[int]:
    """Serve ``app`` in a thread; the port on the loopback interface."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical", lifespan="off", server_header=False, **options)
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(10)


def ask(
    port: int, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None, timeout: float = 30
) -> tuple[int, dict[str, str], bytes]:
    """One request: (status, headers in small letters, body)."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)) as link:
        link.request(method, path, body, headers or {})
        got = link.getresponse()
        return got.status, {k.lower(): v for k, v in got.getheaders()}, got.read()


def raw(port: int, content: bytes, timeout: float = 5) -> bytes:
    """Bytes as they are, and everything that comes back until the house closes or says nothing for ``timeout`` seconds."""
    heard = b""
    with socket.create_connection(("127.0.0.1", port), timeout) as link:
        link.sendall(content)
        with contextlib.suppress(TimeoutError, ConnectionResetError):
            while part := link.recv(65_536):
                heard += part
    return heard
