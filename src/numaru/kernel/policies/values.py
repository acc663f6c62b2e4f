"""Declaring a policy, and the value of one valid on a day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from typing import Any

from numaru.kernel.policies.kinds import KINDS, kind_of, unpack
from numaru.kernel.registers import Register
from numaru.values.text import Text


@dataclass(frozen=True, slots=True)
class Shipped:
    """A policy that a room declares: what it means, the value it ships with, and the basis of that value.

    ``kind`` says how it is typed and checked; ``scopes`` for which it can be set apart (operator, entity, service); ``choices`` are the
    only texts it may be; ``least`` bounds a figure from below; ``check`` returns what is wrong with a value, or None.
    """

    key: str
    text: Text
    value: Any
    basis: str
    kind: str = ""
    unit: Text | None = None
    scopes: tuple[str, ...] = ("operator",)
    choices: tuple[str, ...] = ()
    least: int = 0
    check: Callable[[Any], Text | None] | None = None


shipped: Register[Shipped] = Register("policies")


def policy(
    key: str, text: Text, value: Any, basis: str, *, kind: str = "", unit: Text | None = None, scopes: Sequence[str] = ("operator",),
    choices: Sequence[str] = (), least: int = 0, check: Callable[[Any], Text | None] | None = None,
) -> Shipped:  # fmt: skip
    """Declare a figure at import. The kind follows from the value unless named (``time`` is a text HH:MM). Raises ValueError for a value
    that is not of its kind or that its own check refuses."""
    found = kind or kind_of(value)
    one = Shipped(key, text, value, basis, found, unit, tuple(scopes), tuple(choices), least, check)
    wrong = trouble(one, value)
    if wrong is not None:
        raise ValueError(f"{key}: {wrong.en}")
    return shipped.add(key, one)


def trouble(one: Shipped, value: Any) -> Text | None:
    """What is wrong with ``value`` for this policy; None when it may be set."""
    kind = KINDS[one.kind]
    if not kind.holds(value):
        return kind.hint
    if one.choices and value not in one.choices:
        return Text("다음에서 고르십시오: {c}", "Choose one of: {c}").fill(c=", ".join(one.choices))
    if one.kind in ("int", "decimal") and value < one.least:
        return Text("{n} 이상이어야 합니다.", "It must be at least {n}.").fill(n=one.least)
    if isinstance(one.value, dict) and not isinstance(value, dict):
        return kind.hint
    return one.check(value) if one.check is not None else None


type Row = tuple[str, date, int, Any]  # scope, valid_from, id, stored value

_seen: ContextVar[dict[str, list[Row]] | None] = ContextVar("numaru_policies", default=None)


def _rows(key: str) -> list[Row]:
    from numaru.kernel.models import Policy

    seen = _seen.get()
    if seen is not None and key in seen:
        return seen[key]
    rows = list(Policy.objects.filter(key=key).order_by("valid_from", "id").values_list("scope", "valid_from", "id", "value"))
    if seen is not None:
        seen[key] = rows
    return rows


def value(key: str, on: date, scopes: tuple[str, ...] = ()) -> Any:
    """The value of ``key`` valid on ``on``: the narrowest of ``scopes`` (narrowest first) that has one, then the operator's, then the
    shipped one. One query; within :func:`reading` one for each key. Raises KeyError for a key that no room declared."""
    default = shipped[key]
    rows = _rows(key)
    for scope in (*scopes, "operator"):
        found = [stored for of, valid_from, _, stored in rows if of == scope and valid_from <= on]
        if found:
            return unpack(default.kind, found[-1])
    return default.value


@contextmanager
def reading() -> Iterator[None]:
    """Within it each policy is looked up once and stays as it was then. For a page, or a job that asks for every one of many rows; a change
    made within it is seen at once (:func:`forget`)."""
    token = _seen.set({})
    try:
        yield
    finally:
        _seen.reset(token)


def ahead(keys: Iterable[str]) -> None:
    """Look several policies up at once: one query instead of one for each. Within :func:`reading` only; without it nothing is done."""
    from numaru.kernel.models import Policy

    seen = _seen.get()
    wanted = [key for key in keys if seen is not None and key not in seen]
    if seen is None or not wanted:
        return
    found: dict[str, list[Row]] = {key: [] for key in wanted}
    rows = Policy.objects.filter(key__in=wanted).order_by("valid_from", "id")
    for key, *row in rows.values_list("key", "scope", "valid_from", "id", "value"):
        found[key].append((row[0], row[1], row[2], row[3]))
    seen.update(found)


def forget() -> None:
    """Look policies up anew from here on."""
    seen = _seen.get()
    if seen is not None:
        seen.clear()
