"""Charts: one specification for page and paper, a sentence that states the finding, and the table behind every picture (SCREENS §10).

A room asks for a kind with rows and figures, in the language of the reader, and shows it with ``{% chart c %}``::

    chart = charts.histogram(
        charts.About("changes", Text("계정별 증감액", "Change by account"), finding=Text("절반은 그대로입니다.", "Half are unchanged."),
                     unit=Text("원", "won"), period=Text("9월 대비 10월", "October against September")),
        bins, x=charts.money("KRW", signed=True), y=charts.count(log=True))

The kinds: :func:`bars`, :func:`lines`, :func:`steps`, :func:`histogram`, :func:`sorted_area`, :func:`band_dots`, :func:`lanes`.

A specification is plain Vega-Lite in which a colour is a role of tokens.css, written ``@role``. On a page a role becomes the custom
property itself, so the picture follows light, dark and print without being drawn again; on paper it becomes the light value. Figures in
the table are the exact ones; what is drawn may be rounded, and nothing is ever read back from a picture.
"""

from __future__ import annotations

from numaru.ui.charts.axes import Axis, count, dated, money, number, percent, told
from numaru.ui.charts.chart import About, Chart, Head, Note, Table
from numaru.ui.charts.kinds import Band, Bin, Event, Lane, Series, Strip, band_dots, bars, histogram, lanes, lines, sorted_area, steps
from numaru.ui.charts.paper import on_paper

__all__ = [
    "About", "Axis", "Band", "Bin", "Chart", "Event", "Head", "Lane", "Note", "Series", "Strip", "Table", "band_dots", "bars", "count", "dated",
    "histogram", "lanes", "lines", "money", "number", "on_paper", "percent", "sorted_area", "steps", "told",
]  # fmt: skip
