"""From price and quantity to whole minor units: every amount of a line comes out of one of these functions, rounded once.

All are exact up to the last step, which is ``round_half_away``; there is no other rounding of money before the tax.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from numaru.domains.billing.rules.terms import MICRO, Tier, from_micro, micro
from numaru.values.money import MAX_MINOR, round_half_away


def flat_amount(price: Decimal, num: int, den: int, exponent: int) -> int:
    """price × num ÷ den in minor units: a whole price (1/1) or its share of days.

    >>> flat_amount(Decimal("9900"), 17, 31, 0)  # 5,429.03…
    5429
    """
    return round_half_away(micro(price) * num, den * 10 ** (6 - exponent))


def unit_amount(quantity: Decimal, price: Decimal, exponent: int) -> int:
    """quantity × price in minor units.

    >>> unit_amount(Decimal("2.5"), Decimal("0.01"), 2)  # 2.5 cents
    3
    """
    return round_half_away(micro(quantity) * micro(price), 10 ** (12 - exponent))


def carried_amount(total: Decimal, exponent: int) -> int:
    """The sum that events carried, in minor units."""
    return round_half_away(micro(total), 10 ** (6 - exponent))


@dataclass(frozen=True, slots=True)
class Slice:
    """What fell into one tier: quantities in (above, upto], and the exact money it makes with its flat fee (major units)."""

    tier_no: int
    above: Decimal
    upto: Decimal | None
    quantity: Decimal
    unit_price: Decimal
    flat: Decimal
    amount: Decimal


def slices(quantity: Decimal, tiers: Sequence[Tier]) -> list[Slice] | None:
    """The quantity cut at the cumulative upper bounds; None when it exceeds the last one (or there is no tier).

    A tier is entered by the first quantity above its lower bound; its flat fee falls due then. Zero enters nothing. A quantity below zero
    (corrections outweigh use) is priced in the first tier, without its flat fee.

    >>> t = [Tier(1, 1, Decimal(100), Decimal(10), Decimal(0)), Tier(1, 2, None, Decimal(8), Decimal(500))]
    >>> [(s.quantity, s.amount) for s in slices(Decimal(150), t)]
    [(Decimal('100.000000'), Decimal('1000.000000000000')), (Decimal('50.000000'), Decimal('900.000000000000'))]
    """
    whole = micro(quantity)
    out: list[Slice] = []
    above = 0
    for tier in sorted(tiers, key=lambda t: t.tier_no):
        upper = None if tier.upper is None else micro(tier.upper)
        first = not out
        if not first and whole <= above:
            return out
        part = (whole if upper is None else min(whole, upper)) - above
        flat = micro(tier.flat) if whole > above else 0
        money = part * micro(tier.unit_price) + flat * MICRO
        out.append(
            Slice(tier.tier_no, from_micro(above), tier.upper, from_micro(part), tier.unit_price, from_micro(flat), from_pico(money))
        )
        if upper is None:
            return out
        above = upper
    return out if out and whole <= above else None


def graduated_exact(quantity: Decimal, tiers: Sequence[Tier]) -> int | None:
    """The sum of all slices in millionths of a millionth, before any rounding; None when no tier takes the quantity."""
    cut = slices(quantity, tiers)
    return None if cut is None else sum(_pico(s.amount) for s in cut)


def graduated_amount(quantity: Decimal, tiers: Sequence[Tier], exponent: int) -> int | None:
    """The sum of all slices in minor units, rounded once; None when no tier takes the quantity."""
    exact = graduated_exact(quantity, tiers)
    return None if exact is None else round_half_away(exact, 10 ** (12 - exponent))


def from_pico(value: int) -> Decimal:
    """Millionths of a millionth as a decimal with twelve places, whatever the size.

    >>> from_pico(-1_500_000_000_000)
    Decimal('-1.500000000000')
    """
    return Decimal((1 if value < 0 else 0, tuple(int(d) for d in str(abs(value))), -12))


def _pico(value: Decimal) -> int:
    """A decimal of twelve places as a whole number of its last place, whatever the size."""
    sign, digits, _ = value.as_tuple()
    whole = int("".join(map(str, digits)))
    return -whole if sign else whole


def fits(amount: int) -> bool:
    """Whether the amount fits the column that keeps it (bigint)."""
    return abs(amount) <= MAX_MINOR
