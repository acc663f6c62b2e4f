"""A chart as a value: what it says in words, its picture, its table; and the same for the page."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numaru.values.text import Text

LOG = Text("세로는 로그 눈금", "logarithmic scale upwards")
# The theme of every chart, in roles. 11 px, horizontal, no frame, a faint grid on the axis of values.
CONFIG: dict[str, Any] = {
    "background": None,
    "view": {"stroke": None},
    "padding": 0,
    "autosize": {"type": "fit", "contains": "padding"},
    "axis": {
        "labelColor": "@ink-3", "titleColor": "@ink-3", "labelFontSize": 11, "titleFontSize": 11, "titleFontWeight": 400, "labelAngle": 0,
        "gridColor": "@chart-grid", "domainColor": "@line-strong", "tickColor": "@line-strong", "tickSize": 3, "labelPadding": 5,
        "domain": False, "ticks": False, "labelOverlap": "greedy",
    },
    "axisX": {"domain": True, "grid": False, "labelFlush": True},
    "text": {"color": "@ink-2", "fontSize": 11},
    "bar": {"color": "@chart-1"},
    "line": {"color": "@chart-1"},
    "area": {"color": "@chart-1"},
    "point": {"color": "@chart-1"},
    "rect": {"color": "@chart-1"},
    "rule": {"color": "@edge"},
    "legend": {"labelColor": "@ink-2", "labelFontSize": 11, "titleFontSize": 11},
    "header": {"labelColor": "@ink-2", "labelFontSize": 11},
    "range": {"category": [f"@chart-{n}" for n in range(1, 7)]},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class About:
    """What a chart says in words. ``key`` is its name on the page (letters, digits, hyphens); ``finding`` one sentence that states what
    the picture shows; ``unit`` and ``period`` are said above the picture, ``note`` besides."""

    key: str
    name: Text
    finding: Text
    unit: Text | None = None
    period: Text | None = None
    note: Text | None = None

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", self.key):
            raise ValueError(f"a chart's key is made of small letters, digits and hyphens: {self.key!r}")


@dataclass(frozen=True, slots=True)
class Head:
    """A head of the table; ``right`` for figures."""

    label: Text | str
    right: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """The figures of a chart, written in full. The first column names the row."""

    heads: Sequence[Head]
    rows: Sequence[Sequence[str]]

    @property
    def lines(self) -> list[list[tuple[Head, str]]]:
        """The rows with the head of each cell."""
        return [list(zip(self.heads, row, strict=True)) for row in self.rows]


@dataclass(frozen=True, slots=True)
class Note:
    """Words beside a place of the picture: at ``x``, ``y`` in the units of the axes. ``tone``: "", bad or main."""

    x: Any
    y: Any
    text: Text | str
    tone: str = ""
    align: str = "left"


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture with its words and its table. ``joined`` ones stack several views and size each of them; ``alone`` asks for no table head."""

    about: About
    picture: Mapping[str, Any]
    table: Table
    height: int = 196
    log: bool = False
    joined: bool = False

    @property
    def key(self) -> str:
        return self.about.key

    @property
    def words(self) -> list[Text]:
        """What stands above the picture: the unit, the period, a scale that is not the plain one, what else must be said."""
        said = (self.about.unit, self.about.period, LOG if self.log else None, self.about.note)
        return [words for words in said if words is not None]

    def spec(self, paint: Callable[[str], str]) -> dict[str, Any]:
        """The whole specification without its width, every colour painted."""
        config = {k: v for k, v in CONFIG.items() if not (self.joined and k == "autosize")}
        out = {"description": str(self.about.finding), **self.picture, "config": config}
        if not self.joined:
            out["height"] = self.height
        return dict(_painted(out, paint))

    @property
    def page_json(self) -> str:
        """For the page: roles stay roles, as custom properties. Safe inside a script element."""
        text = json.dumps(self.spec(lambda role: f"var(--nm-{role})"), ensure_ascii=False, separators=(",", ":"))
        return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _painted(node: Any, paint: Callable[[str], str]) -> Any:
    if isinstance(node, str):
        return paint(node[1:]) if node.startswith("@") and node != "@W" else node
    if isinstance(node, Mapping):
        return {k: _painted(v, paint) for k, v in node.items()}
    if isinstance(node, list | tuple):
        return [_painted(v, paint) for v in node]
    return node
