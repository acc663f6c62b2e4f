"""The kinds of charts. Each takes what it is about, rows of exact figures and its axes, and returns the picture with its table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from numaru.ui import formats
from numaru.ui.charts.axes import Axis, percent, told
from numaru.ui.charts.chart import About, Chart, Head, Note, Table
from numaru.values.text import Text

Tone = Literal["main", "before", "bad", "warn", "2", "3", "4", "5", "6"]
COLOURS = {"main": "@chart-1", "before": "@calm-fill", "bad": "@bad-fill", "warn": "@warn-fill"} | {n: f"@chart-{n}" for n in "23456"}
WORDS = {"": "@ink-3", "main": "@pine-text", "bad": "@bad-text", "before": "@ink-3", "warn": "@warn-text"}
TIP = {"field": "tip"}


def _channel(field: str, axis: Axis, **more: Any) -> dict[str, Any]:
    return {"field": field, "type": "quantitative", "scale": axis.scale(), "axis": axis.spec(), **more}


def _notes(notes: Sequence[Note], x: Axis, y: Axis) -> list[dict[str, Any]]:
    out = []
    for note in notes:
        mark = {
            "type": "text",
            "align": note.align,
            "dy": -8,
            "color": WORDS.get(note.tone, "@ink-3"),
            "fontWeight": 600 if note.tone else 400,
        }
        row = {"x": x.place(note.x), "y": y.place(note.y), "t": str(note.text)}
        out.append(
            {
                "mark": mark,
                "data": {"values": [row]},
                "encoding": {
                    "x": {"field": "x", "type": "quantitative"},
                    "y": {"field": "y", "type": "quantitative"},
                    "text": {"field": "t"},
                },
            }
        )
    return out


@dataclass(frozen=True, slots=True)
class Series:
    """One line: its name, its points in order, and its part. ``before`` is grey and dashed; the rest are colours in order of use."""

    name: Text | str
    points: Sequence[tuple[Any, Any]]
    tone: Tone = "main"


def lines(
    about: About,
    series: Sequence[Series],
    x: Axis,
    y: Axis,
    *,
    target: tuple[Any, Text | str] | None = None,
    band: Sequence[tuple[Any, Any, Any]] = (),
    notes: Sequence[Note] = (),
    height: int = 150,
    step: bool = False,
) -> Chart:
    """Lines over one axis, each named at its end. ``target`` is a dotted line with its words, ``band`` the expected range (x, low, high)."""
    shape = {"interpolate": "step-after"} if step else {}
    layers: list[dict[str, Any]] = []
    rows: list[dict[str, Any]]
    ex, ey = _channel("x", x), _channel("y", y)
    if band:
        rows = [{"x": x.place(a), "y": y.place(low), "to": y.place(high)} for a, low, high in band]
        layers.append(
            {
                "mark": {"type": "area", "color": "@line", **shape},
                "data": {"values": rows},
                "encoding": {"x": ex, "y": ey, "y2": {"field": "to"}},
            }
        )
    if target:
        low, high = x.domain or (
            min(x.place(p[0]) or 0 for s in series for p in s.points),
            max(x.place(p[0]) or 0 for s in series for p in s.points),
        )
        rows = [{"x": low, "to": high, "y": y.place(target[0]), "t": str(target[1])}]
        at = {"x": ex, "y": ey}
        layers.append({"mark": {"type": "rule", "strokeDash": [2, 3]}, "data": {"values": rows}, "encoding": at | {"x2": {"field": "to"}}})
        words = {"type": "text", "align": "left", "dx": 3, "dy": -7, "color": "@ink-3"}
        layers.append({"mark": words, "data": {"values": rows}, "encoding": at | {"text": {"field": "t"}}})
    for one in sorted(series, key=lambda s: s.tone != "before"):
        colour = COLOURS[one.tone]
        rows = [
            {"x": x.place(a), "y": y.place(b), "tip": f"{one.name} · {x.write(a)} · {y.write(b)}"} for a, b in one.points if b is not None
        ]
        if not rows:
            continue
        at = {"x": ex, "y": ey}
        data = {"values": rows}
        if one.tone == "main":
            layers.append({"mark": {"type": "area", "color": colour, "opacity": 0.1, **shape}, "data": data, "encoding": at})
        look = {"strokeWidth": 1.5, "strokeDash": [4, 2]} if one.tone == "before" else {"strokeWidth": 2}
        layers.append({"mark": {"type": "line", "color": colour, **look, **shape}, "data": data, "encoding": at})
        layers.append({"mark": {"type": "point", "size": 90, "opacity": 0}, "data": data, "encoding": at | {"tooltip": TIP}})
        end = rows[-1]
        if one.tone != "before":
            mark = {"type": "point", "filled": True, "size": 44, "color": colour, "opacity": 1}
            layers.append({"mark": mark, "data": {"values": [end]}, "encoding": at | {"tooltip": TIP}})
        layers.append(_named(one, rows, x, y))
    layers += _notes(notes, x, y)
    return Chart(about, {"layer": layers}, _by_place(series, x, y), height, y.log)


def _named(one: Series, rows: Sequence[dict[str, Any]], x: Axis, y: Axis) -> dict[str, Any]:
    """The name of a line on the line: with its last figure at its end; that of a former one a quarter along, where it stands apart."""
    before = one.tone == "before"
    at = rows[len(rows) // 4 if before else -1]
    far = not before and x.domain is not None and at["x"] > x.domain[0] + 0.8 * (x.domain[1] - x.domain[0])
    said = str(one.name) if before else f"{one.name} {y.write(next(b for _, b in reversed(one.points) if b is not None))}"
    mark = {
        "type": "text", "align": "right" if far else "left", "dx": 0 if far else 4, "dy": -8 if before else -12, "fontWeight": 400 if before else 600,
        "color": WORDS.get(one.tone, "@ink-2"),
    }  # fmt: skip
    at_place = {"x": {"field": "x", "type": "quantitative"}, "y": {"field": "y", "type": "quantitative"}}
    return {"mark": mark, "data": {"values": [at | {"t": said}]}, "encoding": at_place | {"text": {"field": "t"}}}


def steps(about: About, series: Sequence[Series], x: Axis, y: Axis, **more: Any) -> Chart:
    """Lines that hold their value until the next point: collections, budgets, counts of open things."""
    return lines(about, series, x, y, step=True, **more)


def _by_place(series: Sequence[Series], x: Axis, y: Axis) -> Table:
    """A row for each place on the axis, a column for each line; what a line has not is unknown."""
    places = sorted({p[0] for s in series for p in s.points})
    found = [dict(s.points) for s in series]
    labels = dict(zip(x.values, x.labels, strict=False)) if x.labels else {}
    first = Head(Text("날", "Day") if x.kind == "day" else Text("때", "At"))
    rows = [[str(labels.get(x.place(p) or 0, x.write(p))), *(y.write(values.get(p)) for values in found)] for p in places]
    return Table([first, *(Head(s.name, True) for s in series)], rows)


@dataclass(frozen=True, slots=True)
class Bin:
    """A bar of a histogram: from ``low`` to ``high`` (``until`` is the figure said in the table where it differs), how many, out of range."""

    low: Any
    high: Any
    n: int
    out: bool = False
    said: Text | str = ""


def histogram(
    about: About,
    bins: Sequence[Bin],
    x: Axis,
    y: Axis,
    *,
    notes: Sequence[Note] = (),
    head: Text | None = None,
    of: Text | None = None,
    height: int = 196,
) -> Chart:
    """How often each size occurs. Bars out of range are red and are said besides: in ``notes``, in the finding, in the table."""
    rows: list[dict[str, Any]] = [
        {"x": x.place(b.low), "to": x.place(b.high), "y": b.n, "out": b.out, "tip": f"{b.said or _range(x, b)} · {y.write(b.n)}"}
        for b in bins
        if b.n
    ]
    gap = _gap(rows)
    for row in rows:
        row["x"], row["to"] = row["x"] + gap, row["to"] - gap
    if y.log and y.domain is None:
        top = max((b.n for b in bins), default=1)
        y = y.over(0, top * 1.6).at(*(10**k for k in range(1 if top >= 10 else 0, len(str(top)) + 1) if 10**k <= top * 1.6))
    bar = {
        "mark": {"type": "bar", "binSpacing": 0},
        "data": {"values": rows},
        "encoding": {
            "x": _channel("x", x), "x2": {"field": "to"}, "y": _channel("y", y), "y2": {"datum": 0}, "tooltip": TIP,
            "color": {"condition": {"test": "datum.out", "value": "@bad-fill"}, "value": "@chart-1"},
        },
    }  # fmt: skip
    shown = [[f"{b.said or _range(x, b)}", y.write(b.n)] for b in bins if b.n]
    table = Table([Head(head or about.name), Head(of or Text("수", "Count"), True)], shown)
    return Chart(about, {"layer": [bar, *_notes([_lifted(note, bins, x) for note in notes], x, y)]}, table, height, y.log)


def _lifted(note: Note, bins: Sequence[Bin], x: Axis) -> Note:
    """The words at the height of the tallest bar that they stand over: four bars to the side they run to."""
    at = x.place(note.x) or 0
    by_side = [b for b in bins if ((x.place(b.high) or 0) <= at if note.align == "right" else (x.place(b.low) or 0) >= at)]
    under = by_side[-4:] if note.align == "right" else by_side[:4]
    return replace(note, y=max([note.y, *(b.n for b in under)]))


def _gap(rows: list[dict[str, Any]]) -> float:
    return min((row["to"] - row["x"] for row in rows), default=0) * 0.04


def _range(x: Axis, b: Bin) -> str:
    return str(Text("{a} ~ {b}", "{a} to {b}").fill(a=x.write(b.low), b=x.write(b.high)))


def bars(
    about: About,
    rows: Sequence[tuple[Text | str, Any]],
    axis: Axis,
    *,
    focus: frozenset[str] | None = None,
    head: Text | None = None,
    notes: dict[str, Text] | None = None,
) -> Chart:
    """Lying bars from zero, one a row, in the order given, each with its figure at its end. ``focus`` names the rows that are to be seen:
    the others turn grey. ``notes`` adds words to a row of the table."""
    values: list[dict[str, Any]] = [
        {
            "k": str(name), "n": place, "t": axis.write(value), "tip": f"{name} · {axis.write(value)}",
            "seen": focus is None or str(name) in focus, "below": place < 0,
        }
        for name, value in rows if (place := axis.place(value)) is not None
    ]  # fmt: skip
    low, high = min([0, *(v["n"] for v in values)]), max([0, *(v["n"] for v in values)])
    room = (high - low or 1) * 0.18  # for the figures at the ends
    across = axis if axis.domain else axis.over(low - (room if low < 0 else 0), high + (room if high > 0 else 0))
    order = [v["k"] for v in values]
    y = {"field": "k", "type": "nominal", "sort": order, "axis": {"title": None, "grid": False, "labelColor": "@ink-2", "labelLimit": 180}}
    x = {"field": "n", "type": "quantitative", "scale": across.scale(), "axis": None}
    colour = {"condition": {"test": "datum.seen", "value": "@chart-1"}, "value": "@chart-mute"}
    words = {"type": "text", "dx": {"expr": "datum.below?-5:5"}, "align": {"expr": "datum.below?'right':'left'"}, "color": "@ink-2"}
    layers = [
        {"mark": {"type": "bar", "height": 14, "cornerRadiusEnd": 1.5}, "encoding": {"x": x, "y": y, "color": colour, "tooltip": TIP}},
        {"mark": words, "encoding": {"x": x, "y": y, "text": {"field": "t"}}},
    ]
    table = Table(
        [Head(head or about.name), Head(about.unit or Text("값", "Value"), True), *([Head(Text("메모", "Note"))] if notes else [])],
        [[str(name), axis.write(value), *([str((notes or {}).get(str(name), ""))] if notes else [])] for name, value in rows],
    )
    return Chart(about, {"data": {"values": values}, "layer": layers}, table, max(28, 26 * len(values)))


def sorted_area(
    about: About, points: Sequence[tuple[Any, Any]], y: Axis, *, who: Text, notes: Sequence[Note] = (), height: int = 260
) -> Chart:
    """Winners and losers in one picture: everybody in the order of their change, width is people (percent), height is the change.

    ``points`` are (percent of people up to here, change) in order, the last at 100. ``who`` names the people.
    """
    x = told([(p, f"{who} {p}%" if p == 0 else f"{p}%") for p in (0, 20, 40, 60, 80, 100)], 0, 100)
    rows: list[dict[str, Any]] = []
    last = 0.0
    for upto, change in points:
        place = y.place(change) or 0
        rows.append({"x": last, "to": float(upto), "y": place, "tip": f"{percent().write(upto)} · {y.write(change)}"})
        last = float(upto)
    ex, ey = _channel("x", x), _channel("y", y)
    colour = {
        "condition": [{"test": "datum.y<0", "value": "@chart-1"}, {"test": "datum.y>0", "value": "@chart-2"}],
        "value": "@calm-fill",
    }
    layer = {
        "mark": {"type": "rect"}, "data": {"values": rows},
        "encoding": {"x": ex, "x2": {"field": "to"}, "y": ey, "y2": {"datum": 0}, "color": colour, "tooltip": TIP},
    }  # fmt: skip
    zero = {"mark": {"type": "rule", "color": "@line-strong"}, "data": {"values": [{"y": 0}]}, "encoding": {"y": ey}}
    table = Table(
        [Head(Text("{w}, 여기까지", "{w} up to").fill(w=who)), Head(about.unit or about.name, True)],
        [[percent().write(upto), y.write(change)] for upto, change in points],
    )
    return Chart(about, {"layer": [layer, zero, *_notes(notes, x, y)]}, table, height)


@dataclass(frozen=True, slots=True)
class Band:
    """A value beside its expected range; ``before`` is where it stood. Out of range is red and said."""

    name: Text | str
    low: Any
    high: Any
    value: Any
    before: Any = None
    out: bool = False


def band_dots(about: About, rows: Sequence[Band], axis: Axis, *, head: Text | None = None) -> Chart:
    """A dot on a grey band for each row: where it is, where it was expected, where it stood before (a ring)."""
    values: list[dict[str, Any]] = [
        {
            "k": str(r.name), "low": axis.place(r.low), "high": axis.place(r.high), "v": axis.place(r.value), "was": axis.place(r.before), "out": r.out,
            "tip": f"{r.name} · {axis.write(r.value)}",
        }
        for r in rows
    ]  # fmt: skip
    order = [v["k"] for v in values]
    y = {"field": "k", "type": "nominal", "sort": order, "axis": {"title": None, "labelColor": "@ink-2", "labelLimit": 180, "grid": False}}

    def x(field: str) -> dict[str, Any]:
        return {"field": field, "type": "quantitative", "scale": axis.scale() or {"zero": False}, "axis": axis.spec(grid=True)}

    red = {"condition": {"test": "datum.out", "value": "@bad-fill"}, "value": "@chart-1"}
    shape = {"condition": {"test": "datum.out", "value": "diamond"}, "value": "circle"}
    layers: list[dict[str, Any]] = [
        {
            "mark": {"type": "bar", "height": 8, "color": "@line", "cornerRadius": 1},
            "encoding": {"x": x("low"), "x2": {"field": "high"}, "y": y},
        },
    ]
    if any(r.before is not None for r in rows):
        layers.append(
            {"mark": {"type": "point", "size": 50, "color": "@calm-fill", "strokeWidth": 1.5}, "encoding": {"x": x("was"), "y": y}}
        )
    layers.append(
        {
            "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1},
            "encoding": {"x": x("v"), "y": y, "color": red, "shape": shape, "tooltip": TIP},
        }
    )
    inside, outside = Text("범위 안", "In range"), Text("범위 밖", "Out of range")
    table = Table(
        [Head(head or about.name), Head(Text("이전", "Before"), True), Head(about.unit or Text("값", "Value"), True), Head(Text("예상 범위", "Expected"), True),
         Head(Text("판정", "Verdict"))],
        [
            [str(r.name), axis.write(r.before), axis.write(r.value), str(Text("{a} ~ {b}", "{a} to {b}").fill(a=axis.write(r.low), b=axis.write(r.high))),
             str(outside if r.out else inside)]
            for r in rows
        ],
    )  # fmt: skip
    return Chart(about, {"data": {"values": values}, "layer": layers}, table, max(60, 28 * len(rows) + 22))


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened on a day in a lane. ``kind`` gives the shape, ``tone``: "", bad, warn or now."""

    on: date
    kind: Text | str
    tone: str = ""
    what: Text | str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane of events."""

    name: Text | str
    events: Sequence[Event]


@dataclass(frozen=True, slots=True)
class Strip:
    """Bars above the lanes: how much of something each day."""

    name: Text | str
    days: Sequence[tuple[date, Any]]
    axis: Axis


EXTENT = {"minExtent": 64, "maxExtent": 64, "labelLimit": 64}  # of the names at the left, so that strip and lanes stand over each other
SHAPES = ("circle", "square", "diamond", "triangle-up", "triangle-down", "cross")


def lanes(about: About, rows: Sequence[Lane], x: Axis, *, strip: Strip | None = None, marked: Sequence[date] = ()) -> Chart:
    """A life in lanes: a strip of daily amounts, below it one lane a kind of thing, all on one axis of days. ``marked`` days are tinted."""
    end = x.domain[1] if x.domain else 60
    scale = {"domain": [-1, end + 1], "nice": False, "zero": False}
    days = [{"x": (x.place(d) or 0) - 0.55, "to": (x.place(d) or 0) + 0.55} for d in marked]
    tint = {"data": {"values": days}, "mark": {"type": "rect", "color": "@bad-tint"}, "encoding": {"x2": {"field": "to"}}}
    hidden = {"field": "x", "type": "quantitative", "scale": scale, "axis": None}
    views: list[dict[str, Any]] = []
    if strip:
        data = [
            {"x": x.place(d), "v": strip.axis.place(v), "tip": f"{x.write(d)} · {strip.name} {strip.axis.write(v)}"} for d, v in strip.days
        ]
        top = max((row["v"] or 0 for row in data), default=0)
        label = {"title": None, "values": [top], "labelExpr": f"'{_escaped(strip.name)}'", "grid": False, **EXTENT}
        bar = {
            "mark": {"type": "bar", "width": 5, "cornerRadiusEnd": 1.5},
            "encoding": {"y": {"field": "v", "type": "quantitative", "axis": label}, "tooltip": TIP},
        }
        views.append(
            {"width": "@W", "height": 46, "data": {"values": data}, "encoding": {"x": hidden}, "layer": [tint, bar] if days else [bar]}
        )
    kinds = list(dict.fromkeys(str(e.kind) for lane in rows for e in lane.events))
    values: list[dict[str, Any]] = [
        {
            "x": x.place(e.on),
            "lane": str(lane.name),
            "k": str(e.kind),
            "tone": e.tone,
            "tip": f"{x.write(e.on)} · {e.kind}{f' · {e.what}' if e.what else ''}",
        }
        for lane in rows
        for e in lane.events
    ]
    colour = {
        "field": "tone", "type": "nominal", "legend": None,
        "scale": {"domain": ["", "bad", "warn", "now"], "range": ["@calm-fill", "@bad-fill", "@warn-fill", "@info-fill"]},
    }  # fmt: skip
    shape = {
        "field": "k", "type": "nominal", "legend": None,
        "scale": {"domain": kinds, "range": [SHAPES[n % len(SHAPES)] for n in range(len(kinds))]},
    }  # fmt: skip
    y = {
        "field": "lane", "type": "nominal", "sort": [str(lane.name) for lane in rows],
        "scale": {"domain": [str(lane.name) for lane in rows]}, "axis": {"title": None, "grid": True, "domain": False, "labelColor": "@ink-2", **EXTENT},
    }  # fmt: skip
    points = {
        "mark": {"type": "point", "filled": True, "size": 62, "opacity": 1},
        "encoding": {"y": y, "color": colour, "shape": shape, "tooltip": TIP},
    }
    below = {
        "width": "@W", "height": 21 * len(rows), "data": {"values": values},
        "encoding": {"x": {"field": "x", "type": "quantitative", "scale": scale, "axis": x.spec(labelFlush=False)}},
        "layer": [tint, points] if days else [points],
    }  # fmt: skip
    views.append(below)
    shown = sorted(((e, lane) for lane in rows for e in lane.events), key=lambda row: row[0].on, reverse=True)
    heads = [Head(Text("날", "Day")), Head(Text("갈래", "Lane")), Head(Text("일", "Event")), Head(Text("내용", "What"))]
    table = Table(heads, [[x.write(e.on), str(lane.name), str(e.kind), str(e.what)] for e, lane in shown])
    return Chart(about, {"vconcat": views, "spacing": 4}, table, (50 if strip else 0) + 21 * len(rows) + 24, joined=True)


def _escaped(text: Text | str) -> str:
    return formats.word(text).replace("\\", "\\\\").replace("'", "\\'")
