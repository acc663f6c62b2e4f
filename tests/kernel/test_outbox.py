"""The outbox: order per aggregate, at least once, and one broken aggregate never stops the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest
from django.db import IntegrityError

from numaru.kernel import clock, outbox
from numaru.kernel.access import Actor
from numaru.kernel.actions import Act, Action, cause
from numaru.kernel.events import Event, handlers
from numaru.kernel.models import AuditRecord, HandlerRun, OutboxEvent, Series

pytestmark = pytest.mark.django_db
HOUSE = Actor.system("test")
T0 = datetime(2026, 10, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Said(Event):
    name: ClassVar[str] = "test.Said"
    who: str
    word: str

    @property
    def aggregate(self) -> str:
        return f"person:{self.who}"


def say(*said: tuple[str, str]) -> None:
    def act_on(act: Act) -> None:
        for who, word in said:
            act.event(Said(who, word))
        act.record("test", "said")

    Action(act_on, "catalogue.service.open", False, None).do(HOUSE)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Callable[[Said], None]], None]:
    """Registers handlers for the length of a test."""

    def add(key: str, function: Callable[[Said], None]) -> None:
        monkeypatch.setitem(handlers._rows, key, (Said, function))

    return add


def state() -> list[tuple[str, bool, int, bool]]:
    rows = OutboxEvent.objects.order_by("id")
    return [(e.payload["word"], e.dispatched_at is not None, e.attempts, e.parked_at is not None) for e in rows]


def test_events_come_in_the_order_in_which_they_were_recorded(heard: Callable[..., None]) -> None:
    got: list[str] = []
    heard("a", lambda e: got.append(e.word))
    say(("kim", "1"), ("lee", "1"), ("kim", "2"))
    say(("kim", "3"))
    assert outbox.dispatch_once() == 4 and got == ["1", "1", "2", "3"]
    assert outbox.dispatch_once() == 0 and len(got) == 4


def test_an_event_nobody_handles_is_done() -> None:
    say(("kim", "1"))
    assert outbox.dispatch_once() == 1 and state() == [("1", True, 0, False)]


def test_a_handler_acts_in_one_transaction_with_the_note_that_it_ran(heard: Callable[..., None]) -> None:
    def write_and_fail(event: Said) -> None:
        Series.objects.create(name=event.word)
        raise RuntimeError("김하늘 is later\nDETAIL: Key (name)=(김하늘) already exists.")

    heard("a", write_and_fail)
    say(("kim", "1"))
    assert outbox.dispatch_once() == 0
    assert not Series.objects.exists() and not HandlerRun.objects.exists()
    error = OutboxEvent.objects.get().error
    assert error.startswith("RuntimeError at numaru/kernel/outbox.py:") and "김" not in error and "later" not in error


def test_a_failing_handler_holds_back_its_aggregate_and_no_other(heard: Callable[..., None]) -> None:
    got: list[tuple[str, str]] = []
    broken = {"kim"}

    def take(event: Said) -> None:
        if event.who in broken:
            raise RuntimeError("no")
        got.append((event.who, event.word))

    heard("a", take)
    with clock.pinned(T0):
        say(("kim", "1"), ("kim", "2"), ("lee", "1"))
        assert outbox.dispatch_once() == 1 and got == [("lee", "1")]
        assert outbox.dispatch_once() == 0  # it waits before it is tried again, and its successors with it
        assert [attempts for _, _, attempts, _ in state()] == [1, 0, 0]
    broken.clear()
    with clock.pinned(T0 + timedelta(seconds=2, microseconds=1)):
        assert outbox.dispatch_once() == 2
    assert got == [("lee", "1"), ("kim", "1"), ("kim", "2")]


def test_five_failures_park_the_aggregate_while_others_go_on(heard: Callable[..., None]) -> None:
    def take(event: Said) -> None:
        if event.who == "kim":
            raise RuntimeError("no")

    heard("a", take)
    say(("kim", "1"), ("kim", "2"))
    for n in range(5):
        assert outbox.parked() == 0
        with clock.pinned(clock.now() + timedelta(hours=n)):
            outbox.dispatch_once()
    assert outbox.parked() == 1
    say(("lee", "1"), ("kim", "3"))
    with clock.pinned(clock.now() + timedelta(days=2)):
        assert outbox.dispatch_once() == 1
        assert outbox.dispatch_once() == 0
    assert state() == [("1", False, 5, True), ("2", False, 0, False), ("1", True, 0, False), ("3", False, 0, False)]


def test_killed_between_two_handlers_the_first_is_not_called_again(heard: Callable[..., None]) -> None:
    got: list[str] = []
    dying = [True]

    def second(event: Said) -> None:
        Series.objects.create(name="half done")
        if dying:
            raise SystemExit  # nothing catches it: the process is gone
        got.append("second")

    heard("1st", lambda e: got.append("first"))
    heard("2nd", second)
    say(("kim", "1"))
    with pytest.raises(SystemExit):
        outbox.dispatch_once()
    assert got == ["first"] and state() == [("1", False, 0, False)] and not Series.objects.exists()
    dying.clear()
    assert outbox.dispatch_once() == 1
    assert got == ["first", "second"]
    assert set(HandlerRun.objects.values_list("handler", flat=True)) == {"1st", "2nd"}


def test_a_handler_is_noted_once_per_event(heard: Callable[..., None]) -> None:
    heard("a", lambda e: None)
    say(("kim", "1"))
    outbox.dispatch_once()
    run = HandlerRun.objects.get()
    with pytest.raises(IntegrityError):
        HandlerRun.objects.create(event_id=run.event_id, handler=run.handler, at=run.at)


def test_what_a_handler_does_names_the_event_as_its_cause(heard: Callable[..., None]) -> None:
    heard("a", lambda e: say(("lee", "because")) if e.who == "kim" else None)
    say(("kim", "1"))
    outbox.dispatch_once()
    first, second = OutboxEvent.objects.order_by("id")
    assert (first.cause, second.cause) == (None, first.pk)
    assert AuditRecord.objects.latest("id").cause == first.pk and cause.get() is None


def test_a_limit_is_kept(heard: Callable[..., None]) -> None:
    heard("a", lambda e: None)
    say(*((str(n), "1") for n in range(5)))
    assert [outbox.dispatch_once(2) for _ in range(4)] == [2, 2, 1, 0]
