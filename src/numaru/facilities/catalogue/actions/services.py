"""Opening services and making offers and their versions."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from numaru.facilities.catalogue.actions.standing import check_slug, holders, retired, taken, turn
from numaru.facilities.catalogue.events import ServiceOpened
from numaru.facilities.catalogue.models import LegalEntity, Offer, OfferVersion, Service
from numaru.facilities.catalogue.permissions import SERVICE_OPEN
from numaru.facilities.catalogue.reads import OfferCard, ServiceCard, card
from numaru.kernel import clock
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Conflict, Invalid, NotFound
from numaru.values.money import exponent
from numaru.values.text import Text

MAIN = "main"  # the operator's own legal entity, once it is described


def _zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise Invalid.because(
            "catalogue.zone",
            Text("‘{zone}’은(는) 시간대 이름이 아닙니다.", "“{zone}” is not the name of a time zone.").fill(zone=zone),
            Text("Asia/Seoul처럼 적으십시오.", "Write it like Asia/Seoul."),
            field="zone",
            value=zone,
        ) from None


def _currency(currency: str) -> None:
    try:
        exponent(currency)
    except ValueError:
        raise Invalid.because(
            "catalogue.currency",
            Text("‘{c}’은(는) ISO 4217 통화 부호가 아닙니다.", "“{c}” is not an ISO 4217 currency code.").fill(c=currency),
            Text("KRW, USD처럼 대문자 세 글자로 적으십시오.", "Write three capitals, like KRW or USD."),
            field="currency",
            value=currency,
        ) from None


@action(SERVICE_OPEN)
def open_service(act: Act, *, slug: str, name_ko: str, name_en: str, zone: str, currency: str, entity: str = "") -> Service:
    """The service ``slug``, made when it is new. An existing one is returned as it is.

    ``entity`` names the issuer of its documents; without it that is the operator's main entity once one is described, else one of the
    service's own name.

    Refuses an identifier that is no slug, an unknown zone or currency, and an existing service in another zone or currency: both decide
    days and money already booked.
    """
    check_slug(slug)
    _zone(zone)
    _currency(currency)
    found = Service.objects.filter(slug=slug).select_related("entity").first()
    if found:
        if (found.zone, found.currency) != (zone, currency):
            raise Invalid.because(
                "catalogue.service_differs",
                Text(
                    "서비스 ‘{s}’은(는) 이미 {z}, {c}(으)로 등록되어 있습니다.", "The service “{s}” exists already with {z} and {c}."
                ).fill(s=slug, z=found.zone, c=found.currency),
                Text("다른 식별자를 쓰거나 시간대와 통화를 맞추십시오.", "Use another slug, or the same zone and currency."),
                field="service",
                value=slug,
            )
        if found.retired_at:
            raise retired(Text("서비스", "service"), slug)
        act.record("catalogue.service", slug)
        return found
    issuer = entity or (MAIN if LegalEntity.objects.filter(slug=MAIN).exists() else slug)
    owner, _ = LegalEntity.objects.get_or_create(slug=issuer, defaults={"name_ko": name_ko, "name_en": name_en})
    if owner.retired_at:
        raise retired(Text("발행 법인", "legal entity"), issuer)
    made = Service.objects.create(
        slug=slug, name_ko=name_ko, name_en=name_en, zone=zone, currency=currency, entity=owner, created_at=clock.now()
    )
    act.record(
        "catalogue.service", slug, after={"name_ko": name_ko, "name_en": name_en, "zone": zone, "currency": currency, "entity": owner.slug}
    )
    act.event(ServiceOpened(made.pk))
    act.effect(Text("서비스 ‘{s}’을(를) 새로 등록합니다.", "The service “{s}” is new.").fill(s=slug))
    return made


@action(SERVICE_OPEN)
def add_service(act: Act, *, slug: str, name_ko: str, name_en: str, zone: str, currency: str, entity: str = "") -> Service:
    """Open a service that is new. Refuses a ``slug`` that stands for another one, and what :func:`open_service` refuses."""
    if Service.objects.filter(slug=slug).exists():
        raise taken(slug)
    return open_service.within(act, slug=slug, name_ko=name_ko, name_en=name_en, zone=zone, currency=currency, entity=entity)


@action(SERVICE_OPEN)
def name_service(act: Act, *, slug: str, name_ko: str, name_en: str) -> None:
    """Give a service other names. Its identifier, zone, currency and issuer stay: days and money were booked under them. Refuses an empty name."""
    row = _locked(slug)
    given = {"name_ko": name_ko.strip(), "name_en": name_en.strip()}
    empty = [key for key, text in given.items() if not 1 <= len(text) <= 120]
    if empty:
        raise Invalid.because(
            "catalogue.service_name", Text("이름이 비었거나 120자를 넘습니다.", "The name is empty or longer than 120 characters."),
            Text("두 언어의 이름을 적으십시오.", "Write it in both languages."), field=empty[0],
        )  # fmt: skip
    before = {key: getattr(row, key) for key in given}
    row.name_ko, row.name_en = given["name_ko"], given["name_en"]
    row.save(update_fields=["name_ko", "name_en"])
    act.record("catalogue.service", slug, before=before, after=given)
    if before != given:
        act.effect(
            Text("화면과 앞으로 만드는 문서에 ‘{n}’(으)로 나옵니다.", "Screens and papers made from now on say “{e}”.").fill(
                n=row.name_ko, e=row.name_en
            )
        )


@action(SERVICE_OPEN, reason=True)
def retire_service(act: Act, *, slug: str) -> None:
    """Let a service sell and enrol nothing new. What runs is billed to its end. Refuses while something holds it in use, and a retired one."""
    row = _locked(slug)
    for _, one in holders:
        word, count = one(row.pk)
        if count:
            raise Conflict.because(
                "catalogue.service_used", Text("아직 쓰입니다: {w} {n}건", "It is in use: {w}, {n}").fill(w=word, n=f"{count:,}"),
                Text("그것이 끝난 뒤 은퇴시키십시오.", "Retire it when they have ended."),
            )  # fmt: skip
    turn(act, row, "catalogue.service", retire=True)


@action(SERVICE_OPEN, reason=True)
def restore_service(act: Act, *, slug: str) -> None:
    """Take a retired service up again. Refuses one whose issuer is retired."""
    row = _locked(slug)
    if row.entity.retired_at:
        raise retired(Text("발행 법인", "legal entity"), row.entity.slug)
    turn(act, row, "catalogue.service", retire=False)


def _locked(slug: str) -> Service:
    row = Service.objects.select_for_update(of=("self",)).select_related("entity").filter(slug=slug).first()
    if row is None:
        raise NotFound.named(Text("서비스", "service"), slug[:60])
    return row


def offer_version(
    slug: str, *, service: str, name_ko: str, name_en: str, valid_from: date, digest: str
) -> tuple[OfferCard, ServiceCard, bool]:
    """The version of the offer whose terms have ``digest``, its service, and whether the version was made now. A part of billing's publish
    action: the same terms make no new version, other terms make the next one. Locks the service. Raises NotFound for an unknown one and Invalid for a name
    that is no slug."""
    check_slug(slug)
    owner = Service.objects.select_for_update().filter(slug=service).first()
    if owner is None:
        raise NotFound.named(Text("서비스", "service"), service)
    if owner.retired_at:
        raise retired(Text("서비스", "service"), service)
    offer, _ = Offer.objects.get_or_create(service=owner, slug=slug, defaults={"name_ko": name_ko, "name_en": name_en})
    last = offer.versions.order_by("-number").first()
    if last and last.terms_digest == digest:
        made, fresh = last, False
    else:
        number = last.number + 1 if last else 1
        made = OfferVersion.objects.create(offer=offer, number=number, valid_from=valid_from, recorded_at=clock.now(), terms_digest=digest)
        fresh = True
    return OfferCard(made.pk, made.number, offer.pk, offer.name, owner.pk, made.valid_from), card(owner), fresh
