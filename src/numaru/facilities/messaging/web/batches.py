"""묶음 발송: the list of batches, one batch with what became of it, and the acts that hold it up or let it go on, each shown before it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.messaging import reads, wording
from numaru.facilities.messaging.actions.batches import pause_batch, resume_batch, stop_batch
from numaru.facilities.messaging.actions.messages import retry_batch
from numaru.facilities.messaging.models import BatchTally, Message, MessageBatch, message_id
from numaru.facilities.messaging.permissions import BATCH_CONTROL, BATCH_VIEW, MESSAGE_DECIDE
from numaru.facilities.messaging.rules import states
from numaru.facilities.messaging.rules.channels import CHANNELS, SUBJECTS
from numaru.facilities.messaging.rules.checking import WORDS
from numaru.facilities.messaging.rules.gate import RULES, Rule
from numaru.facilities.messaging.sending import LIVE
from numaru.facilities.messaging.web.states import BATCH, KIND, MESSAGE, PURPOSE
from numaru.facilities.parties import api as parties
from numaru.kernel.access import Actor, permissions
from numaru.kernel.actions import Action
from numaru.kernel.errors import NotAllowed, NotFound, Refused
from numaru.ui import detail, lists, toasts
from numaru.ui.beside import beside
from numaru.ui.detail import Fact
from numaru.ui.forms import refuse, spoken
from numaru.ui.lists import Choice, Column, Listing, Rows, Sort, Source, View, sources
from numaru.ui.pages import actor_of, page, seen_by
from numaru.ui.progress import Figure, Progress
from numaru.ui.shell import Crumb
from numaru.ui.toasts import Toast
from numaru.values.money import Money
from numaru.values.text import Text

NAME = Text("묶음 발송", "Batches")
MESSAGES = Text("메시지", "Messages")
WHERE: dict[str, Any] = {"room": "shared", "place": "batches"}
TROUBLE: dict[str, Text] = {
    "carrier_down": Text("제공자에 닿지 못해 잠시 뒤 스스로 다시 보냅니다.", "The carrier was away; it is tried again by itself."),
}


def url(row: MessageBatch) -> str:
    return reverse("messaging:batch", args=[row.number])


def message_url(row: Message) -> str:
    return reverse("messaging:message", args=[row.number])


def _services(request: HttpRequest) -> list[tuple[str, Text]]:
    seen = seen_by(actor_of(request), BATCH_VIEW)
    return [(s.slug, s.name) for s in catalogue.services() if seen is None or s.slug in seen]


def _complete(rows: list[Any]) -> None:
    """How many of each batch were reached, were kept back or failed: one question for the page."""
    found: dict[int, dict[str, int]] = {}
    counted = BatchTally.objects.filter(batch__in=[r.pk for r in rows], count__gt=0).values_list("batch", "state").annotate(n=Sum("count"))
    for batch, state, n in counted:
        found.setdefault(batch, {})[state] = n
    for row in rows:
        row.standing = reads.Standing(row.total, found.get(row.pk, {}))


BATCHES = Listing(
    key="batches", name=NAME, unit=("건", "batch", "batches"), live=f"{LIVE}:*",
    columns=(
        Column("number", Text("번호", "Number"), lambda r: r.number, "id", url=url),
        Column("title", Text("제목", "Title"), lambda r: r.title),
        Column("state", Text("상태", "State"), lambda r: BATCH[r.state], "state"),
        Column("kind", Text("종류", "Kind"), lambda r: KIND[r.kind]),
        Column("purpose", Text("목적", "Purpose"), lambda r: PURPOSE[r.purpose]),
        Column("total", Text("받는 사람", "People"), lambda r: r.total, "count"),
        Column("reached", Text("보냄", "Sent"), lambda r: r.standing.reached, "count"),
        Column("blocked", Text("보내지 않음", "Not sent"), lambda r: r.standing.by_state.get("blocked", 0), "count"),
        Column("failed", Text("실패", "Failed"), lambda r: r.standing.failed, "count"),
        Column("at", Text("만든 때", "Made"), lambda r: r.created_at, "when"),
        Column("by", Text("만든 사람", "By"), lambda r: r.created_name, shown=False),
    ),
    sorts=(Sort("new", Text("최근 순", "Newest first"), ("pk",), descending=True),),
    filters=(
        Choice("state", Text("상태", "State"), [(k, s.word) for k, s in BATCH.items()], lambda rows, v: rows.filter(state=v)),
        Choice("kind", Text("종류", "Kind"), list(KIND.items()), lambda rows, v: rows.filter(kind=v), cheap=True),
        Choice("purpose", Text("목적", "Purpose"), list(PURPOSE.items()), lambda rows, v: rows.filter(purpose=v)),
        Choice("service", Text("서비스", "Service"), _services, lambda rows, v: rows.filter(service=v)),
    ),
    views=(View("all", Text("전체", "All")), View("notice", KIND["notice"], (("kind", "notice"),)), View("paused", BATCH["paused"].word, (("state", "paused"),))),
    search=lambda rows, q: rows.filter(number__istartswith=q) if q.upper().startswith("MB") else rows.filter(title__icontains=q),
    placeholder=Text("발송 번호, 제목", "Number or title"), searches_people=False, prepare=_complete, trail=True,
)  # fmt: skip
sources.add(BATCHES.key, Source(BATCHES, reads.batches))


def batches(request: HttpRequest) -> HttpResponseBase:
    """Every batch that the reader may see, the newest first."""
    return lists.respond(request, BATCHES, reads.batches(actor_of(request)), "messaging/batches.html", crumbs=[Crumb(NAME)], **WHERE)


# ── messages of batches ──────────────────────────────────────────────────────────────────────────────────────────────


def _masked(rows: list[Any]) -> None:
    """Who each message is for, masked: one question for the page."""
    people = parties.masked({r.receiver or r.party for r in rows})
    for row in rows:
        person = people.get(row.receiver or row.party)
        row.to = person.name if person else ""


def _asked(request: HttpRequest) -> list[tuple[str, Text]]:
    """The batch that the address names, where the reader may see it."""
    number = request.GET.get("batch", "")[:20]
    row = reads.batches(actor_of(request)).filter(number=number).first() if number else None
    return [(row.number, Text(f"{row.number} {row.title}", f"{row.number} {row.title}"))] if row else []


def _numbered(rows: Rows, typed: str) -> Rows:
    pk = message_id(typed.upper())
    return rows.filter(pk=pk) if pk is not None else rows.filter(batch__number=typed.upper())


LISTING = Listing(
    key="messages", name=MESSAGES, unit=("통", "message", "messages"),
    columns=(
        Column("number", Text("번호", "Number"), lambda r: r.number, "id", url=message_url),
        Column("to", Text("받는 사람", "To"), lambda r: r.to or None, "masked"),
        Column("channel", Text("채널", "Channel"), lambda r: CHANNELS.get(r.channel)),
        Column("state", Text("상태", "State"), lambda r: MESSAGE[r.state], "state"),
        Column("why", Text("까닭", "Why"), lambda r: RULES[r.code].text if r.state in ("blocked", "waiting", "failed") and r.code in RULES else None),
        Column("batch", Text("발송", "Batch"), lambda r: r.batch.title, url=lambda r: url(r.batch)),
        Column("at", Text("바뀐 때", "Changed"), lambda r: r.at, "when"),
    ),
    sorts=(Sort("new", Text("최근 순", "Newest first"), ("pk",), descending=True),),
    filters=(
        Choice("batch", Text("발송", "Batch"), _asked, lambda rows, v: rows.filter(batch__number=v)),
        Choice("state", Text("상태", "State"), [(k, s.word) for k, s in MESSAGE.items()], lambda rows, v: rows.filter(state=v)),
        Choice("channel", Text("채널", "Channel"), list(CHANNELS.items()), lambda rows, v: rows.filter(channel=v)),
        Choice("why", Text("까닭", "Why"), [(k, r.text) for k, r in RULES.items()], lambda rows, v: rows.filter(code=v)),
    ),
    search=_numbered, placeholder=Text("메시지 번호, 발송 번호", "Number of a message or a batch"), searches_people=False, prepare=_masked,
)  # fmt: skip
sources.add(LISTING.key, Source(LISTING, reads.messages))


def messages(request: HttpRequest) -> HttpResponseBase:
    """Messages, of one batch or of all; receivers masked."""
    crumbs = [Crumb(NAME, reverse("messaging:batches")), Crumb(MESSAGES)]
    return lists.respond(request, LISTING, reads.messages(actor_of(request)), "messaging/messages.html", crumbs=crumbs, **WHERE)


# ── one batch ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Kept:
    """How many one rule keeps back or lets wait, and who may set it aside."""

    count: int
    rule: Rule
    permission: Text | None
    url: str


@dataclass(frozen=True, slots=True)
class By:
    """What went by one channel, and what that came to."""

    channel: Text
    count: int
    costs: list[Money]
    url: str


@dataclass(frozen=True, slots=True)
class Said:
    """What one channel says in one language, with its variables standing as they were written."""

    channel: Text
    language: str
    name: Text
    subject: str
    text: str


def _listed(row: MessageBatch, **more: str) -> str:
    return lists.urlencode({"batch": row.number, **more})


def _kept(row: MessageBatch, standing: reads.Standing) -> list[Kept]:
    address = reverse("messaging:messages")
    out = []
    for code, n in sorted(standing.by_rule.items(), key=lambda item: (-item[1], item[0])):
        rule = RULES.get(code)
        if rule is not None:
            needed = permissions[rule.override].text if rule.override else None
            out.append(Kept(n, rule, needed, f"{address}?{_listed(row, why=code)}"))
    return out


def _by(row: MessageBatch, standing: reads.Standing) -> list[By]:
    address = reverse("messaging:messages")
    costs: dict[str, list[Money]] = {}
    for channel, money in standing.costs:
        costs.setdefault(channel, []).append(money)
    keys = [c for c in CHANNELS if standing.by_channel.get(c) or c in costs]
    return [By(CHANNELS[c], standing.by_channel.get(c, 0), costs.get(c, []), f"{address}?{_listed(row, channel=c)}") for c in keys]


def said(version: wording.Version, chain: list[str]) -> list[Said]:
    """The texts of a chain in both languages, in the order in which channels are tried."""
    return [
        Said(CHANNELS[channel], language, WORDS[language], one.subject if channel in SUBJECTS else "", one.text)
        for channel in chain
        for language in WORDS
        if (one := version.wordings.get(channel, {}).get(language)) is not None and one.text.strip()
    ]


def _progress(row: MessageBatch, standing: reads.Standing) -> Progress:
    figures = [
        Figure(Text("보냄", "Sent"), standing.reached), Figure(Text("보내지 않음", "Not sent"), standing.by_state.get("blocked", 0)),
        Figure(Text("실패", "Failed"), standing.failed), Figure(Text("결과 모름", "Outcome unknown"), standing.by_state.get("unknown", 0)),
    ]  # fmt: skip
    total = row.total if row.queued_at or not row.counted else max(row.total, int(row.counted.get("people", 0)))
    return Progress(standing.done, total, Text("통", "messages"), figures=figures, said=Text("끝난 메시지", "Messages that are settled"))


def batch(request: HttpRequest, number: str) -> HttpResponse:
    """One batch: how far it is, what became of its messages, what it will say."""
    actor = actor_of(request)
    found = reads.batches(actor)
    row = reads.batch(actor, number)
    standing = reads.standing(row)
    version = wording.read(row.version)
    line = beside(request, BATCHES, found, row, url, reverse("messaging:batches"))
    may = actor.may(BATCH_CONTROL, row.service or None)
    verbs = [verb for verb in ACTS if _offered(actor, row, verb, standing)] if may or actor.may(MESSAGE_DECIDE, row.service or None) else []
    context = {
        "row": row, "face": BATCH[row.state], "beside": line, "standing": standing, "progress": _progress(row, standing), "kept": _kept(row, standing),
        "by": _by(row, standing), "states": [(MESSAGE[s], standing.by_state[s], f"{reverse('messaging:messages')}?{_listed(row, state=s)}") for s in states.MESSAGE if s in standing.by_state],
        "said": said(version, row.chain), "purpose": PURPOSE[row.purpose], "trouble": TROUBLE.get(row.trouble), "acts": [(verb, ACTS[verb]) for verb in verbs],
        "messages": f"{reverse('messaging:messages')}?{_listed(row)}", "live": f"{LIVE}:{row.number}", "facts": detail.facts(
            Fact(Text("종류", "Kind"), KIND[row.kind]),
            Fact(Text("목적", "Purpose"), PURPOSE[row.purpose]),
            Fact(Text("채널 순서", "Channels"), " → ".join(str(CHANNELS[c]) for c in row.chain)),
            Fact(Text("서식", "Template"), version.name, note=Text("판 {n}", "version {n}").fill(n=version.number)),
            Fact(Text("만든 때", "Made"), row.created_at, note=row.created_name),
            Fact(Text("보내는 때", "To be sent"), row.send_at) if row.send_at else None,
            Fact(Text("시작", "Started"), row.started_at, note=row.started_name) if row.started_at else None,
            Fact(Text("기한", "Until"), row.expires_at) if row.expires_at else None,
            Fact(Text("끝난 때", "Ended"), row.ended_at) if row.ended_at else None,
            Fact(Text("무엇에 관한 것", "About"), row.about_key) if row.about_key else None,
        ),
    }  # fmt: skip
    crumbs = [Crumb(NAME, line.back), Crumb(row.number)]
    return page(request, "messaging/batch.html", context, crumbs=crumbs, **WHERE)


# ── acts ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


class ReasonForm(forms.Form):
    """Why a thing is done, in one line."""

    reason = forms.CharField(
        label=spoken(Text("사유", "Reason")), max_length=200, widget=forms.TextInput({"autocomplete": "off"}),
        help_text=spoken(Text("감사 기록에 남습니다. 개인정보는 적지 마십시오.", "Kept in the audit record. Write nothing personal.")),
        error_messages={"required": spoken(Text("왜 하는지 한 줄로 적으십시오.", "Write in one line why you do it."))},
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class BatchAct:
    """An act on a batch as its page offers it: what it is called, whether it asks why, and what is said where the action foretells nothing."""

    name: Text
    button: Text
    action: Action[..., Any]
    permission: str
    icon: str
    done: Text
    note: Text
    asks: bool = False
    grave: bool = False


ACTS: dict[str, BatchAct] = {
    "pause": BatchAct(Text("발송 멈춤", "Pause the batch"), Text("멈춤", "Pause"), pause_batch, BATCH_CONTROL, "player-pause", Text("{n} 발송을 멈췄습니다", "{n} is paused"),
                      Text("지금 나가는 묶음까지 보내고 멈춥니다. 이미 나간 것은 그대로이고, 재개하면 그다음부터 보냅니다.", "It halts after the chunk in hand. What has left stays sent; resuming goes on from there.")),
    "resume": BatchAct(Text("발송 재개", "Resume the batch"), Text("재개", "Resume"), resume_batch, BATCH_CONTROL, "player-play", Text("{n} 발송을 재개했습니다", "{n} goes on"),
                       Text("남은 메시지를 보낼 때 한 사람씩 다시 판정합니다. 이미 나간 것은 다시 보내지 않습니다.", "Each message that is left is judged again when it is sent. What has left is not sent again.")),
    "stop": BatchAct(Text("발송 중단", "Stop the batch"), Text("중단", "Stop"), stop_batch, BATCH_CONTROL, "x", Text("{n} 발송을 중단했습니다", "{n} is stopped"),
                     Text("중단한 발송은 다시 시작할 수 없습니다.", "A stopped batch can’t be started again."), asks=True, grave=True),
    "retry": BatchAct(Text("결과 모르는 메시지 다시 보내기", "Send again what nobody knows of"), Text("다시 보내기", "Send again"), retry_batch, MESSAGE_DECIDE, "refresh", Text("{n}의 메시지를 다시 보냅니다", "Messages of {n} are sent again"),
                      Text("이미 갔다면 두 번 받을 수 있습니다.", "Whoever had it already may get it twice."), asks=True),
}  # fmt: skip


def _offered(actor: Actor, row: MessageBatch, verb: str, standing: reads.Standing) -> bool:
    if not actor.may(ACTS[verb].permission, row.service or None):
        return False
    if verb == "retry":
        return row.state != "stopped" and standing.by_state.get("unknown", 0) > 0
    return states.after(verb, row.state) is not None


def act(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """GET shows what the act would do by its own dry form; POST does it."""
    actor = actor_of(request)
    row = reads.batch(actor, number)
    one = ACTS.get(verb)
    if one is None:
        raise NotFound.named(Text("처리", "act"), verb[:20])
    if not actor.may(one.permission, row.service or None):
        raise NotAllowed.for_permission(one.permission)
    form = (
        ReasonForm(request.POST if request.method == "POST" else None)
        if one.asks
        else forms.Form(request.POST if request.method == "POST" else None)
    )
    crumbs = [Crumb(NAME, reverse("messaging:batches")), Crumb(row.number, url(row)), Crumb(one.name)]
    return perform(
        request, form, one.name, one.button, lambda reason: one.action.do(actor, number=row.number, reason=reason),
        lambda: one.action.plan(actor, number=row.number).effects, back=url(row), crumbs=crumbs, note=one.note, told=one.done.fill(n=row.number),
        about=f"{row.number} · {row.title}", grave=one.grave,
    )  # fmt: skip


def perform(
    request: HttpRequest, form: forms.Form, name: Text, button: Text, do: Callable[[str], Any], plan: Callable[[], list[Text]], *, back: str,
    crumbs: list[Crumb], note: Text, told: Text, about: str, grave: bool = False,
) -> HttpResponse:  # fmt: skip
    """The dry form of an act: what it would do, and why where it asks; then the act. A refusal stands on the form (422), or in its place (409)."""
    blocked: Refused | None = None
    effects: list[Text] = []
    if form.is_bound and form.is_valid():
        try:
            do(form.cleaned_data.get("reason", ""))
        except NotAllowed:
            raise
        except Refused as refusal:
            refuse(form, refusal)
        else:
            toasts.tell(request, Toast(told))
            return redirect(back)
    try:
        effects = plan()
    except NotAllowed:
        raise
    except Refused as refusal:
        blocked = refusal
    context = {
        "name": name, "button": button, "form": form, "effects": effects, "note": note, "blocked": blocked.findings if blocked else [], "back": back,
        "about": about, "grave": grave,
    }  # fmt: skip
    status = blocked.status if blocked else 422 if form.is_bound else 200
    return page(request, "messaging/act.html", context, crumbs=crumbs, status=status, **WHERE)
