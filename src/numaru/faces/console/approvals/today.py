"""Approvals on the first page: what waits for the reader's decision, in the order of their last day."""

from __future__ import annotations

from django.urls import reverse

from numaru.faces.console.approvals import words
from numaru.kernel.approvals import api as approvals
from numaru.kernel.approvals.models import ApprovalRequest
from numaru.ui import today
from numaru.ui.today import Consequence, Item, Reader
from numaru.values.text import Text

READ = 100  # requests looked at; more than these never wait for one person at a time
ROOMS: dict[str, Consequence] = {"billing": "money", "catalogue": "clock", "policies": "clock", "kernel": "clock", "backup": "clock"}


def _consequence(row: ApprovalRequest) -> Consequence:
    """By the room of the permission: billing moves money, what runs the house is the clock's, everything else is about people."""
    return ROOMS.get(row.approver.partition(".")[0], "people")


@today.finder("approvals", room="shared", word=Text("결재", "Approvals"), permission=approvals.REQUEST_USE, live="approval:*")
def waiting(reader: Reader) -> list[Item]:
    """Each request with its title, who asked and why; it stands until its last day."""
    rows = list(approvals.waiting(reader.actor).order_by("expires_at", "pk")[:READ])
    items = [
        Item(
            f"approvals:{row.number}",
            _consequence(row),
            Text("{t} 결재", "{t}: to approve").fill(t=words.title(row)),
            Text("{n} 요청 · {r}", "asked by {n} · {r}").fill(n=row.asked_name, r=row.reason),
            Text("검토", "Review"),
            reverse("approvals:request", args=[row.number]),
            row.expires_at,
        )
        for row in rows
    ]

    def rest(n: int) -> Item:
        return Item(
            "approvals:more", "people", Text("결재 {n}건이 더 기다립니다", "{n} more requests wait").fill(n=n), Text("기한이 더 뒤인 요청", "due later"),
            Text("모두 보기", "See all"), reverse("approvals:list"), rows[today.MOST - 1].expires_at, rest=n,
        )  # fmt: skip

    return today.limited(items, rest)
