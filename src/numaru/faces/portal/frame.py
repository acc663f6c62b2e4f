"""What stands around a page of the portal: the service's name, the tabs, how the reader wants to see it; and answering with a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from numaru.domains.subscribers import api as subscribers
from numaru.faces.portal.guard import TREE, reader_of
from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.messaging import api as messaging
from numaru.kernel.errors import NotFound
from numaru.ui import shell
from numaru.ui.pages import wants_fragment
from numaru.values.text import Text, language

OF_COOKIE = "nm_of"  # which subscription a person looked at last; opens nothing
TEXT_COOKIE = "nm_text"
WHAT = Text("가입", "subscription")


@dataclass(frozen=True, slots=True)
class Subscription:
    """One subscription of the reader with its service."""

    card: subscribers.SubscriberCard
    service: catalogue.ServiceCard

    @property
    def number(self) -> str:
        return self.card.number

    @property
    def last(self) -> date | None:
        """The last day of use, when there is one."""
        return self.card.served_to - timedelta(days=1) if self.card.served_to else None


@dataclass(frozen=True, slots=True)
class Tab:
    label: Text
    url: str
    current: bool
    new: int = 0  # what waits there to be read


@dataclass(frozen=True, slots=True)
class Frame:
    """The portal around one page."""

    request: HttpRequest
    of: Subscription | None = None
    several: bool = False
    place: str = ""
    unread: int = 0  # messages of the reader

    @property
    def lang(self) -> str:
        return language()

    @property
    def languages(self) -> list[tuple[str, str, bool]]:
        return [(code, name, code == language()) for code, name in shell.LANGUAGE_NAMES.items()]

    @property
    def theme(self) -> str:
        chosen = self.request.COOKIES.get(shell.THEME_COOKIE, "auto")
        return chosen if chosen in shell.THEMES else "auto"

    @property
    def themes(self) -> list[tuple[str, Text, bool]]:
        return [(key, label, key == self.theme) for key, (label, _) in shell.THEMES.items()]

    @property
    def large(self) -> bool:
        return self.request.COOKIES.get(TEXT_COOKIE) == "large"

    @property
    def here(self) -> str:
        """This address, for forms that come back; after a form that was sent, the first page."""
        return self.request.get_full_path() if self.request.method == "GET" else TREE

    @property
    def reader(self) -> Any:
        return reader_of(self.request)

    @property
    def name(self) -> str:
        """The service's name at the head; the house's where no service is known."""
        return str(self.of.service.name) if self.of else str(shell.NAME)

    @property
    def banners(self) -> list[Text]:
        return [text for _, told in shell.banners if (text := told()) is not None]

    @property
    def tabs(self) -> list[Tab]:
        if self.reader is None:
            return []
        found = [
            Tab(Text("메시지", "Messages"), reverse("portal:messages"), self.place == "messages", self.unread),
            Tab(Text("내 정보", "My data"), reverse("portal:me"), self.place == "me"),
            Tab(Text("문의", "Ask"), reverse("portal:help"), self.place == "help"),
        ]
        if self.of is None:
            return found
        number = [self.of.number]
        return [
            Tab(Text("요금", "Bill"), reverse("portal:bill", args=number), self.place == "bill"),
            Tab(Text("이용", "Use"), reverse("portal:use", args=number), self.place == "use"),
            *found,
        ]


def subscriptions(person: int) -> list[Subscription]:
    """Everything the person subscribes to, what runs first."""
    services = {s.id: s for s in catalogue.services()}
    return [Subscription(card, services[card.service_id]) for card in subscribers.own(person)]


def chosen(request: HttpRequest, number: str = "") -> tuple[Subscription | None, bool]:
    """The subscription that a page is about, and whether there are several. With ``number`` raises NotFound for one that is not the reader's, as
    for none; without it is the one looked at last, else the first."""
    reader = reader_of(request)
    if reader is None:
        return None, False
    own = subscriptions(reader.person)
    wanted = number or request.COOKIES.get(OF_COOKIE, "")
    found = next((s for s in own if s.number == wanted), None)
    if number and found is None:
        raise NotFound.named(WHAT, number)
    return found or next(iter(own), None), len(own) > 1


def page(
    request: HttpRequest, template: str, context: Mapping[str, Any] | None = None, *, of: Subscription | None = None, several: bool = False,
    place: str = "", fragment: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    """Render ``template`` in the portal's frame. ``fragment`` names the part that an htmx request gets."""
    get_token(request)
    reader = reader_of(request)
    unread = messaging.unread(reader.person) if reader else 0
    name = f"{template}#{fragment}" if fragment and wants_fragment(request) else template
    answer = render(request, name, {**(context or {}), "frame": Frame(request, of, several, place, unread)}, status=status)
    patch_vary_headers(answer, ("HX-Request", "Cookie", "Accept-Language"))
    answer["Content-Language"] = language()
    answer["Cache-Control"] = "no-store"
    if of is not None and request.COOKIES.get(OF_COOKIE) != of.number:
        answer.set_cookie(OF_COOKIE, of.number, path=TREE, httponly=True, samesite="Lax", secure=request.is_secure())
    return answer
