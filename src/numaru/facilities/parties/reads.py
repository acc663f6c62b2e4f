"""Reads of parties: masked forms only."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Func, IntegerField, QuerySet, Value
from django.db.models.functions import Coalesce

from numaru.facilities.parties.actions.exports import WHAT
from numaru.facilities.parties.actions.people import begun_tokens, search_tokens
from numaru.facilities.parties.models import ContactExport, Party
from numaru.facilities.parties.permissions import EXPORT_APPROVE
from numaru.kernel.access import Actor
from numaru.kernel.errors import NotFound
from numaru.values import hangul


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


def named(text: str, limit: int, *, whole_numbers: bool = True) -> list[int]:
    """Ids of the people whom ``text`` names, latest first, at most ``limit``: by name, initial consonants, e-mail, telephone number, or by a name
    that is still being typed. At most two queries, by index.

    A name half typed is asked by its initials; of those found, only those whose masked form (김*늘) can still become it are taken. ``limit``
    bounds what is looked through, so of a very common beginning only the latest are seen.
    """
    people = found(search_tokens(text, whole_numbers=whole_numbers), limit)
    begun = begun_tokens(text)
    if begun:
        typed, known = hangul.normal(text), set(people)
        rows = Party.objects.filter(tokens__overlap=begun, name_masked__startswith=typed[0]).order_by("-pk")
        people += [pk for pk, seen in rows.values_list("pk", "name_masked")[:limit] if pk not in known and fits(seen, typed)]
    return people[:limit]


def fits(seen: str, typed: str) -> bool:
    """Whether the masked name ``seen`` can be the one that is being typed: the letters that are shown agree with it as far as it goes.

    >>> fits("김*늘", "김ㅎ"), fits("김*늘", "김하느"), fits("김*늘", "김하나"), fits("김*", "김하"), fits("이*", "김하")
    (True, True, False, True, False)
    """
    whole, last = zip(seen, typed[:-1], strict=False), seen[len(typed) - 1 : len(typed)]
    return (last == "*" or hangul.begins(last, typed[-1:])) and all(
        there in ("*", letter) or (letter in hangul.INITIALS and hangul.begins(there, letter)) for there, letter in whole
    )


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


def reachable(ids: Sequence[int]) -> list[tuple[int, bool, bool]]:
    """Whether the house knows a telephone number and an e-mail address of each: (party, phone, e-mail). One query, nothing is opened."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, phone_masked <> '', email_masked <> '' FROM parties_party WHERE id = ANY(%s)", [list(ids)])
        return cursor.fetchall()


def portal_users(ids: Sequence[int]) -> set[int]:
    """Those of ``ids`` who have a portal account in use. One query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT party_id FROM parties_portalaccount WHERE party_id = ANY(%s) AND state = 'active'", [list(ids)])
        return {party for (party,) in cursor.fetchall()}
