"""The life of a contract, folded from its facts.

A contract is an append-only list of facts, each with the instant from which it holds (``effective_at``) and the instant at which it became
known (``recorded_at``). Nothing is overwritten: what a bill saw can be asked again, for ever, by naming the two instants.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from operator import attrgetter

from numaru.values.period import FAR

FAR_AT = datetime.fromisoformat("9999-12-31")  # the end of what has no end


class FactKind(StrEnum):
    """What may happen to a contract."""

    STARTED = "started"
    CHANGED_TO = "changed_to"
    PRICE_AGREED = "price_agreed"
    PAUSED = "paused"
    RESUMED = "resumed"
    SUSPENDED = "suspended"
    ENDED = "ended"


class State(StrEnum):
    """Where a contract stands. Only an active one is billed."""

    ACTIVE = "active"
    PAUSED = "paused"
    SUSPENDED = "suspended"
    ENDED = "ended"


_STATES = {
    FactKind.STARTED: State.ACTIVE,
    FactKind.RESUMED: State.ACTIVE,
    FactKind.PAUSED: State.PAUSED,
    FactKind.SUSPENDED: State.SUSPENDED,
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact. Instants are naive UTC; ``effective_day`` is the local day of the service's zone in which ``effective_at`` lies."""

    fact_id: int
    contract_id: int
    kind: str
    effective_at: datetime
    effective_day: date
    recorded_at: datetime
    version_id: int | None = None
    charge_key: str | None = None
    price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a contract's life in which nothing changed: [from_at, to_at) exactly, [from_day, to_day) in local days.

    A day belongs to the segment that holds its end; a segment within one day therefore has no day (``from_day == to_day``), yet it still
    owns the usage between its instants. ``number`` counts the instants at which facts took effect, from 1. ``agreed`` holds the contract's
    own prices by charge key. ``first`` marks the segment in which the contract started.
    """

    number: int
    from_at: datetime
    to_at: datetime
    from_day: date
    to_day: date
    version_id: int
    state: str
    first: bool
    agreed: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def running(self) -> bool:
        return self.state == State.ACTIVE


def naive_utc(moment: datetime) -> datetime:
    """An instant as the rules keep it: UTC without zone. A naive one is taken to be UTC already."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def segments(facts: Iterable[Fact], known_at: datetime) -> list[Segment]:
    """The life of one contract as known at ``known_at`` (inclusive), from its start without gaps; empty before it started.

    Facts count in the order effective, recorded, id; the order given does not matter. ``ended`` is final. ``changed_to`` keeps the state and
    drops the prices agreed for the former version; prices agreed at the same instant belong to the new one. A change of state before the
    start is void. Facts at one instant make one segment.
    """
    known_at = naive_utc(known_at)
    known = sorted((f for f in facts if f.recorded_at <= known_at), key=lambda f: (f.effective_at, f.recorded_at, f.fact_id))
    start = min((f.effective_at for f in known if f.kind == FactKind.STARTED), default=None)
    if start is None:
        return []
    instants = [(at, list(group)) for at, group in groupby(known, key=attrgetter("effective_at"))]
    out: list[Segment] = []
    state: State | None = None
    version: int | None = None
    agreed: dict[str, Decimal] = {}
    for number, (at, group) in enumerate(instants, start=1):
        if any(f.kind in (FactKind.STARTED, FactKind.CHANGED_TO) for f in group):
            agreed = {}
        for fact in group:
            if fact.kind in (FactKind.STARTED, FactKind.CHANGED_TO):
                version = fact.version_id
            elif fact.kind == FactKind.PRICE_AGREED and fact.charge_key is not None and fact.price is not None:
                agreed[fact.charge_key] = fact.price
            elif fact.kind == FactKind.ENDED:
                state = State.ENDED
            if state is not State.ENDED:
                state = _STATES.get(FactKind(fact.kind), state)
        ended = state is State.ENDED
        following = instants[number] if number < len(instants) and not ended else None
        if at >= start and version is not None and state is not None:
            out.append(
                Segment(
                    number,
                    at,
                    following[0] if following else FAR_AT,
                    group[-1].effective_day,
                    following[1][-1].effective_day if following else FAR,
                    version,
                    state,
                    at == start,
                    dict(agreed),
                )
            )
        if ended:
            break
    return out


def contract_as_of(facts: Iterable[Fact], effective_at: datetime, known_at: datetime) -> Segment | None:
    """The contract as it stood at ``effective_at``, as known at ``known_at``; None when it had not started."""
    moment = naive_utc(effective_at)
    for segment in segments(facts, known_at):
        if segment.from_at <= moment < segment.to_at:
            return segment
    return None
