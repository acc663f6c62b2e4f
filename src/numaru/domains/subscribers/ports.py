"""Questions that this room asks upwards. Read-only; config binds them to billing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Protocol

from numaru.values.money import Money
from numaru.values.period import Period
from numaru.values.text import Text


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """The plan of a subscriber as a list shows it: the latest contract, its state today, and what was billed last."""

    offer: Text
    state: str  # pending | active | paused | suspended | ended
    since: date | None
    until: date | None
    last_invoice: str
    last_total: Money | None


class PlanDirectory(Protocol):
    """Answers for many subscribers at once, in a fixed number of queries."""

    def plans(self, subscriber_ids: Collection[int]) -> dict[int, PlanSummary]: ...


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a graduated charge gives for nothing, and how much of it is used: ``used`` may be more than ``free``."""

    used: Decimal
    free: Decimal
    unit: Text


@dataclass(frozen=True, slots=True)
class BillLine:
    """One line of a bill as the subscriber's page shows it."""

    what: Text
    amount: Money
    days: Period | None = field(default=None, compare=False)  # what it pays for
    count: Text | None = field(default=None, compare=False)  # 23회
    allowance: Allowance | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class BillSoFar:
    """The bill of the running month if it were closed now, by the reference rules."""

    period_label: str
    lines: tuple[BillLine, ...]
    total: Money


@dataclass(frozen=True, slots=True)
class PaidTogether:
    """Who pays for a subscriber, and for whom else: the party of the payer and the other subscribers on the same billing accounts."""

    payer: int | None
    others: tuple[int, ...]


class SubscriberStory(Protocol):
    """What higher rooms know about one subscriber. What happened to it is the timeline's."""

    def paid_together(self, subscriber_id: int, limit: int) -> PaidTogether: ...

    def meters(self, service_id: int) -> dict[str, tuple[Text, Text]]:
        """What people call each meter of a service: name and unit. A meter without a charge is left out."""
        ...

    def contracts(self, subscriber_id: int) -> list[PlanSummary]: ...

    def bill_so_far(self, subscriber_id: int) -> BillSoFar | None: ...
