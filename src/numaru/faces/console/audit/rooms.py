"""The places of audit in the room that all share; the number beside findings says how many wait for a decision."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from numaru.faces.console.imports.rooms import ROOM
from numaru.kernel.audit import api as audit
from numaru.ui import shell
from numaru.ui.help import Chapter
from numaru.ui.help import places as chapters
from numaru.values.text import Text

RECORDS, OPENINGS = Text("감사 기록", "Audit log"), Text("열람 기록", "Access log")
FINDINGS, REVIEWS = Text("열람 이상", "Access findings"), Text("월간 점검", "Monthly review")


def waits(request: HttpRequest) -> int | None:
    """How many findings nobody has decided, or nothing. One look at a small index, once for each page."""
    if not hasattr(request, "_findings_wait"):
        request._findings_wait = audit.waiting() or None  # type: ignore[attr-defined]
    found: Any = request._findings_wait  # type: ignore[attr-defined]
    return found  # type: ignore[no-any-return]


ROOM.places.extend(
    [
        shell.Place("audit", RECORDS, "audit:records", audit.RECORD_VIEW, listing="audit"),
        shell.Place("openings", OPENINGS, "audit:openings", audit.RECORD_VIEW, listing="openings"),
        shell.Place("findings", FINDINGS, "audit:findings", audit.RECORD_VIEW, waits, mine=True),
        shell.Place("reviews", REVIEWS, "audit:reviews", audit.RECORD_VIEW),
    ]
)
chapters.add("shared.audit", Chapter("audit", "finding"))
chapters.add("shared.openings", Chapter("audit", "finding"))
chapters.add("shared.findings", Chapter("audit", "access-findings"))
chapters.add("shared.reviews", Chapter("audit", "monthly-review"))
