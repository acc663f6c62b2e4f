"""The house around every page: pillar, top bar, room list. Which rooms there are comes from a register; their order is decided here.

A room adds itself when its package is loaded (``AppConfig.ready``)::

    shell.rooms.add("subscribers", Room(Text("가입", "Subscribers"), [Place("list", Text("가입자", "Subscribers"), "subscribers:list")]))

A room or a place whose permission the reader lacks is not shown. No link leads nowhere: a room without a visible place is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from numaru.kernel.access import ROLES, Actor
from numaru.kernel.registers import Register
from numaru.ui import bell, keyboard, toasts, today
from numaru.ui import help as manual
from numaru.ui.counts import Counted
from numaru.values.text import LANGUAGES, Text, language

# SCREENS §2: today; people; money; service; direction. The letter is the one after g (§11).
PILLAR: tuple[tuple[tuple[str, str], ...], ...] = (
    (("today", "KeyH"),),
    (("subscribers", "KeyS"), ("support", "KeyU"), ("marketing", "KeyM")),
    (("billing", "KeyB"),),
    (("operations", "KeyO"), ("quality", "KeyQ"), ("incidents", "KeyI")),
    (("planning", "KeyP"), ("strategy", "KeyT")),
)
FOOT = "shared"
THEMES: dict[str, tuple[Text, str]] = {
    "auto": (Text("기기 설정대로", "As the device"), "device-desktop"),
    "light": (Text("밝게", "Light"), "sun"),
    "dark": (Text("어둡게", "Dark"), "moon"),
}
LANGUAGE_NAMES = {"ko": "한국어", "en": "English"}
THEME_COOKIE = "nm_theme"
KEYS_COOKIE = "nm_keys"

type Counter = Callable[[HttpRequest], Counted | int | None]


@dataclass(frozen=True, slots=True)
class Place:
    """One line of a room list. ``head`` names the group it stands in, or begins one; ``mine`` sets the count in timber: it waits for the reader.
    ``listing`` is the key of its list in :data:`numaru.ui.lists.sources`: saved views of it stand below the places, for who sees the place."""

    key: str
    label: Text
    url: str
    permission: str | None = None
    count: Counter | None = None
    mine: bool = False
    head: Text | None = None
    listing: str = ""


@dataclass(slots=True)
class Room:
    """A room of the pillar. Others may append places to ``places`` while the house starts. ``phone``: kept in the bottom bar.
    ``waits`` counts what waits for the reader; without one it is what the room's finders of the first page found. ``bare``: no list of places."""

    label: Text
    places: list[Place] = field(default_factory=list)
    phone: bool = True
    waits: Counter | None = None
    bare: bool = False


rooms: Register[Room] = Register("ui.rooms")
# Lines that stand over every page of the console while they hold (a demo installation). Asked on each page: they look nothing up that costs.
banners: Register[Callable[[], Text | None]] = Register("ui.banners")


@dataclass(frozen=True, slots=True)
class Reminder:
    """A line over every page of one reader, with the one link that settles it."""

    text: Text
    label: Text
    url: str


# What this reader is still to do. Asked on each page: they look nothing up.
reminders: Register[Callable[[HttpRequest], Reminder | None]] = Register("ui.reminders")


@dataclass(frozen=True, slots=True)
class Link:
    """A link as a template draws it."""

    label: Text | str
    url: str
    current: bool = False
    count: Counted | int | None = None
    mine: bool = False
    code: str = ""
    phone: bool = True
    breaks: bool = False
    head: Text | None = None


@dataclass(frozen=True, slots=True)
class Crumb:
    """A step of "where I am"; the last one carries no address."""

    label: Text | str
    url: str = ""


def _may(actor: Actor | None, permission: str | None) -> bool:
    return permission is None or (actor is not None and actor.may_somewhere(permission))


class Shell:
    """What the frame of one page shows to one reader. Built for each request by :mod:`numaru.ui.pages`; asks no question twice."""

    def __init__(self, request: HttpRequest, room: str = "", place: str = "", crumbs: Sequence[Crumb] = ()) -> None:
        self.request = request
        self.room_key = room
        self.place_key = place
        self.crumbs = list(crumbs)
        user: Any = getattr(request, "user", None)
        self.user = user if user is not None and user.is_authenticated else None
        self.actor: Actor | None = self.user.actor if self.user is not None else None
        if room and room not in rooms:
            raise KeyError(f"no such room: {room}")

    @property
    def lang(self) -> str:
        return language()

    @property
    def languages(self) -> list[tuple[str, str]]:
        return list(LANGUAGE_NAMES.items())

    @property
    def other_languages(self) -> list[tuple[str, str]]:
        return [(code, LANGUAGE_NAMES[code]) for code in LANGUAGES if code != self.lang]

    @property
    def theme(self) -> str:
        chosen = self.request.COOKIES.get(THEME_COOKIE, "auto")
        return chosen if chosen in THEMES else "auto"

    @property
    def themes(self) -> list[tuple[str, Text, str]]:
        return [(key, label, icon) for key, (label, icon) in THEMES.items()]

    @property
    def single_keys(self) -> bool:
        """Single-letter keys are on unless this reader switched them off (SCREENS §11)."""
        return self.request.COOKIES.get(KEYS_COOKIE) != "off"

    @property
    def here(self) -> str:
        """This address, for forms that come back."""
        return self.request.get_full_path()

    @property
    def role(self) -> Text | None:
        """The word beside the name: the first role that was given besides the basic one."""
        grants = self.actor.grants if self.actor else ()
        first = next((role for role, _ in grants if role != "basic"), grants[0][0] if grants else "")
        return ROLES.get(first)

    def _places(self, room: Room) -> list[Place]:
        return [place for place in room.places if _may(self.actor, place.permission)]

    def _room(self, key: str, code: str, breaks: bool) -> Link | None:
        room = rooms.get(key)
        places = self._places(room) if room else []
        if room is None or not places:
            return None
        waits = room.waits(self.request) if room.waits else today.waits(self.request, key)
        return Link(room.label, reverse(places[0].url), key == self.room_key, waits, True, code, room.phone, breaks)

    def pillar(self) -> list[Link]:
        """The rooms of this reader, in the order of the house; ``breaks`` begins a group."""
        out: list[Link] = []
        for group in PILLAR:
            first = bool(out)
            for key, code in group:
                link = self._room(key, code, first)
                if link:
                    out.append(link)
                    first = False
        return out

    def link(self, key: str) -> Link | None:
        """The way into one room; None when there is none or this reader has no place in it."""
        return self._room(key, "", False)

    @property
    def subscribers(self) -> Link | None:
        """The way to the subscribers, for pages that are empty until rows of a list are chosen."""
        return self.link("subscribers")

    def foot(self) -> Link | None:
        return self._room(FOOT, "", False)

    @property
    def importing(self) -> Link | None:
        """The place where files come in, for pages that are empty until one does; None when this reader has no place there."""
        room = rooms.get(FOOT)
        places = [place for place in (self._places(room) if room else []) if place.key == "imports"]
        return Link(places[0].label, reverse(places[0].url)) if places else None

    @property
    def room(self) -> Text | None:
        """The name of the room whose places are listed; None outside rooms and in one that has no list."""
        return rooms[self.room_key].label if self.room_key and not rooms[self.room_key].bare else None

    def room_list(self) -> list[Link]:
        """The places of the room the reader is in, with their counts."""
        if not self.room_key or rooms[self.room_key].bare:
            return []
        out: list[Link] = []
        said: Text | None = None
        for place in self._places(rooms[self.room_key]):
            begins = place.head is not None and place.head != said  # the first place of a group that this reader has
            said = place.head or said
            here, count = place.key == self.place_key, place.count(self.request) if place.count else None
            out.append(Link(place.label, reverse(place.url), here, count, place.mine, head=place.head if begins else None))
        views = self._views()
        if any(view.current for view in views):
            out = [replace(link, current=False) for link in out]
        return [*out, *views]

    def _views(self) -> list[Link]:
        """The saved views of the lists in this room: the own ones, then those shared by colleagues, counted where that is cheap."""
        from numaru.ui import desk
        from numaru.ui.lists import sources

        places = [p for p in self._places(rooms[self.room_key]) if p.listing in sources] if self.actor else []
        if self.room_key == FOOT:  # what all share has lists of many kinds: only those of the open one
            places = [p for p in places if p.key == self.place_key]
        kept = desk.kept_views(self.request, [p.listing for p in places]) if places else {}
        open_view = self.request.GET.get("view", "")
        own: list[Link] = []
        team: list[Link] = []
        for place in places:
            if not kept[place.listing]:
                continue
            source = sources[place.listing]
            found = desk.counts(self.request, source.listing, source.rows(self.actor))  # type: ignore[arg-type]
            for view in kept[place.listing]:
                here = place.key == self.place_key and str(view.id) == open_view
                link = Link(view.name, desk.address(reverse(place.url), view), here, found.get(str(view.id)))
                (own if view.mine else team).append(link)
        for links, head in ((own, Text("내가 저장한 보기", "My saved views")), (team, Text("팀이 나눈 보기", "Views of the team"))):
            if links:
                links[0] = replace(links[0], head=head)
        return [*own, *team]

    @property
    def banners(self) -> list[Text]:
        """The lines over this page."""
        return [text for _, told in banners if (text := told()) is not None]

    @property
    def reminders(self) -> list[Reminder]:
        """What this reader is still to do."""
        return [found for _, told in reminders if (found := told(self.request)) is not None] if self.user is not None else []

    @property
    def left(self) -> int | None:
        """Seconds until this reader's session ends if it is not used again; None when nobody is signed in."""
        return getattr(getattr(self.request, "session", None), "left", None) if self.user is not None else None

    @property
    def help_url(self) -> str:
        """The chapter of the manual that belongs to this screen, else its contents; empty for somebody who is not signed in."""
        if self.user is None:
            return ""
        match = self.request.resolver_match
        found = manual.chapter(match.view_name if match else "", self.room_key, self.place_key)
        return found.url if found else reverse("help:index")

    @property
    def bell(self) -> Counted | None:
        """How many notices the reader has not read; None for whoever is told nothing."""
        return bell.count(self.request)

    @property
    def keys(self) -> list[keyboard.Sheet]:
        """The sheet of keys."""
        return keyboard.shown()

    @property
    def toasts(self) -> list[toasts.Toast]:
        """What was done since the last page; told once."""
        return toasts.take(self.request)

    @property
    def name(self) -> str:
        """The house's name in the language of the page."""
        return str(NAME)


NAME = Text("누마루", "Numaru")


def known_places() -> set[str]:
    """Every key that a register entry may use: the rooms of the pillar and the foot."""
    return {key for group in PILLAR for key, _ in group} | {FOOT}
