"""Charges of one contract, each with the calculation written beside it."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numaru.domains.billing.rules.amounts import carried_amount, flat_amount, graduated_amount, slices, unit_amount
from numaru.domains.billing.rules.charges import ContractBill, rate_contract, recurring
from numaru.domains.billing.rules.contract_facts import Fact, segments
from numaru.domains.billing.rules.lines import Contract, Event
from numaru.domains.billing.rules.terms import Parked, Tariff, Term, Tier, Timing, from_micro, micro
from numaru.values.period import Period
from tests.domains.billing.rules.worlds import fact, invent, local, midnight, term

D = Decimal
OCTOBER = Period.month("2026-10")
CLOSE = datetime.fromisoformat("2026-11-01")
WHO = Contract(1, 1, 1, "KRW")


def bill(facts: list[Fact], terms: list[Term], *, tiers: list[Tier] | None = None, events: list[Event] | None = None, period: Period = OCTOBER,
         known_at: datetime = CLOSE, known_before: datetime | None = None, who: Contract = WHO) -> ContractBill:  # fmt: skip
    return rate_contract(who, facts, Tariff.of(terms, tiers or []), events or [], period, known_at, known_before)


def figures(bill: ContractBill) -> list[tuple[int, str, str, int, int, int]]:
    assert not bill.faults
    return [(x.sign, f"{x.period_from:%m-%d}", f"{x.period_to:%m-%d}", x.num, x.den, x.amount) for x in bill.lines]


def started(day: str, version: int = 1, **more: datetime) -> Fact:
    return fact(1, 1, "started", midnight(day), version_id=version, **more)


def event(
    day: str, quantity: str, *, hour: int = 12, meter: str = "play", amount: str | None = None, currency: str | None = "KRW"
) -> Event:
    at = midnight(day) + timedelta(hours=hour)
    return Event("s", f"{day}/{hour}/{quantity}", 1, meter, at, local(at), D(quantity), None if amount is None else D(amount), currency)


@pytest.mark.parametrize(
    ("month", "start", "num", "den", "amount"),
    [
        ("2026-02", "2026-02-15", 14, 28, 4950),  # 9,900 × 14 ÷ 28 = 4,950
        ("2024-02", "2024-02-15", 15, 29, 5121),  # leap year: 9,900 × 15 ÷ 29 = 5,120.69
        ("2026-04", "2026-04-15", 16, 30, 5280),  # 9,900 × 16 ÷ 30 = 5,280
        ("2026-10", "2026-10-15", 17, 31, 5429),  # 9,900 × 17 ÷ 31 = 5,429.03
        ("2026-10", "2026-10-31", 1, 31, 319),  # 9,900 ÷ 31 = 319.35
        ("2026-10", "2026-10-01", 31, 31, 9900),
        ("2026-10", "2026-09-30", 31, 31, 9900),
    ],
)
def test_a_started_month_costs_its_days(month: str, start: str, num: int, den: int, amount: int) -> None:
    found = bill(
        [started(start)], [term(1, "recurring", "9900")], period=Period.month(month), known_at=datetime.fromisoformat("2027-01-01")
    )
    assert [(x.num, x.den, x.amount) for x in found.lines] == [(num, den, amount)]


@pytest.mark.parametrize(
    ("currency", "price", "amount"),
    [("KRW", "1000", 548), ("JPY", "1000", 548), ("USD", "10.00", 548), ("KWD", "1.000", 548)],  # 1,000 minor × 17 ÷ 31 = 548.39
)
def test_the_currency_decides_the_smallest_unit(currency: str, price: str, amount: int) -> None:
    who = Contract(1, 1, 1, currency)
    found = bill([started("2026-10-15")], [term(1, "recurring", price, currency=currency)], who=who)
    assert [x.amount for x in found.lines] == [amount]


@pytest.mark.parametrize(
    ("price", "num", "den", "exponent", "amount"),
    [
        ("1", 15, 30, 0, 1),  # 0.5 → 1
        ("-1", 15, 30, 0, -1),  # −0.5 → −1
        ("3", 15, 30, 0, 2),  # 1.5 → 2
        ("-3", 15, 30, 0, -2),
        ("0.01", 15, 30, 2, 1),  # half a cent → 1 cent
        ("0.333333", 1, 1, 2, 33),
    ],
)
def test_halves_go_away_from_zero(price: str, num: int, den: int, exponent: int, amount: int) -> None:
    assert flat_amount(D(price), num, den, exponent) == amount


def test_unit_and_carried_amounts_round_once() -> None:
    assert unit_amount(D("3"), D("0.5"), 0) == 2  # 1.5 → 2, not 3 × 1
    assert unit_amount(D("-3"), D("0.5"), 0) == -2
    assert unit_amount(D("0.000001"), D("500000"), 0) == 1  # 0.5 → 1
    assert unit_amount(D("9999999999999.999999"), D("999999999999.999999"), 0) == 10**25 - 11 * 10**6  # (10^13 − ε)(10^12 − ε)
    assert carried_amount(D("11.775"), 2) == 1178


def test_a_pause_stops_billing_and_a_plan_change_splits_the_month() -> None:
    facts = [
        started("2026-09-01"),
        fact(2, 1, "paused", midnight("2026-10-11")),
        fact(3, 1, "resumed", midnight("2026-10-21")),
        fact(4, 1, "changed_to", midnight("2026-10-26"), version_id=2),
    ]
    terms = [term(1, "recurring", "9900"), term(2, "recurring", "13900", version=2)]
    assert figures(bill(facts, terms)) == [
        (1, "10-01", "10-11", 10, 31, 3194),  # 9,900 × 10 ÷ 31 = 3,193.55
        (1, "10-21", "10-26", 5, 31, 1597),  # 9,900 × 5 ÷ 31 = 1,596.77
        (1, "10-26", "11-01", 6, 31, 2690),  # 13,900 × 6 ÷ 31 = 2,690.32
    ]


def test_what_does_not_concern_a_charge_does_not_split_it() -> None:
    """A price agreed for another charge, and a pause of some hours within one day, leave one line over the whole month."""
    facts = [
        started("2026-09-01"),
        fact(2, 1, "price_agreed", midnight("2026-10-11"), charge_key="k2", price=D(50)),
        fact(3, 1, "paused", midnight("2026-10-20") + timedelta(hours=9)),
        fact(4, 1, "resumed", midnight("2026-10-20") + timedelta(hours=11)),
    ]
    found = bill(facts, [term(1, "recurring", "9999"), term(2, "recurring", "70")])
    assert [(x.charge_id, x.num, x.amount) for x in found.lines] == [
        (1, 31, 9999),
        (2, 10, 23),  # 70 × 10 ÷ 31 = 22.58
        (2, 21, 34),  # 50 × 21 ÷ 31 = 33.87
    ]


def test_without_proration_any_day_costs_the_whole_price_once_at_the_last_price() -> None:
    facts = [
        started("2026-10-30"),
        fact(2, 1, "price_agreed", midnight("2026-10-31"), charge_key="k1", price=D(8000)),
    ]
    assert figures(bill(facts, [term(1, "recurring", "9900", proration="none")])) == [(1, "10-30", "11-01", 1, 1, 8000)]
    assert figures(bill([started("2026-11-01")], [term(1, "recurring", "9900", proration="none")])) == []


def test_advance_bills_the_next_month_and_the_first_one_in_full() -> None:
    assert figures(bill([started("2026-10-15")], [term(1, "recurring", "9900", timing="advance")])) == [
        (1, "10-15", "11-01", 17, 31, 5429),
        (1, "11-01", "12-01", 30, 30, 9900),
    ]


def test_advance_is_corrected_by_exact_negatives_where_the_contract_became_another() -> None:
    """October was billed in advance from what was known on 1 October. On the 12th the plan changed: 9,900 comes back whole, 11 days of
    the old plan (9,900 × 11 ÷ 31 = 3,512.90) and 20 of the new one (13,900 × 20 ÷ 31 = 8,967.74) are billed."""
    facts = [started("2026-09-01"), fact(2, 1, "changed_to", midnight("2026-10-12"), version_id=2)]
    terms = [term(1, "recurring", "9900", timing="advance"), term(2, "recurring", "13900", version=2, timing="advance")]
    found = bill(facts, terms, known_before=midnight("2026-10-01"))
    assert figures(found) == [
        (-1, "10-01", "11-01", 31, 31, -9900),
        (1, "10-01", "10-12", 11, 31, 3513),
        (1, "10-12", "11-01", 20, 31, 8968),
        (1, "11-01", "12-01", 30, 30, 13900),
    ]


def test_advance_that_still_holds_is_not_billed_again() -> None:
    """The contract's history was rewritten in a way that changes no day and no price: nothing to correct."""
    facts = [
        started("2026-09-01"),
        fact(2, 1, "paused", midnight("2026-10-20") + timedelta(hours=9)),
        fact(3, 1, "resumed", midnight("2026-10-20") + timedelta(hours=10)),
    ]
    found = bill(facts, [term(1, "recurring", "9900", timing="advance")], known_before=midnight("2026-10-01"))
    assert figures(found) == [(1, "11-01", "12-01", 30, 30, 9900)]


def test_a_contract_that_ended_before_what_was_billed_in_advance_gets_it_back() -> None:
    facts = [started("2026-08-01"), fact(2, 1, "ended", midnight("2026-09-25"), recorded=midnight("2026-10-05"))]
    found = bill(facts, [term(1, "recurring", "9900", timing="advance")], known_before=midnight("2026-10-01"))
    assert figures(found) == [(-1, "10-01", "11-01", 31, 31, -9900)]


def test_a_one_off_charge_falls_due_once() -> None:
    terms = [term(1, "one_off", "3000")]
    facts = [started("2026-10-15"), fact(2, 1, "changed_to", midnight("2026-10-20"), version_id=2)]
    assert figures(bill(facts, [*terms, term(2, "one_off", "7000", version=2)])) == [(1, "10-15", "10-16", 1, 1, 3000)]
    assert figures(bill(facts[:1], terms, period=Period.month("2026-11"))) == []
    late = [started("2026-09-15", recorded=midnight("2026-10-05"))]
    assert figures(bill(late, terms)) == []  # its period has passed


def test_usage_is_priced_by_the_version_in_force_at_its_exact_time() -> None:
    """Changed at 15:00 on the 12th: 14:00 is the old plan's, 15:00 the new one's."""
    facts = [started("2026-10-01"), fact(2, 1, "changed_to", midnight("2026-10-12") + timedelta(hours=15), version_id=2)]
    terms = [term(1, "per_unit", "10", meter="play"), term(2, "per_unit", "7", version=2, meter="play")]
    events = [event("2026-10-12", "3", hour=14), event("2026-10-12", "5", hour=15), event("2026-10-13", "2")]
    found = bill(facts, terms, events=events)
    assert [(x.charge_id, x.quantity, x.amount, x.events, x.period_from.day, x.period_to) for x in found.lines] == [
        (1, D(3), 30, 1, 1, date(2026, 10, 13)),  # the old plan's line reaches to its last event
        (2, D(7), 49, 2, 12, date(2026, 11, 1)),
    ]


def test_no_usage_makes_no_line_and_usage_of_nothing_makes_one() -> None:
    terms = [term(1, "per_unit", "10", meter="play")]
    assert bill([started("2026-10-01")], terms).lines == ()
    assert [x.amount for x in bill([started("2026-10-01")], terms, events=[event("2026-10-02", "0")]).lines] == [0]


TIERS = [Tier(1, 1, D(10), D(0), D(0)), Tier(1, 2, D(20), D(300), D(100)), Tier(1, 3, None, D(200), D(50))]


@pytest.mark.parametrize(
    ("quantity", "amount"),
    [
        ("0", 0),
        ("10", 0),  # on the bound: still the first tier
        ("10.000001", 100),  # the flat fee of the second falls due, 0.0003 rounds off
        ("11", 400),  # 100 + 1 × 300
        ("20", 3100),  # 100 + 10 × 300
        ("23", 3750),  # 3,100 + 50 + 3 × 200
        ("-5", 0),
    ],
)
def test_tiers_are_cut_at_cumulative_upper_bounds(quantity: str, amount: int) -> None:
    assert graduated_amount(D(quantity), TIERS, 0) == amount
    cut = slices(D(quantity), TIERS)
    assert cut is not None and sum((s.quantity for s in cut), D(0)) == D(quantity)


def test_a_quantity_below_zero_is_priced_in_the_first_tier_without_its_flat_fee() -> None:
    assert graduated_amount(D(-3), [Tier(1, 1, None, D(100), D(500))], 0) == -300


def test_a_graduated_counter_runs_over_a_pause() -> None:
    facts = [started("2026-10-01"), fact(2, 1, "paused", midnight("2026-10-10")), fact(3, 1, "resumed", midnight("2026-10-20"))]
    found = bill(
        facts, [term(1, "graduated", None, meter="play")], tiers=TIERS, events=[event("2026-10-03", "11"), event("2026-10-25", "12")]
    )
    assert [(x.quantity, x.amount, x.segment, x.events) for x in found.lines] == [(D(23), 3750, 1, 2)]


def test_events_that_price_themselves_are_summed_exactly() -> None:
    who = Contract(1, 1, 1, "USD")
    events = [event("2026-10-02", "1", amount="11.775", currency="USD"), event("2026-10-03", "2", amount="0.0049", currency="USD")]
    found = bill([started("2026-10-01")], [term(1, "event_priced", None, meter="play", currency="USD")], events=events, who=who)
    assert [(x.quantity, x.price, x.amount) for x in found.lines] == [(D(3), D("11.779900"), 1178)]


@pytest.mark.parametrize(
    ("terms", "events", "faults"),
    [
        ([term(1, "recurring", None)], [], {Parked.MISSING_PRICE}),
        ([term(1, "recurring", "9900", version=2)], [], {Parked.MISSING_TERMS}),
        ([term(1, "recurring", "9.90", currency="USD")], [], {Parked.CURRENCY}),
        ([term(1, "graduated", None, meter="play")], ["1"], {Parked.MISSING_TIER}),
        ([term(1, "event_priced", None, meter="play")], ["1"], {Parked.MISSING_AMOUNT}),
        ([term(1, "per_unit", None, meter="play")], ["1"], {Parked.MISSING_PRICE}),
        ([term(1, "per_unit", "999999999999", meter="play")], ["9999999999999"], {Parked.OVERFLOW}),
        ([term(1, "per_unit", "1", meter="play")], ["9999999999999.999999", "0.000001"], {Parked.OVERFLOW}),
    ],
)
def test_what_cannot_be_billed_is_a_fault_and_never_a_guess(terms: list[Term], events: list[str], faults: set[Parked]) -> None:
    used = [event("2026-10-02", quantity) for quantity in events]
    assert bill([started("2026-09-01")], terms, events=used).faults == faults


def test_an_event_in_another_currency_is_a_fault() -> None:
    used = [event("2026-10-02", "1", amount="5", currency="USD")]
    assert bill([started("2026-09-01")], [term(1, "event_priced", None, meter="play")], events=used).faults == {Parked.CURRENCY}


@settings(max_examples=100, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 30), st.integers(-(10**6), 10**6))
def test_splitting_a_period_and_billing_the_parts_equals_the_whole(rng: random.Random, cut: int, price: int) -> None:
    """Proration by actual days is linear in days as long as both parts divide by the days of the whole period.

    Exactly: the unrounded money of the parts is that of the whole, for every price and life. The rounded money is equal when price × days
    ÷ divisor is whole for every line, which a price that is a multiple of the divisor guarantees; otherwise each line is off by at most
    half a unit. (Not linear, and not claimed: charges without proration, one-off charges, graduated tiers.)
    """
    facts = [f for f in invent(rng, 1, clean=True).facts if f.kind != "price_agreed"]
    life = segments(facts, CLOSE)
    middle = OCTOBER.start + timedelta(days=cut)
    for given_price in (price * 31, price):
        tariff = Tariff.of([term(v, "recurring", str(given_price), version=v) for v in (1, 2, 3)])
        whole = [d.line for d in recurring(WHO, life, tariff, OCTOBER, Timing.ARREARS)]
        parts = [
            d.line
            for window in (Period(OCTOBER.start, middle), Period(middle, OCTOBER.end))
            for d in recurring(WHO, life, tariff, window, Timing.ARREARS, OCTOBER)
        ]
        exact = sum((Fraction(given_price) * x.num / x.den for x in whole), Fraction(0))
        assert sum((Fraction(given_price) * x.num / x.den for x in parts), Fraction(0)) == exact
        if given_price == price * 31:
            assert sum(x.amount for x in parts) == sum(x.amount for x in whole)
        assert abs(sum(x.amount for x in parts) - exact) <= Fraction(len(parts), 2)


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_events_does_not_matter(rng: random.Random) -> None:
    world = invent(rng, 1)
    shuffled = rng.sample(list(world.events), len(world.events))
    one, other = (
        rate_contract(world.contracts[0], world.facts, world.tariff, events, OCTOBER, CLOSE, None) for events in (world.events, shuffled)
    )
    assert one == other


@given(st.integers(-(10**24), 10**24))
def test_millionths_come_back_as_they_went(value: int) -> None:
    assert micro(from_micro(value)) == value


def test_more_than_six_places_are_refused() -> None:
    with pytest.raises(ValueError, match="six places"):
        micro(D("0.0000001"))
