"""Reads of leak cases for pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Min, Q, QuerySet

from numaru.kernel import ports
from numaru.kernel.access import Actor
from numaru.kernel.errors import NotAllowed
from numaru.kernel.leaks.cases import found
from numaru.kernel.leaks.models import AffectedPerson, AffectedSet, HandOver, LeakCase, LeakDraft, LeakDuty, LeakEntry, SendingProof
from numaru.kernel.leaks.permissions import LEAK_VIEW
from numaru.kernel.leaks.ports import PersonDirectory
from numaru.kernel.leaks.sending import coverage


@dataclass(frozen=True)
class CasePage:
    """Everything of one case. ``drafts`` holds the latest version of each kind."""

    case: LeakCase
    duties: list[LeakDuty]
    sets: list[AffectedSet]
    drafts: dict[str, LeakDraft]
    handovers: list[HandOver]
    proofs: list[SendingProof]
    entries: list[LeakEntry]
    coverage: dict[str, Any]


def look(actor: Actor) -> None:
    """Raises NotAllowed for whoever may not see cases."""
    if not actor.may(LEAK_VIEW):
        raise NotAllowed.for_permission(LEAK_VIEW)


def listed(actor: Actor) -> QuerySet[LeakCase]:
    """All cases, each with ``next_due``: the soonest deadline that is still to be met."""
    look(actor)
    return LeakCase.objects.annotate(next_due=Min("duties__due_at", filter=Q(duties__state="due")))


def page(actor: Actor, number: str) -> CasePage:
    """One case. Raises NotAllowed and NotFound."""
    look(actor)
    row = found(number)
    drafts: dict[str, LeakDraft] = {}
    for one in LeakDraft.objects.filter(case=row).order_by("version"):
        drafts[one.kind] = one
    return CasePage(
        row,
        list(LeakDuty.objects.filter(case=row).order_by("due_at", "id")),
        list(AffectedSet.objects.filter(case=row).order_by("-version")),
        drafts,
        list(HandOver.objects.filter(case=row).select_related("affected", "draft").order_by("-id")),
        list(SendingProof.objects.filter(case=row).select_related("handover").order_by("-at")),
        list(LeakEntry.objects.filter(case=row).order_by("-id")),
        coverage(row),
    )


def people(chosen: AffectedSet, after: int = 0, limit: int = 50) -> list[tuple[str, AffectedPerson]]:
    """A part of a set in the order of the persons' ids: number (empty where there is none) and row. Nothing is opened."""
    rows = list(AffectedPerson.objects.filter(set=chosen, person__gt=after).order_by("person")[:limit])
    numbers = ports.get(PersonDirectory).numbers([row.person for row in rows])  # type: ignore[type-abstract]
    return [(numbers.get(row.person, ""), row) for row in rows]


def draft_versions(number: str, kind: str) -> list[LeakDraft]:
    """Every version of a text, the latest first."""
    return list(LeakDraft.objects.filter(case__number=number, kind=kind).order_by("-version"))


def due_count() -> int:
    """How many duties of open cases are still to be met."""
    return LeakDuty.objects.filter(state="due", case__state="open").count()
