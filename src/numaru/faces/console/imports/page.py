"""What the page of one import shows: how far it is, what became of the rows, and what can be done next."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from numaru.faces.console.imports import states
from numaru.kernel.imports import api as imports
from numaru.ui import formats
from numaru.ui.progress import Figure, Progress, Station
from numaru.values.text import Text

ORDER = tuple(imports.STAGES)


def page_of(card: imports.ImportCard) -> dict[str, Any]:
    """The context of the page, but for what the reader may do."""
    standing = imports.standing(card.number)
    going = card.state in ("queued", "running")
    return {
        "card": card,
        "title": card.file_name,
        "face": states.face(card.dry, card.state),
        "kind": states.kind_name(card.kind),
        "progress": progress(card, standing),
        "created": imports.said(card.result) if card.state == "done" else [],
        "findings": [] if going else imports.first_findings(card.number),
        "real": imports.followed_by(card.number),
        "took": formats.duration(card.seconds) if card.finished_at else "",
        "address": reverse("imports:run", args=[card.number]),
    }


def progress(card: imports.ImportCard, standing: imports.Standing) -> Progress:
    """How far it is. While the file is read nobody knows how many rows it has; afterwards the share is that of the rows that were looked at."""
    ended = card.state == "done"
    stage = standing.stage if standing.stage in ORDER else ""
    total = card.rows_read if ended else 0 if stage == "read" else standing.total
    done = card.rows_read if ended else standing.done
    figures: list[Figure] = []
    if ended:
        word = Text("들일 행", "Would be accepted") if card.dry else Text("들인 행", "Accepted")
        figures = [
            Figure(word, card.accepted),
            Figure(Text("그대로인 행", "Unchanged"), card.unchanged),
            Figure(Text("들이지 않은 행", "Refused"), card.refused),
        ]
    return Progress(done, total, Text("행", "rows"), _stations(card, stage), figures, said=Text("읽은 행", "Rows read"))


def _stations(card: imports.ImportCard, stage: str) -> list[Station]:
    at = len(ORDER) if card.state == "done" else ORDER.index(stage) if stage else 0
    out = []
    for n, key in enumerate(ORDER):
        state: Any = "done" if n < at else "wait"
        if n == at and card.state != "queued":
            state = "bad" if card.state == "failed" else "now"
        name = Text("들일 것 세기", "Counting") if key == "apply" and card.dry else imports.STAGES[key]
        out.append(Station(name, "", state))
    return out
