"""Batches and messages, for whoever searches by their number."""

from __future__ import annotations

from numaru.facilities.messaging import reads
from numaru.facilities.messaging.models import message_id
from numaru.facilities.messaging.permissions import BATCH_VIEW
from numaru.facilities.messaging.web.batches import MESSAGES, NAME, message_url, url
from numaru.facilities.messaging.web.states import BATCH, KIND, MESSAGE
from numaru.kernel.access import Actor
from numaru.ui import search
from numaru.ui.search import Asked, Finder, Hit


def find_batches(actor: Actor, asked: Asked, limit: int) -> list[Hit]:
    """By the whole number. One query."""
    rows = reads.batches(actor).filter(number=asked.number)[:limit]
    return [Hit(row.title, url(row), row.number, KIND[row.kind], BATCH[row.state], "send", exact=True) for row in rows]


def find_messages(actor: Actor, asked: Asked, limit: int) -> list[Hit]:
    """By the whole number; who it went to is not told here. One query."""
    pk = message_id(asked.number)
    rows = reads.messages(actor).filter(pk=pk)[:limit] if pk is not None else []
    return [Hit(row.batch.title, message_url(row), row.number, row.batch.number, MESSAGE[row.state], "send", exact=True) for row in rows]


search.finders.add(
    "messaging.batch",
    Finder(NAME, "send", BATCH_VIEW, lambda asked: asked.number.startswith("MB-"), find_batches, None, 62, lambda asked: asked.number.startswith("MB-")),
)  # fmt: skip
search.finders.add(
    "messaging.message",
    Finder(MESSAGES, "send", BATCH_VIEW, lambda asked: asked.number.startswith("M-"), find_messages, None, 63, lambda asked: asked.number.startswith("M-")),
)  # fmt: skip
