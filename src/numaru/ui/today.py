"""What needs me now, across rooms: the register behind the first page and behind the numbers on the pillar.

A room registers a finder beside its places; it gets the reader and returns what waits for somebody like them::

    @today.finder("billing.parked", room="billing", permission=PARKED_BILL, live="billing.runs:all")
    def parked(reader: Reader) -> list[Item]: ...

**Order.** The soonest deadline first, so what is past its deadline stands on top, the longest overdue first. A deadline that is a day ends
with that day. What has no deadline stands as if it were due at the end of today: it waits behind what is due in the hours to come and before
anything of a later day. Where deadlines are equal: money before people before the clock (the house's own duties); then the greater weight.

**Scope.** "Mine" is what I began or own, and what nobody owns and I may settle. "Same role" adds what people own who hold one of my roles:
there are no teams yet, and a role is what is known. "All" is everything that I may settle, whoever owns it.

**Cost.** A finder asks one or two questions that an index answers and returns at most :data:`MOST` items; what is beyond is one line with
the number and a link. A finder that fails loses its own lines, and the page says so. A finder with ``pillar`` is also asked on other pages,
for the number beside its room: one question, and never anything but items that are mine.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any, Literal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest

from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.models import StaffGrant, holding
from numaru.kernel.registers import Register
from numaru.ui import formats
from numaru.ui.progress import Station
from numaru.values.text import Text

log = logging.getLogger(__name__)
MOST = 5  # items of one finder; the rest is one line
LINES = 8  # of the whole list, until the reader asks for all
JOURNEYS = 4
FINISHED = timedelta(hours=48)  # for so long a journey that has ended is still shown
NEAR = timedelta(hours=2)  # from here on a clock is warned of

type Consequence = Literal["money", "people", "clock"]
type Scope = Literal["mine", "role", "all"]
CONSEQUENCES: tuple[Consequence, ...] = ("money", "people", "clock")
SCOPES: dict[str, Text] = {
    "mine": Text("내 일", "Mine"),
    "role": Text("같은 역할", "Same role"),
    "all": Text("전체", "All"),
}
BASIC = "basic"  # everybody has it: it makes nobody a colleague


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that needs somebody. ``key`` names it for ever; ``why`` are the facts in small; ``act`` the one next step, at ``url``.

    ``due`` is an instant, a day (through its end) or nothing. ``owner`` is the member of staff who has it; None: whoever may settle it.
    ``rest`` marks the line that stands for items beyond the limit.
    """

    key: str
    consequence: Consequence
    title: Text
    why: Text
    act: Text
    url: str
    due: datetime | date | None = None
    weight: int = 0
    owner: int | None = None
    rest: int = 0

    @property
    def ends(self) -> datetime | None:
        """The instant of the deadline; a day ends with its last moment on the operator's clock."""
        if self.due is None or isinstance(self.due, datetime):
            return self.due
        return end_of_day(self.due)


def end_of_day(day: date) -> datetime:
    """The first instant of the day after ``day`` on the operator's clock."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(settings.TIME_ZONE))


def place(item: Item) -> tuple[datetime, int, int, str]:
    """The place of an item in the order that the module promises."""
    return item.ends or end_of_day(clock.today()), CONSEQUENCES.index(item.consequence), -item.weight, item.key


class Reader:
    """Who looks, and what finders ask about them; made once a request (:func:`reader_of`)."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        user: Any = request.user
        self.actor: Actor = user.actor
        self.staff: int = user.actor.staff_id or 0
        self._found: dict[str, list[Item] | None] = {}

    def may(self, permission: str) -> bool:
        """Whether the reader has the permission for all services."""
        return self.actor.may(permission)

    def services(self, permission: str) -> frozenset[str] | None:
        """The services for which the reader has the permission; None: all of them."""
        return self.actor.services(permission)

    @cached_property
    def peers(self) -> frozenset[int]:
        """The people who hold one of the reader's roles now, the reader among them. One query."""
        roles = {role for role, _ in self.actor.grants} - {BASIC}
        rows = StaffGrant.objects.filter(holding(), role__in=roles, staff__is_active=True)
        return frozenset(rows.values_list("staff", flat=True)) | {self.staff}

    def items_of(self, key: str, finder: Finder) -> list[Item] | None:
        """What one finder found, asked once; None when it could not look."""
        if key not in self._found:
            self._found[key] = self._ask(key, finder) if self.actor.may_somewhere(finder.permission) else []
        return self._found[key]

    def _ask(self, key: str, finder: Finder) -> list[Item] | None:
        try:
            return finder.find(self)
        except Exception as fault:  # one room that cannot look must not hide what the others found
            log.exception("the finder %s could not look: %s", key, type(fault).__name__)
            return None

    def sees(self, item: Item, scope: Scope) -> bool:
        """Whether the item lies in the scope."""
        if scope == "all" or item.owner is None or item.owner == self.staff:
            return True
        return scope == "role" and item.owner in self.peers


def reader_of(request: HttpRequest) -> Reader:
    """The reader of a request of somebody who signed in."""
    if not hasattr(request, "_today"):
        request._today = Reader(request)  # type: ignore[attr-defined]
    found: Reader = request._today  # type: ignore[attr-defined]
    return found


@dataclass(frozen=True, slots=True)
class Finder:
    """``find`` returns what waits; asked only of a reader who has ``permission`` somewhere. ``room`` is a key of the pillar, ``word`` stands
    before the facts. ``live`` names what makes it look again; ``pillar``: one cheap question, counted beside the room on every page."""

    find: Callable[[Reader], list[Item]]
    room: str
    word: Text
    permission: str
    live: str = ""
    pillar: bool = False


finders: Register[Finder] = Register("ui.today")


def finder(
    key: str, *, room: str, word: Text, permission: str, live: str = "", pillar: bool = False
) -> Callable[[Callable[[Reader], list[Item]]], Callable[[Reader], list[Item]]]:
    """Register a function as a finder."""

    def keep(find: Callable[[Reader], list[Item]]) -> Callable[[Reader], list[Item]]:
        finders.add(key, Finder(find, room, word, permission, live, pillar))
        return find

    return keep


def limited(items: Sequence[Item], rest: Callable[[int], Item]) -> list[Item]:
    """At most :data:`MOST` items in their order; one line, made by ``rest`` from the number, stands for those beyond."""
    ordered = sorted(items, key=place)
    if len(ordered) <= MOST:
        return ordered
    return [*ordered[: MOST - 1], rest(len(ordered) - MOST + 1)]


@dataclass(frozen=True, slots=True)
class Waiting:
    """An item with the word of its room and how its clock looks: "bad" when it is over, "warn" when it is near, "far" beyond a day."""

    item: Item
    word: Text
    tone: str

    @property
    def anchor(self) -> str:
        """The id of its line, so that a line keeps its focus when the list is drawn anew."""
        return "todo-" + "".join(c if c.isalnum() else "-" for c in self.item.key)


@dataclass(frozen=True, slots=True)
class Todo:
    """What the first section shows: the lines in order, how many things they are, and the rooms that could not look."""

    lines: list[Waiting]
    count: int
    hidden: int = 0
    silent: list[Text] = field(default_factory=list)


def _tone(item: Item, now: datetime) -> str:
    ends = item.ends
    if ends is None:
        return "none"
    left = ends - now
    return "bad" if left <= timedelta() else "warn" if left <= NEAR else "" if left < timedelta(days=1) else "far"


def todo(reader: Reader, scope: Scope, *, whole: bool = True) -> Todo:
    """Everything that waits in the scope, in the order that the module promises; unless ``whole`` the first :data:`LINES` lines, and how many
    things are hidden."""
    now, found, silent = clock.now(), [], []
    for key, one in finders:
        items = reader.items_of(key, one)
        if items is None:
            silent.append(one.word)
        for item in items or []:
            if reader.sees(item, scope):
                found.append(Waiting(item, one.word, _tone(item, now)))
    found.sort(key=lambda w: place(w.item))
    shown = found if whole or len(found) <= LINES + 1 else found[:LINES]  # nobody presses for one line
    count = sum(w.item.rest or 1 for w in found)
    return Todo(shown, count, count - sum(w.item.rest or 1 for w in shown), silent)


def waits(request: HttpRequest, room: str) -> int | None:
    """How many things of a room wait for the reader: what its pillar finders found and is mine; None for nothing."""
    user: Any = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return None
    reader = reader_of(request)
    mine = (
        item
        for key, one in finders
        if one.pillar and one.room == room
        for item in reader.items_of(key, one) or []
        if reader.sees(item, "mine")
    )
    return sum(item.rest or 1 for item in mine) or None


def lives(reader: Reader) -> str:
    """What the first section listens to."""
    heard = {name for _, one in finders if reader.actor.may_somewhere(one.permission) for name in one.live.split()}
    return " ".join(sorted(heard))


# ── journeys ────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Journey:
    """A thing on its way through rooms, as a line of stations. ``at`` is when it last moved; ``ended`` when nothing is left to do.
    ``number`` stands behind the name and is never broken."""

    key: str
    name: Text
    way: Text
    stations: Sequence[Station]
    url: str
    at: datetime
    ended: bool = False
    number: str = ""


@dataclass(frozen=True, slots=True)
class Travels:
    """``find`` returns the newest few journeys of one kind that a reader with ``permission`` may follow."""

    find: Callable[[Reader], list[Journey]]
    permission: str
    live: str = ""


journeys: Register[Travels] = Register("ui.journeys")


def on_the_way(reader: Reader) -> tuple[list[Journey], int]:
    """At most :data:`JOURNEYS`: those on their way before those that ended in the last two days, the last moved first; and how many more."""
    now, found = clock.now(), []
    for _, kind in journeys:
        if reader.actor.may_somewhere(kind.permission):
            found += [one for one in kind.find(reader) if not one.ended or now - one.at <= FINISHED]
    found.sort(key=lambda j: (j.ended, -j.at.timestamp(), j.key))
    return found[:JOURNEYS], max(0, len(found) - JOURNEYS)


def journey_lives(reader: Reader) -> str:
    """What the section of journeys listens to."""
    heard = {name for _, kind in journeys if reader.actor.may_somewhere(kind.permission) for name in kind.live.split()}
    return " ".join(sorted(heard))


# ── the panels beside it ────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Panel:
    """A section of the side column. ``context`` returns what its ``template`` needs, or None when there is nothing to show."""

    place: int
    permission: str
    template: str
    context: Callable[[Reader], dict[str, Any] | None]


panels: Register[Panel] = Register("ui.today.panels")


def shown_panels(reader: Reader) -> list[tuple[str, dict[str, Any]]]:
    """The panels that this reader may see, as (template, context), in their places."""
    out = []
    for _, panel in sorted(panels, key=lambda row: row[1].place):
        if reader.actor.may_somewhere(panel.permission):
            context = panel.context(reader)
            if context is not None:
                out.append((panel.template, context))
    return out


def short_day(on: date) -> Text:
    """A day inside a sentence, in both languages, without the present year."""
    year = clock.today().year
    return Text(formats.day(on, "ko", year=year), formats.day(on, "en", year=year))


def short_when(at: datetime) -> Text:
    """An instant inside a sentence, in both languages, without the present year."""
    year = clock.today().year
    return Text(formats.when(at, "ko", year=year), formats.when(at, "en", year=year))
