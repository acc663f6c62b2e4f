"""우편: what waits to be printed, batches with their PDF and list, what came back, and postal addresses."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from numaru.adapters.letters import printing
from numaru.adapters.letters.addresses import set_address
from numaru.adapters.letters.models import Letter, LetterBatch
from numaru.adapters.letters.permissions import ADDRESS_SET, LETTER_PRINT, LETTER_VIEW
from numaru.domains.subscribers import api as subscribers
from numaru.faces.console.letters.rooms import NAME
from numaru.kernel.access import Actor
from numaru.kernel.errors import NotAllowed, Refused
from numaru.ui.forms import refuse, spoken
from numaru.ui.pages import actor_of, page, seen_by
from numaru.ui.shell import Crumb
from numaru.ui.states import State
from numaru.values.text import Text

WHERE: dict[str, Any] = {"room": "shared", "place": "letters"}
LATEST = 50
SENT, PRINTED = State(Text("발송함", "Posted"), "good"), State(Text("인쇄할 것", "To print"), "info")
ADDRESS = Text("우편 주소 적기", "Write a postal address down")
DONE: dict[str, Text] = {
    "made": Text("묶음을 만들었습니다. PDF를 내려받아 인쇄하십시오.", "The batch is made. Get its PDF and print it."),
    "sent": Text("우체국에 넘긴 것으로 적었습니다.", "Noted as handed to the post."),
    "address": Text("주소를 적었습니다.", "The address is written down."),
}  # fmt: skip


class ReturnsForm(forms.Form):
    """Numbers of letters that came back, one a line, typed or scanned; a CSV may be pasted."""

    why = forms.ChoiceField(
        label=spoken(Text("반송 사유", "Reason")), choices=[(key, spoken(text)) for key, text in printing.REASONS.items()]
    )
    numbers = forms.CharField(
        label=spoken(Text("우편 번호표", "Letter numbers")), widget=forms.Textarea({"rows": 4, "autocomplete": "off"}), max_length=20_000,
        help_text=spoken(Text("봉투 창에 보이는 L-0000001 같은 번호를 한 줄에 하나씩 적거나 읽히십시오.", "Type or scan the numbers in the envelope’s window, such as L-0000001, one a line.")),
        error_messages={"required": spoken(Text("번호를 하나 이상 적으십시오.", "Write at least one number."))},
    )  # fmt: skip


class AddressForm(forms.Form):
    """Where letters reach a subscriber."""

    number = forms.CharField(label=spoken(Text("가입 번호", "Subscriber number")), max_length=20)
    receiver = forms.CharField(label=spoken(Text("받는 사람", "Receiver")), max_length=60)
    postcode = forms.CharField(label=spoken(Text("우편번호", "Postcode")), max_length=5)
    road = forms.CharField(label=spoken(Text("도로명 주소", "Road address")), max_length=60)
    detail = forms.CharField(label=spoken(Text("상세 주소", "Detail")), max_length=60, required=False)


def _reader(request: HttpRequest) -> Actor:
    """Letters belong to no service: a grant for all is needed."""
    actor = actor_of(request)
    if not actor.may(LETTER_VIEW):
        raise NotAllowed.for_permission(LETTER_VIEW)
    return actor


def home(request: HttpRequest) -> HttpResponse:
    """What waits, the latest batches, and the form for what came back."""
    return _home(request, ReturnsForm())


def _home(request: HttpRequest, form: ReturnsForm, status: int = 200, told: Text | None = None) -> HttpResponse:
    actor = _reader(request)
    rows = [(b, SENT if b.sent_at else PRINTED, b.back) for b in _batches()]
    context = {
        "waiting": Letter.objects.filter(state="waiting").count(), "rows": rows, "form": form, "may_print": actor.may(LETTER_PRINT),
        "may_address": actor.may_somewhere(ADDRESS_SET), "done": told or DONE.get(request.GET.get("done", "")), "most": printing.MOST,
    }  # fmt: skip
    return page(request, "console/letters/home.html", context, crumbs=[Crumb(NAME)], status=status, **WHERE)


def _batches() -> Any:
    from django.db.models import Count, Q

    return LetterBatch.objects.annotate(back=Count("letters", filter=Q(letters__state="returned"))).order_by("-pk")[:LATEST]


@require_POST
def make(request: HttpRequest) -> HttpResponse:
    printing.make_batch.do(actor_of(request))
    return redirect(reverse("letters:home") + "?done=made")


@require_POST
def pdf(request: HttpRequest, number: str) -> HttpResponse:
    """The PDF, by POST: opening it is an act that is recorded."""
    made = HttpResponse(printing.open_batch.do(actor_of(request), number=number), content_type="application/pdf")
    made["Content-Disposition"], made["Cache-Control"] = f'attachment; filename="{number}.pdf"', "private, no-store"
    return made


def sheet(request: HttpRequest, number: str) -> HttpResponse:
    _reader(request)
    made = HttpResponse(printing.listed(number), content_type="text/csv; charset=utf-8")
    made["Content-Disposition"], made["Cache-Control"] = f'attachment; filename="{number}.csv"', "private, no-store"
    return made


@require_POST
def sent(request: HttpRequest, number: str) -> HttpResponse:
    printing.send_batch.do(actor_of(request), number=number)
    return redirect(reverse("letters:home") + "?done=sent")


@require_POST
def returns(request: HttpRequest) -> HttpResponse:
    """Note what came back; numbers that are none of a sent letter stay in the form."""
    form = ReturnsForm(request.POST)
    if form.is_valid():
        numbers = [n for n in re.split(r"[\s,;]+", form.cleaned_data["numbers"]) if n]
        try:
            count, strange = printing.note_returns.do(actor_of(request), numbers=numbers, why=form.cleaned_data["why"])
        except Refused as refusal:
            refuse(form, refusal)
        else:
            told = Text("{n}통을 반송으로 적었습니다.", "{n} noted as returned.").fill(n=count)
            if not strange:
                return _home(request, ReturnsForm(), told=told)
            wrong = Text("보낸 우편의 번호가 아닙니다: {x}", "No number of a letter that was sent: {x}").fill(
                x=", ".join(s[:20] for s in strange[:20])
            )
            form = ReturnsForm({"why": form.cleaned_data["why"], "numbers": "\n".join(s[:20] for s in strange[:200])})
            form.is_valid()
            form.add_error("numbers", str(wrong))
            return _home(request, form, 422, told if count else None)
    return _home(request, form, 422)


def address(request: HttpRequest) -> HttpResponse:
    """Write down where letters reach a subscriber."""
    actor = actor_of(request)
    seen = seen_by(actor, ADDRESS_SET)
    form = AddressForm(request.POST if request.method == "POST" else None, initial={"number": request.GET.get("number", "")})
    if form.is_valid():
        data = dict(form.cleaned_data)
        try:
            party = subscribers.subscriber(data.pop("number"), seen).party_id
            set_address.do(actor, party=party, **data)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            return redirect(reverse("letters:home") + "?done=address")
    crumbs = [Crumb(NAME, reverse("letters:home")), Crumb(ADDRESS)]
    return page(request, "console/letters/address.html", {"form": form}, crumbs=crumbs, status=422 if form.is_bound else 200, **WHERE)
