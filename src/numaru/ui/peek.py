"""Objects with a number, as every face knows them: their page, a line of them, a glance at them; and which ones a reader opened last.

A room registers its kinds beside its screens::

    peek.things.add("billing.run", Thing(Text("청구 실행", "Bill run"), "calculator", RUN_VIEW, "billing:run", lines=run_lines, glance=run_glance))

The key is what audit calls such an object, so that the log leads to it. ``glance`` answers with a :class:`Glance` or raises the refusal that the page itself would: who may not open the object learns nothing by
peeking. ``lines`` gives search hits for many numbers at once and leaves out what the reader may not see. Both show persons masked.

What a reader opened last is kept in a cookie of the browser session: kinds and numbers only, nothing of a person, read again under the
reader's present permissions, gone with the session. No table: it would cost a write a page and be one more trace of who looked at whom.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, Resolver404, resolve, reverse

from numaru.kernel.access import Actor
from numaru.kernel.registers import Register
from numaru.ui.search import Hit, allowed
from numaru.ui.states import State
from numaru.values.text import Text

KEPT = 8
COOKIE = "nm_recent"
_MARK = re.compile(r"[\w.-]{1,40}:[\w.-]{1,60}")


@dataclass(frozen=True, slots=True)
class Glance:
    """The small summary of one object: few facts, each with its label; values are written by their kind."""

    title: Text | str
    number: str
    url: str
    state: State | None = None
    facts: tuple[tuple[Text, Any], ...] = ()
    note: Text | str = ""


@dataclass(frozen=True, slots=True)
class Thing:
    """A kind of object. ``view`` is the name of its page, ``arg`` the part of the address that holds its number."""

    label: Text
    icon: str
    permission: str | None
    view: str
    arg: str = "number"
    lines: Callable[[Actor, Sequence[str]], dict[str, Hit]] | None = None
    glance: Callable[[Actor, str], Glance] | None = None
    everywhere: bool = False  # the permission is asked for all services

    def may(self, actor: Actor) -> bool:
        return allowed(actor, self.permission, everywhere=self.everywhere)

    def url(self, number: str) -> str:
        return reverse(self.view, kwargs={self.arg: number})


things: Register[Thing] = Register("ui.things")


def of(url: str) -> tuple[str, str] | None:
    """Kind and number of the object whose page ``url`` is; None for any other address."""
    try:
        match = resolve(url.partition("?")[0].partition("#")[0])
    except Resolver404:
        return None
    return _named(match.view_name, match.kwargs)


def _named(view: str, given: dict[str, Any]) -> tuple[str, str] | None:
    for key, thing in things:
        if thing.view == view and thing.arg in given:
            return key, str(given[thing.arg])
    return None


def page_of(kind: str, number: str) -> str:
    """The page of an object by its kind (what audit calls it) and number; empty for a kind without pages."""
    thing = things.get(kind)
    try:
        return thing.url(number) if thing is not None and _MARK.fullmatch(f"{kind}:{number}") else ""
    except NoReverseMatch:
        return ""


def address(url: str) -> str:
    """Where the glance at the object of ``url`` is fetched; empty when nothing is to be seen there."""
    found = of(url) if url.startswith("/") else None
    if found is None or things[found[0]].glance is None:
        return ""
    return reverse("console:peek", kwargs={"kind": found[0], "number": found[1]})


def remember(request: HttpRequest, answer: HttpResponse) -> None:
    """Put the object whose page ``answer`` is at the head of what this reader opened last."""
    match, user = request.resolver_match, getattr(request, "user", None)
    if match is None or user is None or not user.is_authenticated or request.method != "GET" or answer.status_code != 200:
        return
    found = _named(match.view_name, match.kwargs)
    mark = ":".join(found) if found else ""
    if not _MARK.fullmatch(mark):
        return
    before = _marks(request)
    if before[:1] != [mark]:
        kept = [mark, *(m for m in before if m != mark)][:KEPT]
        answer.set_cookie(COOKIE, "|".join([str(user.pk), *kept]), httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)


def forget(answer: HttpResponse) -> None:
    """With the session goes what was opened in it."""
    answer.delete_cookie(COOKIE, samesite="Lax")


def _marks(request: HttpRequest) -> list[str]:
    """What the cookie holds, when it is this reader's."""
    owner, _, rest = request.COOKIES.get(COOKIE, "").partition("|")
    user: Any = request.user
    return [m for m in rest.split("|") if _MARK.fullmatch(m)][:KEPT] if owner == str(user.pk) else []


@dataclass(slots=True)
class _Wanted:
    thing: Thing
    numbers: list[str] = field(default_factory=list)


def recent(request: HttpRequest) -> list[Hit]:
    """What this reader opened last, latest first, as far as they may still see it. A fixed number of queries a kind."""
    actor: Actor = request.user.actor  # type: ignore[union-attr]
    marks = [tuple(m.split(":", 1)) for m in _marks(request)]
    wanted: dict[str, _Wanted] = {}
    for key, number in marks:
        thing = things.get(key)
        if thing is not None and thing.may(actor):
            wanted.setdefault(key, _Wanted(thing)).numbers.append(number)
    found: dict[tuple[str, str], Hit] = {}
    for key, one in wanted.items():
        if one.thing.lines is not None:
            found |= {(key, number): hit for number, hit in one.thing.lines(actor, one.numbers).items()}
        else:
            found |= {(key, n): Hit(one.thing.label, one.thing.url(n), n, icon=one.thing.icon) for n in one.numbers}
    return [found[key, number] for key, number in marks if (key, number) in found]
