"""From which day a thing may be destroyed: month ends, leap days, and the one comparison that finds a set."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numaru.kernel.retention.spans import Span

DAYS = st.dates(date(1996, 1, 1), date(2104, 12, 31))
SPANS = st.one_of(
    st.builds(Span, st.integers(0, 4000), st.just("days")),
    st.builds(Span, st.integers(0, 130), st.just("months")),
    st.builds(Span, st.integers(0, 11), st.just("years")),
)


@pytest.mark.parametrize(
    ("start", "span", "last"),
    [
        (date(2024, 2, 29), Span(1, "years"), date(2025, 2, 28)),
        (date(2024, 2, 29), Span(4, "years"), date(2028, 2, 29)),
        (date(2023, 2, 28), Span(1, "years"), date(2024, 2, 28)),
        (date(2026, 11, 30), Span(3, "months"), date(2027, 2, 28)),
        (date(2027, 11, 30), Span(3, "months"), date(2028, 2, 29)),
        (date(2026, 1, 31), Span(1, "months"), date(2026, 2, 28)),
        (date(2026, 12, 31), Span(2, "months"), date(2027, 2, 28)),
        (date(2026, 8, 31), Span(30, "days"), date(2026, 9, 30)),
        (date(2026, 8, 1), Span(0, "days"), date(2026, 8, 1)),
        (date(2100, 1, 29), Span(1, "months"), date(2100, 2, 28)),  # 2100 is no leap year
    ],
)
def test_the_last_day_is_kept_whole_and_destroyed_on_the_next(start: date, span: Span, last: date) -> None:
    assert span.last_day(start) == last
    assert span.due_on(start) == last + timedelta(days=1)


@given(DAYS, SPANS, DAYS)
def test_a_start_is_due_exactly_when_it_is_not_after_the_cut(start: date, span: Span, on: date) -> None:
    assert (start <= span.cut(on)) == (span.due_on(start) <= on)


@given(DAYS, SPANS)
def test_around_the_cut_itself(on: date, span: Span) -> None:
    """The days next to the cut are where a wrong month end would show."""
    cut = span.cut(on)
    assert span.due_on(cut) <= on < span.due_on(cut + timedelta(days=1))


@given(DAYS, DAYS, SPANS)
def test_what_began_later_is_never_due_earlier(a: date, b: date, span: Span) -> None:
    assert span.due_on(min(a, b)) <= span.due_on(max(a, b))


@pytest.mark.parametrize(("count", "unit"), [(-1, "days"), (1, "weeks")])
def test_what_is_no_span_is_refused(count: int, unit: str) -> None:
    with pytest.raises(ValueError, match="not a span"):
        Span(count, unit)  # type: ignore[arg-type]
