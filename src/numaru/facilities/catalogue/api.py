"""The door of the catalogue."""

from numaru.facilities.catalogue.actions.entities import describe_entity
from numaru.facilities.catalogue.actions.services import offer_version, open_service
from numaru.facilities.catalogue.reads import (
    EntityCard,
    OfferCard,
    ServiceCard,
    Zones,
    entity,
    offer_names,
    offers,
    service,
    services,
    versions,
)

__all__ = [
    "EntityCard",
    "OfferCard",
    "ServiceCard",
    "Zones",
    "describe_entity",
    "entity",
    "offer_names",
    "offer_version",
    "offers",
    "open_service",
    "service",
    "services",
    "versions",
]
