"""The screens of approvals. What a colleague sees is bound to what they approve: the page carries a fingerprint of the effects it showed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from numaru.faces.console.approvals import states, words
from numaru.faces.console.approvals.rooms import NAME
from numaru.facilities.clocks import api as clocks
from numaru.kernel import clock
from numaru.kernel.access import permissions
from numaru.kernel.approvals import api as approvals
from numaru.kernel.approvals.models import ApprovalRequest
from numaru.kernel.errors import NotAllowed, Refused
from numaru.ui import detail, lists
from numaru.ui.detail import Fact
from numaru.ui.lists import Choice, Column, Listing, Sort, View
from numaru.ui.pages import actor_of, page
from numaru.ui.shell import Crumb
from numaru.ui.templatetags.nm import left
from numaru.ui.timeline import Entry, days
from numaru.values.text import Text

DAY = timedelta(days=1)  # nearer than this, a due time is told as the time left
MINE, DECIDED, ALL = Text("내가 올린 것", "Asked by me"), Text("끝난 것", "Closed"), Text("전체", "All")
ICONS = {"approved": "circle-check", "refused": "circle-x", "withdrawn": "arrow-back-up", "expired": "clock"}


def _complete(rows: list[Any]) -> None:
    for row in rows:
        row.face, row.title = states.face(row), words.title(row)


LISTING = Listing(
    key="approvals",
    live="approval:*",
    name=NAME,
    unit=("건", "request", "requests"),
    columns=(
        Column("what", Text("무엇을", "What"), lambda r: r.title, url=lambda r: reverse("approvals:request", args=[r.number]), peek=True),
        Column("number", Text("번호", "Number"), lambda r: r.number, "id"),
        Column("state", Text("상태", "State"), lambda r: r.face, "state"),
        Column("who", Text("올린 사람", "Asked by"), lambda r: r.asked_name),
        Column("service", Text("서비스", "Service"), lambda r: r.service or None),
        Column("reason", Text("사유", "Reason"), lambda r: r.reason),
        Column("at", Text("올린 때", "Asked"), lambda r: r.asked_at, "when", short=False),
        Column("until", Text("기한", "Stands until"), lambda r: r.expires_at if r.state == "pending" else None, "when", short=False),
        Column("by", Text("처리한 사람", "Decided by"), lambda r: r.decided_name or None),
    ),
    sorts=(Sort("new", Text("최근 순", "Newest first"), ("pk",), descending=True), Sort("old", Text("오래된 순", "Oldest first"), ("pk",))),
    filters=(Choice("show", Text("보기", "View"), (("mine", MINE), ("decided", DECIDED), ("all", ALL)), lambda rows, _: rows),),
    views=(
        View("waits", Text("내 차례", "Waits for me")),
        View("mine", MINE, (("show", "mine"),)),
        View("decided", DECIDED, (("show", "decided"),)),
        View("all", ALL, (("show", "all"),)),
    ),
    prepare=_complete,
)  # fmt: skip


def requests(request: HttpRequest) -> HttpResponseBase:
    """What waits for the reader; other views by their tab. The list renews itself when a request comes or goes."""
    actor = actor_of(request)
    if not actor.may_somewhere(approvals.REQUEST_USE):
        raise NotAllowed.for_permission(approvals.REQUEST_USE)
    shown = request.GET.get("show", "")
    if shown == "mine":
        rows = approvals.visible(actor).filter(asked_by=actor.staff_id or 0)
    elif shown == "decided":
        rows = approvals.visible(actor).exclude(state="pending")
    elif shown == "all":
        rows = approvals.visible(actor)
    else:
        rows = approvals.waiting(actor)
    context = {"here": request.get_full_path(), "shown": shown}
    crumbs = [Crumb(NAME)]
    return lists.respond(request, LISTING, rows, "console/approvals/list.html", context, room="shared", place="approvals", crumbs=crumbs)


def request_page(request: HttpRequest, number: str) -> HttpResponse:
    """One request: who asks, why, what would happen now, and the decision."""
    return _page(request, approvals.request(actor_of(request), number))


def _answer_due(row: ApprovalRequest) -> Fact | None:
    """By when an answer is due on the business calendar; None before its clock runs."""
    found = clocks.of_many("approvals.answer", [row.number]).get(row.number)
    if found is None or found.due_at is None:
        return None
    return Fact(
        Text("답변 기한", "Answer due"),
        left(found.due_at) if found.due_at - clock.now() < DAY else found.due_at,
        url=reverse("clocks:clock", args=[found.id]),
    )


def _page(request: HttpRequest, row: ApprovalRequest, refusal: Refused | None = None, note: str = "") -> HttpResponse:
    actor = actor_of(request)
    is_open = row.state == "pending" and row.expires_at > clock.now()
    effects, seen, blocked = [Text(ko, en) for ko, en in row.effects], "", []
    if is_open:
        try:
            plan, seen = approvals.preview(row)
            effects = plan.effects
        except Refused as refused:
            blocked = refused.findings
    decides = is_open and approvals.may_decide(actor, row)
    context: dict[str, Any] = {
        "row": row,
        "title": words.title(row),
        "face": states.face(row),
        "why": Text(*row.why),
        "effects": effects,
        "changed": is_open and not blocked and [[e.ko, e.en] for e in effects] != row.effects,
        "seen": seen,
        "blocked": blocked,
        "arguments": words.arguments(row),
        "subject": words.address(row),
        "days": days(_story(row)),
        "is_open": is_open,
        "decides": decides,
        "mine": is_open and row.asked_by == actor.staff_id,
        "refused": refusal.findings if refusal else [],
        "note": note,
        "address": reverse("approvals:request", args=[row.number]),
        "facts": detail.facts(
            Fact(Text("올린 사람", "Asked by"), row.asked_name),
            Fact(Text("올린 때", "Asked"), row.asked_at),
            Fact(Text("남은 시간", "Time left"), left(row.expires_at)) if is_open else None,
            _answer_due(row) if is_open else None,
            Fact(Text("서비스", "Service"), row.service) if row.service else None,
            Fact(
                Text("결재할 수 있는 사람", "Who may approve"),
                Text("‘{p}’ 권한이 있는 다른 사람", "another person with “{p}”").fill(
                    p=permissions[row.approver].text if row.approver in permissions else row.approver
                ),
            ),
        ),
    }
    crumbs = [Crumb(NAME, reverse("approvals:list")), Crumb(row.number)]
    status = refusal.status if refusal else 200
    return page(request, "console/approvals/request.html", context, room="shared", place="approvals", crumbs=crumbs, status=status)


def _story(row: ApprovalRequest) -> list[Entry]:
    asked = Entry(
        row.asked_at,
        "user-check",
        Text("{n}이(가) 결재를 올렸습니다", "{n} asked for approval").fill(n=row.asked_name),
        Text(row.reason, row.reason),
    )
    if row.decided_at is None:
        return [asked]
    told = {
        "approved": Text("{n}이(가) 승인해 실행했습니다", "{n} approved it, and it was done"),
        "refused": Text("{n}이(가) 반려했습니다", "{n} refused it"),
        "withdrawn": Text("올린 사람이 거두었습니다", "It was withdrawn"),
        "expired": Text("기한이 지나 닫혔습니다", "Nobody decided in time; it was closed"),
    }[row.state].fill(n=row.decided_name)
    note = Text(row.note, row.note) if row.note else None
    return [Entry(row.decided_at, ICONS[row.state], told, note, "bad" if row.state == "refused" else ""), asked]


def _again(request: HttpRequest, number: str, refusal: Refused, note: str = "") -> HttpResponse:
    return _page(request, approvals.request(actor_of(request), number), refusal, note)


@require_POST
def approve(request: HttpRequest, number: str) -> HttpResponse:
    """Approve what the page showed; when the effects are others by now the page comes back with them."""
    approvals.request(actor_of(request), number)
    try:
        approvals.approve.do(actor_of(request), number=number, seen=request.POST.get("seen", ""))
    except Refused as refusal:
        return _again(request, number, refusal)
    return redirect("approvals:request", number)


@require_POST
def refuse(request: HttpRequest, number: str) -> HttpResponse:
    """Refuse with a note."""
    approvals.request(actor_of(request), number)
    note = request.POST.get("note", "")
    try:
        approvals.refuse.do(actor_of(request), number=number, note=note)
    except Refused as refusal:
        return _again(request, number, refusal, note)
    return redirect("approvals:request", number)


@require_POST
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """Take one's own request back."""
    approvals.request(actor_of(request), number)
    try:
        approvals.withdraw.do(actor_of(request), number=number)
    except Refused as refusal:
        return _again(request, number, refusal)
    return redirect("approvals:request", number)
