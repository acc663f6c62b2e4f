"""A whole run by the reference: the same question as ``engine.rate`` and ``engine.documents``, answered one contract at a time.

Exact and slow (thousands of contracts a second). Every run re-rates a sample of its accounts with it and stops on a difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from numaru.domains.billing.rules.charges import rate_contract
from numaru.domains.billing.rules.contract_facts import Fact, Segment, segments
from numaru.domains.billing.rules.documents import Document, NoDocument, document
from numaru.domains.billing.rules.lines import Contract, Event, Line, worst
from numaru.domains.billing.rules.terms import Parked, Tariff, from_micro, micro
from numaru.domains.billing.rules.usage import Unbilled, attribute
from numaru.values.period import Period

BILLED = "billed"


@dataclass(frozen=True, slots=True)
class Rated:
    """Lines of all accounts that are not parked; the parked ones with their reason; and where each event went.

    ``usage`` maps (outcome, meter) to (events, quantity); outcome is ``billed`` or one of ``usage.Unbilled``. The events of
    all outcomes together are those of the period.
    """

    lines: tuple[Line, ...]
    parked: Mapping[int, Parked]
    usage: Mapping[tuple[str, str], tuple[int, Decimal]]


def rate(
    contracts: Iterable[Contract],
    facts: Iterable[Fact],
    tariff: Tariff,
    events: Iterable[Event],
    period: Period,
    known_at: datetime,
    known_before: datetime | None = None,
) -> Rated:
    """Rate ``contracts`` for ``period``. See ``charges.rate_contract`` for what is billed and ``usage.attribute`` for whose event is whose."""
    by_contract: dict[int, list[Fact]] = {}
    for fact in facts:
        by_contract.setdefault(fact.contract_id, []).append(fact)
    contracts = sorted(contracts, key=lambda c: c.contract_id)
    lives = {c.contract_id: segments(by_contract.get(c.contract_id, ()), known_at) for c in contracts}
    by_subject: dict[int, list[tuple[Contract, Sequence[Segment]]]] = {}
    for contract in contracts:
        by_subject.setdefault(contract.subject, []).append((contract, lives[contract.contract_id]))
    used: dict[int, list[Event]] = {}
    outcomes: list[tuple[Event, Contract | None, str]] = []
    for event in events:
        if event.day not in period:
            continue
        owner = attribute(event, by_subject.get(event.subject, ()), tariff)
        outcomes.append((event, owner.contract, owner.reason or BILLED))
        if owner.contract:
            used.setdefault(owner.contract.contract_id, []).append(event)
    lines: list[Line] = []
    faults: dict[int, set[Parked]] = {}
    for c in contracts:
        bill = rate_contract(c, by_contract.get(c.contract_id, ()), tariff, used.get(c.contract_id, ()), period, known_at, known_before)
        lines += bill.lines
        if bill.faults:
            faults.setdefault(c.account_id, set()).update(bill.faults)
    parked = {account: reason for account, found in sorted(faults.items()) if (reason := worst(found))}
    usage: dict[tuple[str, str], tuple[int, int]] = {}
    for event, taker, outcome in outcomes:
        final = str(Unbilled.PARKED) if taker and taker.account_id in parked else outcome
        count, quantity = usage.get((final, event.meter), (0, 0))
        usage[final, event.meter] = (count + 1, quantity + micro(event.quantity))
    kept = sorted((x for x in lines if x.account_id not in parked), key=lambda x: (x.account_id, x.position))
    return Rated(tuple(kept), parked, {k: (n, from_micro(q)) for k, (n, q) in sorted(usage.items())})


@dataclass(frozen=True, slots=True)
class Documents:
    """Documents in the order of their ordinals (1, 2, 3 …), accounts whose lines come to nothing, and parked accounts."""

    issued: tuple[Document, ...]
    zero: tuple[NoDocument, ...]
    parked: Mapping[int, Parked]


def documents(rated: Rated) -> Documents:
    """A document for every account with a positive total, numbered in the order of account ids."""
    by_account: dict[int, list[Line]] = {}
    for line in rated.lines:
        by_account.setdefault(line.account_id, []).append(line)
    made = [document(lines) for _, lines in sorted(by_account.items())]
    parked = dict(rated.parked) | {m.account_id: m.reason for m in made if isinstance(m, NoDocument) and m.reason}
    return Documents(
        tuple(m for m in made if isinstance(m, Document)),
        tuple(m for m in made if isinstance(m, NoDocument) and m.reason is None),
        dict(sorted(parked.items())),
    )
