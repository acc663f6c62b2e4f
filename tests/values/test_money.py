"""Money: exact, one currency at a time, rounded and split in one way only."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numaru.values.money import MAX_MINOR, Money, exponent, largest_remainder, round_half_away

INTS = st.integers(-(10**30), 10**30)


@pytest.mark.parametrize(
    ("code", "places"), [("KRW", 0), ("JPY", 0), ("PYG", 0), ("USD", 2), ("EUR", 2), ("KWD", 3), ("IQD", 3), ("CLF", 4)]
)
def test_exponents_are_those_of_iso_4217(code: str, places: int) -> None:
    assert exponent(code) == places


@pytest.mark.parametrize("text", ["", "US", "usd", "USDX", "U5D", "원화가", "ÅÄÖ"])
def test_what_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="ISO 4217"):
        exponent(text)


@given(INTS, st.integers(1, 10**12))
def test_rounding_is_the_nearest_integer_and_halves_go_away_from_zero(numerator: int, denominator: int) -> None:
    got = round_half_away(numerator, denominator)
    distance = abs(2 * got * denominator - 2 * numerator)
    assert distance <= denominator
    if distance == denominator:  # exactly in the middle
        assert abs(got) * denominator > abs(numerator)
    assert round_half_away(-numerator, denominator) == -got


@pytest.mark.parametrize("denominator", [0, -1])
def test_rounding_refuses_a_denominator_that_is_not_positive(denominator: int) -> None:
    with pytest.raises(ValueError, match="positive"):
        round_half_away(1, denominator)


@given(st.integers(-(10**18), 10**18), st.lists(st.integers(0, 10**9), min_size=1, max_size=40).filter(any))
def test_a_split_adds_up_is_fair_within_one_and_keeps_its_sign(total: int, weights: list[int]) -> None:
    parts = largest_remainder(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - total * weight) < sum(weights)
    assert largest_remainder(-total, weights) == [-p for p in parts]


def test_ties_of_a_split_go_to_the_earlier_one() -> None:
    assert largest_remainder(2, [1, 1, 1]) == [1, 1, 0]
    assert largest_remainder(0, [0, 0]) == [0, 0]
    with pytest.raises(ValueError, match="weights are zero"):
        largest_remainder(1, [0, 0])
    with pytest.raises(ValueError, match="negative"):
        largest_remainder(1, [2, -1])


@given(st.integers(-MAX_MINOR, MAX_MINOR), st.sampled_from(["KRW", "USD", "KWD", "CLF"]))
def test_an_amount_is_written_and_read_back_to_the_last_digit(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    assert Money.parse(money.amount, currency) == money
    assert Money.parse(money.decimal, currency) == money
    assert len(money.amount.partition(".")[2]) == exponent(currency)


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("0.001", "USD"), ("1.5", "KRW"), ("abc", "USD"), ("", "USD"), ("NaN", "USD"), ("Infinity", "USD"), ("-Infinity", "KRW"), ("1e30", "USD"),
        ("92233720368547758.08", "USD"), ("1234567890123456789012345678901.0000000001", "USD"), ("1e999999999", "KRW"), ("1e-999999999", "USD"),
    ],
)  # fmt: skip
def test_an_amount_that_cannot_be_kept_exactly_is_refused(text: str, currency: str) -> None:
    with pytest.raises(ValueError):
        Money.parse(text, currency)


def test_amounts_of_one_currency_add_order_and_turn() -> None:
    assert Money.parse("13.90", "USD") - Money(390, "USD") == Money(1000, "USD")
    assert -Money(5, "KRW") == Money(-5, "KRW") and Money(-5, "KRW").amount == "-5"
    assert Money(-5, "USD").amount == "-0.05"
    assert sorted([Money(3, "KRW"), Money(-1, "KRW")]) == [Money(-1, "KRW"), Money(3, "KRW")]
    assert Money(2, "KRW") <= Money(2, "KRW") and Money(3, "KRW") > Money(2, "KRW") and Money(3, "KRW") >= Money(2, "KRW")
    assert not Money.zero("KRW") and Money(1, "KRW")
    assert Money.parse(Decimal("1E+2"), "KRW").as_dict() == {"amount": "100", "currency": "KRW"}


def test_two_currencies_never_mix() -> None:
    won, dollar = Money(1, "KRW"), Money(100, "USD")
    for mixed in (lambda: won + dollar, lambda: won - dollar, lambda: won < dollar, lambda: max(won, dollar), lambda: won >= dollar):
        with pytest.raises(ValueError, match="KRW"):
            mixed()
    assert won != Money(1, "JPY")
