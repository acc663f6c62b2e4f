"""The words of a price: charges, tiers, how they are prorated and taxed, and why an account may be set aside.

A *term* is one charge of one immutable offer version. Quantities and prices have six decimal places; arithmetic is done in whole
millionths ("micro"), never in binary fractions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from numaru.values.text import Text

NAMELESS = Text("", "")
MICRO = 1_000_000
QUANTITY_LIMIT = 10**19  # micro units that decimal(19,6) can no longer hold
PRICE_LIMIT = 10**18  # the same for decimal(18,6)
SEGMENT_LIMIT = 2**15 - 1
EVENTS_LIMIT = 2**31 - 1
LINES_LIMIT = 30_000  # lines of one document: numbers of lines and transfers fit smallint


class ChargeKind(StrEnum):
    """How a charge finds its amount. The last three need usage of a meter."""

    RECURRING = "recurring"
    ONE_OFF = "one_off"
    PER_UNIT = "per_unit"
    GRADUATED = "graduated"
    EVENT_PRICED = "event_priced"


USAGE_KINDS = (ChargeKind.PER_UNIT, ChargeKind.GRADUATED, ChargeKind.EVENT_PRICED)


class Timing(StrEnum):
    """When a recurring charge is billed: for the next period, or for the one that has passed."""

    ADVANCE = "advance"
    ARREARS = "arrears"


class Proration(StrEnum):
    """What a part of a period costs: its share by actual days, or the whole price."""

    ACTUAL_DAYS = "actual_days"
    NONE = "none"


class TaxMode(StrEnum):
    """Whether the price holds the tax, the tax is added to it, or there is none."""

    INCLUDED = "included"
    EXCLUDED = "excluded"
    NONE = "none"


class Parked(StrEnum):
    """Why an account gets no document now. When several apply, the one named first here is given."""

    MISSING_TERMS = "missing_terms"  # a version in force has no charge on file
    MISSING_PRICE = "missing_price"  # neither the term nor the contract names a price
    MISSING_TIER = "missing_tier"  # no tier takes the quantity
    MISSING_AMOUNT = "missing_amount"  # an event priced by itself carries no amount
    CURRENCY = "currency"  # contract, term, event or account disagree on the currency
    OVERFLOW = "overflow"  # a figure does not fit its column
    NEGATIVE_TOTAL = "negative_total"  # the document would owe the customer money


PARKED = tuple(Parked)


@dataclass(frozen=True, slots=True)
class Term:
    """One charge of a version. ``price`` is in major units; None where the contract or the event names it.

    ``name`` and ``unit`` are for people only: no amount depends on them.
    """

    version_id: int
    charge_id: int
    charge_key: str
    ordinal: int
    kind: str
    timing: str
    proration: str
    price: Decimal | None
    meter: str | None
    tax_mode: str
    tax_rate: Decimal
    currency: str
    exponent: int
    name: Text = NAMELESS
    unit: Text = NAMELESS


@dataclass(frozen=True, slots=True)
class Tier:
    """One step of a graduated charge: up to and including ``upper`` (None: without end), counted from zero."""

    charge_id: int
    tier_no: int
    upper: Decimal | None
    unit_price: Decimal
    flat: Decimal


@dataclass(frozen=True, slots=True)
class Tariff:
    """Every term by version, in the order of the document, and every tier by charge."""

    by_version: Mapping[int, tuple[Term, ...]]
    tiers: Mapping[int, tuple[Tier, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, terms: Iterable[Term], tiers: Iterable[Tier] = ()) -> Tariff:
        """Sort and group. The order given does not matter."""
        versions: dict[int, list[Term]] = {}
        for term in sorted(terms, key=lambda t: (t.version_id, t.ordinal, t.charge_id)):
            versions.setdefault(term.version_id, []).append(term)
        steps: dict[int, list[Tier]] = {}
        for tier in sorted(tiers, key=lambda t: (t.charge_id, t.tier_no)):
            steps.setdefault(tier.charge_id, []).append(tier)
        return cls({k: tuple(v) for k, v in versions.items()}, {k: tuple(v) for k, v in steps.items()})

    def term(self, charge_id: int) -> Term:
        """The term with this id. Raises KeyError."""
        for terms in self.by_version.values():
            for term in terms:
                if term.charge_id == charge_id:
                    return term
        raise KeyError(charge_id)


def micro(value: Decimal) -> int:
    """A decimal of at most six places as whole millionths, exactly. Raises ValueError when there are more places.

    >>> micro(Decimal("13.9"))
    13900000
    """
    sign, digits, places = value.as_tuple()
    if not isinstance(places, int):
        raise ValueError(f"not a number: {value}")
    whole = int("".join(map(str, digits)))
    if places >= -6:
        scaled = whole * int(10 ** (6 + places))
    else:
        scaled, rest = divmod(whole, 10 ** (-6 - places))
        if rest:
            raise ValueError(f"more than six places: {value}")
    return -scaled if sign else scaled


def from_micro(value: int) -> Decimal:
    """Whole millionths as a decimal with six places.

    >>> from_micro(-13900000)
    Decimal('-13.900000')
    """
    return Decimal((1 if value < 0 else 0, tuple(int(d) for d in str(abs(value))), -6))
