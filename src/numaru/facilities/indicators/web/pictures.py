"""The picture of an indicator: its buckets against those before, with the target of the month where one was set."""

from __future__ import annotations

from datetime import date
from typing import Any

from numaru.facilities.indicators.reads import Figure
from numaru.facilities.indicators.rules.figures import Point, Span
from numaru.facilities.indicators.web import words
from numaru.ui import charts, formats
from numaru.ui.charts import Chart, Series
from numaru.values.period import Period
from numaru.values.text import LANGUAGES, Text


def _both(written: Any) -> Text:
    return Text(*(written(lang) for lang in LANGUAGES))


def picture(figure: Figure, span: Span, whole: Period, height: int = 150) -> Chart | None:
    """A line, of a stock or a ratio; steps, of what adds up. None where fewer than two buckets are known."""
    row, currency = figure.indicator, figure.currency
    known = [p for p in figure.points if p.value is not None]
    if len(known) < 2:
        return None

    months = span == "12m"

    def points(some: tuple[Point, ...]) -> list[tuple[date | int, Any]]:
        places: list[date | int] = [*range(len(some))] if months else [shown.period.start for shown in figure.points]
        return [(place, _value(figure, p)) for place, p in zip(places, some, strict=True)]

    series = [Series(Text("이 기간", "This span"), points(figure.points))]
    if any(p.value is not None for p in figure.points_then):
        series.append(Series(Text("앞 기간", "Before"), points(figure.points_then), "before"))
    y = (
        charts.money(currency or "KRW")
        if row.unit == "money"
        else charts.percent()
        if row.unit == "share"
        else charts.number()
        if row.unit == "hours"
        else charts.count()
    )
    about = charts.About(
        f"{figure.key.replace('.', '-')}{'-' + currency.lower() if currency else ''}", row.name, _sentence(figure, span),
        unit=Text("시간", "hours") if row.unit == "hours" else Text(currency, currency) if currency else None,
        period=_both(lambda lang: formats.period(whole, lang, days=False, year=whole.last.year)),
        note={"28d": Text("하루씩", "by day"), "13w": Text("한 주씩", "by week"), "12m": Text("한 달씩", "by month")}[span],
    )  # fmt: skip
    draw = charts.steps if row.sort == "flow" and span != "28d" else charts.lines
    first, last = figure.points[0].period.start, figure.points[-1].period.start
    x = (
        charts.told([(n, _month(p.period.start)) for n, p in enumerate(figure.points)], 0, len(figure.points) - 1)
        if months
        else charts.dated(first, last)
    )
    return draw(about, series, x, y, height=height)


def _month(day: date) -> Text:
    return Text(f"{day.month}월", f"{day:%b}")


def _value(figure: Figure, point: Point) -> Any:
    if point.value is None:
        return None
    if figure.indicator.unit == "share":
        return point.value * 100
    return words.value_of(figure.indicator, figure.currency, point.value)


def _sentence(figure: Figure, span: Span) -> Text:
    from django.utils import translation

    said = []
    for lang in LANGUAGES:
        with translation.override(lang):
            said.append(words.sentence(figure, span))
    return Text(*said)
