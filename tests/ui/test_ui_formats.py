"""The formats of SCREENS §9, row by row, in both languages; pages, papers and Excel all write through them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numaru.ui import formats
from numaru.values.money import Money, exponent
from numaru.values.period import FAR, Period
from numaru.values.text import Text

SEOUL = "Asia/Seoul"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("minor", "currency", "diff", "ko", "en"),
    [
        (13900, "KRW", False, "13,900원", "₩13,900"),
        (-1390, "KRW", False, "−1,390원", "−₩1,390"),
        (0, "KRW", False, "0원", "₩0"),
        (3166, "KRW", True, "+3,166원", "+₩3,166"),
        (-3166, "KRW", True, "−3,166원", "−₩3,166"),
        (0, "KRW", True, "0원", "₩0"),
        (1240, "USD", False, "US$12.40", "US$12.40"),
        (-5, "USD", False, "−US$0.05", "−US$0.05"),
        (6820278733, "KRW", False, "6,820,278,733원", "₩6,820,278,733"),
        (1234, "KWD", False, "KWD\u00a01.234", "KWD\u00a01.234"),
        (1200, "JPY", False, "JP¥1,200", "JP¥1,200"),
    ],
)
def test_money(minor: int, currency: str, diff: bool, ko: str, en: str) -> None:
    amount = Money(minor, currency)
    assert formats.money(amount, "ko", diff=diff) == ko
    assert formats.money(amount, "en", diff=diff) == en


@given(st.integers(-(10**17), 10**17), st.sampled_from(["KRW", "USD", "KWD", "JPY", "EUR"]), st.sampled_from(["ko", "en"]))
def test_money_never_loses_a_digit(minor: int, currency: str, lang: str) -> None:
    """What is written, read back, is the amount to the last minor unit."""
    parts = formats.money_parts(Money(minor, currency), lang)
    read = int(Decimal(parts.digits.replace(",", "")).scaleb(exponent(currency)))
    assert read == abs(minor)
    assert (parts.sign == "−") == (minor < 0)
    assert "-" not in str(parts)


@pytest.mark.parametrize(
    ("value", "currency", "ko", "en"),
    [
        ("300.000000", "KRW", "300원", "₩300"),
        ("0.050000", "KRW", "0.05원", "₩0.05"),
        ("19.99", "USD", "US$19.99", "US$19.99"),
        ("0.004500", "USD", "US$0.0045", "US$0.0045"),
        ("5", "USD", "US$5.00", "US$5.00"),
    ],
)
def test_unit_prices_keep_their_places(value: str, currency: str, ko: str, en: str) -> None:
    assert formats.price(Decimal(value), currency, "ko") == ko
    assert formats.price(Decimal(value), currency, "en") == en


@pytest.mark.parametrize(
    ("value", "year", "ko", "en"),
    [
        (date(2026, 11, 22), None, "2026-11-22", "22 Nov 2026"),
        (date(2026, 11, 22), 2026, "11-22 일", "22 Nov"),
        (date(2026, 11, 18), 2026, "11-18 수", "18 Nov"),
        (date(2025, 11, 22), 2026, "2025-11-22", "22 Nov 2025"),
    ],
)
def test_day(value: date, year: int | None, ko: str, en: str) -> None:
    assert formats.day(value, "ko", year=year) == ko
    assert formats.day(value, "en", year=year) == en


def test_when_stands_on_the_operators_clock() -> None:
    at = utc("2026-11-22 12:42:10")
    assert formats.when(at, "ko", zone=SEOUL) == "2026-11-22 21:42"
    assert formats.when(at, "en", zone=SEOUL) == "22 Nov 2026, 21:42"
    assert formats.when(at, "ko", zone=SEOUL, year=2026) == "11-22 21:42"
    assert formats.when(at, "en", zone=SEOUL, year=2026) == "22 Nov 21:42"
    assert formats.when(utc("2026-12-31 16:00"), "ko", zone=SEOUL, year=2026) == "2027-01-01 01:00"
    with pytest.raises(ValueError, match="zone"):
        formats.when(datetime(2026, 11, 22), "ko", zone=SEOUL)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("start", "end", "year", "ko", "en"),
    [
        ((2026, 11, 12), (2026, 12, 1), 2026, "11-12 ~ 11-30, 19일", "12 – 30 Nov, 19 days"),
        ((2026, 11, 1), (2026, 12, 1), None, "2026-11-01 ~ 11-30, 30일", "1 – 30 Nov 2026, 30 days"),
        ((2026, 11, 20), (2026, 12, 4), 2026, "11-20 ~ 12-03, 14일", "20 Nov – 3 Dec, 14 days"),
        ((2026, 12, 15), (2027, 1, 15), 2026, "2026-12-15 ~ 2027-01-14, 31일", "15 Dec 2026 – 14 Jan 2027, 31 days"),
        ((2026, 11, 12), (2026, 11, 13), 2026, "11-12, 1일", "12 Nov, 1 day"),
    ],
)
def test_period_is_read_with_its_last_day(
    start: tuple[int, int, int], end: tuple[int, int, int], year: int | None, ko: str, en: str
) -> None:
    value = Period(date(*start), date(*end))
    assert formats.period(value, "ko", year=year) == ko
    assert formats.period(value, "en", year=year) == en
    assert formats.period(value, "ko", year=year, days=False) == ko.rsplit(",", 1)[0]


def test_a_period_without_end_says_where_it_begins() -> None:
    assert formats.period(Period(date(2026, 11, 12), FAR), "ko") == "2026-11-12부터"
    assert formats.period(Period(date(2026, 11, 12), FAR), "en") == "from 12 Nov 2026"


NOW = utc("2026-11-22 12:00")


@pytest.mark.parametrize(
    ("seconds", "ko", "en"),
    [
        (20, "방금", "just now"),
        (12 * 60, "12분 전", "12 min ago"),
        (59 * 60 + 59, "59분 전", "59 min ago"),
        (3600, "20:00", "20:00"),
        (86400, "11-21 21:00", "21 Nov 21:00"),
    ],
)
def test_near_past(seconds: int, ko: str, en: str) -> None:
    assert formats.ago(NOW - timedelta(seconds=seconds), NOW, "ko", zone=SEOUL) == ko
    assert formats.ago(NOW - timedelta(seconds=seconds), NOW, "en", zone=SEOUL) == en


@pytest.mark.parametrize(
    ("seconds", "ko", "en"),
    [
        (161, "2:41", "2:41"),
        (599, "9:59", "9:59"),
        (12 * 60 + 5, "12분", "12\u00a0min"),
        (78 * 60, "1시간 18분", "1\u00a0h 18\u00a0min"),
        (2 * 3600, "2시간", "2\u00a0h"),
        (3 * 86400, "11-25 수", "25 Nov"),
        (-5, "0:00", "0:00"),
    ],
)
def test_time_left(seconds: int, ko: str, en: str) -> None:
    assert formats.left(NOW + timedelta(seconds=seconds), NOW, "ko", zone=SEOUL) == ko
    assert formats.left(NOW + timedelta(seconds=seconds), NOW, "en", zone=SEOUL) == en


def test_shares_and_points() -> None:
    assert formats.share(624, 1000) == "62.4%"
    assert formats.share(81, 1000, diff=True) == "+8.1%"
    assert formats.share(-1, 3) == "−33.3%"
    assert formats.share(1, 0) == "–"
    assert formats.share(1, 2000) == "0.1%"  # 0.05 goes away from zero
    assert formats.points(Decimal("1.25"), "ko") == "+1.3%p"
    assert formats.points(Decimal("-1.2"), "en") == "−1.2\u00a0pp"


def test_figures() -> None:
    assert formats.count(1204) == "1,204"
    assert formats.count(0) == "0"
    assert formats.count(None) == "–"
    assert formats.qty(Decimal("1204.500000")) == "1,204.5"
    assert formats.qty(Decimal("-10.000000")) == "−10"
    assert formats.qty(Decimal("1E+3")) == "1,000"
    assert [formats.duration(s, "ko") for s in (4.24, 37, 72, 7500)] == ["4.2초", "37초", "1분 12초", "2시간 05분"]
    assert [formats.duration(s, "en") for s in (4.24, 37, 72)] == ["4.2\u00a0s", "37\u00a0s", "1\u00a0min 12\u00a0s"]


def test_month_names() -> None:
    assert formats.month(date(2026, 10, 1), "ko") == "2026년 10월"
    assert formats.month(date(2026, 10, 1), "ko", year=2026) == "10월"
    assert formats.month(date(2026, 10, 1), "en") == "October 2026"


def test_a_word_in_a_sentence_is_written_by_its_kind() -> None:
    assert formats.word(1204, "ko") == "1,204"
    assert formats.word(Money(500, "KRW"), "ko") == "500원"
    assert formats.word(Text("가", "a"), "en") == "a"
    assert formats.word(date(2026, 1, 2), "en") == "2 Jan 2026"
    assert formats.word(Decimal("2.50"), "ko") == "2.5"
    assert formats.word("그대로", "en") == "그대로"


def test_excel_formats_have_the_places_of_the_currency() -> None:
    assert formats.excel_money("KRW") == "#,##0"
    assert formats.excel_money("USD") == "#,##0.00"
    assert formats.excel_money("KWD") == "#,##0.000"
