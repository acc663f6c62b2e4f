"""The door of billing."""

from numaru.domains.billing.actions.enrol import Enrolled, enrol
from numaru.domains.billing.actions.facts import record_fact
from numaru.domains.billing.actions.offers import ChargeSpec, TierSpec, publish_offer

__all__ = ["ChargeSpec", "Enrolled", "TierSpec", "enrol", "publish_offer", "record_fact"]
