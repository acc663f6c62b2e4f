"""Console pages of the subscribers room: the list, one subscriber, and opening one sealed value for a reason."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse

from numaru.domains.subscribers import journey, reads
from numaru.domains.subscribers.permissions import SUBSCRIBER_VIEW
from numaru.domains.subscribers.ports import BillSoFar, SubscriberStory
from numaru.domains.subscribers.states import face
from numaru.domains.subscribers.web.listing import SUBSCRIBERS
from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.parties import api as parties
from numaru.facilities.timeline import api as timeline
from numaru.kernel import clock, ports
from numaru.kernel.audit import api as audit
from numaru.kernel.errors import NotAllowed, NotFound, Refused
from numaru.kernel.retention import api as retention
from numaru.ui import formats, lists
from numaru.ui.beside import beside
from numaru.ui.forms import refuse, spoken
from numaru.ui.pages import actor_of, page, services_of, wants_fragment
from numaru.ui.shell import Crumb
from numaru.values.masked import phone_digits, phone_grouped
from numaru.values.money import Money
from numaru.values.text import Text

SHOWN = 30  # seconds for which an opened value stands on the page
SEEN = 8  # lines of who saw the personal data
NAMES = journey.FIELDS
REASONS = tuple(parties.PURPOSES.items())
OTHERS = 8  # subscribers named that the same account pays for


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
    """One subscriber. As a fragment: ``?part=bill`` the bill so far, ``?part=life`` the last sixty days as a picture, ``?before=`` more of the
    timeline, ``?open=phone`` the line that asks why, ``?correct=`` the form of a correction."""
    card = reads.subscriber(number, services_of(request, SUBSCRIBER_VIEW))
    part = request.GET.get("part", "")
    context: dict[str, Any]
    if part == "bill":
        found = ports.get(SubscriberStory).bill_so_far(card.id)  # type: ignore[type-abstract]
        context = {"bill": found, "asked": True, "allowances": allowances(found)}
        if wants_fragment(request):
            return page(request, "subscribers/subscriber.html", context, fragment="so_far")
        return _answer(request, card, **context)
    if part == "life":
        lanes, whole = journey.picture(card, actor_of(request))
        context = {"lanes": lanes, "whole": whole}
        if wants_fragment(request):
            return page(request, "subscribers/subscriber.html", context, fragment="life")
        return _answer(request, card, **context)
    if "before" in request.GET and wants_fragment(request):
        return timeline.answer(request, _told(request, card))
    if part == "seen" and wants_fragment(request):
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


_service = journey.service_of


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
    service = _service(card)
    plans = story.contracts(card.id)
    plan = plans[0] if plans else None
    today = clock.today(service.zone)
    line = beside(
        request, SUBSCRIBERS, reads.visible(seen), card, lambda row: reverse("subscribers:subscriber", args=[row.number]), reverse("subscribers:list")
    )  # fmt: skip
    actor = actor_of(request)
    context: dict[str, Any] = {
        "card": card, "person": parties.masked({card.party_id}).get(card.party_id), "service": service, "plan": plan,
        "plans": [(p, face(p, today)) for p in plans], "face": face(plan, today) if plan else None,
        "tenure": card.served_from and card.served_from <= today and (card.served_to is None or card.served_to > today) and formats.tenure(card.served_from, today),
        "ending": plan.until if plan and plan.until and plan.until > today else None,
        "may_correct": actor.may(parties.CONTACT_CORRECT, service.slug), "may_open": actor.may(parties.CONTACT_OPEN, service.slug),
        "beside": line, "seen": _seen(request, card, service.slug), "privacy": _privacy(request, card),
        "portal": parties.accounts.card(card.party_id), "may_portal": actor.may(parties.PORTAL_MANAGE, service.slug),
        "may_prove": actor.may(parties.CONSENT_VIEW, service.slug), "together": _together(card, seen), "days_shown": journey.DAYS,
    }  # fmt: skip
    context |= {"line": _told(request, card), "address": reverse("subscribers:subscriber", args=[card.number])}
    crumbs = [Crumb(SUBSCRIBERS.name, line.back), Crumb(card.number)]
    return page(request, "subscribers/subscriber.html", context | more, room="subscribers", place="list", crumbs=crumbs, status=status)


EMPTY = (
    Text("아직 아무 일도 없었습니다", "Nothing has happened yet"),
    Text("계약이 시작되거나 청구서가 확정되면 이 자리에 차례로 적힙니다.", "Contracts and invoices are written here as they happen."),
)
NOTES = {
    "use": Text(
        "이용은 지난 60일까지 적습니다. 그 앞은 청구서의 이용 기록에서 봅니다.", "Use is listed for the last 60 days; before that it stands on the invoices."
    )
}  # fmt: skip


def _told(request: HttpRequest, card: reads.SubscriberCard) -> timeline.TimeLine:
    """A page of the line of time: ``?show=`` one group or strand, ``?before=`` where it begins."""
    service = _service(card).slug
    return timeline.line(
        request, journey.things(card, service), address=reverse("subscribers:subscriber", args=[card.number]), service=service,
        computed=journey.computed(card, journey.offered(actor_of(request), service)), title=Text("여정", "Journey"), notes=NOTES, empty=EMPTY,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Allowed:
    """A free quantity as a bar 1,000 wide: how much is used, and where the free part ends when more was used."""

    what: Text
    said: Text
    width: int
    mark: int | None
    over: Text | None
    amount: Money


def allowances(bill: BillSoFar | None) -> list[Allowed]:
    """The graduated charges of the running month whose first steps are free."""
    out = []
    for line in bill.lines if bill else ():
        if (a := line.allowance) is None:
            continue
        beyond = a.used - a.free
        whole = max(a.used, a.free)

        def qty(value: Decimal, unit: Text = a.unit) -> Text:
            return Text(f"{formats.qty(value, 'ko')}{unit.ko}", f"{formats.qty(value, 'en')} {unit.en}".rstrip())

        said = Text("{u} / 무료 {f}", "{n} of {f} free").fill(u=qty(a.used), n=formats.qty(a.used), f=qty(a.free))
        over = Text("무료를 넘은 {n}, 지금까지", "{n} beyond the free ones, so far").fill(n=qty(beyond)) if beyond > 0 else None
        mark = int(a.free * 1000 / whole) if beyond > 0 else None
        out.append(Allowed(line.what, said, int(max(a.used, Decimal(0)) * 1000 / whole), mark, over, line.amount))
    return out


def _together(card: reads.SubscriberCard, services: frozenset[str] | None) -> list[tuple[reads.SubscriberCard, str, Text]]:
    """The other subscribers whom the same account pays for, as far as the reader may see them: card, masked name, service."""
    paid = ports.get(SubscriberStory).paid_together(card.id, OTHERS)  # type: ignore[type-abstract]
    if not paid.others:
        return []
    rows = [reads.card(row) for row in reads.visible(services).filter(pk__in=paid.others).order_by("pk")]
    people = parties.masked({row.party_id for row in rows})
    names = {s.id: s.name for s in catalogue.services()}
    return [(row, getattr(people.get(row.party_id), "name", "") or row.external_id, names[row.service_id]) for row in rows]


def _privacy(request: HttpRequest, card: reads.SubscriberCard) -> dict[str, Any]:
    """Whether this person was destroyed (number of the certificate and day), and what the reader may begin about them."""
    actor, gone = actor_of(request), retention.last_of(card.party_id)
    may_ask = actor.may(retention.REQUEST_HANDLE)
    open_one = (
        retention.visible().filter(person=card.party_id, state__in=("received", "verified")).order_by("due_on").first() if may_ask else None
    )
    return {
        "gone": gone, "may_read": actor.may(retention.CALENDAR_VIEW), "may_ask": may_ask, "open": open_one,
        "open_kind": open_one and retention.KINDS[open_one.kind],
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
            Text("{k} · {w}", "{k} · {w}").fill(k=journey.FIELDS.get(s.kind, s.kind), w=words.get(s.code, Text("사유 없음", "no purpose"))),
        )
        for s in audit.seen_by_others(card.party_id, SEEN)
    ]
