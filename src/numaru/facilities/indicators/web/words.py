"""Values of indicators as people read them, on pages, papers and in workbooks, and the small picture of a row."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.safestring import SafeString

from numaru.facilities.indicators.ports import Indicator
from numaru.facilities.indicators.reads import Figure
from numaru.facilities.indicators.rules.figures import Point, Span
from numaru.ui import formats
from numaru.ui.states import State
from numaru.ui.templatetags import nm
from numaru.values.money import Money, exponent, round_half_away
from numaru.values.period import Period
from numaru.values.text import Text, language

SPAN_WORDS: dict[Span, Text] = {"28d": Text("28일", "28 days"), "13w": Text("13주", "13 weeks"), "12m": Text("12개월", "12 months")}
WORSE_UP = State(Text("늘어서 나빠짐", "Worse, more"), "bad", "trending-up")
WORSE_DOWN = State(Text("줄어서 나빠짐", "Worse, less"), "bad", "trending-down")
MET = State(Text("목표만큼", "On target"), "good")
BEHIND = State(Text("목표에 못 미침", "Behind target"), "warn")
WIDTH, HEIGHT = 96, 24


def money_of(number: Decimal, currency: str) -> Money:
    """An amount in major units, rounded half away from zero to what its currency knows."""
    num, den = number.as_integer_ratio()
    return Money(round_half_away(num * 10 ** exponent(currency), den), currency)


def value_of(row: Indicator, currency: str, number: Decimal | None) -> Any:
    """The value as the kit knows it: Money, a whole number, a Decimal; None when unknown."""
    if number is None:
        return None
    if row.unit == "money":
        return money_of(number, currency or "KRW")
    return int(number) if row.unit == "count" and number == number.to_integral_value() else number


def written(row: Indicator, currency: str, number: Decimal | None) -> str:
    """The value in words: ``1,204명``, ``13,900원``, ``62.4%``, ``4.2시간``; – when unknown."""
    if number is None:
        return formats.UNKNOWN
    ko, one, many = row.unit_words
    match row.unit:
        case "money":
            return formats.money(money_of(number, currency or "KRW"))
        case "share":
            return formats.percent(number * 100)
        case "hours":
            shown = f"{number:.1f}"
            return f"{shown}시간" if language() == "ko" else f"{shown} h"
        case _:
            shown = formats.count(int(number)) if number == number.to_integral_value() else formats.qty(number.quantize(Decimal("0.1")))
            return f"{shown}{ko}" if language() == "ko" else f"{shown} {one if number == 1 else many}".strip()


def cell(row: Indicator, currency: str, number: Decimal | None) -> SafeString | str:
    """The value in a table: money with its unit small, zero faint, unknown a dash with its word."""
    if number is None:
        return nm.count(None)
    if row.unit == "money":
        return nm.money(money_of(number, currency or "KRW"), quiet=True)
    if row.unit == "count" and number == number.to_integral_value():
        return nm.count(int(number))
    return written(row, currency, number)


def moved(figure: Figure) -> str:
    """The change against the days before: ``+8.1%``; points where the value itself is a share."""
    if figure.indicator.unit == "share":
        if figure.value is None or figure.then is None:
            return formats.UNKNOWN
        return formats.points((figure.value - figure.then) * 100)
    return formats.percent(figure.moved * 100, diff=True) if figure.moved is not None else formats.UNKNOWN


def bucket(period: Period, span: Span) -> str:
    """The name of a bucket: a day, the days of a week, a month."""
    if span == "12m":
        return formats.month(period.start) if period.start.month == 1 else formats.month(period.start, year=period.start.year)
    if period.days == 1:
        return formats.day(period.start, year=period.start.year)
    return formats.period(period, days=False, year=period.start.year)


@dataclass(frozen=True, slots=True)
class Spark:
    """A line of values in a box of 96 × 24: its path, with gaps where nothing was measured, and the last point."""

    path: str
    x: str
    y: str


def spark(points: tuple[Point, ...]) -> Spark | None:
    """The small picture of a row; None when fewer than two values are known. Zero is the floor unless values go below it."""
    known = [p.value for p in points if p.value is not None]
    if len(known) < 2:
        return None
    low, high = min(*known, Decimal(0)), max(known)
    if min(known) > high * Decimal("0.6"):
        low = min(known) - (high - min(known)) / 2  # a stock that hardly moves: its movement is what is looked at
    reach = high - low or Decimal(1)
    out, pen = [], "M"
    x = y = ""
    for n, point in enumerate(points):
        if point.value is None:
            pen = "M"
            continue
        x = f"{2 + n * (WIDTH - 4) / max(1, len(points) - 1):.1f}"
        y = f"{HEIGHT - 3 - float((point.value - low) / reach) * (HEIGHT - 6):.1f}"
        out.append(f"{pen}{x} {y}")
        pen = "L"
    return Spark(" ".join(out), x, y)


def sentence(figure: Figure, span: Span) -> str:
    """The finding of a picture, for those who do not see it: what it comes to, and against the days before."""
    name, shown = figure.indicator.name, written(figure.indicator, figure.currency, figure.value)
    if figure.then is None or figure.value is None:
        return str(Text("{i}: 지난 {s} {v}.", "{i}: {v} in the last {s}.").fill(i=name, s=SPAN_WORDS[span], v=shown))
    past = written(figure.indicator, figure.currency, figure.then)
    return str(
        Text("{i}: 지난 {s} {v}, 그 앞 {p}, 변화 {m}.", "{i}: {v} in the last {s}, {p} before, change {m}.").fill(
            i=name, s=SPAN_WORDS[span], v=shown, p=past, m=moved(figure)
        )
    )
