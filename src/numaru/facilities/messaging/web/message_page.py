"""One message: where it stands, what happened to it, what it cost; its content opened for a purpose, its proof, and what a person decides about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from numaru.facilities.messaging import reads, wording
from numaru.facilities.messaging.actions.messages import decide_unknown, open_message, override_rule, prove_message
from numaru.facilities.messaging.models import Message, MessageEvent
from numaru.facilities.messaging.permissions import MESSAGE_DECIDE, MESSAGE_OPEN, MESSAGE_PROVE
from numaru.facilities.messaging.rules.channels import CHANNELS
from numaru.facilities.messaging.rules.checking import WORDS
from numaru.facilities.messaging.rules.gate import OVERRIDABLE, RULES
from numaru.facilities.messaging.rules.render import Rendered
from numaru.facilities.messaging.sending import LIVE
from numaru.facilities.messaging.web import batches, outbox
from numaru.facilities.messaging.web.batches import WHERE, ReasonForm, message_url, perform
from numaru.facilities.messaging.web.states import BAD, EVENTS, MESSAGE, PURPOSE, WARN
from numaru.facilities.parties import api as parties
from numaru.kernel.access import Actor, permissions
from numaru.kernel.errors import NotAllowed, NotFound, Refused
from numaru.ui import detail
from numaru.ui.detail import Fact
from numaru.ui.forms import refuse, spoken
from numaru.ui.pages import actor_of, page
from numaru.ui.shell import Crumb
from numaru.ui.timeline import Entry, days
from numaru.values.money import Money
from numaru.values.text import Text

SAME = Text(
    "보낸 그대로입니다. 다시 쓴 글과 문서의 해시가 보낸 때의 해시와 같습니다.",
    "It is what left: text and documents, written again, come to the hash that was kept at the sending.",
)
OTHER = Text("보낸 것과 다릅니다. 다시 쓴 글이나 문서의 해시가 보낸 때의 해시와 같지 않습니다.", "It is not what left: text or documents, written again, come to another hash than the one kept at the sending.")  # fmt: skip
HOUSE: dict[str, Text] = {"outbox": outbox.NAME, "portal": Text("포털", "the portal")}  # carriers of the house itself


class OpenForm(forms.Form):
    """For which purpose of the list a message is opened, and for which case."""

    reason = forms.ChoiceField(
        label=spoken(Text("열람 사유", "Purpose")), choices=[("", spoken(Text("고르십시오", "Choose"))), *((k, spoken(t)) for k, t in parties.PURPOSES.items())],
        error_messages={"required": spoken(Text("열람 사유를 고르십시오.", "Choose the purpose.")), "invalid_choice": spoken(Text("목록에서 고르십시오.", "Choose one of the list."))},
    )  # fmt: skip
    case_ref = forms.CharField(
        label=spoken(Text("관련 번호", "Case")), max_length=60, required=False, widget=forms.TextInput({"autocomplete": "off"}),
        help_text=spoken(Text("상담이나 요청의 번호입니다. 개인정보는 적지 마십시오.", "The number of a contact or a request. Write nothing personal.")),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a message stands where it stands, on which figure that rests, and who may set the rule aside."""

    text: Text
    basis: str
    policy: str
    who: Text
    permission: Text | None


def _entry(event: MessageEvent) -> Entry:
    icon, what = EVENTS.get(event.kind, ("circle", Text(event.kind, event.kind)))
    tone = "bad" if event.kind in BAD else "warn" if event.kind in WARN else ""
    parts: list[Text | str] = [CHANNELS[event.channel]] if event.channel in CHANNELS else []
    if event.code:
        parts.append(RULES[event.code].text if event.code in RULES else event.code)
    if event.carrier and event.kind in ("sending", "accepted", "refused", "unknown", "down"):
        parts.append(HOUSE.get(event.carrier, event.carrier))
    both = [p if isinstance(p, Text) else Text(p, p) for p in parts]
    why = Text(" · ".join(p.ko for p in both), " · ".join(p.en for p in both)) if both else None
    return Entry(event.at, icon, what, why, tone, Money(event.minor, event.currency) if event.minor is not None else None)


def _verdict(row: Message) -> Verdict | None:
    if row.state not in ("blocked", "waiting", "failed") or row.code not in RULES:
        return None
    rule = RULES[row.code]
    ruling = row.ruling if row.ruling and row.ruling.code == row.code else None
    return Verdict(
        rule.text,
        ruling.basis if ruling else "",
        ruling.policy if ruling else rule.policy,
        rule.who,
        permissions[rule.override].text if rule.override else None,
    )


def _verbs(actor: Actor, row: Message) -> list[tuple[str, Text]]:
    """What the reader may decide about it now."""
    slug = row.batch.service or None
    if not actor.may(MESSAGE_DECIDE, slug):
        return []
    if row.state == "unknown":
        return [("again", DECISIONS["again"][1]), ("arrived-not", DECISIONS["arrived-not"][1])]
    needed = OVERRIDABLE.get(row.code)
    return [("override", DECISIONS["override"][1])] if row.state in ("blocked", "waiting") and needed and actor.may(needed, slug) else []


def _shown(
    request: HttpRequest, row: Message, *, form: OpenForm | None = None, proof: ReasonForm | None = None, content: Rendered | None = None,
    proved: bool | None = None, refused: Refused | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    actor = actor_of(request)
    slug = row.batch.service or None
    events = reads.events(row)
    person = parties.masked({row.receiver or row.party}).get(row.receiver or row.party)
    costs: dict[str, int] = {}
    for event in events:
        if event.minor is not None:
            costs[event.currency] = costs.get(event.currency, 0) + event.minor
    version = wording.read(row.batch.version)
    context = {
        "row": row, "face": MESSAGE[row.state], "days": days(map(_entry, reversed(events))), "verdict": _verdict(row), "acts": _verbs(actor, row),
        "to": person, "form": form or OpenForm(), "proof": proof or ReasonForm(), "content": content, "proved": proved, "same": SAME, "other": OTHER,
        "refused": refused.findings if refused else [], "may_open": bool(row.digest) and actor.may(MESSAGE_OPEN, slug),
        "may_prove": bool(row.digest) and actor.may(MESSAGE_PROVE, slug), "steps": [(CHANNELS[c], n) for n, c in enumerate(row.batch.chain)],
        "digest": bytes(row.digest).hex(), "live": f"{LIVE}:{row.batch.number}", "guardian": row.receiver is not None, "facts": detail.facts(
            Fact(Text("발송", "Batch"), row.batch.title, batches.url(row.batch)),
            Fact(Text("채널", "Channel"), CHANNELS.get(row.channel)),
            Fact(Text("언어", "Language"), WORDS.get(row.language)),
            Fact(Text("목적", "Purpose"), PURPOSE[row.purpose]),
            Fact(Text("서식", "Template"), version.name, note=Text("판 {n}", "version {n}").fill(n=version.number)),
            Fact(Text("보낸 때", "Sent"), row.sent_at) if row.sent_at else Fact(Text("다음 판정", "Next look"), row.due_at) if row.state in ("queued", "waiting") else None,
            *(Fact(Text("비용", "Cost"), Money(minor, currency)) for currency, minor in sorted(costs.items())),
            Fact(Text("열어 봄", "Read"), row.opened_at) if row.opened_at else None,
        ),
    }  # fmt: skip
    crumbs = [Crumb(batches.NAME, reverse("messaging:batches")), Crumb(row.batch.number, batches.url(row.batch)), Crumb(row.number)]
    return page(request, "messaging/message.html", context, crumbs=crumbs, status=status, **WHERE)


def message(request: HttpRequest, number: str) -> HttpResponse:
    """One message, its receiver masked and its content closed."""
    return _shown(request, reads.message(actor_of(request), number))


def opened(request: HttpRequest, number: str) -> HttpResponse:
    """POST: what it said, on this answer alone; the opening stays on record."""
    actor = actor_of(request)
    row = reads.message(actor, number)
    if request.method != "POST":
        return redirect(message_url(row))
    if not actor.may(MESSAGE_OPEN, row.batch.service or None):
        raise NotAllowed.for_permission(MESSAGE_OPEN)
    form = OpenForm(request.POST)
    if form.is_valid():
        why, case = form.cleaned_data["reason"], form.cleaned_data["case_ref"].strip()
        try:
            content = open_message.do(actor, number=row.number, code=why, case_ref=case, reason=parties.Why(why, case).reason())
        except (NotAllowed, NotFound):
            raise
        except Refused as refusal:
            refuse(form, refusal)
        else:
            return _shown(request, row, form=form, content=content)
    return _shown(request, row, form=form, status=422)


def prove(request: HttpRequest, number: str) -> HttpResponse:
    """POST: whether what is written again is to the byte what left, or that a document that went with it is missing."""
    actor = actor_of(request)
    row = reads.message(actor, number)
    if request.method != "POST":
        return redirect(message_url(row))
    if not actor.may(MESSAGE_PROVE, row.batch.service or None):
        raise NotAllowed.for_permission(MESSAGE_PROVE)
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            proved = prove_message.do(actor, number=row.number, reason=form.cleaned_data["reason"])
        except NotAllowed:
            raise
        except Refused as refusal:
            if all(f.field in form.fields for f in refusal.findings):
                refuse(form, refusal)
                return _shown(request, row, proof=form, status=refusal.status)
            return _shown(request, row, refused=refusal, status=refusal.status)
        return _shown(request, row, proved=proved)
    return _shown(request, row, proof=form, status=422)


DECISIONS: dict[str, tuple[Text, Text, Text]] = {  # name, button, what is told when it was done
    "again": (Text("다시 보내기", "Send it again"), Text("다시 보내기", "Send again"), Text("{n} 메시지를 다시 보냅니다", "{n} is sent again")),
    "arrived-not": (
        Text("가지 않은 것으로 보기", "Take it as not arrived"), Text("가지 않은 것으로 보기", "Not arrived"), Text("{n} 메시지를 가지 않은 것으로 봅니다", "{n} is taken as not arrived"),
    ),
    "override": (Text("규칙 무시하고 보내기", "Set the rule aside"), Text("무시하고 보내기", "Set aside and send"), Text("{n} 메시지에서만 규칙을 무시합니다", "The rule is set aside for {n} alone")),
}  # fmt: skip
NOTE = Text(
    "사유와 함께 감사 기록에 남습니다. 보낼 때 다른 규칙은 그대로 판정합니다.",
    "It stays in the audit record with its reason. All other rules are judged as ever.",
)


def decide(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """GET shows what a decision would do; POST takes it, with a reason."""
    actor = actor_of(request)
    row = reads.message(actor, number)
    if verb not in DECISIONS:
        raise NotFound.named(Text("처리", "act"), verb[:20])
    if not actor.may(MESSAGE_DECIDE, row.batch.service or None):
        raise NotAllowed.for_permission(MESSAGE_DECIDE)
    name, button, done = DECISIONS[verb]

    def do(reason: str) -> Any:
        if verb == "override":
            return override_rule.do(actor, number=row.number, reason=reason)
        return decide_unknown.do(actor, number=row.number, again=verb == "again", reason=reason)

    def plan() -> list[Text]:
        if verb == "override":
            return override_rule.plan(actor, number=row.number).effects
        return decide_unknown.plan(actor, number=row.number, again=verb == "again").effects

    crumbs = [
        Crumb(batches.NAME, reverse("messaging:batches")),
        Crumb(row.batch.number, batches.url(row.batch)),
        Crumb(row.number, message_url(row)),
        Crumb(name),
    ]
    form = ReasonForm(request.POST if request.method == "POST" else None)
    return perform(
        request, form, name, button, do, plan, back=message_url(row), crumbs=crumbs, note=NOTE, told=done.fill(n=row.number), about=f"{row.number} · {row.batch.title}"
    )  # fmt: skip
