"""Half-open periods and months."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numaru.values.period import Period, add_months, start_of_day

DAYS = st.dates(date(1990, 1, 1), date(2100, 1, 1))


def periods() -> st.SearchStrategy[Period]:
    return st.tuples(DAYS, DAYS).map(lambda pair: Period(min(pair), max(pair)))


@pytest.mark.parametrize(
    "text",
    ["2026-13", "2026-00", "2026-1", "26-10", "2026-10-01", "2026/10", " 2026-10", "2026-10\n", "９９９９-10", "0000-01", "9999-12", ""],
)
def test_only_a_month_is_a_month(text: str) -> None:
    with pytest.raises(ValueError, match="not a month"):
        Period.month(text)


@pytest.mark.parametrize(("text", "days"), [("2024-02", 29), ("2026-02", 28), ("1900-02", 28), ("2000-02", 29), ("2026-12", 31)])
def test_a_month_has_its_days(text: str, days: int) -> None:
    month = Period.month(text)
    assert (month.days, month.label, len(list(month))) == (days, text, days)
    assert month.start in month and month.last in month and month.end not in month


@given(periods(), periods())
def test_what_two_periods_share_is_what_both_hold(a: Period, b: Period) -> None:
    shared = a.clip(b)
    assert shared == b.clip(a)
    if shared is None:
        assert a.end <= b.start or b.end <= a.start or not a.days or not b.days
    else:
        assert shared.days > 0
        for day in (shared.start, shared.last):
            assert day in a and day in b
        assert not (shared.end in a and shared.end in b)


@given(DAYS, st.integers(-500, 500))
def test_months_are_counted_from_the_anchor_and_clamp(anchor: date, months: int) -> None:
    moved = add_months(anchor, months)
    assert (moved.year * 12 + moved.month) - (anchor.year * 12 + anchor.month) == months
    assert moved.day == anchor.day or (moved.day < anchor.day and (moved + timedelta(days=1)).day == 1)


@given(st.integers(1990, 2100), st.integers(1, 12))
def test_months_follow_each_other_without_gap(year: int, month: int) -> None:
    here = Period.month(f"{year:04d}-{month:02d}")
    assert here.next_month().previous_month() == here
    assert here.next_month().start == here.end and here.previous_month().end == here.start


def test_a_period_does_not_run_backwards_and_may_be_empty() -> None:
    with pytest.raises(ValueError, match="before it starts"):
        Period(date(2026, 10, 2), date(2026, 10, 1))
    empty = Period(date(2026, 10, 1), date(2026, 10, 1))
    assert empty.days == 0 and date(2026, 10, 1) not in empty and list(empty) == []


def test_a_day_begins_at_midnight_of_its_zone() -> None:
    assert start_of_day(date(2026, 10, 1), "Asia/Seoul").astimezone(UTC) == datetime(2026, 9, 30, 15, tzinfo=UTC)
    assert start_of_day(date(2026, 7, 1), "America/New_York").astimezone(UTC) == datetime(2026, 7, 1, 4, tzinfo=UTC)
