"""The destruction log, one destruction with its certificate, and asking a privacy officer to approve one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

from numaru.domains.subscribers import api as subscribers
from numaru.faces.console.privacy.destruction import papers
from numaru.faces.console.privacy.retention.rooms import DESTRUCTION
from numaru.faces.console.privacy.retention.views import look
from numaru.kernel import clock
from numaru.kernel.errors import Refused
from numaru.kernel.retention import api as retention
from numaru.ui import asking, formats, lists
from numaru.ui.forms import refuse, spoken
from numaru.ui.lists import Choice, Column, Listing, Sort
from numaru.ui.pages import actor_of, page
from numaru.ui.shell import Crumb
from numaru.ui.states import State
from numaru.values.text import Text, language

KINDS: dict[str, State] = {
    "request": State(Text("요구에 따라", "On request"), "info", "user-minus"),
    "period": State(Text("기간 만료", "Time over"), "calm", "calendar-due"),
}
NEW = Text("개인정보 파기", "Destroy a person")


def _persons(row: Any) -> int:
    return 1 if row.kind == "request" else sum(len(entry["refs"]) for entry in row.gone)


def _classes(row: Any) -> str:
    names = [retention.classes.get(entry["class"]) for entry in row.gone]
    return ", ".join(str(k.name) for k in names if k)


LISTING = Listing(
    key="destructions",
    name=DESTRUCTION,
    unit=("건", "destruction", "destructions"),
    columns=(
        Column("number", Text("번호", "Number"), lambda r: r.number, "text", url=lambda r: reverse("destruction:one", args=[r.number])),
        Column("kind", Text("까닭", "Why"), lambda r: KINDS[r.kind], "state"),
        Column("what", Text("무엇을", "What"), _classes),
        Column("count", Text("대상", "Persons or rows"), _persons, "count"),
        Column("kept", Text("남은 종류", "Classes kept"), lambda r: len(r.kept), "count"),
        Column("request", Text("요구", "Request"), lambda r: r.request or None, "id"),
        Column("approval", Text("결재", "Approval"), lambda r: r.approval or None, "id"),
        Column("at", Text("언제", "When"), lambda r: r.at, "when", short=False),
    ),
    sorts=(Sort("new", Text("최근 순", "Newest first"), ("pk",), descending=True),),
    filters=(Choice("kind", Text("까닭", "Why"), [(k, s.word) for k, s in KINDS.items()], lambda rows, kind: rows.filter(kind=kind)),),
)


def log(request: HttpRequest) -> HttpResponseBase:
    """Everything that was destroyed, latest first."""
    look(request)
    context = {"may_destroy": actor_of(request).may(retention.PERSON_DESTROY)}
    return lists.respond(
        request, LISTING, retention.listed(), "console/privacy/destructions.html", context, room="shared", place="destruction",
        crumbs=[Crumb(DESTRUCTION)],
    )  # fmt: skip


def one(request: HttpRequest, number: str) -> HttpResponse:
    """What a certificate says, and the way to its papers."""
    look(request)
    found = retention.certificate(number)
    context = {
        "found": found,
        "kind": KINDS[found.kind],
        "horizon": papers.horizon_words(found, formats.day),
    }
    crumbs = [Crumb(DESTRUCTION, reverse("destruction:list")), Crumb(number)]
    return page(request, "console/privacy/destruction.html", context, room="shared", place="destruction", crumbs=crumbs)


def paper(request: HttpRequest, number: str) -> HttpResponse:
    """The certificate as PDF, in the reader's language or that of ``?lang=``."""
    look(request)
    lang = request.GET.get("lang", "")
    made = papers.certificate(retention.certificate(number), lang if lang in ("ko", "en") else language())
    return HttpResponse(
        made,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{number}.pdf"', "Cache-Control": "no-store"},
    )


class DestroyForm(forms.Form):
    """Whom, on which request, and why."""

    subject = forms.CharField(
        label=spoken(Text("가입번호", "Subscriber number")), max_length=20,
        error_messages={"required": spoken(Text("가입번호를 적으십시오.", "Give the subscriber number."))},
    )  # fmt: skip
    request = forms.CharField(
        label=spoken(Text("정보주체 요구 번호", "Number of the request")), required=False, max_length=20,
        help_text=spoken(Text("본인이 요구했으면 그 번호. Q-0000012", "If the person asked: Q-0000012")),
    )  # fmt: skip
    reason = forms.CharField(
        label=spoken(Text("사유", "Reason")), max_length=400,
        error_messages={"required": spoken(Text("왜 파기하는지 적으십시오.", "Write why."))},
    )  # fmt: skip


def new(request: HttpRequest) -> HttpResponse:
    """GET with ``?subject=`` shows what would go and what stays; POST asks a privacy officer."""
    look(request, retention.PERSON_DESTROY)
    actor = actor_of(request)
    initial = {"subject": request.GET.get("subject", ""), "request": request.GET.get("request", "")}
    form = DestroyForm(request.POST or None, initial=initial)
    context: dict[str, Any] = {"form": form, "parts": [], "blocked": []}
    subject = request.POST.get("subject") or initial["subject"]
    if subject:
        try:
            person = subscribers.subscriber(subject, None).party_id
            context["parts"] = retention.parts_of(person, clock.today())
            context["second"] = asking.need(actor, retention.destroy_person, person=person)
            retention.destroy_person.plan(actor, person=person)
            if request.method == "POST" and form.is_valid():
                outcome = asking.carry_out(
                    actor, retention.destroy_person, reason=form.cleaned_data["reason"], person=person, request=form.cleaned_data["request"].strip(),
                )  # fmt: skip
                return asking.follow(outcome, "destruction:list")
        except Refused as refusal:
            if request.method == "POST" and form.is_valid():
                refuse(form, refusal)
            context["blocked"] = refusal.findings
    crumbs = [Crumb(DESTRUCTION, reverse("destruction:list")), Crumb(NEW)]
    status = 422 if request.method == "POST" else 200
    return page(request, "console/privacy/destroy.html", context, room="shared", place="destruction", crumbs=crumbs, status=status)
