"""Questions that this room asks upwards. Read-only; config binds them to billing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
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
class Happening:
    """One line of a subscriber's timeline. ``tone`` is a status tone; ``icon`` an icon name; ``amount`` stands at the right."""

    at: datetime
    kind: str  # bill | contract | usage
    icon: str
    what: Text
    why: Text | None = None
    amount: Money | None = None
    url: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class BillLine:
    """One line of a bill as the subscriber's page shows it."""

    what: Text
    amount: Money
    days: Period | None = field(default=None, compare=False)  # what it pays for


@dataclass(frozen=True, slots=True)
class BillSoFar:
    """The bill of the running month if it were closed now, by the reference rules."""

    period_label: str
    lines: tuple[BillLine, ...]
    total: Money


class SubscriberStory(Protocol):
    """What higher rooms know about one subscriber."""

    def happenings(self, subscriber_id: int, limit: int) -> list[Happening]: ...

    def contracts(self, subscriber_id: int) -> list[PlanSummary]: ...

    def bill_so_far(self, subscriber_id: int) -> BillSoFar | None: ...
