"""The list of subscribers: its columns, views, filters and search."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from numaru.domains.subscribers import reads
from numaru.domains.subscribers.permissions import SUBSCRIBER_VIEW
from numaru.domains.subscribers.ports import PlanDirectory
from numaru.domains.subscribers.states import face
from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.parties import api as parties
from numaru.kernel import clock, ports
from numaru.ui.lists import Choice, Column, Listing, Sort, Source, View, sources
from numaru.ui.pages import seen_by, services_of
from numaru.values.text import Text

RUNNING, ENDED = Text("이용 중", "Running now"), Text("해지", "Ended")


def complete(rows: list[Any]) -> None:
    """Put name, plan and service onto the subscribers of a page: a fixed number of queries, whatever their number."""
    people = parties.masked({row.party_id for row in rows})
    plans = ports.get(PlanDirectory).plans([row.pk for row in rows])  # type: ignore[type-abstract]
    services = {s.id: s for s in catalogue.services()}
    for row in rows:
        row.person, row.plan, row.card = people.get(row.party_id), plans.get(row.pk), services[row.service_id]
        row.face = face(row.plan, clock.today(row.card.zone)) if row.plan else None


def _services(request: HttpRequest) -> list[tuple[str, Text]]:
    seen = services_of(request, SUBSCRIBER_VIEW)
    return [(s.slug, s.name) for s in catalogue.services() if seen is None or s.slug in seen]


def _of_service(rows: QuerySet[Any], slug: str) -> QuerySet[Any]:
    return rows.filter(service_id=catalogue.service(slug).id)


SUBSCRIBERS = Listing(
    key="subscribers",
    live="subscribers.list:*",
    name=Text("가입자", "Subscribers"),
    unit=("명", "subscriber", "subscribers"),
    columns=(
        Column(
            "name", Text("이름", "Name"), lambda r: (r.person and r.person.name) or r.external_id, "text",
            url=lambda r: reverse("subscribers:subscriber", args=[r.number]),
        ),
        Column("number", Text("가입번호", "Number"), lambda r: r.number, "id"),
        Column("external", Text("외부 번호", "External id"), lambda r: r.external_id, "id"),
        Column("phone", Text("휴대전화", "Phone"), lambda r: (r.person and r.person.phone) or None, "masked"),
        Column("service", Text("서비스", "Service"), lambda r: r.card.name),
        Column("plan", Text("요금제", "Plan"), lambda r: r.plan.offer if r.plan else None),
        Column("state", Text("상태", "State"), lambda r: r.face, "state"),
        Column("bill", Text("최근 청구", "Last bill"), lambda r: r.plan.last_total if r.plan else None, "money"),
        Column("since", Text("이용 시작", "Since"), lambda r: r.served_from, "date", short=False),
    ),
    sorts=(
        Sort("new", Text("최근 가입 순", "Newest first"), ("pk",), descending=True),
        Sort("old", Text("오래된 순", "Oldest first"), ("pk",)),
    ),
    filters=(
        Choice("served", Text("이용", "Use"), (("running", RUNNING), ("ended", ENDED)), reads.used, cheap=True),
        Choice("service", Text("서비스", "Service"), _services, _of_service, cheap=True),
    ),
    views=(
        View("all", Text("전체", "All")),
        View("running", RUNNING, (("served", "running"),)),
        View("ended", ENDED, (("served", "ended"),)),
    ),
    search=reads.matching,
    placeholder=Text("이름, 초성, 전화 뒤 4자리, 가입번호", "Name, last 4 digits, number"),
    row_field="pk",  # the shown number is made of it
    prepare=complete,
    trail=True,
)  # fmt: skip

sources.add(SUBSCRIBERS.key, Source(SUBSCRIBERS, lambda actor: reads.visible(seen_by(actor, SUBSCRIBER_VIEW))))
