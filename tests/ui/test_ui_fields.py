"""Fields that take what people write: examples run as doctests; here what is refused, and how it comes back."""

from __future__ import annotations

import doctest
from datetime import date

import pytest
from django import forms
from hypothesis import given
from hypothesis import strategies as st

from numaru.kernel import clock
from numaru.ui import fields
from numaru.ui.fields import DayField, MoneyField, PhoneField, read_amount, read_day
from numaru.values.money import Money
from tests.domains.billing.world import on


class Asked(forms.Form):
    amount = MoneyField(label="금액", least=1_000, most=50_000)
    day = DayField(label="날짜", required=False)
    phone = PhoneField(label="전화", required=False)


def test_the_examples_hold() -> None:
    assert doctest.testmod(fields).failed == 0


@given(st.integers(-(10**14), 10**14))
def test_an_amount_is_read_as_it_is_written(minor: int) -> None:
    for text in (f"{minor:,}", f"{minor}", f"{minor:,}원", f" {minor:,} 원 "):
        assert read_amount(text) == Money(minor, "KRW")


@given(st.dates(date(1950, 1, 1), date(2100, 12, 31)))
def test_a_whole_day_is_read_in_each_spelling(day: date) -> None:
    for text in (
        f"{day:%Y%m%d}",
        day.isoformat(),
        f"{day.year}.{day.month}.{day.day}",
        f"{day.year}. {day.month}. {day.day}.",
        f"{day.year}/{day.month}/{day.day}",
    ):
        assert read_day(text) == day


@pytest.mark.parametrize("text", ["", "원", "1,39", "13.5", "1e3", "13,900,00", "=1", "열셋", "1" * 30, "--5"])
def test_what_is_no_amount_of_won(text: str) -> None:
    with pytest.raises(ValueError):
        read_amount(text)


@pytest.mark.parametrize("text", ["", "2026-13-01", "13/01", "20261", "내일", "2026-11-31", "0/0"])
def test_what_is_no_day(text: str) -> None:
    with pytest.raises(ValueError):
        read_day(text, date(2026, 11, 27))


def test_the_leap_day_without_a_year_is_the_nearest_there_is() -> None:
    assert read_day("2/29", date(2028, 1, 1)) == date(2028, 2, 29)
    with pytest.raises(ValueError):
        read_day("2/29", date(2026, 6, 1))


def test_the_form_says_how_to_write_it_right() -> None:
    with on("2026-11-27"):
        good = Asked({"amount": "₩13,900", "day": "12/1", "phone": "+82 10-1234-2201"})
        assert good.is_valid() and good.cleaned_data == {"amount": Money(13_900, "KRW"), "day": date(2026, 12, 1), "phone": "010-1234-2201"}
        bad = Asked({"amount": "60,000", "day": "2026-02-30", "phone": "12"})
        assert not bad.is_valid()
        assert {k: v[0] for k, v in bad.errors.items()} == {
            "amount": "1,000원부터 50,000원까지 적으십시오.",
            "day": "날짜를 2026-11-22나 11/22처럼 적으십시오.",
            "phone": "전화번호를 010-1234-5678처럼 적으십시오.",
        }
        assert "2026-02-30" in str(bad["day"])  # what was typed stays


def test_controls_carry_what_the_page_needs() -> None:
    drawn = Asked(initial={"amount": Money(13_900, "KRW"), "day": clock.today()})
    assert 'value="13,900"' in str(drawn["amount"]) and 'data-as="money"' in str(drawn["amount"])
    assert f'value="{clock.today().isoformat()}"' in str(drawn["day"]) and "data-pick" in str(drawn["day"])
