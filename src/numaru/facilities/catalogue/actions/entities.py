"""Legal entities: who issues the documents."""

from __future__ import annotations

from numaru.facilities.catalogue.actions.standing import check_slug, taken, turn
from numaru.facilities.catalogue.models import LegalEntity, Service
from numaru.facilities.catalogue.permissions import ENTITY_DESCRIBE
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Conflict, Invalid, NotFound
from numaru.values.text import Text

FIELDS = ("name_ko", "name_en", "registration", "address_ko", "address_en", "contact")


@action(ENTITY_DESCRIBE)
def describe_entity(
    act: Act,
    *,
    slug: str,
    name_ko: str,
    name_en: str,
    registration: str = "",
    address_ko: str = "",
    address_en: str = "",
    contact: str = "",
) -> int:
    """Say who the issuer ``slug`` is, making it when it is new; returns its id. Services opened with this ``slug`` as their entity belong to
    it. Refuses an identifier that is no slug, an issuer without a name and a text longer than its column."""
    check_slug(slug)
    given = dict(zip(FIELDS, (name_ko, name_en, registration, address_ko, address_en, contact), strict=True))
    given = {key: text.strip() for key, text in given.items()}
    long = [key for key, text in given.items() if len(text) > getattr(LegalEntity._meta.get_field(key), "max_length", 0)]
    if long or not given["name_ko"] or not given["name_en"]:
        raise Invalid.because(
            "catalogue.entity",
            Text("법인의 이름이 비었거나 너무 긴 값이 있습니다.", "The legal entity has no name, or a text is too long."),
            Text("두 언어의 이름을 적고 긴 값을 줄이십시오.", "Write its name in both languages and shorten what is too long."),
            field=(long or ["name_ko"])[0],
        )
    row = LegalEntity.objects.select_for_update().filter(slug=slug).first() or LegalEntity(slug=slug)
    before = {key: getattr(row, key) for key in FIELDS} if row.pk else {}
    for key, text in given.items():
        setattr(row, key, text)
    row.save()
    act.record("catalogue.entity", slug, before=before, after={key: getattr(row, key) for key in FIELDS})
    act.effect(Text("발행 법인은 {n}입니다.", "The issuer is {e}.").fill(n=name_ko, e=name_en))
    if before and before != {key: getattr(row, key) for key in FIELDS}:
        act.effect(
            Text(
                "앞으로 만드는 청구서의 머리에 나옵니다. 이미 만든 PDF는 그대로입니다.",
                "It stands on papers made from now on; those made before stay as they are.",
            )
        )
    return row.pk


@action(ENTITY_DESCRIBE)
def add_entity(act: Act, *, slug: str, **given: str) -> int:
    """Describe an issuer that is new; returns its id. Refuses a ``slug`` that stands for another one."""
    if LegalEntity.objects.filter(slug=slug).exists():
        raise taken(slug)
    return describe_entity.within(act, slug=slug, **given)


@action(ENTITY_DESCRIBE, reason=True)
def retire_entity(act: Act, *, slug: str) -> None:
    """Let an issuer open no service any more. Refuses one that a service in use belongs to, and one that is retired already."""
    row = _locked(slug)
    services = list(Service.objects.filter(entity=row, retired_at__isnull=True).order_by("pk")[:3])
    if services:
        raise Conflict.because(
            "catalogue.entity_used", Text("쓰는 서비스가 있습니다: {s}", "Services in use belong to it: {s}").fill(s=_named(services)),
            Text("그 서비스를 먼저 은퇴시키십시오.", "Retire those services first."),
        )  # fmt: skip
    turn(act, row, "catalogue.entity", retire=True)


@action(ENTITY_DESCRIBE, reason=True)
def restore_entity(act: Act, *, slug: str) -> None:
    """Take a retired issuer up again."""
    turn(act, _locked(slug), "catalogue.entity", retire=False)


def _locked(slug: str) -> LegalEntity:
    row = LegalEntity.objects.select_for_update().filter(slug=slug).first()
    if row is None:
        raise NotFound.named(Text("발행 법인", "legal entity"), slug[:60])
    return row


def _named(services: list[Service]) -> Text:
    return Text(", ".join(s.name_ko for s in services), ", ".join(s.name_en for s in services))
