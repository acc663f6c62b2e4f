"""A real mail server for the tests, which takes, refuses, delays and hangs up as it is told."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Place:
    """What came, and how each receiver is answered: ``answers`` by address; a word of "hang rcpt", "hang dot" cuts the connection."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str, bytes]] = []
        self.answers: dict[str, str] = {}
        self.connections = 0
        self.on_taken: Callable[[str, str, bytes], None] | None = None

    async def handle_EHLO(self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return [*responses[:-1], *(["250-PIPELINING"] if self.pipelining else []), responses[-1]]

    pipelining = False

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        answer = self.answers.get(address, "")
        if answer == "hang rcpt":
            server.transport.abort()
            await asyncio.sleep(0)
            return "421 going"
        if answer.startswith("data ") or answer == "hang dot" or not answer:
            envelope.rcpt_tos.append(address)
            return "250 2.1.5 ok"
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        address = envelope.rcpt_tos[0]
        answer = self.answers.get(address, "")
        if answer == "hang dot":
            self.taken.append((str(envelope.mail_from), address, envelope.content or b""))  # type: ignore[arg-type]
            server.transport.abort()
            return "421 going"
        if answer.startswith("data "):
            return answer.removeprefix("data ")
        self.taken.append((str(envelope.mail_from), address, envelope.content or b""))  # type: ignore[arg-type]
        if self.on_taken:
            self.on_taken(*self.taken[-1])
        return "250 2.0.0 queued"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def controller(place: Place, **options: Any) -> Controller:
    return Controller(place, hostname="127.0.0.1", port=free_port(), **options)
