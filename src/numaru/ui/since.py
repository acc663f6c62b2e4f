"""What changed since the reader last looked: events of the outbox, told in words by the rooms they belong to, newest first.

    @since.teller("billing.RunPosted", permission=RUN_VIEW)
    def posted(reader: Reader, told: list[Told]) -> list[Entry]: ...

A teller gets every event of its kind at once, the newest first, asks one question at most, and may make one line of many ("가입 1,204건").
It is asked only for a reader with the permission somewhere, and narrows to the reader's services itself. Bounded: the newest
:data:`READ` events; without a last look those of the last day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from numaru.kernel import clock
from numaru.kernel.models import OutboxEvent
from numaru.kernel.notices import api as notices
from numaru.kernel.registers import Register
from numaru.ui import timeline
from numaru.ui.timeline import Entry
from numaru.ui.today import Reader

READ = 500
SHOWN = 12
FIRST = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Told:
    """One event as it was recorded."""

    id: int
    at: datetime
    payload: dict[str, Any]


type Tell = Callable[[Reader, list[Told]], list[Entry]]


@dataclass(frozen=True, slots=True)
class Teller:
    """``tell`` makes entries of the events of one name for a reader who has ``permission`` somewhere."""

    tell: Tell
    permission: str


tellers: Register[Teller] = Register("ui.since")


def teller(name: str, *, permission: str) -> Callable[[Tell], Tell]:
    """Register a function as the teller of the events called ``name``."""

    def keep(tell: Tell) -> Tell:
        tellers.add(name, Teller(tell, permission))
        return tell

    return keep


@dataclass(frozen=True, slots=True)
class Since:
    """What changed: entries by day, how many more there are, since when, and up to which event this reaches. ``cut``: there may be older ones."""

    days: list[timeline.Day]
    more: int
    at: datetime
    first: bool
    upto: int
    cut: bool

    @property
    def count(self) -> int:
        return sum(len(day.entries) for day in self.days) + self.more


def since(reader: Reader) -> Since | None:
    """None for a reader to whom nothing is told. Two questions, and one for each kind of event that came."""
    seen = {name: one for name, one in tellers if reader.actor.may_somewhere(one.permission)}
    if not seen or not reader.actor.may_somewhere(notices.NOTICE_READ):
        return None
    last = notices.last_look(reader.actor)
    now = clock.now()
    at = last[1] if last else now - FIRST
    rows = OutboxEvent.objects.filter(name__in=list(seen), id__gt=last[0] if last else 0).order_by("-id")
    found = list(rows.values_list("id", "name", "recorded_at", "payload")[:READ])
    told: dict[str, list[Told]] = {}
    for pk, name, recorded, payload in found:
        if last or recorded >= at:
            told.setdefault(name, []).append(Told(pk, recorded, payload))
    entries = [entry for name, events in sorted(told.items()) for entry in seen[name].tell(reader, events)]
    entries.sort(key=lambda e: e.at, reverse=True)
    upto = max(found[0][0] if found else 0, last[0] if last else 0)
    return Since(timeline.days(entries[:SHOWN]), max(0, len(entries) - SHOWN), at, last is None, upto, len(found) == READ)


def many(told: list[Told], key: str = "") -> int:
    """How many things a list of events is about: one each, or the sum of a figure that they carry."""
    return sum(int(one.payload.get(key, 1)) for one in told) if key else len(told)
