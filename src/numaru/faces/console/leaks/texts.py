"""A text of a case: its versions, editing, approval, and the same as paper and plain text."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from numaru.faces.console.leaks import forms as ours
from numaru.faces.console.leaks import states, steps, views
from numaru.faces.console.leaks.rooms import NAME
from numaru.facilities.catalogue import api as catalogue
from numaru.kernel.errors import NotFound, Refused
from numaru.kernel.leaks import api as leaks
from numaru.kernel.leaks.models import LeakDraft
from numaru.ui import asking, formats, paper
from numaru.ui.pages import actor_of, page
from numaru.ui.shell import Crumb
from numaru.values.text import LANGUAGES, Text


def _latest(request: HttpRequest, number: str, kind: str) -> LeakDraft:
    leaks.look(actor_of(request))
    found = leaks.draft_versions(number, kind)
    if not found:
        raise NotFound.named(Text("문안", "draft"), kind)
    return found[0]


def text(request: HttpRequest, number: str, kind: str, refusal: Refused | None = None) -> HttpResponse:
    """The latest version in both languages, and the versions before."""
    found = leaks.page(actor_of(request), number)
    if kind not in leaks.DRAFTS:
        raise NotFound.named(Text("문안", "draft"), kind)
    versions = leaks.draft_versions(number, kind)
    latest = versions[0] if versions else None
    actor = actor_of(request)
    may = views.may_handle(request) and found.case.state == "open"
    context = {
        "row": found.case,
        "kind": kind,
        "title": leaks.DRAFTS[kind],
        "latest": latest,
        "face": states.TEXT[latest.state if latest else "none"],
        "versions": versions,
        "faces": [(v, states.TEXT[v.state]) for v in versions],
        "may": may,
        "gaps": latest is not None and ("[[" in latest.ko or "[[" in latest.en),
        "second": asking.need(actor, leaks.freeze, case=number, kind=kind, version=1)
        if may and latest and latest.state == "draft"
        else None,
        "refused": refusal.findings if refusal else [],
    }
    crumbs = [Crumb(NAME, reverse("leaks:list")), Crumb(number, reverse("leaks:case", args=[number])), Crumb(leaks.DRAFTS[kind])]
    status = refusal.status if refusal else 200
    return page(request, "console/leaks/text.html", context, room="shared", place="leaks", crumbs=crumbs, status=status)


@require_POST
def write(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    """Write a draft from the case."""
    try:
        leaks.draft.do(actor_of(request), case=number, kind=kind)
    except Refused as refusal:
        return text(request, number, kind, refusal)
    return redirect("leaks:text", number, kind)


def edit(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    """Edit the latest version into the next."""
    latest = _latest(request, number, kind)
    form = ours.Both(request.POST or None, initial={"ko": latest.ko, "en": latest.en})

    def do() -> HttpResponse:
        leaks.edit.do(actor_of(request), case=number, kind=kind, ko=form.cleaned_data["ko"], en=form.cleaned_data["en"])
        return redirect("leaks:text", number, kind)

    return steps._form(
        request,
        number,
        form,
        Text("{k} 고치기", "Edit: {k}").fill(k=leaks.DRAFTS[kind]),
        Text("새 판으로 저장", "Save as a new version"),
        do,
    )


@require_POST
def approve(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    """Ask for the approval of the latest version."""
    latest = _latest(request, number, kind)
    reason = request.POST.get("reason", "")
    try:
        outcome = asking.carry_out(actor_of(request), leaks.freeze, reason=reason, case=number, kind=kind, version=latest.version)
    except Refused as refusal:
        return text(request, number, kind, refusal)
    return asking.follow(outcome, "leaks:text", number, kind)


def paper_of(request: HttpRequest, number: str, kind: str, lang: str) -> HttpResponse:
    """The latest version as PDF; one that is not approved says so."""
    latest = _latest(request, number, kind)
    if lang not in LANGUAGES:
        raise Http404
    title, *sections = (latest.ko if lang == "ko" else latest.en).split("\n\n")
    services = catalogue.services()
    sender = catalogue.entity(services[0].entity_id).name.pick(lang) if services else number
    state = (
        Text("승인 {d}", "approved {d}").fill(d=formats.when(latest.approved_at, lang))
        if latest.approved_at
        else Text("승인 전 초안", "draft, not approved")
    )
    data = {
        "lang": lang, "date": formats.local(latest.approved_at or latest.made_at).date().isoformat(), "title": title, "number": number,
        "subtitle": f"{Text('{v}판', 'version {v}').fill(v=latest.version).pick(lang)} · {state.pick(lang)}", "from": [sender],
        "sections": [{"title": part.partition("\n")[0], "words": part.partition("\n")[2].split("\n")} for part in sections], "remarks": [f"SHA-256 {latest.sha256}"],
    }  # fmt: skip
    answer = HttpResponse(paper.render("dossier", data), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{number}-{kind}-{lang}.pdf"'
    return answer


def plain(request: HttpRequest, number: str, kind: str, lang: str) -> HttpResponse:
    """The latest version as plain text."""
    latest = _latest(request, number, kind)
    if lang not in LANGUAGES:
        raise Http404
    answer = HttpResponse(latest.ko if lang == "ko" else latest.en, content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{number}-{kind}-{lang}.txt"'
    return answer
