"""Policies as pages show them: the value in force, where it differs, what is coming, and every version there was."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from numaru.kernel.errors import NotFound
from numaru.kernel.models import Policy
from numaru.kernel.policies.kinds import unpack
from numaru.kernel.policies.values import Shipped, shipped
from numaru.values.text import Text


@dataclass(frozen=True, slots=True)
class Version:
    """One version of one scope. ``state``: now, coming, past, or shadowed (another of the same day was recorded later)."""

    row: Policy
    value: Any
    state: str


@dataclass(frozen=True, slots=True)
class Standing:
    """One policy on a day. ``row`` is the operator's version in force (None: the shipped value); ``apart`` those of narrower scopes in
    force; ``coming`` what begins later, soonest first; ``versions`` everything, newest first."""

    shipped: Shipped
    value: Any
    row: Policy | None
    apart: list[Version] = field(default_factory=list)
    coming: list[Version] = field(default_factory=list)
    versions: list[Version] = field(default_factory=list)

    @property
    def basis(self) -> str:
        return self.row.basis if self.row else self.shipped.basis

    @property
    def room(self) -> str:
        """The first part of the key: the room that declared it."""
        return self.shipped.key.partition(".")[0]


def _standing(one: Shipped, rows: list[Policy], on: date) -> Standing:
    """``rows`` in the order in which they take force."""
    now: dict[str, Policy] = {}
    for row in rows:
        if row.valid_from <= on:
            now[row.scope] = row
    last: dict[tuple[str, date], int] = {(row.scope, row.valid_from): row.pk for row in rows}

    def version(row: Policy) -> Version:
        if last[row.scope, row.valid_from] != row.pk:
            state = "shadowed"
        else:
            state = "coming" if row.valid_from > on else "now" if now.get(row.scope) is row else "past"
        return Version(row, unpack(one.kind, row.value), state)

    versions = [version(row) for row in rows]
    operator = now.get("operator")
    return Standing(
        one,
        unpack(one.kind, operator.value) if operator else one.value,
        operator,
        sorted((v for v in versions if v.state == "now" and v.row.scope != "operator"), key=lambda v: v.row.scope),
        [v for v in versions if v.state == "coming"],
        versions[::-1],
    )


def standings(on: date) -> list[Standing]:
    """Every policy of the house on a day, in the order of the keys. One query."""
    rows: dict[str, list[Policy]] = {}
    for row in Policy.objects.order_by("valid_from", "id"):
        rows.setdefault(row.key, []).append(row)
    return [_standing(one, rows.get(key, []), on) for key, one in shipped]


def standing(key: str, on: date) -> Standing:
    """One policy. Raises NotFound."""
    one = shipped.get(key)
    if one is None:
        raise NotFound.named(Text("정책값", "policy"), key)
    return _standing(one, list(Policy.objects.filter(key=key).order_by("valid_from", "id")), on)
