"""The bell: what the reader was told and has not read. The kernel keeps kinds and numbers; rooms say what they are called and lead to.

bell.faces.add("approval.asked", Face(State(…), say))      # say(rows) → the words and the address of each, for all rows at once
bell.works.add("import", Work(Text("들이기", "Import"), lambda key: reverse("imports:run", args=[key])))
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from numaru.kernel.notices import api as notices
from numaru.kernel.registers import Register
from numaru.ui.counts import Counted, bounded
from numaru.values.text import Text

LAST = 8  # in the menu under the bell


@dataclass(frozen=True, slots=True)
class Said:
    """What a notice says: the fact, the facts in small, the page of what it is about."""

    what: Text
    why: Text
    url: str


@dataclass(frozen=True, slots=True)
class Face:
    """A kind of notice. ``say`` gives the words of many rows by their id, with one question at most; a row it leaves out is about
    something that is gone."""

    icon: str
    tone: str
    say: Callable[[Sequence[Any]], dict[int, Said]]


@dataclass(frozen=True, slots=True)
class Work:
    """A kind of long work: its name, and the page of one piece of it."""

    name: Text
    url: Callable[[str], str]


faces: Register[Face] = Register("ui.notices")
works: Register[Work] = Register("ui.works")


@dataclass(frozen=True, slots=True)
class Line:
    """A notice ready to be drawn."""

    id: int
    at: datetime
    icon: str
    tone: str
    said: Said
    needs: bool
    read: bool


GONE = Said(Text("지난 알림", "An old notice"), Text("다룬 것이 더는 없습니다", "what it was about is gone"), "")


def lines(rows: Sequence[Any]) -> list[Line]:
    """The rows in their order, with their words; kind by kind, so that many of a kind cost one question."""
    said: dict[int, Said] = {}
    for kind in {row.kind for row in rows}:
        face = faces.get(kind)
        if face is not None:
            said |= face.say([row for row in rows if row.kind == kind])
    out = []
    for row in rows:
        face = faces.get(row.kind)
        icon, tone = (face.icon, face.tone) if face else ("bell", "")
        out.append(Line(row.pk, row.at, icon, tone, said.get(row.pk, GONE), row.needs, row.read_at is not None))
    return out


def _ended(state: str) -> Callable[[Sequence[Any]], dict[int, Said]]:
    def say(rows: Sequence[Any]) -> dict[int, Said]:
        out = {}
        for row in rows:
            kind, key = str(row.about.get("kind", "")), str(row.about.get("key", ""))
            work = works.get(kind)
            name = work.name if work else Text(kind, kind)
            done = Text("{n}이(가) 끝났습니다", "{n} is done") if state == "done" else Text("{n}이(가) 실패했습니다", "{n} failed")
            out[row.pk] = Said(done.fill(n=name), Text(key, key), work.url(key) if work else "")
        return out

    return say


faces.add("work.done", Face("circle-check", "good", _ended("done")))
faces.add("work.failed", Face("alert-octagon", "bad", _ended("failed")))


def count(request: HttpRequest) -> Counted | None:
    """How many the reader has not read; None for whoever has not signed in or reads none. One question by index, once a request."""
    user: Any = getattr(request, "user", None)
    if user is None or not user.is_authenticated or not user.actor.may_somewhere(notices.NOTICE_READ):
        return None
    if not hasattr(request, "_bell"):
        request._bell = bounded(notices.unread(user.actor), notices.BELL)  # type: ignore[attr-defined]
    return request._bell  # type: ignore[attr-defined,no-any-return]
