"""What people ask about their data: the list with its due dates, a new request, one request with its steps and its package."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from numaru.domains.subscribers import api as subscribers
from numaru.faces.console.privacy.retention.rooms import REQUESTS
from numaru.faces.console.privacy.retention.views import look
from numaru.faces.console.privacy.subject.words import notice
from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.errors import NotFound, Refused
from numaru.kernel.retention import api as retention
from numaru.ui import lists
from numaru.ui.fields import DayField
from numaru.ui.forms import refuse, spoken
from numaru.ui.lists import Choice, Column, Listing, Sort, View
from numaru.ui.pages import actor_of, page
from numaru.ui.shell import Crumb
from numaru.ui.states import State
from numaru.values.text import Text

STATES: dict[str, State] = {
    "received": State(Text("받음", "Received"), "calm"),
    "verified": State(Text("본인 확인", "Identity checked"), "info", "user-check"),
    "answered": State(Text("답함", "Answered"), "good"),
    "refused": State(Text("거절", "Refused"), "calm", "circle-x"),
    "withdrawn": State(Text("거둠", "Withdrawn"), "calm", "circle-minus"),
}
LATE = State(Text("기한 초과", "Overdue"), "bad")
SOON = State(Text("기한 임박", "Due soon"), "warn", "calendar-due")
NEAR = timedelta(days=3)
OPEN = ("received", "verified")
PACKAGE: dict[str, Text] = {
    "": Text("아직 만들지 않았습니다.", "Not made yet."),
    "queued": Text("만드는 중입니다.", "It is being made."),
    "ready": Text("봉인해 두었습니다. 한 번 내려받으면 지워집니다.", "It is ready and sealed; fetched once, it is deleted."),
    "delivered": Text("전달하고 지웠습니다.", "Handed over and deleted."),
    "deleted": Text("기간이 지나 지웠습니다.", "Its days were over; it was deleted."),
    "failed": Text("만들지 못했습니다. 다시 만드십시오.", "It could not be made. Make it again."),
}


def face(row: Any) -> State:
    """The state of a request; an open one whose day has come or is near says so."""
    if row.state in OPEN and row.due_on < clock.today():
        return LATE
    return SOON if row.state in OPEN and row.due_on <= clock.today() + NEAR else STATES[row.state]


LISTING = Listing(
    key="subject-requests",
    name=REQUESTS,
    unit=("건", "request", "requests"),
    columns=(
        Column("number", Text("번호", "Number"), lambda r: r.number, "text", url=lambda r: reverse("subject:one", args=[r.number])),
        Column("kind", Text("요구", "Asked for"), lambda r: retention.KINDS[r.kind]),
        Column("subject", Text("가입번호", "Subscriber"), lambda r: r.subject, "id"),
        Column("state", Text("상태", "State"), face, "state"),
        Column("due", Text("기한", "Due"), lambda r: r.due_on, "date", short=False),
        Column("received", Text("받은 날", "Received"), lambda r: r.received_on, "date", short=False),
        Column("channel", Text("어디로", "How"), lambda r: retention.CHANNELS[r.channel]),
    ),
    sorts=(Sort("new", Text("최근 순", "Newest first"), ("pk",), descending=True), Sort("due", Text("기한 순", "By due date"), ("due_on",))),
    filters=(
        Choice("open", Text("처리", "Handling"), (("yes", Text("처리 전", "Open")), ("no", Text("끝남", "Closed"))), lambda rows, v: rows.filter(state__in=OPEN) if v == "yes" else rows.exclude(state__in=OPEN)),
        Choice("kind", Text("요구", "Asked for"), list(retention.KINDS.items()), lambda rows, kind: rows.filter(kind=kind)),
    ),
    views=(View("open", Text("처리 전", "Open"), (("open", "yes"),)), View("all", Text("전체", "All"))),
)  # fmt: skip


def requests(request: HttpRequest) -> HttpResponseBase:
    """The list."""
    look(request, retention.REQUEST_HANDLE)
    return lists.respond(
        request,
        LISTING,
        retention.visible(),
        "console/privacy/requests.html",
        {},
        room="shared",
        place="requests",
        crumbs=[Crumb(REQUESTS)],
    )


class RequestForm(forms.Form):
    """Who asked for what, when and by which way."""

    subject = forms.CharField(
        label=spoken(Text("가입번호", "Subscriber number")), max_length=20,
        error_messages={"required": spoken(Text("가입번호를 적으십시오.", "Give the subscriber number."))},
    )  # fmt: skip
    kind = forms.ChoiceField(label=spoken(Text("무엇을 요구했습니까", "What is asked for")))
    channel = forms.ChoiceField(label=spoken(Text("어디로 받았습니까", "How it came")))
    received_on = DayField(label=spoken(Text("받은 날", "Received on")))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, known in (("kind", retention.KINDS), ("channel", retention.CHANNELS)):
            self.fields[name].choices = [(key, str(text)) for key, text in known.items()]  # type: ignore[attr-defined]


def new(request: HttpRequest) -> HttpResponse:
    """Take a request down."""
    look(request, retention.REQUEST_HANDLE)
    initial = {"subject": request.GET.get("subject", ""), "received_on": clock.today().isoformat()}
    form = RequestForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            card = subscribers.subscriber(form.cleaned_data["subject"], None)
            asked = {key: form.cleaned_data[key] for key in ("kind", "channel", "received_on")}
            number = retention.take_request.do(actor_of(request), person=card.party_id, subject=card.number, **asked)
            return redirect("subject:one", number)
        except Refused as refusal:
            refuse(form, refusal)
    crumbs = [Crumb(REQUESTS, reverse("subject:list")), Crumb(Text("새 요구", "New request"))]
    status = 422 if request.method == "POST" else 200
    return page(request, "console/privacy/request_new.html", {"form": form}, room="shared", place="requests", crumbs=crumbs, status=status)


def one(request: HttpRequest, number: str) -> HttpResponse:
    """One request: what is next, the clock, the package, the draft of the answer."""
    look(request, retention.REQUEST_HANDLE)
    return _one(request, number)


def _one(request: HttpRequest, number: str, refusal: Refused | None = None) -> HttpResponse:
    row = retention.request(number)
    actor = actor_of(request)
    packs = row.kind in ("access", "portability")
    context = {
        "row": row, "face": face(row), "kind": retention.KINDS[row.kind], "channel": retention.CHANNELS[row.channel],
        "identity": retention.IDENTITIES.get(row.identity), "outcome": retention.OUTCOMES.get(row.outcome_code), "open": row.state in OPEN,
        "identities": list(retention.IDENTITIES.items()), "outcomes": _outcomes(row), "packs": packs, "package": PACKAGE[row.package_state],
        "may_package": actor.may(retention.PACKAGE_MAKE), "may_order": packs and row.state == "verified" and row.package_state in ("", "failed", "deleted", "delivered"),
        "may_fetch": row.package_state == "ready", "may_destroy": row.kind == "deletion" and row.state == "verified" and not row.destruction,
        "draft": notice(row), "refused": refusal.findings if refusal else [], "address": reverse("subject:one", args=[number]),
    }  # fmt: skip
    crumbs = [Crumb(REQUESTS, reverse("subject:list")), Crumb(number)]
    status = refusal.status if refusal else 200
    return page(request, "console/privacy/request.html", context, room="shared", place="requests", crumbs=crumbs, status=status)


def _outcomes(row: Any) -> list[tuple[str, Text]]:
    wanted = retention.OUTCOMES.items() if row.state == "verified" else [(k, retention.OUTCOMES[k]) for k in retention.REFUSALS]
    return list(wanted)


def _verify(actor: Actor, number: str, data: Any) -> None:
    retention.verify_identity.do(actor, number=number, identity=data.get("identity", ""))


def _answer(actor: Actor, number: str, data: Any) -> None:
    retention.answer.do(actor, number=number, outcome=data.get("outcome", ""), reason=data.get("reason", ""))


def _withdraw(actor: Actor, number: str, data: Any) -> None:
    retention.withdraw_request.do(actor, number=number)


def _order(actor: Actor, number: str, data: Any) -> None:
    retention.order_package.do(actor, number=number)


STEPS: dict[str, Callable[[Actor, str, Any], None]] = {"verify": _verify, "answer": _answer, "withdraw": _withdraw, "order": _order}


@require_POST
def step(request: HttpRequest, number: str, step: str) -> HttpResponse:
    """Take one step with a request and show it again."""
    look(request, retention.REQUEST_HANDLE)
    if step not in STEPS:
        raise NotFound.named(Text("단계", "step"), step)
    try:
        STEPS[step](actor_of(request), number, request.POST)
    except Refused as refusal:
        return _one(request, number, refusal)
    return redirect("subject:one", number)


@require_POST
def package(request: HttpRequest, number: str) -> HttpResponse:
    """Hand the package over, once."""
    look(request, retention.REQUEST_HANDLE)
    try:
        content = retention.fetch_package.do(actor_of(request), number=number)
    except Refused as refusal:
        return _one(request, number, refusal)
    headers = {"Content-Disposition": f'attachment; filename="{number}.zip"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type="application/zip", headers=headers)
