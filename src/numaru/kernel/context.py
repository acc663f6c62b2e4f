"""Whose request or job this is: the id that ties log lines together, carried from the edge through threads into deferred jobs."""

from __future__ import annotations

import re
import secrets
from contextvars import ContextVar
from dataclasses import dataclass

_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


@dataclass(slots=True)
class Context:
    """One request or job. ``actor`` is kind and number (``staff:3``), never a name; ``route`` is the pattern, never the address."""

    id: str
    route: str = ""
    actor: str = ""
    job: str = ""


current: ContextVar[Context | None] = ContextVar("numaru_context", default=None)


def new_id() -> str:
    """22 characters, 128 random bits."""
    return secrets.token_urlsafe(16)


def proper(given: str | None) -> bool:
    """Whether an id from outside may stand in our logs: 8 to 64 of letters, digits, dot, dash and underscore."""
    return bool(given) and _ID.fullmatch(given or "") is not None


def acting(kind: str, number: int | None) -> None:
    """Note who acts in this request, for its log line."""
    found = current.get()
    if found is not None:
        found.actor = f"{kind}:{number}" if number is not None else kind


def request_id() -> str:
    """The id of the running request, or of the request that asked for the running job; empty outside both."""
    found = current.get()
    return found.id if found else ""
