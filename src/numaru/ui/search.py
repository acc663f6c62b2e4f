"""Finding anything from anywhere: what there is (finders), what one may do (acts), and how a question is read (docs/decisions/palette.md).

A room registers its finders beside its screens (``web/finders.py``, loaded in ``AppConfig.ready``)::

    search.finders.add("billing.run", Finder(Text("청구 실행", "Bill runs"), "calculator", RUN_VIEW, lambda asked: asked.is_number, find_runs))
    search.acts.add("billing.start-run", Act(Text("청구 실행 시작", "Start a bill run"), "player-play", "billing:new-run", RUN_START))

Promises: a finder is asked only when the reader has its permission for some service and when the question has a shape that it can match; it
returns at most ``limit`` hits, narrowed to the services of the reader, in a bounded number of queries by index. A hit shows a person only
masked. Nothing is opened. What looks people up by a whole number does so only for a question that is ``settled`` (asked on purpose, not in
the middle of typing).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from numaru.kernel.access import Actor
from numaru.kernel.registers import Register
from numaru.ui import shell
from numaru.ui.states import State
from numaru.values import hangul
from numaru.values.masked import phone_digits, phone_whole
from numaru.values.text import Text

LIMIT = 8  # hits of one finder
LONGEST = 100  # characters of a question
ACTS = ">"  # before it: only what one may do
LEAST_PHONE = 8  # digits from which a number is looked up whole
_NUMBER = re.compile(r"[A-Z]{1,4}\d{0,4}-[A-Z0-9.-]*")
_DIALLED = re.compile(r"[0-9+()./ -]+")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it was typed. ``settled``: asked on purpose (Enter, a pause, the page itself) and not while typing goes on."""

    text: str
    settled: bool = True
    only_acts: bool = False

    @classmethod
    def read(cls, typed: str, *, settled: bool = True) -> Asked:
        """The question in ``typed``: trimmed, cut, and a number that was typed with the Hangul layout on put right."""
        text = " ".join(typed[:LONGEST].split())
        if text.startswith(ACTS):
            return cls(text[1:].strip(), settled, True)
        return cls(hangul.latin(text), settled)

    @property
    def number(self) -> str:
        """The question as a number of the house would be written, ``INV-2026-0000123``."""
        return self.text.upper().replace(" ", "")

    @property
    def is_number(self) -> bool:
        return _NUMBER.fullmatch(self.number) is not None

    @property
    def digits(self) -> str:
        """What was dialled, when nothing but a telephone number stands there."""
        return phone_digits(self.text) if _DIALLED.fullmatch(self.text) else ""

    @property
    def is_phone(self) -> bool:
        return len(self.digits) >= LEAST_PHONE

    @property
    def is_whole_phone(self) -> bool:
        """A number typed to its end: it may be looked up after a pause."""
        return phone_whole(self.digits)

    @property
    def is_email(self) -> bool:
        name, at, host = self.text.partition("@")
        return bool(at and name and "." in host)

    @property
    def consonants(self) -> str:
        return hangul.consonants(self.text)

    @property
    def is_hangul(self) -> bool:
        return any(hangul.is_syllable(c) or c in hangul.INITIALS for c in self.text)

    @property
    def is_word(self) -> bool:
        """Words that a name or a title could begin with."""
        return bool(self.text) and not self.is_number and not self.digits and "@" not in self.text

    def finds(self, *texts: Text | str) -> bool:
        """Whether one of ``texts``, in either language, has what is being typed."""
        both = (word for text in texts for word in ((text.ko, text.en) if isinstance(text, Text) else (text,)))
        return any(hangul.finds(word, self.text) for word in both)


def allowed(actor: Actor, permission: str | None, *, everywhere: bool = False) -> bool:
    """Whether ``actor`` has ``permission``: for all services when ``everywhere``, else for at least one."""
    if permission is None:
        return True
    return actor.may(permission) if everywhere else actor.may_somewhere(permission)


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that was found. ``exact``: its number is just what was asked, so Enter goes there at once. ``form`` is what a POST to ``url``
    carries (name and value); empty for a link."""

    title: Text | str
    url: str
    number: str = ""
    note: Text | str = ""
    state: State | None = None
    icon: str = ""
    exact: bool = False
    keys: tuple[str, ...] = ()
    form: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Finder:
    """What one kind of thing is found by. ``takes`` says whether a question could match it at all; ``more`` is the list that asks the same
    question. ``order`` among groups of equal worth; ``near`` says that a question looks like one for this finder: its group stands first."""

    label: Text
    icon: str
    permission: str | None
    takes: Callable[[Asked], bool]
    find: Callable[[Actor, Asked, int], Sequence[Hit]]
    more: Callable[[Asked], str] | None = None
    order: int = 50
    near: Callable[[Asked], bool] = lambda asked: False
    everywhere: bool = False  # the permission is asked for all services

    def may(self, actor: Actor) -> bool:
        return allowed(actor, self.permission, everywhere=self.everywhere)


@dataclass(frozen=True, slots=True)
class Act:
    """Something one may do: a page that begins it, or a POST with one value. ``words`` are more words to find it by, in any language."""

    label: Text
    icon: str
    view: str
    permission: str | None = None
    words: str = ""
    keys: tuple[str, ...] = ()
    form: tuple[str, str] | None = None
    order: int = 50
    everywhere: bool = False  # the permission is asked for all services

    def may(self, actor: Actor) -> bool:
        return allowed(actor, self.permission, everywhere=self.everywhere)

    def hit(self) -> Hit:
        return Hit(self.label, reverse(self.view), icon=self.icon, keys=self.keys, form=self.form)


finders: Register[Finder] = Register("ui.finders")
acts: Register[Act] = Register("ui.acts")


@dataclass(frozen=True, slots=True)
class Group:
    """Hits of one kind, as a page shows them."""

    key: str
    label: Text
    icon: str
    hits: list[Hit]
    more: str = ""

    @property
    def exact(self) -> list[Hit]:
        return [hit for hit in self.hits if hit.exact]


DOING, GOING = Text("할 수 있는 일", "Actions"), Text("갈 곳", "Places")


def doing(actor: Actor, asked: Asked, limit: int = LIMIT) -> Group:
    """What the reader may do and what its words find; all of it, in the order of the house, for an empty question."""
    may = sorted(((act.order, key, act) for key, act in acts if act.may(actor)), key=lambda row: row[:2])
    found = [act.hit() for _, _, act in may if not asked.text or asked.finds(act.label, act.words)]
    return Group("acts", DOING, "command", found[:limit])


def going(actor: Actor, asked: Asked, limit: int = LIMIT) -> Group:
    """The places of all rooms that the reader may see and that the words find: by their own name, or by that of their room and head."""
    codes = {key: code.removeprefix("Key") for group in shell.PILLAR for key, code in group}
    hits = []
    for key, room in shell.rooms:
        seen = [place for place in room.places if place.permission is None or actor.may_somewhere(place.permission)]
        for n, place in enumerate(seen):
            if asked.finds(place.label) or (n == 0 and asked.finds(room.label)):
                keys = ("G", codes[key]) if n == 0 and key in codes else ()
                note = room.label if room.label != place.label else ""
                hits.append(Hit(place.label, reverse(place.url), note=note, icon="arrow-right", keys=keys))
    return Group("places", GOING, "arrow-right", hits[:limit])


def look(actor: Actor, asked: Asked, limit: int = LIMIT) -> list[Group]:
    """Everything that ``asked`` finds for ``actor``, in groups; those without a hit are left out.

    Order: groups with the very number that was asked, then those the question looks like, then acts and places when their words fit, then the
    rest in the order of the house.
    """
    if not asked.text:
        return []
    groups: list[tuple[int, int, Group]] = []
    if not asked.only_acts:
        for key, finder in finders:
            if not finder.takes(asked) or not finder.may(actor):
                continue
            hits = list(finder.find(actor, asked, limit))[:limit]
            if hits:
                more = finder.more(asked) if finder.more else ""
                group = Group(key, finder.label, finder.icon, hits, more)
                groups.append((0 if group.exact else 1 if finder.near(asked) else 3, finder.order, group))
        groups.append((2, 1, going(actor, asked, limit)))
    groups.append((2, 0, doing(actor, asked, limit)))
    return [group for _, _, group in sorted(groups, key=lambda row: (*row[:2], row[2].key)) if group.hits]


def only(groups: Sequence[Group]) -> Hit | None:
    """The one thing whose number is just what was asked; None when there is none or more than one."""
    exact = [hit for group in groups for hit in group.exact]
    return exact[0] if len(exact) == 1 else None


def listed(view: str, **query: str) -> str:
    """The address of a list with a question, for ``more``."""
    return f"{reverse(view)}?{urlencode(query)}"
