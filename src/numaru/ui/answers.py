"""Questions that the portal answers by itself: rooms register them, the portal and its widget show them as keys to press.

An answer is one short true sentence, at most a few figures, and a link to where more stands. It is made anew at every asking and kept nowhere.
Whoever answers starts from the person who asks; what a question cannot answer returns None and is not offered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from numaru.kernel.registers import Register
from numaru.values.text import Text


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and of which subscription: the party, the subscriber, the service and its zone."""

    person: int
    subscriber: int
    service: int
    zone: str


@dataclass(frozen=True, slots=True)
class Answer:
    """``said`` is the sentence; ``figures`` are (name, value) written by the kind of the value; ``page`` names the portal's page that says more
    (bill, use, me, help), ``item`` a thing on it, ``more`` the words of the link."""

    said: Text
    figures: tuple[tuple[Text, Any], ...] = field(default=())
    page: str = ""
    item: str = ""
    more: Text | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """``place`` orders the keys; ``icon`` stands on the card of the answer."""

    place: int
    text: Text
    icon: str
    answer: Callable[[Asker], Answer | None]


answers: Register[Question] = Register("portal.answers")


def questions() -> list[tuple[str, Question]]:
    """Every question in the order of its place."""
    return sorted(answers, key=lambda one: (one[1].place, one[0]))
