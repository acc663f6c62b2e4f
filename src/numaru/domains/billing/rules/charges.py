"""What one contract owes for a period, line by line: the reference that previews, the telephone and the tests use.

Recurring charges are cut where the contract changed. Within one charge, neighbouring stretches with the same price and no day between
them are one line: a change that does not concern a charge never splits it. Charges in advance are billed for the *next* period, and the
present one is corrected by exact negatives where the contract has become another since it was billed.
Usage has one line per charge and price: one counter over the whole period, rounded once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from numaru.domains.billing.rules.amounts import carried_amount, flat_amount, graduated_amount, unit_amount
from numaru.domains.billing.rules.contract_facts import Fact, Segment, segments
from numaru.domains.billing.rules.lines import Contract, Draft, Event, Line, draft
from numaru.domains.billing.rules.terms import (
    EVENTS_LIMIT,
    PRICE_LIMIT,
    QUANTITY_LIMIT,
    USAGE_KINDS,
    ChargeKind,
    Parked,
    Proration,
    Tariff,
    Term,
    Timing,
    from_micro,
    micro,
)
from numaru.values.period import Period


@dataclass(frozen=True, slots=True)
class ContractBill:
    """Lines in the order of the document, and every reason for which the account must be parked."""

    lines: tuple[Line, ...]
    faults: frozenset[Parked]


def rate_contract(
    contract: Contract,
    facts: Iterable[Fact],
    tariff: Tariff,
    events: Iterable[Event],
    period: Period,
    known_at: datetime,
    known_before: datetime | None,
) -> ContractBill:
    """Everything that ``contract`` owes in the run of ``period`` (a calendar month), as known at ``known_at``.

    ``events`` are those that belong to this contract (``rules.usage``); those of other days are left out. ``known_before`` is the cut-off of the run that billed
    the former period: what that run charged in advance for ``period`` is recomputed from the facts it knew, and only the difference is
    billed; None means that nothing was billed in advance, so the period is billed in full.
    """
    facts = list(facts)
    life = segments(facts, known_at)
    following = period.next_month()
    drafts = recurring(contract, life, tariff, period, Timing.ARREARS)
    drafts += recurring(contract, life, tariff, following, Timing.ADVANCE)
    present = recurring(contract, life, tariff, period, Timing.ADVANCE)
    needed = [s for s in life if _needs_terms(s, Period(period.start, following.end), period)]
    if known_before is None:
        drafts += present
    else:
        former = segments(facts, known_before)
        drafts += difference(recurring(contract, former, tariff, period, Timing.ADVANCE), present)
        needed += [s for s in former if s.running and _days(s, period)]
    drafts += one_off(contract, life, tariff, period)
    events = [e for e in events if e.day in period]
    drafts += metered(contract, life, tariff, events, period)
    needed += [s for e in events if (s := at_instant(life, e.at))]
    faults = {d.fault for d in drafts if d.fault}
    if any(s.version_id not in tariff.by_version for s in needed):
        faults.add(Parked.MISSING_TERMS)
    return ContractBill(tuple(sorted((d.line for d in drafts if not d.fault), key=lambda x: x.position)), frozenset(faults))


def at_instant(life: Sequence[Segment], moment: datetime) -> Segment | None:
    """The running segment that holds ``moment``, or None."""
    return next((s for s in life if s.running and s.from_at <= moment < s.to_at), None)


def _days(segment: Segment, window: Period) -> Period | None:
    """The days of a segment in a window, or None."""
    start, end = max(segment.from_day, window.start), min(segment.to_day, window.end)
    return Period(start, end) if start < end else None


def _needs_terms(segment: Segment, scope: Period, period: Period) -> bool:
    return segment.running and (_days(segment, scope) is not None or (segment.first and segment.from_day in period))


def price_of(segment: Segment, term: Term) -> Decimal | None:
    """The contract's own price, else the term's."""
    return segment.agreed.get(term.charge_key, term.price)


def recurring(
    contract: Contract, life: Sequence[Segment], tariff: Tariff, window: Period, timing: Timing, period: Period | None = None
) -> list[Draft]:
    """The recurring charges of ``timing`` for the days of ``window``, in full.

    Actual days: price × days covered ÷ days of ``period`` (left out: the window itself), multiplied before it is divided, rounded once; a
    line for each unbroken run of days at one price. No proration: the whole price once if any day is covered, at the price of the last day covered.

    >>> from datetime import datetime; from decimal import Decimal; D = Decimal
    >>> term = Term(1, 1, "base", 1, "recurring", "arrears", "actual_days", D(9900), None, "included", D("0.1"), "KRW", 0)
    >>> life = segments([Fact(1, 7, "started", datetime(2026, 10, 14, 15), date(2026, 10, 15), datetime(2026, 10, 14), 1)], datetime(2027, 1, 1))
    >>> [(d.line.num, d.line.den, d.line.amount) for d in recurring(
    ...     Contract(7, 3, 9, "KRW"), life, Tariff.of([term]), Period.month("2026-10"), Timing.ARREARS)]  # 9900 × 17 ÷ 31 = 5,429.03
    [(17, 31, 5429)]
    """
    covered = [(s, days) for s in life if s.running and (days := _days(s, window))]
    out: list[Draft] = []
    for version in sorted({s.version_id for s, _ in covered}):
        stretches = [(s, days) for s, days in covered if s.version_id == version]
        for term in tariff.by_version.get(version, ()):
            if term.kind != ChargeKind.RECURRING or term.timing != timing:
                continue
            if term.proration == Proration.NONE:
                last = stretches[-1][0]
                span = Period(stretches[0][1].start, stretches[-1][1].end)
                out.append(_fixed(contract, term, last.number, span, price_of(last, term)))
            else:
                for number, span, price in _runs(stretches, term):
                    out.append(_fixed(contract, term, number, span, price, span.days, (period or window).days))
    return out


def _runs(stretches: Sequence[tuple[Segment, Period]], term: Term) -> list[tuple[int, Period, Decimal | None]]:
    """Neighbours without a day between them and with the same price, joined; the number is that of the first."""
    out: list[tuple[int, Period, Decimal | None]] = []
    for segment, days in stretches:
        price = price_of(segment, term)
        if out and out[-1][1].end == days.start and out[-1][2] == price:
            number, span, _ = out[-1]
            out[-1] = (number, Period(span.start, days.end), price)
        else:
            out.append((segment.number, days, price))
    return out


def _fixed(contract: Contract, term: Term, segment: int, span: Period, price: Decimal | None, num: int = 1, den: int = 1) -> Draft:
    if price is None:
        return draft(contract, term, segment, span, num=num, den=den, faults=[Parked.MISSING_PRICE])
    amount = flat_amount(price, num, den, term.exponent)
    return draft(contract, term, segment, span, amount=amount, price=price, num=num, den=den)


def difference(former: Iterable[Draft], present: Iterable[Draft]) -> list[Draft]:
    """What turns the lines of ``former`` into those of ``present``: exact negatives of the ones that fell away, and the new ones.

    Lines alike in contract, charge, days and price cancel to nothing, whatever segment they came from.
    """

    def key(d: Draft) -> tuple[object, ...]:
        x = d.line
        return (x.contract_id, x.charge_id, x.period_from, x.period_to, x.price, x.num, x.den)

    old, new = {key(d): d for d in former}, {key(d): d for d in present}
    taken_back = [Draft(replace(d.line, sign=-1, amount=-d.line.amount), d.fault) for k, d in old.items() if k not in new]
    return taken_back + [d for k, d in new.items() if k not in old]


def one_off(contract: Contract, life: Sequence[Segment], tariff: Tariff, period: Period) -> list[Draft]:
    """One-off charges, once: in the period in which the contract started to run. A start that became known too late is not billed here."""
    return [
        _fixed(contract, term, s.number, Period(s.from_day, s.from_day + timedelta(days=1)), price_of(s, term))
        for s in life
        if s.first and s.running and s.from_day in period
        for term in tariff.by_version.get(s.version_id, ())
        if term.kind == ChargeKind.ONE_OFF
    ]


@dataclass(slots=True)
class _Counter:
    """What was used of one charge at one price."""

    term: Term
    price: Decimal | None
    segment: int
    start: date
    end: date
    quantity: int = 0
    carried: int = 0
    events: int = 0
    faults: set[Parked] = field(default_factory=set)


def metered(contract: Contract, life: Sequence[Segment], tariff: Tariff, events: Iterable[Event], period: Period) -> list[Draft]:
    """The lines of usage. Each event is priced by the version in force at its exact time; the order of events does not matter.

    A line spans the days of the segments that had usage and at least the day of each event.
    """
    counters: dict[tuple[int, Decimal | None], _Counter] = {}
    for event in events:
        segment = at_instant(life, event.at)
        if segment is None:
            continue
        start = max(period.start, segment.from_day)
        end = max(min(period.end, segment.to_day), event.day + timedelta(days=1))
        for term in tariff.by_version.get(segment.version_id, ()):
            if term.kind not in USAGE_KINDS or term.meter != event.meter:
                continue
            price = price_of(segment, term) if term.kind == ChargeKind.PER_UNIT else None
            counter = counters.setdefault((term.charge_id, price), _Counter(term, price, segment.number, start, end))
            counter.segment = min(counter.segment, segment.number)
            counter.start, counter.end = min(counter.start, start), max(counter.end, end)
            counter.quantity += micro(event.quantity)
            counter.events += 1
            if term.kind == ChargeKind.EVENT_PRICED:
                if event.amount is None:
                    counter.faults.add(Parked.MISSING_AMOUNT)
                else:
                    counter.carried += micro(event.amount)
                if event.currency != term.currency:
                    counter.faults.add(Parked.CURRENCY)
    return [_counted(contract, counter, tariff) for counter in counters.values()]


def _counted(contract: Contract, counter: _Counter, tariff: Tariff) -> Draft:
    term, price, faults = counter.term, counter.price, counter.faults
    quantity, amount = Decimal(0), 0
    if abs(counter.quantity) >= QUANTITY_LIMIT or counter.events > EVENTS_LIMIT:
        faults.add(Parked.OVERFLOW)
    else:
        quantity = from_micro(counter.quantity)
    if term.kind == ChargeKind.PER_UNIT:
        if price is None:
            faults.add(Parked.MISSING_PRICE)
        else:
            amount = unit_amount(quantity, price, term.exponent)
    elif term.kind == ChargeKind.GRADUATED:
        stepped = graduated_amount(quantity, tariff.tiers.get(term.charge_id, ()), term.exponent)
        if stepped is None:
            faults.add(Parked.MISSING_TIER)
        else:
            amount = stepped
    elif abs(counter.carried) >= PRICE_LIMIT:
        faults.add(Parked.OVERFLOW)
    else:
        price = from_micro(counter.carried)
        amount = carried_amount(price, term.exponent)
    days = Period(counter.start, counter.end)
    return draft(contract, term, counter.segment, days, amount=amount, price=price, quantity=quantity, events=counter.events, faults=faults)
