"""동의 증명: what stood for one person at one moment, and what proves it. Reading it asks for a purpose and is put on record."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from numaru.domains.subscribers import api as subscribers
from numaru.faces.console.consents.forms import ProofForm
from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.parties import api as parties
from numaru.facilities.parties.api import consents
from numaru.kernel import clock
from numaru.kernel.errors import NotAllowed, NotFound, Refused
from numaru.kernel.models import Staff
from numaru.ui.forms import refuse
from numaru.ui.pages import actor_of, page, seen_by
from numaru.ui.shell import Crumb
from numaru.ui.states import State
from numaru.values.text import Text

NAME = Text("동의 증명", "Proof of consent")
FACES: dict[str, State] = {
    "yes": State(Text("동의", "Consents"), "good"),
    "no": State(Text("동의하지 않음", "Does not consent"), "calm", "x"),
    "none": State(Text("말한 적 없음", "Never said"), "calm"),
    "lapsed": State(Text("효력 잃음", "Lapsed"), "warn"),
}
WHY: dict[str, Text] = {"confirm": Text("확인 기한이 지남", "not confirmed in time"), "text": Text("본문이 바뀜", "the text changed")}


def proof(request: HttpRequest, number: str) -> HttpResponse:
    """GET asks for the moment (``?at=``) and the purpose; POST shows what stood, having put on record who read it."""
    actor = actor_of(request)
    seen = seen_by(actor, parties.CONSENT_VIEW)
    card = subscribers.subscriber(number, seen)
    service = next(s.slug for s in catalogue.services() if s.id == card.service_id)
    form = ProofForm(request.POST if request.method == "POST" else None, initial={"at": _moment(request.GET.get("at", ""))})
    context: dict[str, Any] = {"card": card, "person": parties.masked({card.party_id}).get(card.party_id), "form": form}
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            known = data["at"] if data["known"] else None
            why = parties.Why(data["reason"], data["case_ref"])
            try:
                found = consents.open_proof(actor, party=card.party_id, at=data["at"], known=known, why=why, service=service)
            except (NotAllowed, NotFound):
                raise
            except Refused as refusal:
                refuse(form, refusal)
            else:
                context |= _shown(found) | {"at": data["at"], "known": known, "printed_at": clock.now()}
                status = 200
    crumbs = [
        Crumb(Text("가입자", "Subscribers"), reverse("subscribers:list")),
        Crumb(card.number, reverse("subscribers:subscriber", args=[card.number])),
        Crumb(NAME),
    ]
    answer = page(request, "console/consents/proof.html", context, room="subscribers", place="list", crumbs=crumbs, status=status)
    answer["Cache-Control"] = "no-store"
    return answer


def _moment(written: str) -> datetime:
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return clock.now()
    return timezone.make_aware(found) if timezone.is_naive(found) else found


def _shown(found: consents.Proof) -> dict[str, Any]:
    lines = [*found.lines, *(s.line for s in found.stood if s.line)]
    staff = {line.reference for line in lines if line.actor == "staff" and line.reference}
    names = dict(Staff.objects.filter(pk__in=staff).values_list("pk", "name"))
    kin = parties.masked({line.reference for line in lines if line.actor == "guardian" and line.reference})

    def told(line: consents.Line | None) -> dict[str, Any] | None:
        if line is None:
            return None
        who = names.get(line.reference or 0, "") if line.actor == "staff" else getattr(kin.get(line.reference or 0), "name", "")
        return {
            "line": line, "purpose": consents.PURPOSE[line.purpose], "medium": consents.MEDIUM[line.medium] if consents.PURPOSES[line.purpose].media else None,
            "said": consents.KIND[line.kind], "channel": consents.CHANNEL[line.channel], "actor": consents.ACTOR[line.actor], "who": who,
            "url": f"{reverse('consents:document', args=[line.text.key])}?version={line.text.number}" if line.text else "",
        }  # fmt: skip

    stood = [
        {
            "purpose": consents.PURPOSE[s.purpose], "medium": consents.MEDIUM[s.medium] if consents.PURPOSES[s.purpose].media else None,
            "standing": s.standing, "face": FACES[s.standing.state], "why": WHY.get(s.standing.why), "by": told(s.line),
        }
        for s in found.stood
    ]  # fmt: skip
    return {"stood": stood, "lines": [told(line) for line in found.lines], "more": found.more}
