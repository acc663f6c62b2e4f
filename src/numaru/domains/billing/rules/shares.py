"""What each record of use adds to its line: the way from an amount down to the event.

The shares are exact and add up to the amount before it is rounded; only the line is rounded, once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from numaru.domains.billing.rules.amounts import from_pico, graduated_exact
from numaru.domains.billing.rules.charges import at_instant, price_of
from numaru.domains.billing.rules.contract_facts import Segment
from numaru.domains.billing.rules.lines import Contract, Event, Line
from numaru.domains.billing.rules.terms import MICRO, ChargeKind, Tariff, Term, Tier, from_micro, micro
from numaru.domains.billing.rules.usage import attribute


@dataclass(frozen=True, slots=True)
class Share:
    """One event on its line: what it adds (major units, exact) and the count after it. ``amount`` None where the event carries none."""

    event: Event
    upto: Decimal
    amount: Decimal | None


def events_of(line: Line, standing: Sequence[tuple[Contract, Sequence[Segment]]], tariff: Tariff, events: Iterable[Event]) -> list[Event]:
    """The events that ``line`` counted, in the order of time: those that its contract took, under its version, at its price.

    ``standing`` are all contracts of the subject with their lives as the bill knew them; ``events`` those of the month as it knew them.
    """
    term = tariff.term(line.charge_id)
    out = []
    for event in events:
        if event.meter != term.meter:
            continue
        owner = attribute(event, standing, tariff)
        if owner.contract is None or owner.contract.contract_id != line.contract_id:
            continue
        life = next(life for contract, life in standing if contract.contract_id == line.contract_id)
        segment = at_instant(life, event.at)
        if segment is None or segment.version_id != line.version_id:
            continue
        if term.kind == ChargeKind.PER_UNIT and price_of(segment, term) != line.price:
            continue
        out.append(event)
    return sorted(out, key=lambda e: (e.at, e.source, e.event_id))


def shares(line: Line, term: Term, tiers: Sequence[Tier], events: Sequence[Event]) -> list[Share]:
    """Each event with what it adds to ``line``, in the order given. A graduated charge gives each event the step from the count before it to
    the count after it, so the first ones fall into the first tier.

    >>> from datetime import date, datetime; D = Decimal
    >>> term = Term(1, 1, "saves", 1, "graduated", "arrears", "none", None, "save", "included", D("0.1"), "KRW", 0)
    >>> tiers = [Tier(1, 1, D(10), D(0), D(0)), Tier(1, 2, D(20), D(300), D(0)), Tier(1, 3, None, D(200), D(0))]
    >>> line = Line(3, 7, 1, 1, 1, 1, 1, date(2026, 8, 1), date(2026, 9, 1), D(25), None, 1, 1, 4000, 2, "included", D("0.1"), "KRW", 0)
    >>> used = [Event("app", f"e{n}", 9, "save", datetime(2026, 8, n), date(2026, 8, n), D(q)) for n, q in ((3, 18), (31, 7))]
    >>> [(int(s.upto), int(s.amount)) for s in shares(line, term, tiers, used)]  # 8 × 300; then 2 × 300 + 5 × 200
    [(18, 2400), (25, 1600)]
    """
    out: list[Share] = []
    count, before = 0, 0
    for event in events:
        count += micro(event.quantity)
        amount: int | None = None
        if term.kind == ChargeKind.GRADUATED:
            exact = graduated_exact(from_micro(count), tiers)
            if exact is not None:
                amount, before = exact - before, exact
        elif term.kind == ChargeKind.PER_UNIT:
            amount = micro(event.quantity) * micro(line.price) if line.price is not None else None
        elif event.amount is not None:
            amount = micro(event.amount) * MICRO
        out.append(Share(event, from_micro(count), None if amount is None else from_pico(line.sign * amount)))
    return out
