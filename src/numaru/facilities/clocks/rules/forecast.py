"""How many of a set of clocks will breach, hour by hour, if the people keep their present pace.

Work is taken in the order of due times. By the end of each hour ``pace`` × open hours so far can be done, work ahead included; what is due
in an hour and finds no room left is expected to breach.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour ahead: clocks due in it, and how many of them are expected to breach."""

    begins: datetime
    due: int
    breaching: int


def expected(begins: Sequence[datetime], due: Sequence[int], open_seconds: Sequence[int], pace: Fraction) -> list[Hour]:
    """``due`` clocks and ``open_seconds`` by hour, ``pace`` in clocks an open hour. Whole clocks: what is half done by then is not done."""
    out, room, served = [], Fraction(0), 0
    for at, wanted, seconds in zip(begins, due, open_seconds, strict=True):
        room += pace * Fraction(seconds, 3600)
        done = min(wanted, max(0, int(room) - served))
        served += done
        out.append(Hour(at, wanted, wanted - done))
    return out


def pace(satisfied: int, open_seconds: int) -> Fraction:
    """Clocks an open hour, of those satisfied over some open time; 0 when there was none."""
    return Fraction(satisfied * 3600, open_seconds) if open_seconds > 0 else Fraction(0)
