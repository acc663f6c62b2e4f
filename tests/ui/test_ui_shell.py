"""The frame: rooms in the order of the house, nothing a reader may not open, days and progress as they are told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from numaru.kernel import access, clock
from numaru.ui import shell
from numaru.ui.progress import WIDTH, Progress
from numaru.ui.timeline import Entry, days
from numaru.values.text import Text

HOME = "console:home"


@pytest.fixture
def house() -> Iterator[None]:
    """Three rooms, one of them behind a permission, registered in no helpful order."""
    kept, kept_permissions = dict(shell.rooms._rows), dict(access.permissions._rows)
    shell.rooms._rows.clear()
    access.permission("test.room.open", Text("시험", "Test"), "billing_clerk")
    shell.rooms.add("shared", shell.Room(Text("공용", "Shared"), [shell.Place("imports", Text("가져오기", "Imports"), HOME)]))
    shell.rooms.add(
        "billing", shell.Room(Text("과금", "Billing"), [shell.Place("runs", Text("청구 실행", "Bill runs"), HOME, "test.room.open")])
    )
    shell.rooms.add("subscribers", shell.Room(Text("가입", "Subscribers"), [shell.Place("list", Text("가입자", "Subscribers"), HOME)]))
    yield
    for register, rows in ((shell.rooms, kept), (access.permissions, kept_permissions)):
        register._rows.clear()
        register._rows.update(rows)


def frame(*roles: str, room: str = "", place: str = "") -> shell.Shell:
    request: Any = RequestFactory().get("/somewhere/?q=1")
    actor = access.Actor("staff", 1, "한누리", tuple((role, None) for role in roles))
    request.user = SimpleNamespace(is_authenticated=True, actor=actor, name="한누리")
    return shell.Shell(request, room, place)


def test_rooms_stand_in_the_order_of_the_house_and_the_foot_apart(house: None) -> None:
    seen = frame("billing_clerk", room="billing", place="runs")
    assert [(str(link.label), link.current, link.breaks, link.code) for link in seen.pillar()] == [
        ("가입", False, False, "KeyS"),
        ("과금", True, True, "KeyB"),
    ]
    assert str(seen.foot().label) == "공용"  # type: ignore[union-attr]
    assert [(str(link.label), link.current) for link in seen.room_list()] == [("청구 실행", True)]


def test_a_room_without_a_place_for_the_reader_is_not_shown(house: None) -> None:
    assert [str(link.label) for link in frame("subscriber_clerk").pillar()] == ["가입"]


def test_a_page_in_a_room_that_does_not_exist_is_a_mistake(house: None) -> None:
    with pytest.raises(KeyError, match="nowhere"):
        frame(room="nowhere")


def test_every_registered_room_has_its_place_in_the_pillar() -> None:
    assert {key for key, _ in shell.rooms} <= shell.known_places()


def test_the_role_is_said_beside_the_name(house: None) -> None:
    assert str(frame("billing_clerk").role) == "청구 담당" and frame().role is None


@given(done=st.integers(0, 10**7), total=st.integers(0, 10**7), parked=st.integers(0, 10**4))
def test_progress_never_says_the_end_before_the_end(done: int, total: int, parked: int) -> None:
    done, parked = min(done, total), min(parked, done, total)
    shown = Progress(done, total, Text("계정", "accounts"), parked=parked)
    assert (shown.percent == "100.0%") == (total > 0 and done == total)
    assert 0 <= shown.done_width + shown.parked_width <= WIDTH + 3
    assert (shown.parked_width > 0) == (parked > 0)


def test_a_total_that_is_not_known_is_a_dash() -> None:
    shown = Progress(12, 0, Text("계정", "accounts"))
    assert shown.percent == "0.0%" and shown.of == "12 / – 계정"


def test_days_are_the_operators_and_newest_first() -> None:
    now = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)  # noon in Seoul
    with clock.pinned(now):
        what = Text("일", "thing")
        entries = [Entry(now - timedelta(hours=h), "clock", what) for h in (0, 11, 13, 40, 24 * 400)]
        told = days(entries, "ko")
        assert [(d.head, len(d.entries)) for d in told] == [("오늘", 2), ("어제 11-21 토", 1), ("11-20 금", 1), ("2025-10-18", 1)]
        assert [e.at for e in told[0].entries] == [now, now - timedelta(hours=11)]
        assert days(entries, "en")[1].head == "Yesterday, 21 Nov"
