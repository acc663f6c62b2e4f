"""Requests for approval, for whoever searches from anywhere, and a glance at one."""

from __future__ import annotations

from django.urls import reverse

from numaru.faces.console.approvals import states, words
from numaru.faces.console.approvals.rooms import NAME
from numaru.faces.console.find.numbered import numbered
from numaru.kernel.access import Actor
from numaru.kernel.approvals import api as approvals
from numaru.ui.peek import Glance
from numaru.values.text import Text


def glance(actor: Actor, number: str) -> Glance:
    """What is asked, by whom, until when, and the first effects. Raises NotFound as its page does."""
    row = approvals.request(actor, number)
    facts = (
        (Text("올린 사람", "Asked by"), row.asked_name),
        (Text("올린 때", "Asked"), row.asked_at),
        (Text("기한", "Stands until"), row.expires_at if row.state == "pending" else None),
        (Text("처리한 사람", "Decided by"), row.decided_name or None),
    )
    note = Text(*row.effects[0]) if row.effects else row.reason
    return Glance(words.title(row), row.number, reverse("approvals:request", args=[row.number]), states.face(row), facts, note)


numbered(
    "approvals.request", Text("결재", "Request for approval"), NAME, "user-check", approvals.REQUEST_USE, "A-", "approvals:request",
    lambda actor: approvals.visible(actor).defer("arguments", "effects", "barred"), words.title, states.face, lambda row: row.asked_name,
    glance=glance, words=60, order=40, everywhere=False,
)  # fmt: skip
