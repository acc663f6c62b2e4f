"""How far a charge may move from one month to the next, judged by how far it moved before.

The range is the mean of the earlier monthly changes, two standard deviations to each side. Fewer than three changes (four months in a row)
say nothing, so there is no range then: nobody is told that a month is as expected when nobody knows what to expect. A charge that never
moved is still allowed two per cent, or its first small step would be an alarm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isqrt

from numaru.values.money import round_half_away

LEAST = 3  # changes that must be known
MOST = 11  # changes that count: those of twelve months
SPREAD = 2  # standard deviations on each side
NARROWEST = 20  # on each side, in tenths of a percent


@dataclass(frozen=True, slots=True)
class Band:
    """A range of change in tenths of a percent, both ends in it."""

    low: int
    high: int

    def holds(self, tenths: int) -> bool:
        return self.low <= tenths <= self.high


def change(now: int, former: int | None) -> int | None:
    """The change from ``former`` to ``now`` in tenths of a percent of ``former``'s size, half away from zero; None without a base.

    >>> change(1_081, 1_000), change(-590, -498), change(5, 0)
    (81, -185, None)
    """
    return round_half_away((now - former) * 1000, abs(former)) if former else None


def changes(amounts: Sequence[int | None]) -> list[int]:
    """The changes between neighbouring months, the latest month first in ``amounts`` and in the answer. It ends at the first month that gives
    no base: a gap is not bridged. At most those of twelve months.

    >>> changes([110, 100, 50, None, 70])
    [100, 1000]
    """
    out: list[int] = []
    for now, former in pairwise(amounts):
        moved = change(now, former) if now is not None else None
        if moved is None or len(out) == MOST:
            break
        out.append(moved)
    return out


def expected(earlier: Sequence[int]) -> Band | None:
    """The range that the next change should fall into; None when fewer than three are known. Widened outwards to whole tenths.

    >>> expected([20, 30, 10])  # mean 2.0 %, deviation 1.0
    Band(low=0, high=40)
    >>> expected([0, 0, 0]), expected([50, 50])
    (Band(low=-20, high=20), None)
    """
    n = len(earlier)
    if n < LEAST:
        return None
    total, squares = sum(earlier), sum(x * x for x in earlier)
    mean = round_half_away(total, n)
    wide = SPREAD * SPREAD * (n * squares - total * total)  # n (n - 1) times the square of the half width
    half = isqrt(wide // (n * (n - 1)))
    if half * half * n * (n - 1) < wide:
        half += 1
    half = max(half, NARROWEST)
    return Band(mean - half, mean + half)
