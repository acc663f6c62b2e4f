"""Which windows clash: kinds that the table names together, on the same service, at the same time. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

KINDS = ("maintenance", "release", "campaign", "freeze", "drill", "leave", "other")


@dataclass(frozen=True, slots=True)
class Stretch:
    """One occurrence. ``service`` empty: all services. Half-open."""

    key: str
    kind: str
    service: str
    starts: datetime
    ends: datetime


def pairs(table: Iterable[str]) -> frozenset[frozenset[str]]:
    """The table as a set of unordered pairs; ``freeze release`` a line. Raises ValueError for a line that is no pair of known kinds.

    >>> frozenset({"freeze", "release"}) in pairs(["release freeze"])
    True
    """
    out = set()
    for line in table:
        words = line.split()
        if len(words) != 2 or not set(words) <= set(KINDS):
            raise ValueError(line)
        out.add(frozenset(words))
    return frozenset(out)


def clashes(mine: Sequence[Stretch], others: Sequence[Stretch], table: frozenset[frozenset[str]]) -> list[tuple[Stretch, Stretch]]:
    """Pairs that clash, by time. A stretch that ends when another begins does not meet it."""
    found = [
        (a, b)
        for a in mine
        for b in others
        if a.key != b.key and a.starts < b.ends and b.starts < a.ends and frozenset({a.kind, b.kind}) in table
        and (a.service == b.service or not a.service or not b.service)
    ]  # fmt: skip
    return sorted(found, key=lambda pair: (max(pair[0].starts, pair[1].starts), pair[1].key))
