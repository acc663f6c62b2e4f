"""The tables of the catalogue as plain records: legal entities and services."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import available_timezones

from django.db.models import Count, Q, QuerySet

from numaru.facilities.catalogue.actions import entities, services
from numaru.facilities.catalogue.actions.standing import holders
from numaru.facilities.catalogue.models import LegalEntity, Service
from numaru.facilities.catalogue.permissions import RECORD_VIEW
from numaru.ui.lists import Column
from numaru.ui.records import Field, Record, Step, records
from numaru.values.text import Text

SLUG = Field(
    "slug", Text("식별자", "Identifier"), fixed=True, longest=50,
    hint=Text("영문 소문자, 숫자, 붙임표. 나중에 바꿀 수 없습니다.", "Small letters, digits, hyphens. It cannot be changed later."),
)  # fmt: skip
NAMES = (Field("name_ko", Text("이름 (한국어)", "Name (Korean)")), Field("name_en", Text("이름 (영어)", "Name (English)")))


def _issuers() -> Sequence[tuple[str, str]]:
    return [(e.slug, str(e.name)) for e in LegalEntity.objects.filter(retired_at__isnull=True).order_by("pk")]


def _zones() -> Sequence[tuple[str, str]]:
    ahead = ("Asia/Seoul", "Asia/Tokyo", "UTC")
    return [(z, z) for z in (*ahead, *sorted(z for z in available_timezones() if "/" in z and z not in ahead and not z.startswith("Etc/")))]


def _named(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    return rows.filter(Q(slug__startswith=text) | Q(name_ko__startswith=text) | Q(name_en__istartswith=text))


def _with_services(rows: list[Any]) -> None:
    found = dict(Service.objects.filter(entity_id__in=[r.pk for r in rows]).values_list("entity_id").annotate(n=Count("pk")))
    for row in rows:
        row.services = found.get(row.pk, 0)


def _with_issuer(rows: list[Any]) -> None:
    found = {e.pk: e.name for e in LegalEntity.objects.filter(pk__in={r.entity_id for r in rows})}
    for row in rows:
        row.issuer = found[row.entity_id]


def _served(row: Any) -> Sequence[tuple[Text, int, str]]:
    return [(Text("서비스", "Services"), Service.objects.filter(entity=row, retired_at__isnull=True).count(), "")]


def _held(row: Any) -> Sequence[tuple[Text, int, str]]:
    return [(*one(row.pk), "") for _, one in holders]


records.add(
    "entities",
    Record(
        key="entities", name=Text("발행 법인", "Legal entities"), one=Text("발행 법인", "legal entity"),
        unit=("곳", "legal entity", "legal entities"), model=LegalEntity, object="catalogue.entity", permission=RECORD_VIEW,
        fields=(
            SLUG, *NAMES,
            Field("registration", Text("사업자등록번호", "Registration number"), required=False, longest=40),
            Field("address_ko", Text("주소 (한국어)", "Address (Korean)"), required=False, longest=200),
            Field("address_en", Text("주소 (영어)", "Address (English)"), required=False, longest=200),
            Field("contact", Text("연락처", "Contact"), required=False, hint=Text("대표 번호나 주소. 사람의 것은 적지 마십시오.", "Of the house, not of a person.")),
        ),
        columns=(
            Column("name", Text("이름", "Name"), lambda r: r.name),
            Column("slug", Text("식별자", "Identifier"), lambda r: r.slug, "id"),
            Column("registration", Text("사업자등록번호", "Registration"), lambda r: r.registration or None, "id"),
            Column("services", Text("서비스", "Services"), lambda r: r.services, "count"),
            Column("contact", Text("연락처", "Contact"), lambda r: r.contact or None),
        ),
        add=Step(entities.add_entity), change=Step(entities.describe_entity), retire=Step(entities.retire_entity),
        restore=Step(entities.restore_entity), title=lambda r: r.name, search=_named, prepare=_with_services, uses=_served,
        about=Text("청구서를 발행하는 법인입니다. 이름과 주소가 문서의 머리에 나옵니다.", "Who issues invoices. Name and address stand at the head of papers."),
        empty=Text("첫 서비스를 열면 그 이름으로 하나 생깁니다. 먼저 적어 두면 그 법인으로 발행합니다.", "The first service makes one of its own name; describe yours first and it issues instead."),
    ),
)  # fmt: skip
records.add(
    "services",
    Record(
        key="services", name=Text("서비스", "Services"), one=Text("서비스", "service"), unit=("개", "service", "services"), model=Service,
        object="catalogue.service", permission=RECORD_VIEW,
        fields=(
            SLUG, *NAMES,
            Field("zone", Text("시간대", "Time zone"), fixed=True, options=_zones, hint=Text("하루와 한 달의 시작을 정합니다. 나중에 바꿀 수 없습니다.", "It decides when days and months begin. It cannot be changed later.")),
            Field("currency", Text("통화", "Currency"), fixed=True, longest=3, hint=Text("KRW, USD처럼 대문자 세 글자. 나중에 바꿀 수 없습니다.", "Three capitals, like KRW. It cannot be changed later.")),
            Field("entity", Text("발행 법인", "Legal entity"), fixed=True, required=False, options=_issuers, said=lambda r: r.entity.name,
                  hint=Text("비우면 대표 법인, 없으면 서비스의 이름으로 만듭니다.", "Left empty: the main one, else one of the service's name.")),
        ),
        columns=(
            Column("name", Text("이름", "Name"), lambda r: r.name),
            Column("slug", Text("식별자", "Identifier"), lambda r: r.slug, "id"),
            Column("entity", Text("발행 법인", "Legal entity"), lambda r: r.issuer),
            Column("zone", Text("시간대", "Time zone"), lambda r: r.zone),
            Column("currency", Text("통화", "Currency"), lambda r: r.currency, "id"),
            Column("opened", Text("등록", "Opened"), lambda r: r.created_at, "when", short=False),
        ),
        add=Step(services.add_service), change=Step(services.name_service), retire=Step(services.retire_service),
        restore=Step(services.restore_service), title=lambda r: r.name, search=_named, prepare=_with_issuer, uses=_held,
        about=Text("운영하는 서비스입니다. 요금제와 가입자가 그 아래에 섭니다.", "The services being operated. Offers and subscribers stand below them."),
        empty=Text("서비스를 등록하면 요금제를 팔고 가입자를 들일 수 있습니다.", "With a service there are offers to sell and subscribers to enrol."),
    ),
)  # fmt: skip
