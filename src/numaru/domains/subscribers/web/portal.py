"""Console page of a subscriber's way into the portal: inviting, and ending the account. The code of an invitation is shown once, to be printed
or read out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from numaru.domains.subscribers import reads
from numaru.domains.subscribers.permissions import SUBSCRIBER_VIEW
from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.parties import api as parties
from numaru.kernel.errors import NotAllowed, NotFound, Refused
from numaru.ui.forms import refuse, spoken
from numaru.ui.pages import actor_of, page, services_of
from numaru.ui.shell import Crumb
from numaru.values.text import Text

TEMPLATE = "subscribers/portal.html"


class InviteForm(forms.Form):
    """How the clerk knows who it is."""

    how = forms.ChoiceField(
        label=spoken(Text("본인을 어떻게 확인했습니까", "How do you know who it is")),
        error_messages={"required": spoken(Text("하나를 고르십시오.", "Choose one."))},
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["how"].choices = [(key, str(text)) for key, text in parties.accounts.HOW.items()]  # type: ignore[attr-defined]
        self.fields["how"].error_messages["invalid_choice"] = str(Text("목록에서 고르십시오.", "Choose one of the list."))


class EndForm(forms.Form):
    """Why the account ends."""

    reason = forms.CharField(
        label=spoken(Text("사유", "Reason")), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=spoken(Text("본인이 휴대전화를 잃어버렸다는 말처럼, 왜 끝내는지 적으십시오.", "Why it ends: for example, the person has lost the telephone.")),
        error_messages={"required": spoken(Text("사유를 한 줄로 적으십시오.", "Write the reason in one line."))},
    )  # fmt: skip


def _found(request: HttpRequest, number: str) -> tuple[reads.SubscriberCard, catalogue.ServiceCard]:
    card = reads.subscriber(number, services_of(request, SUBSCRIBER_VIEW))
    service = next(s for s in catalogue.services() if s.id == card.service_id)
    if not actor_of(request).may(parties.PORTAL_MANAGE, service.slug):
        raise NotAllowed.for_permission(parties.PORTAL_MANAGE)
    return card, service


def manage(request: HttpRequest, number: str) -> HttpResponse:
    """GET: where the account stands, and the forms. POST: an invitation; its code stands on this answer and nowhere else."""
    card, service = _found(request, number)
    form = InviteForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = parties.accounts.invite.do(actor_of(request), party=card.party_id, how=form.cleaned_data["how"], service=service.slug)
        except (NotAllowed, NotFound):
            raise
        except Refused as refusal:
            refuse(form, refusal)
        else:
            address = request.build_absolute_uri(reverse("portal:start"))
            return _answer(request, card, service, made=made, address=address.partition("://")[2].rstrip("/"))
    return _answer(request, card, service, form=form, status=422 if form.is_bound else 200)


def end(request: HttpRequest, number: str) -> HttpResponse:
    """POST: end the account for a reason; every device is signed out."""
    card, service = _found(request, number)
    if request.method != "POST":
        return redirect("subscribers:portal", card.number)
    form = EndForm(request.POST)
    if form.is_valid():
        try:
            parties.accounts.end_account.do(
                actor_of(request), party=card.party_id, service=service.slug, reason=form.cleaned_data["reason"]
            )
        except (NotAllowed, NotFound):
            raise
        except Refused as refusal:
            refuse(form, refusal)
        else:
            return redirect("subscribers:subscriber", card.number)
    return _answer(request, card, service, ending=form, status=422)


def _answer(
    request: HttpRequest, card: reads.SubscriberCard, service: catalogue.ServiceCard, *, status: int = 200, **more: Any
) -> HttpResponse:
    context = {
        "card": card, "service": service, "person": parties.masked({card.party_id}).get(card.party_id), "portal": parties.accounts.card(card.party_id),
        "form": InviteForm(), "ending": EndForm(),
    }  # fmt: skip
    crumbs = [
        Crumb(Text("가입자", "Subscribers"), reverse("subscribers:list")),
        Crumb(card.number, reverse("subscribers:subscriber", args=[card.number])),
        Crumb(Text("포털 계정", "Portal account")),
    ]
    return page(request, TEMPLATE, context | more, room="subscribers", place="list", crumbs=crumbs, status=status)
