"""The room that all share lists its places in groups, and a reader sees the head of each group of which they have a place."""

from __future__ import annotations

import pytest

from numaru.faces.console.order import GROUPS, arrange
from numaru.ui import shell
from numaru.values.text import Text
from tests.screens import SignIn, naru, shared, sign_in  # noqa: F401


def test_every_place_of_the_room_has_its_group() -> None:
    named = [key for _, keys in GROUPS for key in keys]
    assert [place.key for place in shell.rooms["shared"].places] == named
    assert all(place.head is not None for place in shell.rooms["shared"].places)


def test_a_place_that_nobody_has_put_in_order_is_not_lost() -> None:
    room = shell.Room(
        Text("방", "Room"), [shell.Place("fresh", Text("새것", "Fresh"), "x"), shell.Place("imports", Text("들이기", "Imports"), "y")]
    )
    arrange(room)
    assert [place.key for place in room.places] == ["imports", "fresh"]


@pytest.mark.parametrize(
    ("role", "heads"),
    [
        (
            "administrator",
            ["결재·정책", "할 일과 일정", "메시지", "현황판", "기준 자료", "파일과 작업", "사람과 권한", "개인정보", "감사", "시스템"],
        ),
        ("billing_clerk", ["결재·정책", "할 일과 일정", "메시지", "현황판", "기준 자료", "파일과 작업", "사람과 권한"]),
    ],
)
@pytest.mark.usefixtures("naru")
def test_a_reader_sees_the_heads_of_their_groups_once(sign_in: SignIn, role: str, heads: list[str]) -> None:  # noqa: F811
    page = sign_in(role).get("/approvals/").content.decode()
    assert [
        page[i + 4 : page.index("</h3>", i)] for i in range(len(page)) if page.startswith("<h3>", i) and page[:i].count('<nav class="room"')
    ][: len(heads)] == heads
