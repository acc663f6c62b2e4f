"""Two calendars and a kind of clock for the tests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from numaru.facilities.clocks.actions.calendars import make_calendar
from numaru.facilities.clocks.kinds import Kind, Pause, kinds
from numaru.kernel import policies
from numaru.kernel.access import Actor
from numaru.kernel.approvals.permissions import REQUEST_USE
from numaru.kernel.models import OutboxEvent
from numaru.kernel.policies.values import shipped
from numaru.values.text import Text
from tests.screens import naru, shared, sign_in  # noqa: F401

OFFICE = ["09:00–12:00", "13:00–18:00"]
KIND = "test.answer"
HOUSE = Actor.system("test")


def at(text: str, zone: str = "Asia/Seoul") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.fixture
def kind() -> Iterator[str]:
    """A kind of the test: 240 business minutes, 60 for the row "fast"; stops for the customer, and for others only if the policy says so."""
    keys = [
        policies.policy("clocks.test_calendar", Text("시험", "Test"), "office", "test").key,
        policies.policy("clocks.test_minutes", Text("시험", "Test"), {"": 240, "fast": 60}, "test", kind="json").key,
        policies.policy("clocks.test_third", Text("시험", "Test"), False, "test").key,
        policies.policy("clocks.test_enforce", Text("시험", "Test"), "2026-06-01", "test").key,
    ]
    kinds.add(
        KIND,
        Kind(
            Text("시험 답변", "Test answer"), REQUEST_USE, keys[0], keys[1], lambda subject: f"/t/{subject}/", enforce_from=keys[3],
            pauses=(Pause("customer", Text("고객 대기", "Customer")), Pause("third", Text("제3자 대기", "Third party"), keys[2])),
        ),
    )  # fmt: skip
    yield KIND
    del kinds._rows[KIND]
    for key in keys:
        del shipped._rows[key]


@pytest.fixture
def office(db: None) -> str:
    """Office hours in Seoul, lunch closed, without holidays; and nothing that tests with real commits left untold, as that holds verdicts back."""
    OutboxEvent.objects.filter(dispatched_at=None).delete()
    return make_calendar.do(
        HOUSE, key="office", name_ko="본사", name_en="Office", zone="Asia/Seoul", week=[OFFICE] * 5 + [[], []], holidays={}
    )
