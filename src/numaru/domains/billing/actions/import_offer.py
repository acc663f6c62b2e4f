"""The offers that an import's mapping describes: ``[offer]``, or ``[[offer]]`` several times, with their ``[[offer.charges]]``.

An import opens the service when it is not there and publishes the offers; what is there already with the same terms is left alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from numaru.domains.billing.actions.offers import KINDS, METERED, ChargeSpec, TierSpec, faults, publish_offer
from numaru.domains.billing.models import ChargeTerm
from numaru.domains.billing.permissions import OFFER_PUBLISH
from numaru.facilities.catalogue import api as catalogue
from numaru.kernel.access import Actor
from numaru.kernel.actions import Act
from numaru.kernel.errors import NotAllowed, NotFound
from numaru.kernel.imports.api import Mapping, Table, made
from numaru.values.finding import Finding
from numaru.values.text import Text

SERVICE_OPEN = catalogue.open_service.permission
PRICED = tuple(kind for kind in KINDS if kind not in ("graduated", "event_priced"))  # kinds that a contract's own price replaces

made.add("subscribers_created", Text("새 가입자", "New subscribers"))
made.add("contracts_created", Text("새 계약", "New contracts"))
made.add("offer_versions_created", Text("새 요금제 판", "New offer versions"))
made.add("service_created", Text("새 서비스", "New services"))


@dataclass(frozen=True, slots=True)
class WrittenOffer:
    """An offer as a mapping writes it. ``priced`` is the charge whose price each row may carry; "" where there is none."""

    slug: str
    name_ko: str
    name_en: str
    charges: tuple[ChargeSpec, ...]
    priced: str
    valid_from: date | None = None


@dataclass(frozen=True, slots=True)
class OfferTerms:
    """An offer version that contracts can be enrolled with. ``needs_price``: its charge ``priced`` has no price of its own."""

    version_id: int
    priced: str
    needs_price: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """What stands after the mapping's service and offers were made: all offers of the service by slug, and what was new."""

    service: catalogue.ServiceCard
    offers: MappingOf[str, OfferTerms]
    service_new: bool
    versions_new: int


def written_offers(mapping: Mapping, findings: list[Finding]) -> tuple[WrittenOffer, ...]:
    """The offers of a mapping; every fault becomes a finding that names its key."""
    content = mapping.sections.get("offer")
    if content is None:
        return ()
    if isinstance(content, list):
        tables = mapping.array("offer", findings)
    else:
        single = mapping.section("offer", findings)
        tables = [single] if single else []
    offers = tuple(_offer(table, findings) for table in tables)
    slugs = [offer.slug for offer in offers]
    for table, slug in zip(tables, slugs, strict=True):
        if slug and slugs.count(slug) > 1:
            table.wrong(
                "slug", "mapping.offer_twice", "같은 이름의 요금제가 두 번 있습니다.", "Two offers have the same slug.", "{key}를 다르게 하십시오.", "Rename {key}.", slug,
            )  # fmt: skip
            break
    return offers


def _offer(table: Table, findings: list[Finding]) -> WrittenOffer:
    slug = table.slug("slug", required=True)
    ko, en = table.text("name_ko", slug), table.text("name_en", slug)
    wanted = table.text("price_of")
    start = table.text("valid_from")
    valid_from = None
    if start:
        try:
            valid_from = date.fromisoformat(start)
        except ValueError:
            table.wrong(
                "valid_from", "mapping.wrong_value", "YYYY-MM-DD 날짜여야 합니다.", "It must be a date YYYY-MM-DD.", "{key}를 고치십시오.", "Mend {key}.", start,
            )  # fmt: skip
    rows = table.tables("charges", required=True)
    charges = tuple(_charge(row) for row in rows)
    table.close()
    if rows and not findings:
        findings += [Finding(f.code, f.message, f.remedy, field=f"{table.path}.{f.field or 'charges'}") for f in faults(charges)]
    able = [charge.key for charge in charges if charge.kind in PRICED]
    open_ones = [charge.key for charge in charges if charge.kind in PRICED and charge.price is None]
    if wanted and wanted not in able:
        known = ", ".join(able) or "-"
        table.wrong(
            "price_of", "mapping.price_of", f"가격을 바꿀 수 있는 과금 항목이 아닙니다. 있는 항목: {known}", f"Not a charge whose price can be agreed. There is: {known}",
            "{key}를 고치십시오.", "Mend {key}.", wanted,
        )  # fmt: skip
    priced = wanted or (open_ones[0] if len(open_ones) == 1 else able[0] if len(able) == 1 else "")
    for place, charge in enumerate(charges):
        if charge.kind in ("recurring", "one_off") and charge.price is None and charge.key != priced:
            table.wrong(
                f"charges[{place}].price", "mapping.charge_price", "가격이 없는 과금 항목입니다.", "This charge has no price.",
                "{key}를 적거나, 행이 가격을 정하는 항목을 price_of로 적으십시오.", "Write {key}, or name in price_of the charge that each row prices.",
            )  # fmt: skip
    return WrittenOffer(slug, ko or en, en or ko, charges, priced, valid_from)


def _charge(table: Table) -> ChargeSpec:
    key = table.text("key", required=True)
    kind = table.choice("kind", KINDS, required=True)
    tiers = tuple(_tier(row) for row in table.tables("tiers"))
    tax_rate = table.decimal("tax_rate")
    ko, en = table.text("name_ko", key), table.text("name_en", key)
    charge = ChargeSpec(
        key=key, name_ko=ko or en, name_en=en or ko, kind=kind, price=table.decimal("price"),
        timing=table.choice("timing", ("advance", "arrears"), "arrears"), proration=table.choice("proration", ("actual_days", "none"), "actual_days"),
        meter=table.text("meter", required=kind in METERED), unit_ko=table.text("unit_ko"), unit_en=table.text("unit_en"),
        tax_mode=table.choice("tax", ("included", "excluded", "none"), "none"), tax_rate=Decimal("0.1") if tax_rate is None else tax_rate,
        tiers=tiers,
    )  # fmt: skip
    table.close()
    return charge


def _tier(table: Table) -> TierSpec:
    price, flat = table.decimal("unit_price", required=True), table.decimal("flat")
    tier = TierSpec(upper=table.decimal("upper"), unit_price=price or Decimal(0), flat=flat or Decimal(0))
    table.close()
    return tier


def terms_of(service: str) -> dict[str, OfferTerms]:
    """The offers of a service by slug, each in its newest version."""
    charges: dict[tuple[str, int, int], list[tuple[str, str, Decimal | None]]] = defaultdict(list)
    rows = ChargeTerm.objects.filter(version__offer__service__slug=service).order_by("version__number", "ordinal")
    for slug, number, version, key, kind, price in rows.values_list(
        "version__offer__slug", "version__number", "version_id", "key", "kind", "price"
    ):
        charges[slug, number, version].append((key, kind, price))
    found = {}
    for (slug, _, version), terms in charges.items():  # by version: the newest stays
        able = [(key, price) for key, kind, price in terms if kind in PRICED]
        open_ones = [pair for pair in able if pair[1] is None]
        chosen = open_ones[0] if len(open_ones) == 1 else able[0] if len(able) == 1 else ("", None)
        found[slug] = OfferTerms(version, chosen[0], bool(chosen[0]) and chosen[1] is None)
    return found


def may_open(actor: Actor, mapping: Mapping, offers: bool) -> bool:
    """Whether the service of ``mapping`` is there. Where it is not, raises NotAllowed for an actor who may not open one, and NotFound when
    the mapping has no ``offers`` to open it with."""
    slug = mapping.service.slug
    if any(card.slug == slug for card in catalogue.services()):
        return True
    if not offers:
        raise NotFound.named(Text("서비스", "service"), slug)
    if not actor.may(SERVICE_OPEN):
        raise NotAllowed.for_permission(SERVICE_OPEN)
    return False


def open_offers(act: Act, mapping: Mapping, offers: tuple[WrittenOffer, ...], first_day: date) -> Opened:
    """Open the mapping's service and publish its offers as a part of the import's action. ``first_day`` is from when a new version is valid
    where the mapping does not say.

    Raises NotFound for an unknown service and no offer to open it with, Invalid for a service that has another zone or currency, and NotAllowed when
    something new is needed that the actor may not make.
    """
    spec = mapping.service
    there = may_open(act.actor, mapping, bool(offers))
    catalogue.open_service.within(act, slug=spec.slug, name_ko=spec.name.ko, name_en=spec.name.en, zone=spec.zone, currency=spec.currency)
    before = terms_of(spec.slug)
    for offer in offers:
        publish_offer.within(
            act, service=spec.slug, slug=offer.slug, name_ko=offer.name_ko, name_en=offer.name_en,
            valid_from=offer.valid_from or first_day, charges=offer.charges,
        )  # fmt: skip
    after = terms_of(spec.slug)
    versions_new = sum(before.get(slug) is None or before[slug].version_id != terms.version_id for slug, terms in after.items())
    if versions_new and not act.actor.may(OFFER_PUBLISH, spec.slug):
        raise NotAllowed.for_permission(OFFER_PUBLISH)
    for offer in offers:
        if offer.priced:
            own = next(charge.price for charge in offer.charges if charge.key == offer.priced)
            after[offer.slug] = OfferTerms(after[offer.slug].version_id, offer.priced, own is None)
    return Opened(catalogue.service(spec.slug), after, not there, versions_new)
