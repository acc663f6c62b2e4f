"""동의 문서: what people are asked to consent to, every version with its hash, and publishing the next one after seeing what that does."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from numaru.faces.console.consents.forms import DocumentForm, ReasonForm, TextForm
from numaru.faces.console.consents.rooms import NAME
from numaru.facilities.parties import api as parties
from numaru.facilities.parties.api import consents
from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.errors import NotAllowed, NotFound, Refused
from numaru.kernel.models import Staff
from numaru.ui.forms import refuse
from numaru.ui.pages import actor_of, page
from numaru.ui.shell import Crumb
from numaru.ui.states import State
from numaru.values.text import Text

WHERE: dict[str, Any] = {"room": "shared", "place": "consents"}
IN_FORCE, COMING = State(Text("시행 중", "In force"), "good"), State(Text("시행 예정", "Coming"), "info")
OVER, RETIRED = State(Text("지난 판", "Former"), "calm"), State(Text("더 묻지 않음", "No longer asked"), "calm", "x")
EMPTY = State(Text("게시한 판 없음", "Nothing published"), "warn")


def _reader(request: HttpRequest, permission: str = parties.DOCUMENT_VIEW) -> Actor:
    """Documents belong to no service: a grant for all is needed."""
    actor = actor_of(request)
    if not actor.may(permission):
        raise NotAllowed.for_permission(permission)
    return actor


def _face(card: consents.DocumentCard) -> State:
    return RETIRED if card.retired_at else IN_FORCE if card.now else COMING if card.latest else EMPTY


def documents(request: HttpRequest) -> HttpResponse:
    """Every document with the version in force, the one that comes, and how many people consent."""
    actor = _reader(request)
    rows = [(card, _face(card), consents.PURPOSE[card.purpose]) for card in consents.every_document()]
    context = {"rows": rows, "may_write": actor.may(parties.DOCUMENT_PUBLISH)}
    return page(request, "console/consents/list.html", context, crumbs=[Crumb(NAME)], **WHERE)


def _card(key: str) -> consents.DocumentCard:
    return consents.document_card(key)


def _crumbs(card: consents.DocumentCard, *more: Crumb) -> list[Crumb]:
    here = reverse("consents:document", args=[card.key]) if more else ""
    return [Crumb(NAME, reverse("consents:list")), Crumb(card.name, here) if here else Crumb(card.name), *more]


def document(request: HttpRequest, key: str) -> HttpResponse:
    """One document; ``?version=`` shows the words of that version and what changed from the one before."""
    return _document(request, key)


def _document(request: HttpRequest, key: str, *, form: ReasonForm | None = None, status: int = 200) -> HttpResponse:
    actor = _reader(request)
    card, versions = _card(key), consents.texts(key)
    asked = request.GET.get("version", "")
    shown = next((v for v in versions if str(v.number) == asked), None) if asked else next(iter(versions), None)
    if asked and shown is None:
        raise NotFound.named(Text("판", "version"), asked[:10])
    former = next((v for v in versions if shown and v.number == (shown.number or 0) - 1), None)
    names = dict(Staff.objects.filter(pk__in={v.published_by for v in versions if v.published_by}).values_list("pk", "name"))
    now = clock.now()
    may = actor.may(parties.DOCUMENT_PUBLISH)
    context = {
        "card": card, "face": _face(card), "purpose": consents.PURPOSE[card.purpose], "shown": shown, "former": former,
        "changes": consents.changes(former, shown) if shown and former else {}, "may_write": may and card.retired_at is None,
        "versions": [
            (v, COMING if v.valid_from > now else IN_FORCE if v.number == card.now and not card.retired_at else OVER, names.get(v.published_by or 0))
            for v in versions
        ],
        "form": form or ReasonForm(),
    }  # fmt: skip
    return page(request, "console/consents/document.html", context, crumbs=_crumbs(card), status=status, **WHERE)


def new(request: HttpRequest) -> HttpResponse:
    """Make a document; its words come next."""
    actor = _reader(request, parties.DOCUMENT_PUBLISH)
    form = DocumentForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            key = consents.write_document.do(actor, **form.cleaned_data)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            return redirect("consents:write", key)
    crumbs = [Crumb(NAME, reverse("consents:list")), Crumb(Text("새 문서", "New document"))]
    return page(request, "console/consents/new.html", {"form": form}, crumbs=crumbs, status=422 if form.is_bound else 200, **WHERE)


def write(request: HttpRequest, key: str) -> HttpResponse:
    """Write the draft of the next version: begun from the draft that is kept, else from the latest version."""
    actor = _reader(request, parties.DOCUMENT_PUBLISH)
    card, kept = _card(key), consents.draft(key)
    first = kept or next(iter(consents.texts(key)), None)
    initial: dict[str, Any] = {"valid_from": clock.today()}
    if first is not None:
        initial |= {"ko": first.words.ko, "en": first.words.en}
    if kept is not None:
        initial |= {"material": kept.material, "note_ko": kept.note.ko, "note_en": kept.note.en}
    form = TextForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        try:
            consents.draft_text.do(actor, key=key, **form.cleaned_data)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            return redirect("consents:publish", key)
    context = {"form": form, "card": card, "number": (card.latest or 0) + 1}
    crumbs = _crumbs(card, Crumb(Text("다음 판", "Next version")))
    return page(request, "console/consents/write.html", context, crumbs=crumbs, status=422 if form.is_bound else 200, **WHERE)


def publish(request: HttpRequest, key: str) -> HttpResponse:
    """What publishing the draft does and what it changes; POST publishes the very text that was looked at."""
    actor = _reader(request, parties.DOCUMENT_PUBLISH)
    card, kept = _card(key), consents.draft(key)
    if kept is None:
        return redirect("consents:write", key)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            consents.publish_text.do(actor, key=key, sha256=request.POST.get("sha256", "")[:64] or "-", reason=form.cleaned_data["reason"])
        except Refused as refusal:
            refuse(form, refusal)
        else:
            return redirect("consents:document", key)
    effects: list[Text] = []
    faults: list[Any] = []
    try:
        effects = consents.publish_text.plan(actor, key=key, sha256=kept.sha256).effects
    except Refused as refusal:
        faults = [] if form.is_bound else refusal.findings
    former = next(iter(consents.texts(key)), None)
    context = {
        "form": form, "card": card, "draft": kept, "former": former, "effects": effects, "faults": faults, "number": (card.latest or 0) + 1,
        "changes": consents.changes(former, kept) if former else {},
    }  # fmt: skip
    crumbs = _crumbs(card, Crumb(Text("게시", "Publish")))
    return page(request, "console/consents/publish.html", context, crumbs=crumbs, status=422 if form.is_bound else 200, **WHERE)


def retire(request: HttpRequest, key: str) -> HttpResponse:
    """POST: the document is no longer asked for."""
    if request.method != "POST":
        return redirect("consents:document", key)
    actor = _reader(request, parties.DOCUMENT_PUBLISH)
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            consents.retire_document.do(actor, key=key, reason=form.cleaned_data["reason"])
        except NotFound:
            raise
        except Refused as refusal:
            refuse(form, refusal)
        else:
            return redirect("consents:document", key)
    return _document(request, key, form=form, status=422)
