"""Axes: how the figures along them are written. 만 and 억 (K, M) stand here and nowhere else; a table below has them in full."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal

from numaru.ui import formats
from numaru.values.money import Money, exponent
from numaru.values.text import Text, language

Kind = Literal["money", "count", "percent", "number", "day", "text"]
SAME = Text("같음", "Same")


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis. ``signed`` writes differences (+5,000원, 같음, −5,000원); ``log`` is a scale of orders that still shows 0.

    ``values`` are where labels stand (left out: the chart chooses), ``labels`` what they say instead of the figure.
    """

    kind: Kind
    currency: str = ""
    signed: bool = False
    log: bool = False
    domain: tuple[float, float] | None = None
    values: tuple[float, ...] = ()
    labels: tuple[str, ...] = ()
    start: date | None = None

    def over(self, low: float, high: float) -> Axis:
        """The same axis from ``low`` to ``high``."""
        return replace(self, domain=(low, high))

    def at(self, *values: float) -> Axis:
        """The same axis with labels at ``values`` only."""
        return replace(self, values=values)

    def place(self, value: Any) -> float | int | None:
        """Where ``value`` stands: money in whole units of its currency, a day as days from the start."""
        if value is None:
            return None
        if isinstance(value, Money):
            return _plain(Decimal(value.minor).scaleb(-exponent(value.currency)))
        if isinstance(value, date):
            return (value - (self.start or value)).days
        return _plain(value)

    def write(self, value: Any) -> str:
        """``value`` as it stands in the table: in full, by the formats of the house."""
        if value is None:
            return formats.UNKNOWN
        if isinstance(value, Money):
            return formats.money(value, diff=self.signed)
        if isinstance(value, date):
            return formats.day(value)
        if self.kind == "percent":
            return formats.percent(Decimal(value), diff=self.signed)
        if isinstance(value, int):
            return formats.sign(False, value > 0, self.signed) + formats.count(value)
        if isinstance(value, Decimal):
            return formats.sign(False, value > 0, self.signed) + formats.qty(value)
        return formats.word(value)

    def spec(self, **more: Any) -> dict[str, Any]:
        """The axis of a Vega-Lite channel."""
        out: dict[str, Any] = {"title": None, "labelExpr": self._expression(), "labelOverlap": "greedy", **more}
        return out | ({"values": list(self.values)} if self.values else {"tickCount": 5})

    def scale(self) -> dict[str, Any]:
        out: dict[str, Any] = {"nice": False} if self.domain else {}
        if self.log:
            out |= {"type": "symlog", "constant": 10}
        if self.domain:
            out["domain"] = list(self.domain)
        return out

    def _expression(self) -> str:
        """The Vega expression that writes a label; an expression of ours, never of data."""
        if self.labels:
            chain = "''"
            for value, label in reversed(list(zip(self.values, self.labels, strict=True))):
                chain = f"datum.value=={value}?{_quoted(label)}:{chain}"
            return chain
        korean = language() == "ko"
        before, after = "", ""
        if self.kind == "money":
            parts = formats.money_parts(Money(0, self.currency))
            before, after = parts.before, parts.after
        elif self.kind == "percent":
            after = "%"
        big = (("100000000", "억"), ("10000", "만")) if korean else (("1000000", "M"), ("10000", "K"))
        size = "abs(datum.value)"
        figure = f"format({size},',.2~f')"
        if self.kind in ("money", "count", "number"):
            for floor, word in reversed(big):
                by = "1000" if word == "K" else floor
                figure = f"{size}>={floor}?format({size}/{by},',.1~f')+{_quoted(word)}:{figure}"
        signed = f"(datum.value<0?'{formats.MINUS}':{"datum.value>0?'+':''" if self.signed else "''"})"
        text = f"{signed}+{_quoted(before)}+({figure})+{_quoted(after)}"
        return f"datum.value==0?{_quoted(str(SAME))}:{text}" if self.signed else text


def _plain(value: Any) -> float | int:
    number = Decimal(value)
    return int(number) if number == number.to_integral_value() else float(number)


def _quoted(text: str) -> str:
    """A string of the expression language: single quotes, so that it may stand inside JSON without noise."""
    return "'" + json.dumps(text, ensure_ascii=False)[1:-1].replace("'", "\\'") + "'"


def money(currency: str, *, signed: bool = False, log: bool = False) -> Axis:
    """Amounts of one currency."""
    return Axis("money", currency, signed, log)


def count(*, log: bool = False, signed: bool = False) -> Axis:
    """Whole numbers."""
    return Axis("count", signed=signed, log=log)


def number(*, signed: bool = False, log: bool = False) -> Axis:
    """Quantities with places."""
    return Axis("number", signed=signed, log=log)


def percent(*, signed: bool = False) -> Axis:
    """Values that are in percent already."""
    return Axis("percent", signed=signed)


def dated(start: date, end: date, *, marks: int = 6) -> Axis:
    """Days from ``start`` to ``end``, both shown, with at most about ``marks`` labels at a regular distance; the present year is dropped."""
    span = max((end - start).days, 1)
    step = next((s for s in (1, 2, 5, 7, 14, 28, 56, 91, 182, 365) if span // s <= marks), 365)
    shown = [start + timedelta(days=n) for n in range(0, span + 1, step)]
    return Axis(
        "day",
        domain=(0, span),
        values=tuple((d - start).days for d in shown),
        labels=tuple(
            formats.day(d, year=end.year).rsplit(" ", 1)[0] if language() == "ko" else formats.day(d, year=end.year) for d in shown
        ),
        start=start,
    )


def told(marks: Iterable[tuple[float, Text | str]], low: float, high: float) -> Axis:
    """Numbers with words of your own at some of them: ``told([(1, "1일"), (30, "30일")], 1, 30)``."""
    rows: Sequence[tuple[float, Text | str]] = list(marks)
    return Axis("number", domain=(low, high), values=tuple(v for v, _ in rows), labels=tuple(str(t) for _, t in rows))
