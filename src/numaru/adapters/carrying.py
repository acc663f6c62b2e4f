"""What a carrier takes and answers, as messaging's port says it; and whoever is told what came back."""

from __future__ import annotations

from collections.abc import Sequence

from numaru.facilities.messaging import api as messaging
from numaru.facilities.messaging.ports import Attachment, CarrierDown, Outcome, Outgoing, Report

__all__ = ["Attachment", "CarrierDown", "MessageReports", "Outcome", "Outgoing", "Report"]


class MessageReports:
    """Hands what mailboxes found to messaging, in the transaction of the caller."""

    def take(self, carrier: str, reports: Sequence[Report]) -> None:
        messaging.take_reports(carrier, reports)
