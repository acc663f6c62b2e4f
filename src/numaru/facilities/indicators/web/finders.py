"""Boards and indicators, for whoever searches from anywhere."""

from __future__ import annotations

from django.urls import reverse

from numaru.facilities.indicators import reads
from numaru.facilities.indicators.permissions import BOARD_KEEP, BOARD_VIEW
from numaru.facilities.indicators.ports import indicators
from numaru.kernel.access import Actor
from numaru.ui import search, shell
from numaru.ui.search import Act, Asked, Finder, Hit
from numaru.values.text import Text


def find_boards(actor: Actor, asked: Asked, limit: int) -> list[Hit]:
    """Own boards and shared ones, by name or number. One query."""
    return [
        Hit(
            one.name,
            reverse("indicators:board", args=[one.number]),
            one.number,
            one.owner_name,
            None,
            "layout-grid",
            one.number == asked.number,
        )
        for one in reads.boards(actor)
        if (one.number.startswith(asked.number) if asked.is_number else asked.finds(one.name))
    ][:limit]


def find_indicators(actor: Actor, asked: Asked, limit: int) -> list[Hit]:
    """Indicators by name. No query: what is measured is known to the program."""
    return [
        Hit(row.name, reverse("indicators:indicator", args=[key]), note=shell.rooms[row.room].label, icon="chart-line")
        for key, row in indicators
        if actor.may_somewhere(row.permission) and row.room in shell.rooms and asked.finds(row.name)
    ][:limit]


search.finders.add(
    "indicators.board",
    Finder(
        Text("현황판", "Boards"), "layout-grid", BOARD_VIEW, lambda asked: asked.number.startswith("BD-") if asked.is_number else asked.is_word,
        find_boards, None, 82,
    ),
)  # fmt: skip
search.finders.add(
    "indicators.indicator",
    Finder(Text("지표", "Indicators"), "chart-line", BOARD_VIEW, lambda asked: asked.is_word, find_indicators, None, 83),
)
search.acts.add(
    "indicators.new",
    Act(Text("현황판 만들기", "Put a board together"), "layout-grid", "indicators:new", BOARD_KEEP, "대시보드 dashboard", order=60),
)
