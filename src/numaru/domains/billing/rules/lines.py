"""The line of a document, and what it is made for: a contract, its term, its usage."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from numaru.domains.billing.rules.amounts import fits
from numaru.domains.billing.rules.chart import credit_for
from numaru.domains.billing.rules.terms import PARKED, SEGMENT_LIMIT, Parked, Term
from numaru.values.period import Period

ONE = Decimal("1.000000")


@dataclass(frozen=True, slots=True)
class Contract:
    """Who pays for which contract, and whose usage it takes."""

    contract_id: int
    account_id: int
    subject: int
    currency: str


@dataclass(frozen=True, slots=True)
class Event:
    """One unit of use. ``at`` is naive UTC, ``day`` the local day; ``amount`` in major units if the event prices itself."""

    source: str
    event_id: str
    subject: int
    meter: str
    at: datetime
    day: date
    quantity: Decimal
    amount: Decimal | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a document with everything needed to compute it again.

    ``amount`` is signed, in minor units; ``sign`` −1 takes an earlier line back exactly. ``period_from`` in, ``period_to`` out.
    recurring, one_off: quantity 1, amount = price × num ÷ den. per_unit: quantity × price. graduated: price None, amount by tiers.
    event_priced: ``price`` is the exact sum that the events carried. ``events`` counts the events in it, 0 where none are involved.
    ``ordinal`` is the place of its charge in the offer; ``credit`` the ledger account that earns it.
    """

    account_id: int
    contract_id: int
    charge_id: int
    version_id: int
    ordinal: int
    segment: int
    sign: int
    period_from: date
    period_to: date
    quantity: Decimal
    price: Decimal | None
    num: int
    den: int
    amount: int
    events: int
    tax_mode: str
    tax_rate: Decimal
    currency: str
    credit: int

    @property
    def position(self) -> tuple[int, int, int, int, int, date]:
        """The place on the document: no two lines of an account share it."""
        return (self.contract_id, self.ordinal, self.charge_id, self.segment, self.sign, self.period_from)


@dataclass(frozen=True, slots=True)
class Draft:
    """A line before it is accepted. With a fault the account is parked and the line is not used."""

    line: Line
    fault: Parked | None = None


def worst(faults: Iterable[Parked]) -> Parked | None:
    """The one reason to give when several apply; None for none."""
    return min(faults, key=PARKED.index, default=None)


def draft(
    contract: Contract,
    term: Term,
    segment: int,
    days: Period,
    *,
    amount: int = 0,
    price: Decimal | None = None,
    quantity: Decimal = ONE,
    num: int = 1,
    den: int = 1,
    events: int = 0,
    faults: Iterable[Parked] = (),
) -> Draft:
    """A line of ``term`` for ``contract``, checked for currency and size."""
    found = set(faults)
    if term.currency != contract.currency:
        found.add(Parked.CURRENCY)
    if not fits(amount):
        found.add(Parked.OVERFLOW)
    line = Line(
        account_id=contract.account_id,
        contract_id=contract.contract_id,
        charge_id=term.charge_id,
        version_id=term.version_id,
        ordinal=term.ordinal,
        segment=min(segment, SEGMENT_LIMIT),
        sign=1,
        period_from=days.start,
        period_to=days.end,
        quantity=quantity,
        price=price,
        num=num,
        den=den,
        amount=amount,
        events=events,
        tax_mode=term.tax_mode,
        tax_rate=term.tax_rate,
        currency=contract.currency,
        credit=credit_for(term.kind, term.timing),
    )
    return Draft(line, worst(found))
