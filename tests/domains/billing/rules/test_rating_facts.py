"""The life of a contract from its facts: order, ends of intervals, what was known when."""

from __future__ import annotations

import itertools
import random
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numaru.domains.billing.rules.contract_facts import FAR_AT, Fact, contract_as_of, segments
from tests.domains.billing.rules.worlds import fact, invent, midnight

LATER = datetime.fromisoformat("2030-01-01")


def lives(*facts: Fact, known_at: datetime = LATER) -> list[tuple[str, str, int, str]]:
    return [(s.from_day.isoformat(), s.to_day.isoformat(), s.version_id, s.state) for s in segments(facts, known_at)]


def test_a_contract_runs_from_its_start_and_stops_for_good_at_its_end() -> None:
    facts = [
        fact(1, 1, "started", midnight("2026-10-05"), version_id=7),
        fact(2, 1, "paused", midnight("2026-10-10")),
        fact(3, 1, "resumed", midnight("2026-10-20")),
        fact(4, 1, "changed_to", midnight("2026-10-25"), version_id=8),
        fact(5, 1, "suspended", midnight("2026-10-26")),
        fact(6, 1, "resumed", midnight("2026-10-27")),
        fact(7, 1, "ended", midnight("2026-10-30")),
        fact(8, 1, "resumed", midnight("2026-11-01")),
    ]
    assert lives(*facts) == [
        ("2026-10-05", "2026-10-10", 7, "active"),
        ("2026-10-10", "2026-10-20", 7, "paused"),
        ("2026-10-20", "2026-10-25", 7, "active"),
        ("2026-10-25", "2026-10-26", 8, "active"),
        ("2026-10-26", "2026-10-27", 8, "suspended"),
        ("2026-10-27", "2026-10-30", 8, "active"),
        ("2026-10-30", "9999-12-31", 8, "ended"),
    ]


def test_the_day_of_a_change_belongs_to_the_new_plan() -> None:
    """Changed at 15:00 in Seoul on the 12th: the old plan's last day is the 11th."""
    facts = [
        fact(1, 1, "started", midnight("2026-10-01"), version_id=1),
        fact(2, 1, "changed_to", midnight("2026-10-12") + timedelta(hours=15), version_id=2),
    ]
    assert next(s.to_day for s in segments(facts, LATER)) == date(2026, 10, 12)
    assert [s.from_day for s in segments(facts, LATER)][1] == date(2026, 10, 12)


def test_two_changes_in_one_day_leave_a_segment_without_a_day() -> None:
    noon = midnight("2026-10-12") + timedelta(hours=12)
    facts = [
        fact(1, 1, "started", midnight("2026-10-01"), version_id=1),
        fact(2, 1, "changed_to", noon, version_id=2),
        fact(3, 1, "changed_to", noon + timedelta(hours=1), version_id=3),
    ]
    middle = segments(facts, LATER)[1]
    assert (middle.from_day, middle.to_day, middle.version_id) == (date(2026, 10, 12), date(2026, 10, 12), 2)
    assert middle.to_at - middle.from_at == timedelta(hours=1)


def test_agreed_prices_belong_to_the_version_of_their_instant() -> None:
    """A price agreed at the instant of a change counts for the new version, though it was recorded before it."""
    start, change = midnight("2026-10-01"), midnight("2026-10-12")
    facts = [
        fact(1, 1, "price_agreed", start - timedelta(days=1), charge_key="base", price=Decimal(1)),  # before the start: void
        fact(2, 1, "price_agreed", start, charge_key="base", price=Decimal(5)),
        fact(3, 1, "started", start, version_id=1),
        fact(4, 1, "price_agreed", change, charge_key="fee", price=Decimal(9)),
        fact(5, 1, "changed_to", change, version_id=2),
    ]
    before, after = segments(facts, LATER)
    assert before.agreed == {"base": Decimal(5)}
    assert after.agreed == {"fee": Decimal(9)}


def test_only_what_was_recorded_by_then_is_known() -> None:
    start = midnight("2026-10-01")
    late = midnight("2026-11-03")
    facts = [
        fact(1, 1, "started", start, version_id=1),
        fact(2, 1, "ended", midnight("2026-10-20"), recorded=late),
    ]
    assert lives(*facts, known_at=late - timedelta(microseconds=1)) == [("2026-10-01", "9999-12-31", 1, "active")]
    assert lives(*facts, known_at=late)[0] == ("2026-10-01", "2026-10-20", 1, "active")
    assert segments(facts, start - timedelta(seconds=1)) == []
    assert segments(facts, late)[-1].to_at == FAR_AT


def test_the_contract_as_it_stood_then_as_known_then() -> None:
    start, end, late = midnight("2026-10-01"), midnight("2026-10-20"), midnight("2026-11-03")
    facts = [fact(1, 1, "started", start, version_id=1), fact(2, 1, "ended", end, recorded=late)]
    known_late, known_early = contract_as_of(facts, end, late), contract_as_of(facts, end, end)
    assert known_late is not None and known_late.state == "ended"
    assert known_early is not None and known_early.state == "active"
    assert contract_as_of(facts, start - timedelta(seconds=1), late) is None


@pytest.mark.parametrize("kind", ["paused", "suspended", "changed_to", "resumed"])
def test_facts_before_the_start_are_void(kind: str) -> None:
    facts = [
        fact(1, 1, kind, midnight("2026-09-01"), version_id=5 if kind == "changed_to" else None),
        fact(2, 1, "started", midnight("2026-10-01"), version_id=1),
    ]
    assert lives(*facts) == [("2026-10-01", "9999-12-31", 1, "active")]


def test_an_end_before_the_start_means_that_it_never_runs() -> None:
    facts = [fact(1, 1, "ended", midnight("2026-09-01")), fact(2, 1, "started", midnight("2026-10-01"), version_id=1)]
    assert not any(s.running for s in segments(facts, LATER))


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_facts_given_does_not_matter_and_segments_have_no_gaps(rng: random.Random) -> None:
    facts = list(invent(rng, 1).facts)
    shuffled = rng.sample(facts, len(facts))
    life = segments(facts, LATER)
    assert life == segments(shuffled, LATER)
    for before, after in itertools.pairwise(life):
        assert before.to_at == after.from_at and before.to_day == after.from_day and before.number < after.number
    if life:
        assert life[-1].to_at == FAR_AT and life[0].first and not any(s.first for s in life[1:])
