"""Reads of parties: masked forms only."""

from __future__ import annotations

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
