"""What rooms offer to boards: indicators. A room registers a definition with a function that measures a stretch of days, set by set.

    indicators.add("subscribers.new", Indicator(
        "subscribers", Text("신규 가입", "New subscribers"), Text("…무엇을 세는지…", "…what is counted…"), "count", "flow", "up",
        SUBSCRIBER_VIEW, measure_new, unit_words=("명", "subscriber", "subscribers")))

``measure(period)`` gives a row for each day of ``period`` (half-open, days of the service's zone) and service of which something is known.
The same days measured again replace what stood: history is recomputed, never patched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from numaru.facilities.indicators.rules.figures import Better, Sort
from numaru.kernel.registers import Register
from numaru.values.period import Period
from numaru.values.text import Text


@dataclass(frozen=True, slots=True)
class Measured:
    """One day of one service. ``service`` is a slug, empty for the whole house; ``base`` is what a ratio is divided by; money carries its
    currency and is in major units."""

    day: date
    service: str
    number: Decimal
    base: Decimal | None = None
    currency: str = ""


type Unit = Literal["count", "money", "share", "hours"]


@dataclass(frozen=True, slots=True)
class Indicator:
    """A figure that a room answers for. ``note`` says what is counted and from where; ``permission`` is that of the rows behind it."""

    room: str
    name: Text
    note: Text
    unit: Unit
    sort: Sort
    better: Better
    permission: str
    measure: Callable[[Period], Iterable[Measured]]
    unit_words: tuple[str, str, str] = ("", "", "")  # the Korean counter, the English noun and its plural


indicators: Register[Indicator] = Register("indicators")
