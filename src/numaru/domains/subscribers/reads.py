"""Reads of subscribers as values."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import Q, QuerySet

from numaru.domains.subscribers.models import Subscriber
from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.parties import api as parties
from numaru.kernel import clock
from numaru.kernel.errors import NotFound
from numaru.values.text import Text

FOUND = 1_001  # the most that a search takes from one index: one more than a list counts
BEGINNING = "SELECT id FROM subscribers_subscriber WHERE external_id LIKE %s ORDER BY external_id USING ~<~ LIMIT %s"


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
    if services is None:
        return rows
    return rows.filter(service_id__in=[s.id for s in catalogue.services() if s.slug in services])  # ids: so that the index on them is used


def subscriber(number: str, services: frozenset[str] | None) -> SubscriberCard:
    """Raises NotFound for an unknown number and for one of a service that the actor may not see, alike."""
    pk = parse_number(number)
    row = visible(services).filter(pk=pk).first() if pk is not None else None
    if row is None:
        raise NotFound.named(Text("가입자", "subscriber"), number)
    return card(row)


def matching(rows: QuerySet[Subscriber], text: str) -> QuerySet[Subscriber]:
    """Those of ``rows`` that ``text`` names: their number, the beginning of their external id, or a person by name, initial consonants,
    e-mail, whole phone number or its last four digits.

    By indexes alone, whatever is typed: of people found at most the latest 1,001 count, of beginnings the first 1,001 in their order.
    """
    number = parse_number(text)
    found = _beginning(text) | ({number} if number is not None else set())
    people = parties.named(text, FOUND)
    if people:
        found |= set(Subscriber.objects.filter(party_id__in=people).values_list("pk", flat=True))
    return rows.filter(pk__in=found)


def nearest(services: frozenset[str] | None, text: str, limit: int, *, whole_numbers: bool) -> list[Subscriber]:
    """At most ``limit`` subscribers whom ``text`` names, as :func:`matching` finds them: one by its number first, then the latest. Somebody who is
    found under a whole telephone number only when ``whole_numbers``."""
    number = parse_number(text)
    rows = visible(services)
    if number is not None:
        return list(rows.filter(pk=number))
    found = _beginning(text)
    people = parties.named(text, FOUND, whole_numbers=whole_numbers)
    if people:
        found |= set(Subscriber.objects.filter(party_id__in=people).values_list("pk", flat=True))
    return list(rows.filter(pk__in=found).order_by("-pk")[:limit]) if found else []


def numbered(services: frozenset[str] | None, numbers: Sequence[str]) -> list[Subscriber]:
    """Those of ``numbers`` that the actor may see. One query."""
    return list(visible(services).filter(pk__in=[pk for n in numbers if (pk := parse_number(n)) is not None]))


def _beginning(text: str) -> set[int]:
    """Ids of the subscribers whose external id begins with ``text``; of one or two letters only an id that is just that."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    with connection.cursor() as cursor:
        cursor.execute(BEGINNING, [escaped + ("%" if len(text) > 2 else ""), FOUND])
        return {pk for (pk,) in cursor.fetchall()}


def used(rows: QuerySet[Subscriber], which: str) -> QuerySet[Subscriber]:
    """Those whose service runs today ("running") or has ended ("ended")."""
    today = clock.today()
    if which == "ended":
        return rows.filter(served_to__lte=today)
    return rows.filter(Q(served_to__isnull=True) | Q(served_to__gt=today), served_from__lte=today)


STANDING = (
    "SELECT v.slug, count(*) FILTER (WHERE s.served_from <= %(today)s AND (s.served_to IS NULL OR s.served_to > %(today)s)),"
    " count(*) FILTER (WHERE s.served_from > %(week)s AND s.served_from <= %(today)s),"
    " count(*) FILTER (WHERE s.served_from > %(before)s AND s.served_from <= %(week)s),"
    " count(*) FILTER (WHERE s.served_to > %(week)s AND s.served_to <= %(today)s),"
    " count(*) FILTER (WHERE s.served_to > %(before)s AND s.served_to <= %(week)s)"
    " FROM catalogue_service v LEFT JOIN subscribers_subscriber s ON s.service_id = v.id GROUP BY v.slug"
)
FIGURES = ("active", "joined", "joined_before", "ended", "ended_before")


def standing() -> dict[str, dict[str, int]]:
    """By service, as of today: who is served, and whose service began or ended within the last seven days and the seven before. One pass over
    everybody, for the worker (:mod:`numaru.kernel.tallies`), not for a page."""
    today = clock.today()
    with connection.cursor() as cursor:
        cursor.execute(STANDING, {"today": today, "week": today - timedelta(days=7), "before": today - timedelta(days=14)})
        return {row[0]: dict(zip(FIGURES, map(int, row[1:]), strict=True)) for row in cursor.fetchall()}


def numbers_of(
    services: frozenset[str] | None, limit: int, *, ids: Collection[int] = (), q: str = "", served: str = "", service: str = ""
) -> list[str]:
    """The numbers, oldest first and at most ``limit``, of the subscribers that a list shows under these filters, or of just the rows ``ids``:
    a set that stays the same whoever comes and goes. Only those whom an actor of ``services`` may see; unknown filters hold nobody."""
    rows = visible(services)
    if ids:
        rows = rows.filter(pk__in=ids)
    if served:
        rows = used(rows, served) if served in ("running", "ended") else rows.none()
    if service:
        rows = rows.filter(service_id__in=[s.id for s in catalogue.services() if s.slug == service])
    if q:
        rows = matching(rows, q)
    return [Subscriber(pk=pk).number for pk in rows.order_by("pk").values_list("pk", flat=True)[:limit]]


def cards(ids: set[int]) -> dict[int, SubscriberCard]:
    return {row.pk: card(row) for row in Subscriber.objects.filter(pk__in=ids)}


def of_references(service_slug: str, external_ids: Collection[str]) -> dict[str, SubscriberCard]:
    """The subscribers of a service by the name that the outside uses for them; unknown ones are left out. One query."""
    rows = Subscriber.objects.filter(service__slug=service_slug, external_id__in=external_ids)
    return {row.external_id: card(row) for row in rows}


def of_parties(party_ids: set[int]) -> dict[int, SubscriberCard]:
    """The first subscriber of each party."""
    found: dict[int, SubscriberCard] = {}
    for row in Subscriber.objects.filter(party_id__in=party_ids).order_by("-pk"):
        found[row.party_id] = card(row)
    return found


def own(party: int) -> list[SubscriberCard]:
    """Everything that one person subscribes to or did, what runs first, then the latest. One query."""
    today = clock.today()
    rows = Subscriber.objects.filter(party_id=party).exclude(state="withdrawn").order_by("-pk")
    return sorted((card(row) for row in rows), key=lambda c: c.served_to is not None and c.served_to <= today)


def subject_keys(ids: Collection[int]) -> dict[int, int]:
    """The key under which each subscriber's usage is kept."""
    return dict(Subscriber.objects.filter(pk__in=ids).values_list("pk", "subject_key"))


class Directory:
    """Answers metering's question: which subject key belongs to a reference from outside (number or external id)."""

    def subjects(self, service_slug: str, refs: Sequence[str]) -> dict[str, int]:
        """Subject keys by reference; unknown ones are left out. At most two queries, whatever the count."""
        wanted = set(refs)
        with connection.cursor() as cursor:  # one array, for a list of thousands of parameters is dear to parse
            cursor.execute(
                "SELECT s.external_id, s.subject_key FROM subscribers_subscriber s JOIN catalogue_service v ON v.id = s.service_id "
                "WHERE v.slug = %s AND s.external_id = ANY(%s)", [service_slug, list(wanted)],
            )  # fmt: skip
            found: dict[str, int] = dict(cursor.fetchall())
        numbers = {ref: pk for ref in wanted - found.keys() if (pk := parse_number(ref)) is not None}
        if numbers:  # one subscriber may be written in several ways: S-0000012, s-12
            keys = dict(
                Subscriber.objects.filter(service__slug=service_slug, pk__in=set(numbers.values())).values_list("pk", "subject_key")
            )
            found |= {ref: keys[pk] for ref, pk in numbers.items() if pk in keys}
        return found


class Scope:
    """Answers parties' question: for which services a party is a subscriber."""

    def services(self, party: int) -> frozenset[str]:
        return frozenset(Subscriber.objects.filter(party_id=party).values_list("service__slug", flat=True))


def anybody() -> bool:
    """Whether the house serves, or ever served, anybody."""
    return Subscriber.objects.exists()
