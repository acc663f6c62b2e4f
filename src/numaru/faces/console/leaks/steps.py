"""The steps of a case as forms: what is known, who is affected, handing over, proof, reports, exemptions, closing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from numaru.domains.subscribers import api as subscribers
from numaru.faces.console.leaks import forms as ours
from numaru.faces.console.leaks import views
from numaru.faces.console.leaks.rooms import NAME
from numaru.facilities.catalogue import api as catalogue
from numaru.kernel import clock, policies
from numaru.kernel.actions import Second
from numaru.kernel.errors import Conflict, NotAllowed, Refused
from numaru.kernel.leaks import api as leaks
from numaru.kernel.models import ApiClient, Staff
from numaru.ui import asking, formats
from numaru.ui.forms import refuse
from numaru.ui.pages import actor_of, page
from numaru.ui.shell import Crumb
from numaru.values.text import Text

PAIRS = ("how", "advice", "measures", "contact")


def _found(request: HttpRequest, number: str) -> leaks.CasePage:
    found = leaks.page(actor_of(request), number)
    if not views.may_handle(request):
        raise NotAllowed.for_permission(leaks.LEAK_HANDLE)
    return found


def _form(
    request: HttpRequest, number: str, form: forms.Form, title: Text, act: Text, do: Callable[[], HttpResponse], second: Second | None = None,
    note: Text | None = None,
) -> HttpResponse:  # fmt: skip
    """The form of one step; refusals come back in it with what was typed."""
    if request.method == "POST" and form.is_valid():
        try:
            return do()
        except Refused as refusal:
            refuse(form, refusal)
    back = reverse("leaks:case", args=[number])
    context = {
        "form": form,
        "title": title,
        "act": Text("결재 올리기", "Ask for approval") if second else act,
        "back": back,
        "second": second,
        "note": note or Text("", ""),
    }
    crumbs = [Crumb(NAME, reverse("leaks:list")), Crumb(number, back), Crumb(title)]
    return page(
        request, "console/leaks/form.html", context, room="shared", place="leaks", crumbs=crumbs, status=422 if form.is_bound else 200
    )


def _kept(upload: Any) -> AbstractContextManager[tuple[str, str]]:
    return leaks.kept(upload.file, upload.name) if upload else leaks.kept(None, "")


def describe(request: HttpRequest, number: str) -> HttpResponse:
    """What is known by now."""
    row = _found(request, number).case
    first: dict[str, Any] = {"kind": row.kind, "fields_": row.fields}
    first |= {name: formats.local(at) for name in ("happened_from", "happened_to") if (at := getattr(row, name))}
    for name in PAIRS:
        ko, en = getattr(row, name) or ("", "")
        first |= {f"{name}_ko": ko, f"{name}_en": en}
    form = ours.Facts(request.POST or None, initial=first)

    def do() -> HttpResponse:
        data = form.cleaned_data
        facts = {
            "kind": data["kind"],
            "fields": data["fields_"],
            "happened_from": data["happened_from"],
            "happened_to": data["happened_to"],
        }
        facts |= {name: [data[f"{name}_ko"], data[f"{name}_en"]] for name in PAIRS}
        leaks.describe.do(actor_of(request), case=number, facts=facts)
        return redirect("leaks:case", number)

    return _form(
        request,
        number,
        form,
        Text("알게 된 것", "What is known"),
        Text("저장", "Save"),
        do,
        note=Text("초안은 여기 적은 것으로 씁니다.", "Drafts are written from this."),
    )


def affected(request: HttpRequest, number: str) -> HttpResponse:
    """Find who is affected; a step may start anew or build on the steps of the version before."""
    found = _found(request, number)
    staff = [(str(s.pk), s.name) for s in Staff.objects.order_by("name", "pk")]
    clients = [(str(c.pk), c.name) for c in ApiClient.objects.order_by("name", "pk")]
    services = [(c.slug, str(c.name)) for c in catalogue.services()]
    form = ours.Affected(request.POST or None, request.FILES or None, staff=staff, clients=clients, services=services)

    def do() -> HttpResponse:
        data = form.cleaned_data
        numbers = (
            tuple(line.split(",")[0].strip().strip('"') for line in data["numbers"].read().decode("utf-8-sig", "replace").splitlines())
            if data["numbers"]
            else ()
        )
        step = leaks.Step(
            "add" if data["op"] == "new" else data["op"], data["source"], int(data["staff"]) if data["staff"] else None,
            int(data["client"]) if data["client"] else None, data["bulk"].strip(), data["service"], tuple(data["kinds"]), data["since"], data["until"], numbers,
        )  # fmt: skip
        before = [] if data["op"] == "new" or not found.sets else leaks.again(found.sets[0])
        version = leaks.find_affected.do(actor_of(request), case=number, steps=[*before, step])
        return redirect("leaks:people", number, version)

    return _form(
        request,
        number,
        form,
        Text("영향 받은 사람 찾기", "Find who is affected"),
        Text("찾아서 확정", "Find and freeze"),
        do,
        note=Text("금고를 열지 않고 기록만으로 셉니다.", "Counted from the record; the vault stays shut."),
    )


def hand_over(request: HttpRequest, number: str) -> HttpResponse:
    """Make the hand-over (POST)."""
    _found(request, number)
    if request.method == "POST":
        try:
            leaks.hand_over.do(actor_of(request), case=number)
        except Refused as refusal:
            return views.case(request, number, refusal)
    return redirect("leaks:case", number)


def contacts(request: HttpRequest, number: str) -> HttpResponse:
    """Ask for the bulk opening of the contact of exactly those who are still to be told: one request for each part that may be opened at
    once."""
    found = _found(request, number)
    actor = actor_of(request)
    left = leaks.left_to_tell(found.case)
    form = ours.Contacts(request.POST or None)

    def do() -> HttpResponse:
        if not left.numbers:
            raise Conflict.because(
                "leak.all_told", Text("가입번호로 알릴 사람이 남지 않았습니다.", "Nobody with a number is left to be told."),
                Text("결과를 기록했는지 보십시오.", "Look at what was recorded."),
            )  # fmt: skip
        most = int(policies.value("parties.export_most", clock.today()))
        asked: list[asking.Outcome] = []
        with transaction.atomic():
            for start in range(0, len(left.numbers), most):
                asked.append(
                    asking.carry_out(
                        actor, subscribers.open_many, reason=form.cleaned_data["reason"], numbers=left.numbers[start : start + most],
                        fields=form.cleaned_data["fields_wanted"], code="incident", case_ref=number,
                    )
                )  # fmt: skip
        return asking.follow(asked[0], "exports:list") if len(asked) == 1 else redirect("approvals:list")

    note = Text("아직 알리지 못한 {n}명의 연락처만 엽니다.", "Only the contact of the {n} people still to be told is opened.").fill(
        n=f"{len(left.numbers):,}"
    )
    if left.unnumbered:
        more = Text(" 가입번호가 없는 {n}명은 들어가지 않습니다.", " {n} people without a number are not in it.").fill(
            n=f"{left.unnumbered:,}"
        )
        note = Text(note.ko + more.ko, note.en + more.en)
    second = asking.need(actor, subscribers.open_many, numbers=left.numbers[:1])
    return _form(request, number, form, Text("연락처 일괄 열람", "Open contacts in bulk"), Text("열람", "Open"), do, second, note)


def proof(request: HttpRequest, number: str) -> HttpResponse:
    """What became of a dispatch."""
    found = _found(request, number)
    form = ours.Proof(
        request.POST or None, request.FILES or None, handovers=[(h.number, f"{h.number} · {h.people:,}") for h in found.handovers]
    )

    def do() -> HttpResponse:
        data = form.cleaned_data
        results = leaks.read_results(data["results"].read().decode("utf-8-sig", "replace")) if data["results"] else None
        with _kept(data["evidence"]) as (evidence, digest):
            leaks.record_proof.do(
                actor_of(request), case=number, handover=data["handover"], channel=data["channel"], at=data["at"], results=results,
                reference=data["reference"], evidence=evidence, sha256=digest,
            )  # fmt: skip
        return redirect("leaks:case", number)

    return _form(request, number, form, Text("발송 결과 기록", "Record what was sent"), Text("결과 기록", "Record"), do)


def public(request: HttpRequest, number: str) -> HttpResponse:
    """A public notice was put up."""
    _found(request, number)
    form = ours.Public(request.POST or None, request.FILES or None)

    def do() -> HttpResponse:
        data = form.cleaned_data
        with _kept(data["evidence"]) as (evidence, digest):
            leaks.record_public.do(
                actor_of(request), case=number, at=data["at"], reference=data["reference"], evidence=evidence, sha256=digest
            )
        return redirect("leaks:case", number)

    return _form(
        request,
        number,
        form,
        Text("누리집 공지 기록", "Record a public notice"),
        Text("공지 기록", "Record"),
        do,
        note=Text("연락할 수 없는 사람에 대한 대체 통지입니다.", "It stands in for people who can't be reached."),
    )


def report(request: HttpRequest, number: str, key: str) -> HttpResponse:
    """The report was handed in."""
    _found(request, number)
    form = ours.Report(request.POST or None, request.FILES or None)

    def do() -> HttpResponse:
        data = form.cleaned_data
        with _kept(data["evidence"]) as (evidence, digest):
            leaks.report_done.do(
                actor_of(request), case=number, key=key, at=data["at"], receipt=data["receipt"], evidence=evidence, sha256=digest
            )
        return redirect("leaks:case", number)

    return _form(request, number, form, Text("신고 기록", "Record a report"), Text("신고 기록", "Record"), do)


def exempt(request: HttpRequest, number: str, key: str) -> HttpResponse:
    """A duty does not apply."""
    _found(request, number)
    form, actor = ours.Reason(request.POST or None), actor_of(request)

    def do() -> HttpResponse:
        return asking.follow(
            asking.carry_out(actor, leaks.exempt, reason=form.cleaned_data["reason"], case=number, key=key), "leaks:case", number
        )

    name = leaks.DUTIES[key][0] if key in leaks.DUTIES else Text(key, key)
    title = Text("{n} 예외", "Exempt: {n}").fill(n=name)
    return _form(request, number, form, title, Text("예외로 두기", "Exempt"), do, asking.need(actor, leaks.exempt, case=number, key=key))


def close(request: HttpRequest, number: str) -> HttpResponse:
    """Close the case."""
    _found(request, number)
    form, actor = ours.Reason(request.POST or None), actor_of(request)

    def do() -> HttpResponse:
        return asking.follow(asking.carry_out(actor, leaks.close, reason=form.cleaned_data["reason"], case=number), "leaks:case", number)

    return _form(
        request, number, form, Text("사고 종결", "Close the case"), Text("종결", "Close"), do, asking.need(actor, leaks.close, case=number)
    )


@require_POST
def take_over(request: HttpRequest, number: str) -> HttpResponse:
    """Become the owner."""
    _found(request, number)
    try:
        leaks.take_over.do(actor_of(request), case=number, reason=str(Text("사고를 맡음", "taking the case over")))
    except Refused as refusal:
        return views.case(request, number, refusal)
    return redirect("leaks:case", number)
