"""Rows of master data, for whoever searches from anywhere: of every declared table that the reader may see."""

from __future__ import annotations

from numaru.faces.console.records.rooms import NAME
from numaru.facilities.catalogue import api as catalogue
from numaru.kernel.access import Actor
from numaru.ui import search
from numaru.ui.records import records
from numaru.ui.search import Asked, Finder, Hit

MOST = 500  # rows of a table that are looked through: these are code tables


def find(actor: Actor, asked: Asked, limit: int) -> list[Hit]:
    """By their title, in either language. One query a table."""
    out: list[Hit] = []
    for _, record in records:
        if not actor.may_somewhere(record.permission):
            continue
        for row in record.rows.order_by("pk")[:MOST]:
            title = record.title(row)
            if asked.finds(title):
                out.append(Hit(title, record.url(row), note=record.name, state=record.face(row), icon="table"))
    return out[:limit]


search.finders.add(
    "records.row", Finder(NAME, "table", catalogue.RECORD_VIEW, lambda asked: asked.is_word and len(asked.text) > 1, find, None, 84)
)
