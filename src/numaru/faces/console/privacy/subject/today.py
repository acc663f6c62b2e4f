"""What people ask about their data, on the first page: each request with its clock, and how far a deletion is."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse

from numaru.faces.console.privacy.retention.rooms import REQUESTS
from numaru.kernel.approvals.models import ApprovalRequest
from numaru.kernel.retention import api as retention
from numaru.kernel.retention.models import SubjectRequest
from numaru.ui import today
from numaru.ui.progress import Station
from numaru.ui.today import Item, Journey, Reader
from numaru.values.text import Text

OPEN = ("received", "verified")
NEXT = {
    "received": (Text("본인 확인 전", "identity not checked"), Text("본인 확인", "Check identity")),
    "verified": (Text("본인 확인됨", "identity checked"), Text("처리", "Handle")),
}


@today.finder("subject.requests", room="shared", word=REQUESTS, permission=retention.REQUEST_HANDLE, live="approval:*")
def requests(reader: Reader) -> list[Item]:
    """Requests that are not answered, each through the last day that the law leaves."""
    if not reader.may(retention.REQUEST_HANDLE):
        return []
    rows = list(retention.visible().filter(state__in=OPEN).order_by("due_on", "pk")[:100])
    items = []
    for row in rows:
        state, act = NEXT[row.state]
        title = Text("개인정보 {k} 요구에 답해야 합니다", "A request to answer: {k}").fill(k=retention.KINDS[row.kind])
        why = Text("{n} · {s} 접수 {d} · {w}", "{n} · {s}, received {d} · {w}").fill(
            n=row.number, s=row.subject, d=today.short_day(row.received_on), w=state
        )
        items.append(Item(f"subject:{row.number}", "people", title, why, act, reverse("subject:one", args=[row.number]), row.due_on))

    def rest(n: int) -> Item:
        title, url = (
            Text("정보주체 요구 {n}건이 더 있습니다", "{n} more requests of people").fill(n=n),
            f"{reverse('subject:list')}?open=yes",
        )
        return Item("subject:more", "people", title, REQUESTS, Text("모두 보기", "See all"), url, rows[today.MOST - 1].due_on, rest=n)

    return today.limited(items, rest)


def _journey(row: SubjectRequest, waits: bool) -> Journey:
    verified, gone, over = row.verified_at is not None, bool(row.destruction), row.state not in OPEN
    reached = 4 if over else 3 if gone else 2 if waits else 1 if verified else 0
    notes = [
        today.short_day(row.received_on),
        today.short_when(row.verified_at) if row.verified_at else "",
        Text(row.destruction, row.destruction) if gone else Text("결재 대기", "awaiting approval") if waits else "",
        today.short_when(row.answered_at) if row.answered_at else Text("{d}까지", "by {d}").fill(d=today.short_day(row.due_on)),
    ]
    names = [
        Text("접수", "Received"),
        Text("본인 확인", "Identity"),
        Text("승인·파기", "Approved, destroyed"),
        Text("답변·증명서", "Answer, certificate"),
    ]
    at = {0: 1, 1: 2, 2: 2, 3: 3, 4: 4}[reached]
    made = [
        Station(name, note, "done" if n < at else "now" if n == at else "wait")
        for n, (name, note) in enumerate(zip(names, notes, strict=True))
    ]
    moved = row.answered_at or row.verified_at or today.end_of_day(row.received_on - timedelta(days=1))
    name = Text("{k} 요구", "{k}").fill(k=retention.KINDS[row.kind])
    way = Text("요구에서 증명서까지", "from asking to the certificate")
    return Journey(f"subject-{row.number}", name, way, made, reverse("subject:one", args=[row.number]), moved, over, row.number)


def _deletions(reader: Reader) -> list[Journey]:
    """The latest deletions that people asked for. Two questions: the requests, and which of them wait for a second person."""
    if not reader.may(retention.REQUEST_HANDLE):
        return []
    rows = list(retention.visible().filter(kind="deletion").exclude(state="withdrawn").order_by("-pk")[: today.JOURNEYS])
    asked = ApprovalRequest.objects.filter(
        state="pending", action=retention.destroy_person.key, arguments__request__in=[row.number for row in rows]
    )
    waiting = set(asked.values_list("arguments__request", flat=True)) if rows else set()
    return [_journey(row, row.number in waiting) for row in rows]


today.journeys.add("subject", today.Travels(_deletions, retention.REQUEST_HANDLE, "approval:*"))
