"""How far a charge may move: from what it did before, never from nothing, and never so narrowly that its first step is an alarm."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from numaru.domains.billing.rules.amounts import graduated_exact
from numaru.domains.billing.rules.expected import LEAST, MOST, NARROWEST, change, changes, expected
from numaru.domains.billing.rules.lines import Event, Line
from numaru.domains.billing.rules.shares import shares
from numaru.domains.billing.rules.terms import MICRO, Term, Tier, micro

STEPS = st.lists(st.integers(-5_000, 5_000), min_size=LEAST, max_size=MOST)


@given(STEPS)
def test_the_range_holds_the_mean_and_lets_a_small_step_pass(steps: list[int]) -> None:
    band = expected(steps)
    assert band is not None and band.low <= sum(steps) / len(steps) <= band.high
    assert band.high - band.low >= 2 * NARROWEST
    same = expected(steps[::-1])
    assert same == band  # the order of the months does not matter


@given(STEPS)
def test_it_is_two_deviations_wide_rounded_outwards(steps: list[int]) -> None:
    from statistics import stdev

    band = expected(steps)
    assert band is not None
    half = (band.high - band.low) / 2
    assert half == NARROWEST or abs(half - 2 * stdev(steps)) <= 1.000001
    assert half >= 2 * stdev(steps) - 1e-6 or half == NARROWEST


def test_too_little_says_nothing_and_a_gap_is_not_bridged() -> None:
    assert expected([10, 20]) is None and expected([]) is None
    assert changes([100, 90, None, 80, 70]) == [change(100, 90)]
    assert changes([100, 0, 50]) == []  # nothing was billed the month before: no base
    assert len(changes(list(range(100, 130)))) == MOST
    assert change(-110, -100) == -100  # a discount that grew


AT = datetime.fromisoformat("2026-08-01T00:00")  # naive: UTC, as the rules keep it
SAVES = Term(1, 1, "saves", 1, "graduated", "arrears", "none", None, "save", "included", Decimal("0.1"), "KRW", 0)
TIERS = (
    Tier(1, 1, Decimal(10), Decimal(0), Decimal(0)),
    Tier(1, 2, Decimal(20), Decimal(300), Decimal(50)),
    Tier(1, 3, None, Decimal(200), Decimal(0)),
)


@given(st.lists(st.integers(0, 30 * MICRO), min_size=1, max_size=12))
def test_shares_add_up_to_the_exact_amount(parts: list[int]) -> None:
    quantities = [Decimal(n).scaleb(-6) for n in parts]
    events = [Event("app", f"{n}", 9, "save", AT, date(2026, 8, 1), q) for n, q in enumerate(quantities)]
    total = sum(quantities, Decimal(0))
    line = Line(
        1, 1, 1, 1, 1, 1, 1, date(2026, 8, 1), date(2026, 9, 1), total, None, 1, 1, 0, len(events), "included", Decimal("0.1"), "KRW", 0
    )
    found = shares(line, SAVES, TIERS, events)
    assert sum(int((s.amount or 0).scaleb(12)) for s in found if s.amount) == graduated_exact(total, TIERS)
    assert micro(found[-1].upto) == sum(parts)
