"""The one place in which the engine divides or rounds money.

Everything is a whole number (scaled by powers of ten) of 128 bits; ``//`` on those is exact. Nowhere else in the engine may ``/``, ``//``
or ``round`` stand: on decimals they turn to binary fractions in silence (docs/decisions/decimal-types.md). A test reads the sources.
"""

from __future__ import annotations

import narwhals as nw

from numaru.domains.billing.rules.engine_frames import Frame
from numaru.domains.billing.rules.terms import MICRO


def whole(value: nw.Expr) -> nw.Expr:
    """Any integer column as 128 bits."""
    return value.cast(nw.Int128)


def micro(value: nw.Expr) -> nw.Expr:
    """A decimal of at most six places as whole millionths, exactly. The value must lie below 10^26."""
    return (value.cast(nw.Decimal(38, 6)) * MICRO).cast(nw.Int128)


def floor_div(numerator: nw.Expr, denominator: nw.Expr) -> nw.Expr:
    """The largest whole number not above numerator ÷ denominator; the denominator is positive."""
    return whole(numerator) // whole(denominator)


def round_half_away(frame: Frame, numerator: nw.Expr, denominator: nw.Expr, into: str) -> Frame:
    """``frame`` with the column ``into``: numerator ÷ denominator as the nearest whole number, halves away from zero.

    Equal to ``values.money.round_half_away``. The denominator is positive; twice the numerator and the denominator together must stay below
    2^127. It works in steps on columns of its own, so that no expression is written out (and computed) more than once.
    """
    n, d, half = (f"{into}_{part}" for part in ("numerator", "denominator", "magnitude"))
    return (
        frame.with_columns(whole(numerator).alias(n), whole(denominator).alias(d))
        .with_columns(((nw.col(n).abs() * 2 + nw.col(d)) // (nw.col(d) * 2)).alias(half))
        .with_columns(nw.when(nw.col(n) < 0).then(nw.col(half) * -1).otherwise(nw.col(half)).alias(into))
        .drop(n, d, half)
    )


def power_of_ten(places: nw.Expr) -> nw.Expr:
    """10 to the power of ``places`` (0 … 12), as a whole number."""
    out: nw.Expr = nw.lit(1, nw.Int64)
    for n in range(1, 13):
        out = nw.when(places == n).then(nw.lit(10**n, nw.Int64)).otherwise(out)
    return out
