"""Reads of messaging, narrowed to what a reader may see; and a person's own messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet, Sum
from django.db.models.functions import Coalesce

from numaru.facilities.messaging import law, wording, writing
from numaru.facilities.messaging.models import (
    BatchCost,
    BatchTally,
    Message,
    MessageBatch,
    MessageEvent,
    MessageTemplate,
    Suppression,
    TemplateVersion,
    message_id,
)
from numaru.facilities.messaging.permissions import BATCH_VIEW, MESSAGE_SEND, SUPPRESSION_VIEW, TEMPLATE_VIEW
from numaru.facilities.messaging.rules.channels import CHANNELS
from numaru.facilities.messaging.rules.gate import RULES
from numaru.facilities.messaging.web.states import MESSAGE
from numaru.facilities.parties import api as parties
from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.errors import NotFound
from numaru.ui.pages import seen_by
from numaru.values.money import Money
from numaru.values.text import Text

WHAT = Text("메시지", "message")
CHANNEL_NAMES: dict[str, Text] = CHANNELS
MESSAGE_STATES: dict[str, Text] = {key: state.word for key, state in MESSAGE.items()}
RULE_WORDS: dict[str, Text] = {code: rule.text for code, rule in RULES.items()}


def batches(actor: Actor) -> QuerySet[MessageBatch]:
    """The batches of the services that the actor may see."""
    seen = seen_by(actor, BATCH_VIEW)
    rows = MessageBatch.objects.defer("facts", "people").select_related("version__template")
    return rows if seen is None else rows.filter(service__in=seen)


def batch(actor: Actor, number: str) -> MessageBatch:
    """Raises NotFound for none, and for one of another service."""
    row = batches(actor).filter(number=number).first()
    if row is None:
        raise NotFound.named(Text("발송", "batch"), number[:20])
    return row


def messages(actor: Actor) -> QuerySet[Message]:
    seen = seen_by(actor, BATCH_VIEW)
    rows = Message.objects.defer("facts", "digest").select_related("batch", "ruling")
    return rows if seen is None else rows.filter(batch__service__in=seen)


def message(actor: Actor, number: str) -> Message:
    pk = message_id(number)
    row = messages(actor).filter(pk=pk).first() if pk is not None else None
    if row is None:
        raise NotFound.named(WHAT, number[:24])
    return row


def suppressions(actor: Actor) -> QuerySet[Suppression]:
    """Suppressed addresses belong to no service: a grant for all is needed."""
    if seen_by(actor, SUPPRESSION_VIEW) is not None:
        return Suppression.objects.none()
    return Suppression.objects.all()


def templates(actor: Actor) -> QuerySet[MessageTemplate]:
    seen_by(actor, TEMPLATE_VIEW)
    return MessageTemplate.objects.all()


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a batch stands: counts by state, by blocking rule, by channel of what was handed over, and what it cost."""

    total: int
    by_state: dict[str, int] = field(default_factory=dict)
    by_rule: dict[str, int] = field(default_factory=dict)
    by_channel: dict[str, int] = field(default_factory=dict)
    costs: list[tuple[str, Money]] = field(default_factory=list)

    @property
    def done(self) -> int:
        return sum(n for state, n in self.by_state.items() if state not in ("queued", "waiting", "sending"))

    @property
    def reached(self) -> int:
        return self.by_state.get("accepted", 0) + self.by_state.get("delivered", 0)

    @property
    def failed(self) -> int:
        return sum(self.by_state.get(state, 0) for state in ("failed", "bounced", "returned"))


def standing(row: MessageBatch) -> Standing:
    """Two queries, whatever the number of messages."""
    by_state: dict[str, int] = {}
    by_rule: dict[str, int] = {}
    by_channel: dict[str, int] = {}
    for channel, state, code, n in BatchTally.objects.filter(batch=row, count__gt=0).values_list("channel", "state", "code", "count"):
        by_state[state] = by_state.get(state, 0) + n
        if state in ("blocked", "waiting") and code:
            by_rule[code] = by_rule.get(code, 0) + n
        if state not in ("queued", "waiting", "blocked", "stopped"):
            by_channel[channel] = by_channel.get(channel, 0) + n
    costs = [(c.channel, Money(c.minor, c.currency)) for c in BatchCost.objects.filter(batch=row).order_by("channel")]
    return Standing(row.total, by_state, by_rule, by_channel, costs)


def events(row: Message) -> list[MessageEvent]:
    return list(MessageEvent.objects.filter(message=row).select_related("ruling").order_by("at", "id"))


# ── a person's own ───────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class OwnMessage:
    """A message in the portal, written out again as it was sent; the name stands masked, as the portal opens nothing."""

    id: str
    at: datetime
    title: str
    text: str
    language: str
    opened_at: datetime | None
    channel: str
    purpose: str


READ_THERE = ("inapp", "push")  # a push tells a title and leads to the message in the portal
ARRIVED = ("accepted", "delivered")


def _own(party: int) -> QuerySet[Message]:
    rows = Message.objects.alias(owner=Coalesce("receiver", "party")).filter(owner=party, channel__in=READ_THERE, state__in=ARRIVED)
    return rows.select_related("batch")


def own_messages(party: int, limit: int = 20, before: datetime | None = None) -> list[OwnMessage]:
    """The latest messages in the portal of a person, before a moment."""
    rows = _own(party)
    if before is not None:
        rows = rows.filter(sent_at__lt=before)
    return _written(party, list(rows.order_by("-sent_at", "-id")[:limit]))


def own_message(party: int, number: str) -> OwnMessage:
    """Raises NotFound."""
    rows = list(_own(party).filter(pk=message_id(number) or 0))
    if not rows:
        raise NotFound.named(WHAT, number[:24])
    return _written(party, rows)[0]


def unread(party: int) -> int:
    return _own(party).filter(opened_at__isnull=True).count()


def _written(party: int, rows: Sequence[Message]) -> list[OwnMessage]:
    now = law.standing(clock.now())
    versions = {row.batch.version_id: wording.version(row.batch.version_id) for row in rows}
    person = parties.masked({party}).get(party)
    out = []
    for row in rows:
        facts = {**writing.opened_facts(row.batch.facts), **writing.opened_facts(row.facts)}
        made = writing.write(
            versions[row.batch.version_id], now, row.channel, row.language, facts, person.name if person else "", row.party
        ).rendered
        out.append(
            OwnMessage(row.number, row.sent_at or row.at, made.subject, made.text, row.language, row.opened_at, row.channel, row.purpose)
        )
    return out


def state_of(actor: Actor, number: str) -> dict[str, Any]:
    """Where a batch of a program stands, with its first messages: what the API answers. Raises NotFound."""
    seen = seen_by(actor, MESSAGE_SEND)
    rows = MessageBatch.objects.filter(number=number)
    row = (rows if seen is None else rows.filter(service__in=seen)).first()
    if row is None:
        raise NotFound.named(Text("발송", "batch"), number[:20])
    found = standing(row)
    first = Message.objects.filter(batch=row).order_by("id").select_related("ruling").defer("facts", "digest")[:100]
    costs: dict[str, int] = {}
    for _, money in found.costs:
        costs[money.currency] = costs.get(money.currency, 0) + money.minor
    return {
        "batch": row.number, "state": row.state, "purpose": row.purpose, "total": row.total, "by_state": found.by_state,
        "costs": [Money(minor, currency) for currency, minor in sorted(costs.items())],
        "messages": [
            {"number": m.number, "state": m.state, "channel": m.channel, "code": m.code, "at": m.at, "rule": m.ruling.policy if m.ruling else ""} for m in first
        ],
    }  # fmt: skip


def versions(template: MessageTemplate) -> list[TemplateVersion]:
    return list(template.versions.order_by("-number"))


def total_cost(row: MessageBatch) -> list[Money]:
    rows = BatchCost.objects.filter(batch=row).values("currency").annotate(sum=Sum("minor")).order_by("currency")
    return [Money(int(r["sum"]), r["currency"]) for r in rows]
