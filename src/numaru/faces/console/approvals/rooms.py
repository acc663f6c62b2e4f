"""The place of approvals in the room that all share; its number says how many wait for the reader."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from numaru.faces.console.imports.rooms import ROOM
from numaru.kernel.approvals import api as approvals
from numaru.ui import shell
from numaru.ui.counts import Counted, bounded
from numaru.ui.help import Chapter
from numaru.ui.help import places as chapters
from numaru.values.text import Text

NAME = Text("결재", "Approvals")


def waits(request: HttpRequest) -> Counted | None:
    """How many requests wait for the reader, or nothing. One look at the index of open requests, once for each page."""
    if not hasattr(request, "_approvals_wait"):
        user: Any = request.user
        found = bounded(approvals.waiting(user.actor), 99) if user.is_authenticated else Counted(0)
        request._approvals_wait = found if found.n else None  # type: ignore[attr-defined]
    return request._approvals_wait  # type: ignore[attr-defined,no-any-return]


PLACE = shell.Place("approvals", NAME, "approvals:list", approvals.REQUEST_USE, waits, mine=True)
ROOM.places.insert(0, PLACE)
ROOM.waits = waits
chapters.add("shared.approvals", Chapter("approvals"))
chapters.add("approvals:request", Chapter("approvals", "deciding"))
