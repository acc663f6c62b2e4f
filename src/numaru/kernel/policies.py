"""Figures with a legal or contractual basis. A rule never holds one as a constant: it receives the value valid at the time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from numaru.kernel.models import Policy
from numaru.kernel.registers import Register
from numaru.values.text import Text


@dataclass(frozen=True, slots=True)
class Shipped:
    """A policy that a room declares: what it means, the value it ships with, and the basis of that value."""

    key: str
    text: Text
    value: Any
    basis: str


shipped: Register[Shipped] = Register("policies")


def policy(key: str, text: Text, value: Any, basis: str) -> Shipped:
    return shipped.add(key, Shipped(key, text, value, basis))


def value(key: str, on: date, scopes: tuple[str, ...] = ()) -> Any:
    """The value of ``key`` valid on ``on``: the narrowest of ``scopes`` (narrowest first) that has one, then the operator's, then the
    shipped one. Raises KeyError for a key that no room declared."""
    default = shipped[key]
    for scope in (*scopes, "operator"):
        found = Policy.objects.filter(key=key, scope=scope, valid_from__lte=on).order_by("-valid_from", "-id").first()
        if found:
            return found.value
    return default.value
