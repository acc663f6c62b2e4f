"""A figure with a basis is the one valid at the time, of the narrowest scope that has one."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from numaru.kernel import clock, policies
from numaru.kernel.models import Policy

pytestmark = pytest.mark.django_db
KEY = "billing.invoice.due_days"


def put(value: Any, valid_from: date, scope: str = "operator") -> None:
    Policy.objects.create(key=KEY, scope=scope, value=value, basis="약관", valid_from=valid_from, recorded_at=clock.now())


def test_without_a_row_the_shipped_value_holds() -> None:
    assert policies.value(KEY, date(2026, 10, 1)) == policies.shipped[KEY].value == 14
    assert all(one.basis and one.text.ko and one.text.en for _, one in policies.shipped)


def test_a_value_holds_from_its_day_on() -> None:
    put(20, date(2026, 10, 1))
    put(25, date(2026, 11, 1))
    days = [date(2026, 9, 30), date(2026, 10, 1), date(2026, 10, 31), date(2026, 11, 1)]
    assert [policies.value(KEY, d) for d in days] == [14, 20, 20, 25]


def test_of_two_for_one_day_the_later_recorded_holds() -> None:
    put(20, date(2026, 10, 1))
    put(21, date(2026, 10, 1))
    assert policies.value(KEY, date(2026, 10, 1)) == 21


def test_the_narrowest_scope_wins_even_when_it_is_older() -> None:
    put(20, date(2026, 10, 1))
    put(7, date(2026, 1, 1), "service:video")
    put(9, date(2027, 1, 1), "offer:basic")
    scopes = ("offer:basic", "service:video")
    assert policies.value(KEY, date(2026, 10, 5), scopes) == 7
    assert policies.value(KEY, date(2026, 10, 5), ("service:books",)) == 20
    assert policies.value(KEY, date(2027, 1, 1), scopes) == 9


def test_a_key_that_no_room_declared_is_a_fault() -> None:
    with pytest.raises(KeyError):
        policies.value("billing.no.such", date(2026, 10, 1))
