"""The register of retention classes: what the house keeps, why, from when, how long, and what happens then (MODEL §7).

A room registers a class for each kind of rows it keeps about people and gives the functions that count, find, destroy and export them;
nothing else destroys. Tables that need no class are named with the reason. A test walks every table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.db import connection

from numaru.kernel import policies
from numaru.kernel.access import Actor
from numaru.kernel.policies import Shipped
from numaru.kernel.registers import Register
from numaru.kernel.retention.spans import Span, Unit
from numaru.values.text import Text

type Ref = int | str  # what names one row of a class: a person's id, a row's id, a key


class Act(StrEnum):
    """What is done when the time is over."""

    KEY = "key"  # the person's data key is destroyed: everything sealed with it is unreadable
    DELETE = "delete"  # the rows are deleted
    ANONYMISE = "anonymise"  # what ties the rows to a person is cut; the rows stay as figures


ACTS: dict[Act, Text] = {
    Act.KEY: Text("열쇠 파기", "Destroy the key"),
    Act.DELETE: Text("행 삭제", "Delete rows"),
    Act.ANONYMISE: Text("익명 처리", "Anonymise"),
}


@dataclass(frozen=True, slots=True)
class Section:
    """A part of what is held about one person, for them to read: a title, the heads of its columns, rows of written values."""

    title: Text
    heads: tuple[Text, ...]
    rows: tuple[tuple[str, ...], ...]

    def as_dict(self) -> dict[str, Any]:
        """JSON with both languages: {"title": {"ko", "en"}, "columns": [{"ko", "en"}, …], "rows": [[…], …]}."""
        return {
            "title": {"ko": self.title.ko, "en": self.title.en},
            "columns": [{"ko": h.ko, "en": h.en} for h in self.heads],
            "rows": [list(r) for r in self.rows],
        }


@dataclass(frozen=True, slots=True)
class Asking:
    """Who exports, and on which request: openings that an export makes are recorded under both."""

    actor: Actor
    request: str
    purpose: str


@dataclass(frozen=True, slots=True)
class RetentionClass:
    """One kind of kept rows.

    ``count(cut, held)`` and ``due(cut, held, after, limit)`` know the rows whose start event was on or before the day ``cut`` and that are
    not about one of the persons ``held``; ``due`` gives at most ``limit`` refs above ``after`` in ascending order. ``destroy(refs)`` is one
    set-based step in the caller's transaction, harmless for a ref that is gone, and returns how many rows it touched.
    For a class about people: ``refs_of(person)`` names what is held of one person, ``started(person)`` the day of its latest start event
    (None: nothing held, or not begun), ``export`` what is held, to be read by that person. ``by_law``: a request does not shorten it.
    """

    key: str
    name: Text
    start: Text
    basis: Text
    period: Shipped
    unit: Unit
    act: Act
    tables: tuple[str, ...]
    count: Callable[[date, Sequence[int]], int]
    due: Callable[[date, Sequence[int], Ref | None, int], Sequence[Ref]]
    destroy: Callable[[Sequence[Ref]], int]
    refs_of: Callable[[int], Sequence[Ref]] | None = None
    started: Callable[[int], date | None] | None = None
    export: Callable[[int, Asking], Sequence[Section]] | None = None
    by_law: bool = False
    unsure: bool = False  # the period or its form was not confirmed: the operator's counsel decides
    apart: Text | None = None  # how it stands apart from live data while it is kept

    @property
    def personal(self) -> bool:
        """Whether its destruction is logged by ref and played again after a restore."""
        return self.refs_of is not None

    def span(self, on: date) -> Span:
        return Span(int(policies.value(self.period.key, on)), self.unit)


classes: Register[RetentionClass] = Register("retention classes")
# Tables with personal fields that belong to no class: label of the model → why.
exempt: Register[Text] = Register("tables without a retention class")


def keep(row: RetentionClass) -> RetentionClass:
    """Register a class under its key."""
    return classes.add(row.key, row)


def leave(label: str, why: Text) -> None:
    """Say that a table needs no class, and why."""
    exempt.add(label, why)


@dataclass(frozen=True, slots=True)
class Purpose:
    """Why a person's data are still needed. ``condition(person, cut)`` is an SQL condition over ``person`` (a column, or a number) that
    is true while the purpose holds for somebody whose data would be destroyed as of ``cut``, with its parameters by name."""

    name: Text
    condition: Callable[[str, date], tuple[str, dict[str, Any]]]


purposes: Register[Purpose] = Register("retention purposes")


def needed(person: str, cut: date) -> tuple[str, dict[str, Any]]:
    """SQL that is true for a person whom some room still needs."""
    parts: list[str] = []
    values: dict[str, Any] = {}
    for _, purpose in purposes:
        condition, more = purpose.condition(person, cut)
        parts.append(f"({condition})")
        values |= more
    return " OR ".join(parts) or "false", values


def needed_for(person: int, on: date) -> list[Text]:
    """The purposes for which this person is still needed on ``on``."""
    found = []
    for _, purpose in purposes:
        condition, values = purpose.condition(str(int(person)), on)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {condition}", values)
            if cursor.fetchone()[0]:
                found.append(purpose.name)
    return found
