"""The door of the catalogue."""

from numaru.facilities.catalogue.actions.services import offer_version, open_service
from numaru.facilities.catalogue.reads import OfferCard, ServiceCard, Zones, offer_names, offers, service, services

__all__ = ["OfferCard", "ServiceCard", "Zones", "offer_names", "offer_version", "offers", "open_service", "service", "services"]
