"""Reads of the catalogue as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from numaru.facilities.catalogue.models import LegalEntity, Offer, OfferVersion, Service
from numaru.kernel.errors import NotFound
from numaru.values.text import Text


@dataclass(frozen=True, slots=True)
class ServiceCard:
    """A service as other rooms see it."""

    id: int
    slug: str
    name: Text
    zone: str
    currency: str
    entity_id: int
    retired: bool = False  # nothing new is sold or enrolled


@dataclass(frozen=True, slots=True)
class OfferCard:
    """An offer version by its id, with the names a person knows it by."""

    version_id: int
    version: int
    offer_id: int
    name: Text
    service_id: int
    valid_from: date


def card(row: Service) -> ServiceCard:
    return ServiceCard(row.pk, row.slug, row.name, row.zone, row.currency, row.entity_id, row.retired_at is not None)


@dataclass(frozen=True, slots=True)
class EntityCard:
    """A legal entity as it stands at the head of its papers; every text but the name may be empty."""

    id: int
    name: Text
    registration: str
    address: Text
    contact: str


def entity(entity_id: int) -> EntityCard:
    """The issuer of documents. Raises NotFound."""
    row = LegalEntity.objects.filter(pk=entity_id).first()
    if row is None:
        raise NotFound.named(Text("사업자", "legal entity"), entity_id)
    return EntityCard(row.pk, row.name, row.registration, Text(row.address_ko, row.address_en), row.contact)


def service(slug: str) -> ServiceCard:
    """Raises NotFound."""
    row = Service.objects.filter(slug=slug).first()
    if row is None:
        raise NotFound.named(Text("서비스", "service"), slug)
    return card(row)


class Zones:
    """Answers metering's question: in which zone do the days of a service begin?"""

    def zone(self, service_slug: str) -> str | None:
        return Service.objects.filter(slug=service_slug).values_list("zone", flat=True).first()


def services() -> list[ServiceCard]:
    """All services in the order of their slugs."""
    return [card(row) for row in Service.objects.order_by("slug")]


def any_offer() -> bool:
    """Whether any offer has a version that can be taken."""
    return OfferVersion.objects.exists()


def offers(version_ids: set[int]) -> dict[int, OfferCard]:
    """Offer versions by id; unknown ids are left out."""
    rows = OfferVersion.objects.filter(pk__in=version_ids).select_related("offer")
    return {v.pk: OfferCard(v.pk, v.number, v.offer_id, v.offer.name, v.offer.service_id, v.valid_from) for v in rows}


def versions(service_slug: str) -> dict[str, list[int]]:
    """The ids of all offer versions of a service by the offer's slug, the first version first."""
    found: dict[str, list[int]] = {}
    rows = OfferVersion.objects.filter(offer__service__slug=service_slug).order_by("number")
    for slug, pk in rows.values_list("offer__slug", "pk"):
        found.setdefault(slug, []).append(pk)
    return found


def offer_names(offer_ids: set[int]) -> dict[int, Text]:
    return {o.pk: o.name for o in Offer.objects.filter(pk__in=offer_ids)}
