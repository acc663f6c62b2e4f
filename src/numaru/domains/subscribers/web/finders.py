"""What this room offers to whoever searches from anywhere: subscribers, the services they belong to, and glances at a subscriber."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse

from numaru.domains.subscribers import reads
from numaru.domains.subscribers.models import Subscriber
from numaru.domains.subscribers.permissions import SUBSCRIBER_VIEW
from numaru.domains.subscribers.ports import PlanDirectory
from numaru.domains.subscribers.states import face
from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.parties import api as parties
from numaru.kernel import clock, ports
from numaru.kernel.access import Actor
from numaru.kernel.audit import api as audit
from numaru.kernel.errors import NotAllowed
from numaru.ui import peek, search
from numaru.ui.peek import Glance
from numaru.ui.search import Asked, Finder, Hit
from numaru.values.text import Text

WHO, SERVICE = Text("가입자", "Subscribers"), Text("서비스", "Services")
ONE = Text("가입자", "Subscriber")
ICON = "user"


def hits(rows: Sequence[Subscriber], exact: str = "") -> list[Hit]:
    """Lines of search for subscribers: masked name, number, plan and state. A fixed number of queries."""
    if not rows:
        return []
    people = parties.masked({row.party_id for row in rows})
    plans = ports.get(PlanDirectory).plans([row.pk for row in rows])  # type: ignore[type-abstract]
    zones = {s.id: s.zone for s in catalogue.services()}
    out = []
    for row in rows:
        person, plan = people.get(row.party_id), plans.get(row.pk)
        state = face(plan, clock.today(zones[row.service_id])) if plan else None
        name = (person and person.name) or row.external_id
        url = reverse("subscribers:subscriber", args=[row.number])
        out.append(Hit(name, url, row.number, plan.offer if plan else "", state, ICON, row.number == exact))
    return out


def _takes(asked: Asked) -> bool:
    """Numbers of its own, telephone numbers and their ends, addresses, names, initials and external ids; numbers of other kinds are none of it."""
    if asked.is_number:
        return asked.number.startswith("S-") or not _others(asked)
    return len(asked.text) > 1 and (asked.settled or not asked.is_phone or len(asked.digits) == search.LEAST_PHONE)


def _others(asked: Asked) -> bool:
    """Whether a number is one that the house gives to other things; external ids may look like any."""
    return asked.number.startswith("R20") or asked.number.split("-")[0] in {
        "INV",
        "IMP",
        "AR",
        "A",
        "B",
        "BD",
        "C",
        "L",
        "Q",
        "D",
        "H",
        "X",
        "F",
    }


def find(actor: Actor, asked: Asked, limit: int) -> list[Hit]:
    """Subscribers of the reader's services. A whole telephone number is looked up only when the question is settled, and one that nobody has is
    put on record, without the number: who tries numbers in turn is noticed."""
    services = actor.services(SUBSCRIBER_VIEW)
    pk = reads.parse_number(asked.number)
    rows = reads.nearest(services, asked.number if pk is not None else asked.text, limit, whole_numbers=asked.settled)
    if not rows and asked.settled and asked.is_phone:
        audit.missed_search(actor)
    return hits(rows, Subscriber(pk=pk).number if pk is not None else "")


def lines(actor: Actor, numbers: Sequence[str]) -> dict[str, Hit]:
    return {hit.number: hit for hit in hits(reads.numbered(actor.services(SUBSCRIBER_VIEW), numbers))}


def glance(actor: Actor, number: str) -> Glance:
    """Masked name and telephone, plan, last bill. Raises as the page of the subscriber does."""
    if not actor.may_somewhere(SUBSCRIBER_VIEW):
        raise NotAllowed.for_permission(SUBSCRIBER_VIEW)
    card = reads.subscriber(number, actor.services(SUBSCRIBER_VIEW))
    person = parties.masked({card.party_id}).get(card.party_id)
    plan = ports.get(PlanDirectory).plans([card.id]).get(card.id)  # type: ignore[type-abstract]
    service = next(s for s in catalogue.services() if s.id == card.service_id)
    facts = (
        (Text("서비스", "Service"), service.name),
        (Text("요금제", "Plan"), plan.offer if plan else None),
        (Text("휴대전화", "Phone"), (person and person.phone) or None),
        (Text("최근 청구", "Last bill"), plan.last_total if plan else None),
        (Text("이용 시작", "Since"), card.served_from),
    )
    state = face(plan, clock.today(service.zone)) if plan else None
    name = (person and person.name) or card.external_id
    return Glance(name, card.number, reverse("subscribers:subscriber", args=[card.number]), state, facts)


def find_services(actor: Actor, asked: Asked, limit: int) -> list[Hit]:
    """Services by name: their subscribers."""
    seen = actor.services(SUBSCRIBER_VIEW)
    return [
        Hit(s.name, search.listed("subscribers:list", service=s.slug), note=Text("가입자 목록", "Its subscribers"), icon="layout-grid")
        for s in catalogue.services()
        if (seen is None or s.slug in seen) and asked.finds(s.name, s.slug)
    ][:limit]


search.finders.add(
    "subscribers.subscriber",
    Finder(
        WHO, ICON, SUBSCRIBER_VIEW, _takes, find, lambda asked: search.listed("subscribers:list", q=asked.text), 10,
        lambda asked: bool(asked.digits or asked.is_email or asked.consonants),
    ),
)  # fmt: skip
search.finders.add(
    "catalogue.service", Finder(SERVICE, "layout-grid", SUBSCRIBER_VIEW, lambda asked: asked.is_word, find_services, None, 80)
)
peek.things.add("subscribers.subscriber", peek.Thing(ONE, ICON, SUBSCRIBER_VIEW, "subscribers:subscriber", lines=lines, glance=glance))
