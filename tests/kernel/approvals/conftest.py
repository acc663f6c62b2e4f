"""People who ask and approve, and an action of a test that needs a second person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.actions import Act, Action, Second, actions
from numaru.kernel.errors import Conflict
from numaru.kernel.models import Series, Staff, StaffGrant
from numaru.values.text import Text

type Hire = Callable[..., Actor]
WHY = Text("위험한 일입니다.", "It is dangerous.")


def _raise(act: Act, *, series: str, by: int = 1, service: str | None = None, barred: int | None = None, anything: Any = None) -> int:
    """Add ``by`` to a series. Refuses below zero."""
    row, _ = Series.objects.get_or_create(name=series)
    before, row.last = row.last, row.last + by
    if row.last < 0:
        raise Conflict.because("test.below", Text("0보다 작습니다.", "Below zero."), Text("줄이십시오.", "Take less."))
    row.save()
    act.effect(Text("{s}: {a} → {b}", "{s}: {a} → {b}").fill(s=series, a=before, b=row.last))
    act.record("test.series", series, before={"last": before}, after={"last": row.last})
    return row.last


def _second(*, by: int = 1, barred: int | None = None, **_: Any) -> Second | None:
    if abs(by or 0) < 10:
        return None
    return Second(WHY, "imports.run.start", frozenset({barred} if barred else ()))


RAISE = Action(_raise, "catalogue.service.open", True, None, _second)
ALONE = Action(_raise, "catalogue.service.open", True, None, lambda **_: Second(WHY, alone=True))


@pytest.fixture(autouse=True)
def known() -> Iterator[None]:
    """The test's actions stand in the register for as long as the test."""
    RAISE.key, ALONE.key = "test.raise", "test.alone"
    for one in (RAISE, ALONE):
        actions.add(one.key, one)
    yield
    for one in (RAISE, ALONE):
        del actions._rows[one.key]


@pytest.fixture
def hire() -> Hire:
    """``hire("administrator", service="video")``: a member of staff with these roles, as an actor."""

    def make(*roles: str, service: str = "") -> Actor:
        person = Staff.objects.create(login=f"h{Staff.objects.count()}", name=f"직원{Staff.objects.count()}", created_at=clock.now())
        for role in roles:
            StaffGrant.objects.create(staff=person, role=role, service=service, granted_at=clock.now())
        return Staff.objects.get(pk=person.pk).actor

    return make
