"""Console pages of the subscribers room: the list, one subscriber, and opening one sealed value for a reason."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse

from numaru.domains.subscribers import reads
from numaru.domains.subscribers.permissions import SUBSCRIBER_VIEW
from numaru.domains.subscribers.ports import Happening, SubscriberStory
from numaru.domains.subscribers.states import face
from numaru.domains.subscribers.web.listing import SUBSCRIBERS
from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.parties import api as parties
from numaru.kernel import clock, ports
from numaru.kernel.audit import api as audit
from numaru.kernel.errors import NotAllowed, NotFound, Refused
from numaru.kernel.retention import api as retention
from numaru.ui import lists, timeline
from numaru.ui.forms import refuse, spoken
from numaru.ui.pages import actor_of, page, services_of, wants_fragment
from numaru.ui.shell import Crumb
from numaru.values.masked import phone_digits, phone_grouped
from numaru.values.text import Text

SHOWN = 30  # seconds for which an opened value stands on the page
EVENTS = 60  # lines of the timeline
SEEN = 8  # lines of who saw the personal data
NAMES = {"name": Text("이름", "Name"), "phone": Text("휴대전화", "Phone"), "email": Text("전자우편", "E-mail")}
REASONS = tuple(parties.PURPOSES.items())
SHOWS = (
    ("", Text("전체", "All")),
    ("bill", Text("청구", "Bills")),
    ("contract", Text("계약", "Contract")),
)
TONES = {"bad": "bad", "warn": "warn", "plum": "plum", "info": "now"}


def subscribers(request: HttpRequest) -> HttpResponseBase:
    """The list, by service as far as the reader may see."""
    rows = reads.visible(services_of(request, SUBSCRIBER_VIEW))
    if not all(row.isdecimal() and len(row) < 19 for row in request.GET.getlist("row")):
        return redirect("subscribers:list")  # written by hand
    asked = request.GET.get("q", "").strip()[:100]
    if len(phone_digits(asked)) >= 8 and not reads.matching(rows, asked).exists():
        audit.missed_search(actor_of(request))  # without the number: who tries numbers in turn is noticed
    return lists.respond(
        request, SUBSCRIBERS, rows, "subscribers/subscribers.html", {"may_export": actor_of(request).may_somewhere(parties.CONTACT_EXPORT)},
        room="subscribers", place="list", crumbs=[Crumb(SUBSCRIBERS.name)],
    )  # fmt: skip


def subscriber(request: HttpRequest, number: str) -> HttpResponse:
    """One subscriber. As a fragment: ``?part=bill`` the bill so far, ``?open=phone`` the line that asks why, ``?correct=`` the form of a
    correction."""
    card = reads.subscriber(number, services_of(request, SUBSCRIBER_VIEW))
    if request.GET.get("part") == "bill":
        found = ports.get(SubscriberStory).bill_so_far(card.id)  # type: ignore[type-abstract]
        if wants_fragment(request):
            return page(request, "subscribers/subscriber.html", {"bill": found, "asked": True}, fragment="so_far")
        return _answer(request, card, bill=found, asked=True)
    if request.GET.get("part") == "seen" and wants_fragment(request):
        return page(request, "subscribers/subscriber.html", {"seen": _seen(request, card, _service(card).slug)}, fragment="seen")
    if "correct" in request.GET:
        return _part(request, card, _correcting(request, card))
    asked = request.GET.get("open", "")
    if wants_fragment(request) and "open" not in request.GET:
        return _answer(request, card)
    return _part(request, card, _opening(request, card, asked))


def _part(request: HttpRequest, card: reads.SubscriberCard, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """What stands between the facts and the story: alone for htmx, else on the whole page."""
    if wants_fragment(request):
        return page(request, "subscribers/subscriber.html", context, fragment="opening", status=status)
    return _answer(request, card, status=status, **context)


def open_contact(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    """POST: show one sealed value for 30 seconds, alone, having logged who asked and why. What was asked wrongly comes back in its place with
    what to do (422); anything else goes back to the page."""
    card = reads.subscriber(number, services_of(request, SUBSCRIBER_VIEW))
    address = reverse("subscribers:subscriber", args=[card.number])
    if request.method == "GET":
        return redirect(address)
    if request.method != "POST":
        return HttpResponseNotAllowed(["GET", "POST"])
    if kind not in NAMES:
        raise NotFound.named(Text("항목", "field"), kind)
    why = parties.Why(request.POST.get("reason", ""), request.POST.get("case_ref", ""))
    try:
        value = parties.open_contact(actor_of(request), party=card.party_id, kind=kind, service=_service(card).slug, why=why)
    except (NotAllowed, NotFound):
        raise
    except Refused as refused:
        given = {"faults": refused.findings, "chosen": why.code, "needs_case": any(f.field == "case_ref" for f in refused.findings)}
        return _part(request, card, _opening(request, card, kind) | given, 422)
    shown: dict[str, Any] = {
        "opened": phone_grouped(value) if kind == "phone" else value,
        "what": NAMES[kind],
        "seconds": SHOWN,
        "address": address,
    }
    if wants_fragment(request):
        told = _seen(request, card, _service(card).slug) is not None
        return page(request, "subscribers/subscriber.html", shown | {"told": told}, fragment="opening")
    answer = _answer(request, card, **shown)
    answer["Refresh"] = f"{SHOWN}; url={address}"  # without script too the value does not stay
    return answer


class Correction(forms.Form):
    """A value of a person as it should be."""

    kind = forms.ChoiceField(label=spoken(Text("항목", "Field")))
    value = forms.CharField(
        label=spoken(Text("바른 값", "Right value")), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": spoken(Text("바른 값을 적으십시오.", "Write the right value."))},
    )  # fmt: skip
    reason = forms.CharField(
        label=spoken(Text("사유", "Reason")), max_length=200,
        help_text=spoken(Text("무엇을 보고 고치는지 적으십시오. 값은 적지 마십시오.", "Say what it rests on, not the value.")),
        error_messages={"required": spoken(Text("사유를 한 줄로 적으십시오.", "Write the reason in one line."))},
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(key, str(name)) for key, name in NAMES.items()]  # type: ignore[attr-defined]


def correct(request: HttpRequest, number: str) -> HttpResponse:
    """POST: put a name, phone or e-mail right, for a reason; what cannot be used comes back in its place (422)."""
    card = reads.subscriber(number, services_of(request, SUBSCRIBER_VIEW))
    address = reverse("subscribers:subscriber", args=[card.number])
    if request.method != "POST":
        return redirect(f"{address}?correct=")
    form = Correction(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            parties.correct_contact.do(
                actor_of(request), party=card.party_id, kind=data["kind"], value=data["value"], service=_service(card).slug, reason=data["reason"],
            )  # fmt: skip
        except (NotAllowed, NotFound):
            raise
        except Refused as refused:
            refuse(form, refused)
        else:
            return redirect(address)
    return _answer(request, card, status=422, **_correcting(request, card, form))


def _correcting(request: HttpRequest, card: reads.SubscriberCard, form: Correction | None = None) -> dict[str, Any]:
    """The form of a correction, when this reader may make one; else nothing."""
    address = reverse("subscribers:subscriber", args=[card.number])
    if not actor_of(request).may(parties.CONTACT_CORRECT, _service(card).slug):
        return {"address": address}
    return {"address": address, "correction": form or Correction(), "send": reverse("subscribers:correct", args=[card.number])}


def _service(card: reads.SubscriberCard) -> catalogue.ServiceCard:
    return next(s for s in catalogue.services() if s.id == card.service_id)


def _opening(request: HttpRequest, card: reads.SubscriberCard, kind: str) -> dict[str, Any]:
    """The line that asks why, when ``kind`` may be opened by this reader; else nothing."""
    address = reverse("subscribers:subscriber", args=[card.number])
    if kind not in NAMES or not actor_of(request).may(parties.CONTACT_OPEN, _service(card).slug):
        return {"address": address}
    return {
        "address": address,
        "action": reverse("subscribers:open", args=[card.number, kind]),
        "label": Text("{k} 열람 사유", "Reason for showing: {k}").fill(k=NAMES[kind]),
        "reasons": REASONS,
        "note": Text("{n}초 뒤 다시 가려지고 열람 기록이 남습니다.", "Masked again after {n} seconds; the opening is recorded.").fill(
            n=SHOWN
        ),
        "act": Text("열람", "Show"),
    }


def _answer(request: HttpRequest, card: reads.SubscriberCard, *, status: int = 200, **more: Any) -> HttpResponse:
    seen = services_of(request, SUBSCRIBER_VIEW)
    story = ports.get(SubscriberStory)  # type: ignore[type-abstract]
    person = parties.masked({card.party_id}).get(card.party_id)
    service = _service(card)
    plans = story.contracts(card.id)
    wanted = request.GET.get("show", "")
    happened = [h for h in story.happenings(card.id, EVENTS) if wanted in ("", h.kind)]
    today = clock.today(service.zone)
    before, after = reads.beside(card.id, seen)
    context = {
        "card": card, "person": person, "service": service, "plans": [(p, face(p, today)) for p in plans], "plan": plans[0] if plans else None,
        "face": face(plans[0], today) if plans else None, "days": timeline.days(_entry(h) for h in happened), "shows": SHOWS, "show": wanted,
        "may_correct": actor_of(request).may(parties.CONTACT_CORRECT, service.slug),
        "may_open": actor_of(request).may(parties.CONTACT_OPEN, service.slug), "before": before, "after": after, "cut": len(happened) >= EVENTS,
        "address": reverse("subscribers:subscriber", args=[card.number]), "seen": _seen(request, card, service.slug),
        "privacy": _privacy(request, card),
        "last": next((h for h in happened if h.kind == "bill"), None),
    }  # fmt: skip
    crumbs = [Crumb(SUBSCRIBERS.name, reverse("subscribers:list")), Crumb(card.number)]
    return page(request, "subscribers/subscriber.html", context | more, room="subscribers", place="list", crumbs=crumbs, status=status)


def _privacy(request: HttpRequest, card: reads.SubscriberCard) -> dict[str, Any]:
    """Whether this person was destroyed (number of the certificate and day), and what the reader may begin about them."""
    actor, gone = actor_of(request), retention.last_of(card.party_id)
    return {
        "gone": gone, "may_read": actor.may(retention.CALENDAR_VIEW), "may_ask": actor.may(retention.REQUEST_HANDLE),
        "may_destroy": gone is None and actor.may(retention.PERSON_DESTROY),
    }  # fmt: skip


def _seen(request: HttpRequest, card: reads.SubscriberCard, service: str) -> list[tuple[Any, Text, Text]] | None:
    """The latest openings of this person as they may know them: when, by which role, and what for; None for who may not read them."""
    if not actor_of(request).may(audit.ACCESS_VIEW, service):
        return None
    words = dict(parties.PURPOSES)
    return [
        (
            s.at,
            s.role,
            Text("{k} · {w}", "{k} · {w}").fill(k=NAMES.get(s.kind, s.kind), w=words.get(s.code, Text("사유 없음", "no purpose"))),
        )
        for s in audit.seen_by_others(card.party_id, SEEN)
    ]


def _entry(h: Happening) -> timeline.Entry:
    return timeline.Entry(h.at, h.icon, h.what, h.why, TONES.get(h.tone, ""), h.amount, url=h.url)
