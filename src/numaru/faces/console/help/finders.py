"""Sections of the manual, for whoever searches from anywhere. Everyone may read it."""

from __future__ import annotations

from django.conf import settings

from numaru.faces.console.help import finding
from numaru.kernel.access import Actor
from numaru.ui import search
from numaru.ui.search import Asked, Finder, Hit
from numaru.values.text import Text, language


def find(actor: Actor, asked: Asked, limit: int) -> list[Hit]:
    """The best sections in the reader's language. No query: the manual is read once a process."""
    return [
        Hit(hit.title or hit.page, hit.url, note=hit.page if hit.title else "", icon="book")
        for hit in finding.find(settings.ROOT, language(), asked.text)[:limit]
    ]


search.finders.add(
    "help.page",
    Finder(
        Text("도움말", "Help"), "book", None, lambda asked: asked.is_word and len(asked.text) > 1 and not asked.consonants, find,
        lambda asked: search.listed("help:index", q=asked.text), 95,
    ),
)  # fmt: skip
