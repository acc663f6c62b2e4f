"""Notices of what was done, that never lie: told after the server did it, kept in the session until a page has shown them (SCREENS §8).

A view tells after its action returned, so after the transaction::

    made = resume_run.do(actor, number=number)
    toasts.tell(request, Toast(Text("재개했습니다", "Resumed")))
    return redirect(…)

The next page of the reader carries it; an answer to htmx carries it beside its part (:mod:`numaru.ui.pages`). When the view fails after
telling, nothing is kept. A notice that needs nothing goes after 6 seconds, one with ``undo`` after 10, and time stands still while it is
pointed at or has the focus; one that needs something (``stays``, or a tone of bad or warn) stays until it is closed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.http import HttpRequest

from numaru.ui.states import TONES, Tone
from numaru.values.text import Text

KEY = "toasts"
MOST = 5  # kept at once; the oldest give way


@dataclass(frozen=True, slots=True)
class Undo:
    """The inverse of what was done: a form posted to ``url`` with ``fields``. Only where an action has one."""

    url: str
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Toast:
    """What was done, in the past tense, with its number. ``url`` and ``act`` lead to what it is about."""

    text: Text
    tone: Tone = "good"
    url: str = ""
    act: Text | None = None
    undo: Undo | None = None
    stays: bool = False

    @property
    def icon(self) -> str:
        return TONES[self.tone]

    @property
    def seconds(self) -> int:
        """How long it is shown; 0 until it is closed."""
        if self.stays or self.tone in ("bad", "warn"):
            return 0
        return 10 if self.undo else 6


def tell(request: HttpRequest, toast: Toast) -> None:
    """Keep ``toast`` for the reader's next page. Call it after the action is done, never before."""
    session: Any = request.session
    session[KEY] = [*session.get(KEY, []), asdict(toast)][-MOST:]


def take(request: HttpRequest) -> list[Toast]:
    """What is to be shown now, the oldest first; it is kept no longer."""
    session: Any = getattr(request, "session", None)
    if session is None or not session.get(KEY):
        return []
    return [_made(row) for row in session.pop(KEY)]


def _made(row: dict[str, Any]) -> Toast:
    act, undo = row["act"], row["undo"]
    return Toast(
        Text(**row["text"]), row["tone"], row["url"], Text(**act) if act else None, Undo(undo["url"], undo["fields"]) if undo else None, row["stays"]
    )  # fmt: skip
