"""What happened, newest first, under small heads of days: one line an event (SCREENS §6). Rooms build the entries, the part draws them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from numaru.kernel import clock
from numaru.ui import formats
from numaru.values.money import Money
from numaru.values.text import Text


@dataclass(frozen=True, slots=True)
class Entry:
    """One event: when, what in bold, why in small, and at the right an amount or an act. ``tone``: "", bad, warn, plum or now."""

    at: datetime
    icon: str
    what: Text
    why: Text | None = None
    tone: str = ""
    amount: Money | None = None
    diff: bool = False
    url: str = ""
    act: Text | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """The events of one day on the operator's clock, newest first."""

    day: date
    head: str
    entries: list[Entry]


def days(entries: Iterable[Entry], lang: str | None = None, *, after: date | None = None) -> list[Day]:
    """Group entries into days, newest first; today and yesterday are called so. Entries of one instant keep their order.

    ``after`` is the last day of the page before: going on with it needs no head again.
    """
    today = clock.today()
    ordered = sorted(entries, key=lambda e: e.at, reverse=True)
    out = []
    for which, group in groupby(ordered, key=lambda e: formats.local(e.at).date()):
        head = formats.day(which, lang, year=today.year)
        if which == today:
            head = formats.word(Text("오늘", "Today"), lang)
        elif which == today - timedelta(days=1):
            head = formats.word(Text("어제 {d}", "Yesterday, {d}").fill(d=head), lang)
        out.append(Day(which, "" if which == after else head, list(group)))
    return out
