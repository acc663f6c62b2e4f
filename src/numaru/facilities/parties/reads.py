"""Reads of parties: masked forms only."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Func, IntegerField, QuerySet, Value
from django.db.models.functions import Coalesce

from numaru.facilities.parties.actions.exports import WHAT
from numaru.facilities.parties.models import ContactExport, Party
from numaru.facilities.parties.permissions import EXPORT_APPROVE
from numaru.kernel.access import Actor
from numaru.kernel.errors import NotFound


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


@dataclass(frozen=True, slots=True)
class ExportCard:
    """A bulk opening as a page shows it; whose values it holds stays out."""

    number: str
    state: str
    people: int
    kinds: tuple[str, ...]
    purpose: str
    asked_name: str
    asked_at: datetime
    ready_at: datetime | None
    expires_at: datetime | None
    downloads: int
    mine: bool  # the reader asked for it and may fetch it
    passphrase_waits: bool


def exports(actor: Actor) -> QuerySet[Any]:
    """Bulk openings that ``actor`` may see: their own; whoever may approve them sees those of their services. Neither the people nor the
    passphrase are read; ``people`` is their number."""
    rows = ContactExport.objects.defer("persons", "numbers", "passphrase").annotate(
        people=Coalesce(Func("persons", Value(1), function="array_length", output_field=IntegerField()), 0)
    )
    if not actor.may_somewhere(EXPORT_APPROVE):
        return rows.filter(asked_by=actor.staff_id or 0)
    services = actor.services(EXPORT_APPROVE)
    return rows if services is None else rows.filter(asked_by=actor.staff_id or 0) | rows.filter(service__in=services)


def export(actor: Actor, number: str) -> ExportCard:
    """Raises NotFound, also for one that is not the actor's to see."""
    row = exports(actor).filter(number=number).first()
    if row is None:
        raise NotFound.named(WHAT, number)
    mine = row.asked_by == actor.staff_id
    return ExportCard(
        row.number, row.state, row.people, tuple(row.kinds), row.purpose, row.asked_name, row.asked_at, row.ready_at, row.expires_at,
        row.downloads, mine, mine and row.state == "ready" and ContactExport.objects.filter(pk=row.pk).exclude(passphrase=b"").exists(),
    )  # fmt: skip
