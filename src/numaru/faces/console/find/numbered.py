"""Things of the console that bear a number: found by it and remembered by it, declared in a few words each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from numaru.kernel.access import Actor
from numaru.ui import peek, search
from numaru.ui.peek import Glance
from numaru.ui.search import Asked, Finder, Hit
from numaru.ui.states import State
from numaru.values.text import Text

type Words = Callable[[Any], Text | str]


def numbered(
    key: str,
    one: Text,
    many: Text,
    icon: str,
    permission: str,
    prefix: str,
    view: str,
    rows: Callable[[Actor], QuerySet[Any]],
    title: Words,
    state: Callable[[Any], State | None],
    note: Words = lambda row: "",
    *,
    glance: Callable[[Actor, str], Glance] | None = None,
    words: int = 0,
    more: str = "",
    order: int = 50,
    everywhere: bool = True,
) -> None:
    """Register ``rows`` (narrowed to what the actor may see) as things with a column ``number`` that begins with ``prefix``.

    They are found by the beginning of their number, and with ``words`` by their title among the latest so many; a line of search reads
    ``title``, ``state`` and ``note`` from a row. ``more`` is the list that takes the same question.
    """

    def hit(row: Any, exact: str = "") -> Hit:
        return Hit(title(row), reverse(view, args=[row.number]), row.number, note(row), state(row), icon, row.number == exact)

    def takes(asked: Asked) -> bool:
        return asked.number.startswith(prefix) if asked.is_number else bool(words) and asked.is_word and len(asked.text) > 1

    def find(actor: Actor, asked: Asked, limit: int) -> list[Hit]:
        latest = rows(actor).order_by("-pk")
        if asked.is_number:
            return [hit(row, asked.number) for row in latest.filter(number__startswith=asked.number)[:limit]]
        return [hit(row) for row in latest[:words] if asked.finds(title(row))][:limit]

    def lines(actor: Actor, numbers: Sequence[str]) -> dict[str, Hit]:
        return {row.number: hit(row) for row in rows(actor).filter(number__in=list(numbers))}

    listed = (lambda asked: search.listed(more, q=asked.text)) if more else None
    search.finders.add(key, Finder(many, icon, permission, takes, find, listed, order, everywhere=everywhere))
    peek.things.add(key, peek.Thing(one, icon, permission, view, lines=lines, glance=glance, everywhere=everywhere))
