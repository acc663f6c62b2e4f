"""Reads of subscribers as values."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from numaru.domains.subscribers.models import Subscriber
from numaru.kernel.errors import NotFound
from numaru.values.text import Text


@dataclass(frozen=True, slots=True)
class SubscriberCard:
    """A subscriber as other rooms see it; masked names come from parties."""

    id: int
    number: str
    external_id: str
    party_id: int
    service_id: int
    state: str
    served_from: date | None
    served_to: date | None
    created_at: datetime


def card(row: Subscriber) -> SubscriberCard:
    return SubscriberCard(
        row.pk, row.number, row.external_id, row.party_id, row.service_id, row.state, row.served_from, row.served_to, row.created_at
    )


def parse_number(text: str) -> int | None:
    """The id behind S-0001234; None for anything else."""
    text = text.strip().upper()
    return int(text[2:]) if text.startswith("S-") and text[2:].isascii() and text[2:].isdigit() and len(text) < 20 else None


def visible(services: frozenset[str] | None) -> QuerySet[Subscriber]:
    """Subscribers of the services that the actor may see (None: all). Every read that serves a person starts here."""
    rows = Subscriber.objects.all()
    return rows if services is None else rows.filter(service__slug__in=services)


def subscriber(number: str, services: frozenset[str] | None) -> SubscriberCard:
    """Raises NotFound for an unknown number and for one of a service that the actor may not see, alike."""
    pk = parse_number(number)
    row = visible(services).filter(pk=pk).first() if pk is not None else None
    if row is None:
        raise NotFound.named(Text("가입자", "subscriber"), number)
    return card(row)


def cards(ids: set[int]) -> dict[int, SubscriberCard]:
    return {row.pk: card(row) for row in Subscriber.objects.filter(pk__in=ids)}


def of_parties(party_ids: set[int]) -> dict[int, SubscriberCard]:
    """The first subscriber of each party."""
    found: dict[int, SubscriberCard] = {}
    for row in Subscriber.objects.filter(party_id__in=party_ids).order_by("-pk"):
        found[row.party_id] = card(row)
    return found


def subject_keys(ids: Collection[int]) -> dict[int, int]:
    """The key under which each subscriber's usage is kept."""
    return dict(Subscriber.objects.filter(pk__in=ids).values_list("pk", "subject_key"))


class Directory:
    """Answers metering's question: which subject key belongs to a reference from outside (number or external id)."""

    def subjects(self, service_slug: str, refs: Sequence[str]) -> dict[str, int]:
        """Subject keys by reference; unknown ones are left out. At most two queries, whatever the count."""
        wanted = set(refs)
        rows = Subscriber.objects.filter(service__slug=service_slug, external_id__in=wanted).values_list("external_id", "subject_key")
        found: dict[str, int] = dict(rows)
        numbers = {pk: ref for ref in wanted - found.keys() if (pk := parse_number(ref)) is not None}
        if numbers:
            more = Subscriber.objects.filter(service__slug=service_slug, pk__in=numbers).values_list("pk", "subject_key")
            found |= {numbers[pk]: key for pk, key in more}
        return found
