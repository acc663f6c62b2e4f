"""The place of leak cases in the room that all share, and what requests about them are called."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from numaru.faces.console.imports.rooms import PLACE as IMPORTS
from numaru.faces.console.imports.rooms import ROOM
from numaru.kernel.leaks import api as leaks
from numaru.ui import asking, shell
from numaru.ui.counts import Counted
from numaru.ui.help import Chapter
from numaru.ui.help import places as chapters
from numaru.values.text import Text

NAME = Text("유출·침해 사고", "Leak cases")


def due(request: HttpRequest) -> Counted | None:
    """How many duties of open cases are still to be met, or nothing."""
    user: Any = request.user
    if not user.is_authenticated or not user.actor.may(leaks.LEAK_HANDLE):
        return None
    found = leaks.due_count()
    return Counted(found) if found else None


PLACE = shell.Place("leaks", NAME, "leaks:list", leaks.LEAK_VIEW, due, mine=True)
ROOM.places.insert(ROOM.places.index(IMPORTS) + 1, PLACE)


def _of(case: str, **_: Any) -> str:
    return reverse("leaks:case", args=[case])


def _text(case: str, kind: str, **_: Any) -> str:
    return reverse("leaks:text", args=[case, kind])


asking.subjects.add(leaks.freeze.key, asking.Subject(Text("사고 문안 승인", "Approve a text of a leak case"), _text))
asking.subjects.add(leaks.exempt.key, asking.Subject(Text("신고·통지 의무 예외", "Exempt a duty of a leak case"), _of))
asking.subjects.add(leaks.close.key, asking.Subject(Text("유출·침해 사고 종결", "Close a leak case"), _of))
chapters.add("shared.leaks", Chapter("leaks"))
