"""The keys of the console, as the sheet of keys lists them (SCREENS §11). What they do is decided in ``static/ui/keys.js``.

The sheet shows what holds on the page that is open: a sheet or a key with ``when`` (a CSS selector) is left out where nothing matches it. A room
adds its own, and gives the element that a letter presses the attribute ``data-key``::

    keyboard.sheets.add("support", Sheet(Text("상담", "Support"), (Key(Text("답변", "Reply"), (("R",),), "[data-key=KeyR]"),), "body.p-desk", 60))

Letters of the kit are taken (``TAKEN``): a room that uses one of them is refused when the house starts.
"""

from __future__ import annotations

from dataclasses import dataclass

from numaru.kernel.registers import Register
from numaru.values.text import Text


@dataclass(frozen=True, slots=True)
class Key:
    """One thing that keys do. ``keys``: ways to press it, each the caps in their order. ``single``: a lone letter or sign, which can be off."""

    label: Text
    keys: tuple[tuple[str, ...], ...]
    when: str = ""
    single: bool = True


@dataclass(frozen=True, slots=True)
class Sheet:
    """A part of the sheet of keys."""

    label: Text
    keys: tuple[Key, ...]
    when: str = ""
    order: int = 50

    def __post_init__(self) -> None:
        mine = {way[0] for key in self.keys if key.single for way in key.keys if len(way) == 1}
        if self.order >= OF_ROOMS and mine & TAKEN:
            raise ValueError(f"these keys are the kit's: {sorted(mine & TAKEN)}")


OF_ROOMS = 60  # sheets of rooms stand from here on
TAKEN = frozenset("GJKOX/?E[]")
LIST = "table.list, .todo > li"  # on the first page the things that wait
sheets: Register[Sheet] = Register("ui.keys")

sheets.add(
    "everywhere",
    Sheet(
        Text("어디서나", "Everywhere"),
        (
            Key(Text("찾기와 명령", "Search and commands"), (("Ctrl", "K"), ("⌘", "K")), "", False),
            Key(Text("글쇠 목록", "This list"), (("?",),)),
            Key(Text("닫기, 칸에서 나오기", "Close, leave a field"), (("Esc",),), "", False),
            Key(Text("아래 막대의 첫 일 하기", "Do the primary of the floor"), (("Ctrl", "Enter"), ("⌘", "Enter")), ".floor .btn-primary, main form .btn-primary", False),
            Key(Text("고치기", "Edit"), (("E",),), "[data-key=KeyE]"),
            Key(Text("요약 보기 (번호에서)", "Look at it (on a number)"), (("Space",), ("Alt", "Enter")), "[data-peek]", False),
        ),
        order=10,
    ),
)  # fmt: skip
sheets.add(
    "list",
    Sheet(
        Text("목록", "List"),
        (
            Key(Text("이 목록에서 찾기", "Search in this list"), (("/",),), ".find input"),
            Key(Text("다음 줄, 앞 줄", "Next row, previous row"), (("J",), ("K",))),
            Key(Text("열기", "Open"), (("Enter",), ("O",))),
            Key(Text("새 탭에서 열기", "Open beside"), (("Shift", "Enter"),)),
            Key(Text("고르기", "Choose"), (("X",),), "table.list .pick"),
            Key(Text("여기까지 고르기", "Choose up to here"), (("Shift", "X"),), "table.list .pick"),
        ),
        LIST,
        30,
    ),
)
sheets.add(
    "pages",
    Sheet(
        Text("앞뒤", "Back and forth"),
        (
            Key(Text("앞", "Previous"), (("[",), ("P",)), "main a[rel=prev]"),
            Key(Text("다음", "Next"), (("]",), ("N",)), "main a[rel=next]"),
        ),
        "main a[rel=prev], main a[rel=next]",
        40,
    ),
)
sheets.add(
    "palette",
    Sheet(
        Text("찾기 창 안에서", "In the search window"),
        (
            Key(Text("고르기", "Choose"), (("↑",), ("↓",)), "", False),
            Key(Text("처음, 끝", "First, last"), (("Ctrl", "Home"), ("Ctrl", "End")), "", False),
            Key(Text("열기, 새 탭에서 열기", "Open, open beside"), (("Enter",), ("Shift", "Enter")), "", False),
            Key(Text("할 일만 찾기", "Actions only"), ((">",),), "", False),
        ),
        order=50,
    ),
)


def shown() -> list[Sheet]:
    """Every sheet in the order of the house; the page leaves out what does not hold on it."""
    return [sheet for _, sheet in sorted(sheets, key=lambda row: (row[1].order, row[0]))]
