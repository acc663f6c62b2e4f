"""왜 늘었나요? What makes one bill larger or smaller than the one before, charge by charge; the parts add up to the difference exactly.

Lines are matched by what they charge for. What was settled for an earlier time (a plan change within the month, a month that began in the middle,
an advance that was taken back) stands apart from the charge of the month itself, so that a one-off settlement does not look like a dearer plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from numaru.domains.billing.rules.terms import ChargeKind, Term, Timing
from numaru.values.period import Period
from numaru.values.text import Text

TAX = "+tax"  # no charge is called so: keys of charges begin with a letter


class Cause(StrEnum):
    """Why a charge differs, the strongest reason first."""

    NEW = "new"  # it was not on the bill before
    GONE = "gone"  # it is on the bill no more
    QUANTITY = "quantity"  # more or less was used
    PLAN = "plan"  # it belongs to another plan now
    PRICE = "price"  # the price of one is another
    DAYS = "days"  # another part of the period was charged
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a bill as far as comparing needs it. ``settles``: it is for a time before the one that the bill is for, or takes something back."""

    charge: str
    name: Text
    plan: Text
    unit: Text
    used: bool  # it has a quantity of use
    settles: bool
    days: Period
    quantity: Decimal
    price: Decimal | None
    share: tuple[int, int]
    amount: int


@dataclass(frozen=True, slots=True)
class Change:
    """One charge on both bills: ``now`` − ``before`` = ``diff``, in minor units. ``items`` and ``former`` are its lines, either may be empty."""

    charge: str
    settles: bool
    cause: Cause
    before: int
    now: int
    items: tuple[Item, ...] = field(default=())
    former: tuple[Item, ...] = field(default=())

    @property
    def diff(self) -> int:
        return self.now - self.before


def settles(term: Term, sign: int, first: date, bill: Period) -> bool:
    """Whether a line that begins on ``first`` is for a time before the one that the bill of ``bill`` is for: the coming month for what is paid
    in advance, the month itself for everything else. What is taken back always is."""
    own = bill.end if term.kind == ChargeKind.RECURRING and term.timing == Timing.ADVANCE else bill.start
    return sign < 0 or first < own


def compare(now: Sequence[Item], total: int, before: Sequence[Item], former_total: int) -> tuple[Change, ...]:
    """The changes from one bill to the next, the largest first; those that cancel out are left out.

    The sum of ``diff`` is ``total`` − ``former_total``: what the totals hold beyond their lines is tax added on top, a change of its own.

    >>> month = Period(date(2026, 10, 1), date(2026, 11, 1))
    >>> def fee(plan, price): return Item("fee", Text("월정액", "Fee"), Text(plan, plan), Text("", ""), False, False, month, Decimal(1), Decimal(price), (1, 1), price)
    >>> [(c.cause.value, c.diff) for c in compare([fee("b", 13_900)], 13_900, [fee("a", 8_900)], 8_900)]
    [('plan', 5000)]
    >>> [(c.cause.value, c.diff) for c in compare([fee("a", 10_000)], 11_000, [], 0)]
    [('new', 10000), ('new', 1000)]
    """
    keys = dict.fromkeys((x.charge, x.settles) for x in [*now, *before])
    changes = []
    for charge, back in keys:
        here = tuple(x for x in now if (x.charge, x.settles) == (charge, back))
        there = tuple(x for x in before if (x.charge, x.settles) == (charge, back))
        changes.append(Change(charge, back, _cause(here, there), _sum(there), _sum(here), here, there))
    added, was_added = total - _sum(now), former_total - _sum(before)
    changes.append(Change(TAX, False, Cause.NEW if not was_added else Cause.GONE if not added else Cause.OTHER, was_added, added))
    return tuple(sorted((c for c in changes if c.diff), key=lambda c: (-abs(c.diff), c.charge, c.settles)))


def _sum(items: Sequence[Item]) -> int:
    return sum(x.amount for x in items)


def _cause(now: Sequence[Item], before: Sequence[Item]) -> Cause:
    if not before:
        return Cause.NEW
    if not now:
        return Cause.GONE

    def differ(what: str) -> bool:
        return {getattr(x, what) for x in now} != {getattr(x, what) for x in before}

    if any(x.used for x in now) and sum(x.quantity for x in now) != sum(x.quantity for x in before):
        return Cause.QUANTITY
    if differ("plan"):
        return Cause.PLAN
    if differ("price"):
        return Cause.PRICE
    return Cause.DAYS if differ("share") else Cause.OTHER
