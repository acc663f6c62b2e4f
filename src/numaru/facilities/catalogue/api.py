"""The door of the catalogue."""

from numaru.facilities.catalogue.actions.entities import add_entity, describe_entity, restore_entity, retire_entity
from numaru.facilities.catalogue.actions.services import (
    add_service,
    name_service,
    offer_version,
    open_service,
    restore_service,
    retire_service,
)
from numaru.facilities.catalogue.actions.standing import holders, retired
from numaru.facilities.catalogue.permissions import RECORD_VIEW
from numaru.facilities.catalogue.reads import (
    EntityCard,
    OfferCard,
    ServiceCard,
    Zones,
    any_offer,
    entity,
    offer_names,
    offers,
    service,
    services,
    versions,
)

__all__ = [
    "RECORD_VIEW",
    "EntityCard",
    "OfferCard",
    "ServiceCard",
    "Zones",
    "add_entity",
    "add_service",
    "any_offer",
    "describe_entity",
    "entity",
    "holders",
    "name_service",
    "offer_names",
    "offer_version",
    "offers",
    "open_service",
    "restore_entity",
    "restore_service",
    "retire_entity",
    "retire_service",
    "retired",
    "service",
    "services",
    "versions",
]
