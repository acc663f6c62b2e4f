"""문의: the operator's contact, and the widget that answers by itself. What was asked stands in the page and its address alone; nothing is kept.

``?q=bill&q=why`` is the conversation: each key is a link that adds its question, so that it works without script. With script a key fetches its
own answer and the page appends it. The widget may be framed by pages of this house, and by no other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.csp import CSP
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override

from numaru.faces.portal.frame import Subscription, chosen, page
from numaru.faces.portal.guard import signed_in
from numaru.facilities.catalogue import api as catalogue
from numaru.kernel import clock
from numaru.ui import formats
from numaru.ui.answers import Answer, Asker, Question, answers, questions
from numaru.values.money import Money
from numaru.values.period import Period
from numaru.values.text import Text

LONGEST = 12  # questions of one conversation
FRAMED: dict[str, Any] = {**settings.SECURE_CSP, "frame-ancestors": [CSP.SELF]}


@dataclass(frozen=True, slots=True)
class Turn:
    """A question that was pressed and its answer; ``rows`` are the figures of the card, written out."""

    question: Question
    answer: Answer
    rows: tuple[tuple[Text, Any, bool], ...]  # name, value, whether it is money
    url: str


@dataclass(frozen=True, slots=True)
class Key:
    """A question that can be pressed: the address of the whole conversation with it."""

    key: str
    text: Text
    url: str


def helped(request: HttpRequest) -> HttpResponse:
    """The page of questions: the widget in a frame where there is room, the way to it on a telephone, and where people answer."""
    of, several = chosen(request)
    context = {"entity": _entity(of), "keys": _keys([]) if of else [], "ask": reverse("portal:ask")}
    return page(request, "portal/help.html", context, of=of, several=several, place="help")


@xframe_options_sameorigin
@csp_override(FRAMED)
def ask(request: HttpRequest) -> HttpResponse:
    """The widget."""
    of, _ = chosen(request)
    asked = [key for key in request.GET.getlist("q") if key in answers][-LONGEST:] if of else []
    turns = [turn for key in asked if of and (turn := _turn(request, of, key)) is not None]
    framed = request.GET.get("in") == "frame"
    context = {
        "turns": turns, "keys": _keys(asked, framed=framed) if of else [], "entity": _entity(of), "framed": framed, "leave": reverse("portal:help"),
        "today": clock.today(of.service.zone if of else None),
    }  # fmt: skip
    return page(request, "portal/ask.html", context, of=of, place="help", fragment="said")


def _entity(of: Subscription | None) -> catalogue.EntityCard | None:
    return catalogue.entity(of.service.entity_id) if of else None


def _keys(asked: list[str], *, framed: bool = False) -> list[Key]:
    here = reverse("portal:ask")
    more = [("in", "frame")] if framed else []
    return [Key(key, q.text, f"{here}?{urlencode([*(('q', a) for a in [*asked, key][-LONGEST:]), *more])}#last") for key, q in questions()]


def _turn(request: HttpRequest, of: Subscription, key: str) -> Turn | None:
    question = answers[key]
    found = question.answer(Asker(signed_in(request).person, of.card.id, of.service.id, of.service.zone))
    if found is None:
        return None
    rows = tuple((name, value if isinstance(value, Money) else _written(value), isinstance(value, Money)) for name, value in found.figures)
    return Turn(question, found, rows, _where(of, found))


def _written(value: Any) -> str:
    year = clock.today().year
    if isinstance(value, Period):
        return formats.period(value, days=False, year=year)
    return formats.plain_day(value, year=year) if isinstance(value, date) else formats.word(value)


def _where(of: Subscription, answer: Answer) -> str:
    match answer.page:
        case "invoice":
            return reverse("portal:invoice", args=[of.number, answer.item])
        case "bill" | "use":
            return reverse(f"portal:{answer.page}", args=[of.number])
        case "me" | "help":
            return reverse(f"portal:{answer.page}") + (f"#{answer.item}" if answer.item else "")
        case _:
            return ""
