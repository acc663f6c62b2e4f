"""Legal entities: who issues the documents."""

from __future__ import annotations

from numaru.facilities.catalogue.models import LegalEntity
from numaru.facilities.catalogue.permissions import ENTITY_DESCRIBE
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Invalid
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
    it. Refuses an issuer without a name and a text longer than its column."""
    given = dict(zip(FIELDS, (name_ko, name_en, registration, address_ko, address_en, contact), strict=True))
    long = [key for key, text in given.items() if len(text) > getattr(LegalEntity._meta.get_field(key), "max_length", 0)]
    if len(slug) > 50:
        long.insert(0, "slug")
    if long or not name_ko.strip() or not name_en.strip():
        raise Invalid.because(
            "catalogue.entity",
            Text("법인의 이름이 비었거나 너무 긴 값이 있습니다.", "The legal entity has no name, or a text is too long."),
            Text("두 언어의 이름을 적고 긴 값을 줄이십시오.", "Write its name in both languages and shorten what is too long."),
            field=(long or ["name_ko"])[0],
        )
    row = LegalEntity.objects.select_for_update().filter(slug=slug).first() or LegalEntity(slug=slug)
    before = {key: getattr(row, key) for key in FIELDS} if row.pk else {}
    for key, text in given.items():
        setattr(row, key, text.strip())
    row.save()
    act.record("catalogue.entity", slug, before=before, after={key: getattr(row, key) for key in FIELDS})
    act.effect(Text("발행 법인은 {n}입니다.", "The issuer is {e}.").fill(n=name_ko, e=name_en))
    return row.pk
