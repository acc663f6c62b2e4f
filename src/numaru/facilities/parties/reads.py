"""Reads of parties: masked forms only."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from numaru.facilities.parties.models import Party


@dataclass(frozen=True, slots=True)
class MaskedPerson:
    """What a list may show of a person; each value may be empty."""

    id: int
    name: str
    phone: str
    email: str


def masked(ids: set[int]) -> dict[int, MaskedPerson]:
    """Masked forms by party id. One query."""
    rows = Party.objects.filter(pk__in=ids).values_list("pk", "name_masked", "phone_masked", "email_masked")
    return {row[0]: MaskedPerson(*row) for row in rows}


def found(tokens: Collection[int], limit: int = 20_000) -> list[int]:
    """Ids of the people who carry at least one of the blind ``tokens``, latest first, at most ``limit``. One query by index."""
    if not tokens:
        return []
    rows = Party.objects.filter(tokens__overlap=list(tokens)).order_by("-pk").values_list("pk", flat=True)
    return list(rows[:limit])
