"""The picture of a chart on paper: the specification of the page, in the light roles and the house's own letters, as SVG."""

from __future__ import annotations

import re
import threading
from functools import cache
from pathlib import Path
from typing import Any

from numaru.ui.charts.chart import Chart

UI = Path(__file__).resolve().parents[1]
VEGA_LITE = "6.4"
FONT = "Pretendard"
WIDTH = 656  # pixels of 0.75 points: the column of an A4 sheet of ours

_lock = threading.Lock()


@cache
def roles() -> dict[str, str]:
    """The light value of each role of tokens.css."""
    text = (UI / "static" / "ui" / "tokens.css").read_text(encoding="utf-8")
    return dict(re.findall(r"--nm-([\w-]+):\s*light-dark\((#[0-9a-f]{6}), #[0-9a-f]{6}\)", text))


@cache
def _converter() -> Any:
    import vl_convert

    vl_convert.register_font_directory(str(UI / "paper" / "fonts"))  # OTF: with WOFF2 every letter is lost without a word
    return vl_convert


def on_paper(chart: Chart, width: int = WIDTH) -> str:
    """The SVG of ``chart``, ``width`` pixels wide. The same chart, the same text. One at a time: the converter is one engine."""
    spec = chart.spec(lambda role: roles()[role])
    spec["config"]["font"] = FONT
    if chart.joined:
        spec = _sized(spec, width - 70)
    else:
        spec["width"] = width
    with _lock:
        made = _converter().vegalite_to_svg(spec, vl_version=VEGA_LITE)
    return _renamed(str(made))


def _renamed(svg: str) -> str:
    """The engine counts its clips through its whole life; a picture counts its own, so that the same chart is the same text."""
    names: dict[str, str] = {}
    return re.sub(r"\bclip\d+\b", lambda m: names.setdefault(m.group(), f"clip{len(names)}"), svg)


def _sized(node: Any, width: int) -> Any:
    if node == "@W":
        return width
    if isinstance(node, dict):
        return {k: _sized(v, width) for k, v in node.items()}
    if isinstance(node, list):
        return [_sized(v, width) for v in node]
    return node
