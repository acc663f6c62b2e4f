"""Requests to an ASGI application without a network: with any peer, scheme, header and body."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from tests.config.running import apart


@dataclass
class Answer:
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


def ask(
    app: Any,
    path: str,
    *,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    body: list[bytes] | None = None,
    peer: str = "203.0.113.9",
    scheme: str = "http",
    query: str = "",
    leaves: bool = False,
) -> Answer:
    """One request. ``body`` comes in pieces; ``leaves``: the sender goes before the last piece."""
    told: list[dict[str, Any]] = []
    pieces = list(body or [b""])
    given = {"host": "testserver"} | {k.lower(): v for k, v in (headers or {}).items()}

    async def run() -> None:
        async def receive() -> dict[str, Any]:
            if pieces:
                piece = pieces.pop(0)
                return {"type": "http.request", "body": piece, "more_body": bool(pieces) or leaves}
            if not leaves:  # a browser that waits says nothing more
                await asyncio.sleep(60)
            return {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            told.append(message)

        await app(
            {
                "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
                "scheme": scheme, "server": ("testserver", 80), "client": (peer, 1), "http_version": "1.1",
                "headers": [(k.encode(), v.encode("latin-1")) for k, v in given.items()],
            },
            receive, send,
        )  # fmt: skip

    apart(run())
    kept = {bytes(k).decode(): bytes(v).decode() for k, v in told[0]["headers"]}
    return Answer(told[0]["status"], kept, b"".join(m.get("body", b"") for m in told[1:]))
