"""Console pages of bulk openings. A colleague approves before anything is opened; the file and its passphrase are only for who asked."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from numaru.domains.subscribers import api as subscribers
from numaru.faces.console.privacy.openings.rooms import NAME
from numaru.facilities.parties import api as parties
from numaru.kernel.errors import NotAllowed, Refused
from numaru.kernel.files import store
from numaru.ui import asking, lists
from numaru.ui.forms import spoken
from numaru.ui.lists import Choice, Column, Listing, Sort
from numaru.ui.pages import actor_of, page
from numaru.ui.shell import Crumb
from numaru.ui.states import State
from numaru.values.finding import Finding
from numaru.values.text import Text

STATES: dict[str, State] = {
    "queued": State(Text("만드는 중", "Being made"), "calm", "clock"),
    "ready": State(Text("받을 수 있음", "Ready"), "good"),
    "deleted": State(Text("지워짐", "Deleted"), "calm", "x"),
}
asking.subjects.add(
    subscribers.open_many.key,
    asking.Subject(
        Text("개인정보 일괄 열람", "Opening personal data in bulk"), None,
        (("numbers", Text("가입자", "Subscribers")), ("fields", Text("항목", "Fields")), ("case_ref", Text("관련 번호", "Case"))),
    ),
)  # fmt: skip


def _complete(rows: list[Any]) -> None:
    for row in rows:
        row.face = STATES[row.state]


LISTING = Listing(
    key="exports",
    name=NAME,
    unit=("건", "bulk opening", "bulk openings"),
    columns=(
        Column("number", Text("번호", "Number"), lambda r: r.number, url=lambda r: reverse("exports:export", args=[r.number])),
        Column("state", Text("상태", "State"), lambda r: r.face, "state"),
        Column("people", Text("사람", "People"), lambda r: r.people, "count"),
        Column("why", Text("사유", "Purpose"), lambda r: r.purpose),
        Column("who", Text("올린 사람", "Asked by"), lambda r: r.asked_name),
        Column("at", Text("승인된 때", "Approved"), lambda r: r.asked_at, "when", short=False),
        Column("until", Text("지우는 때", "Deleted at"), lambda r: r.expires_at, "when", short=False),
        Column("downloads", Text("받은 횟수", "Downloads"), lambda r: r.downloads, "count"),
    ),
    sorts=(Sort("new", Text("최근 순", "Newest first"), ("pk",), descending=True),),
    filters=(
        Choice("state", Text("상태", "State"), [(k, s.word) for k, s in STATES.items()], lambda rows, state: rows.filter(state=state)),
    ),
    prepare=_complete,
)  # fmt: skip


class NewExport(forms.Form):
    """Whose values, which, and why."""

    numbers = forms.CharField(
        label=spoken(Text("가입번호", "Subscriber numbers")),
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
        help_text=spoken(Text("한 줄에 하나씩, 또는 쉼표로 나누어 적으십시오.", "One a line, or parted by commas.")),
        error_messages={"required": spoken(Text("가입번호를 적으십시오.", "Write the numbers."))},
    )
    fields_wanted = forms.MultipleChoiceField(
        label=spoken(Text("항목", "Fields")),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": spoken(Text("항목을 하나 이상 고르십시오.", "Choose at least one."))},
    )
    code = forms.ChoiceField(label=spoken(Text("목적", "Purpose")))
    case_ref = forms.CharField(
        label=spoken(Text("관련 번호", "Case")), required=False, max_length=60,
        help_text=spoken(Text("고지나 사건의 번호가 있으면 적으십시오.", "The number of the notice or case, if there is one.")),
    )  # fmt: skip
    reason = forms.CharField(
        label=spoken(Text("사유", "Reason")), max_length=400,
        help_text=spoken(Text("결재하는 사람이 읽습니다. 개인정보는 적지 마십시오.", "The approver reads it. Write no personal data.")),
        error_messages={"required": spoken(Text("왜 필요한지 한 줄로 적으십시오.", "Write in one line why it is needed."))},
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["fields_wanted"].choices = [(k, str(t)) for k, t in parties.NAMES.items()]  # type: ignore[attr-defined]
        self.fields["code"].choices = [(k, str(t)) for k, t in parties.PURPOSES.items()]  # type: ignore[attr-defined]

    def clean_numbers(self) -> list[str]:
        return list(dict.fromkeys(re.split(r"[\s,;]+", self.cleaned_data["numbers"].strip())))


def _actor(request: HttpRequest) -> Any:
    actor = actor_of(request)
    if not (actor.may_somewhere(parties.CONTACT_EXPORT) or actor.may_somewhere(parties.EXPORT_APPROVE)):
        raise NotAllowed.for_permission(parties.CONTACT_EXPORT)
    return actor


def exports(request: HttpRequest) -> HttpResponseBase:
    """The list: one's own, and for whoever approves those of their services."""
    actor = _actor(request)
    context = {"may_ask": actor.may_somewhere(parties.CONTACT_EXPORT)}
    return lists.respond(
        request, LISTING, parties.exports(actor), "console/privacy/openings/list.html", context, room="shared", place="exports",
        crumbs=[Crumb(NAME)],
    )  # fmt: skip


def _wanted(request: HttpRequest) -> list[str]:
    """The numbers with which the form begins: of subscribers whom the reader may open in bulk, at most one more than one opening may hold."""
    given = request.GET
    if given.getlist("number"):
        return given.getlist("number")[:1000]
    everything = given.get("all") == "1"
    ids = [] if everything else [int(row) for row in given.getlist("row") if row.isdecimal() and len(row) < 19]
    filters = {key: given.get(key, "").strip()[:100] for key in ("q", "served", "service")}
    if not ids and not everything and not any(filters.values()):
        return []
    services = actor_of(request).services(parties.CONTACT_EXPORT)
    return subscribers.numbers_of(services, parties.most() + 1, ids=ids, **({} if ids else filters))


def new(request: HttpRequest) -> HttpResponse:
    """GET shows the form, filled with the numbers of ``?number=``, of the chosen rows ``?row=`` or of all whom the filters of the subscribers'
    list hold: the set stands in the form from then on, whoever comes or goes. POST puts it before a colleague. A refusal shows the form again and changes nothing."""
    actor = _actor(request)
    form = NewExport(request.POST or None, initial={"numbers": "\n".join(_wanted(request))})
    faults: list[Finding] = []
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            outcome = asking.carry_out(
                actor, subscribers.open_many, reason=data["reason"], numbers=data["numbers"], fields=data["fields_wanted"], code=data["code"],
                case_ref=data["case_ref"],
            )  # fmt: skip
            return asking.follow(outcome, "exports:list")
        except NotAllowed:
            raise
        except Refused as refused:
            faults = refused.findings
    crumbs = [Crumb(NAME, reverse("exports:list")), Crumb(Text("새로 올리기", "Ask for one"))]
    second = asking.need(actor, subscribers.open_many)
    return page(
        request, "console/privacy/openings/new.html", {"form": form, "faults": faults, "second": second}, room="shared", place="exports",
        crumbs=crumbs, status=422 if request.method == "POST" else 200,
    )  # fmt: skip


def _page(request: HttpRequest, number: str, **more: Any) -> HttpResponse:
    card = parties.export(_actor(request), number)
    context = {
        "card": card, "face": STATES[card.state], "kinds": [parties.NAMES[k] for k in card.kinds],
        "here": reverse("exports:export", args=[card.number]),
    }  # fmt: skip
    crumbs = [Crumb(NAME, reverse("exports:list")), Crumb(card.number)]
    return page(request, "console/privacy/openings/export.html", context | more, room="shared", place="exports", crumbs=crumbs)


def export(request: HttpRequest, number: str) -> HttpResponse:
    """One bulk opening."""
    return _page(request, number)


@require_POST
def fetch(request: HttpRequest, number: str) -> FileResponse:
    """The encrypted file, for who asked; on record."""
    key = parties.fetch_export.do(actor_of(request), number=number)
    answer = FileResponse(store().open(key), as_attachment=True, filename=f"{number}.xlsx.age", content_type="application/octet-stream")
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
def passphrase(request: HttpRequest, number: str) -> HttpResponse:
    """The passphrase on the page, once."""
    if parties.export(_actor(request), number).mine is False:
        return redirect("exports:export", number)
    answer = _page(request, number, passphrase=parties.show_passphrase.do(actor_of(request), number=number))
    answer["Cache-Control"] = "no-store"
    return answer
