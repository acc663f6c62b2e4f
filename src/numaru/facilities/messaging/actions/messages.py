"""What a person decides about one message: an unknown outcome, a rule that may be set aside; and the receiver's own messages."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from numaru.facilities.messaging import law as laws
from numaru.facilities.messaging import moving, wording, writing
from numaru.facilities.messaging.actions.batches import locked as locked_batch
from numaru.facilities.messaging.enclosing import Missing, attachments
from numaru.facilities.messaging.models import Message, MessageBatch, message_id
from numaru.facilities.messaging.moving import Row, Told
from numaru.facilities.messaging.permissions import MESSAGE_DECIDE, MESSAGE_OPEN, MESSAGE_PROVE, OWN_READ
from numaru.facilities.messaging.rules import render, states
from numaru.facilities.messaging.rules.gate import OVERRIDABLE, RULES
from numaru.facilities.messaging.rules.render import Rendered
from numaru.facilities.parties import api as parties
from numaru.kernel import clock
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from numaru.kernel.vault import api as vault
from numaru.values.text import Text

WHAT = Text("메시지", "message")


def scope(*, number: str, **_: Any) -> str | None:
    """The service of the batch that the message belongs to."""
    pk = message_id(number)
    return Message.objects.filter(pk=pk).values_list("batch__service", flat=True).first() or None if pk is not None else None


def _locked(number: str) -> tuple[Row, MessageBatch]:
    pk = message_id(number)
    rows = moving.read("id = %(id)s", {"id": pk}, "FOR UPDATE") if pk is not None else []
    if not rows:
        raise NotFound.named(WHAT, number[:24])
    return rows[0], MessageBatch.objects.get(pk=rows[0].batch)


def _again(act: Act, row: Row, batch: MessageBatch, kind: str) -> None:
    """Queue a message now; its batch runs again where it was done."""
    now = clock.now()
    if batch.state == "stopped":
        raise Conflict.because(
            "messaging.stopped", Text("중단한 발송입니다.", "The batch was stopped."), Text("새로 보내십시오.", "Send it anew.")
        )
    row.state, row.due_at = "queued", now
    moving.save([row], [Told(row.id, kind, now, row.step, row.was[1], row.was[3])], now)
    MessageBatch.objects.filter(pk=batch.pk, state="done").update(state="running", ended_at=None)
    from numaru.facilities.messaging.jobs import defer

    act.job(lambda: defer(batch.number))


@action(MESSAGE_DECIDE, service=scope, reason=True)
def decide_unknown(act: Act, *, number: str, again: bool) -> None:
    """Of a message whose outcome nobody knows: send it again under the same key (it may then arrive twice), or take it as not arrived, which lets the next
    channel of its chain go."""
    row, batch = _locked(number)
    if row.state != "unknown":
        raise Conflict.because(
            "messaging.known", Text("이미 결과가 있습니다.", "Its outcome is known by now."), Text("화면을 새로 고치십시오.", "Reload the page."),
        )  # fmt: skip
    if again:
        row.tries, row.code = 0, ""
        _again(act, row, batch, "decided_again")
        act.effect(
            Text(
                "같은 번호로 다시 보냅니다. 이미 갔다면 두 번 받을 수 있습니다.",
                "It is sent again under its number; if it had arrived, it may come twice.",
            )
        )
    elif states.falls_back("failed", row.step, len(batch.chain)) and batch.state != "stopped":
        row.step, row.tries, row.code, row.sent_at = row.step + 1, 0, "next", None
        _again(act, row, batch, "decided_failed")
        act.effect(Text("가지 않은 것으로 보고 다음 채널로 보냅니다.", "Taken as not arrived, it goes by the next channel."))
    else:
        now = clock.now()
        row.state, row.code = "failed", "tries"
        moving.save([row], [Told(row.id, "decided_failed", now, row.step, row.channel)], now)
        act.effect(Text("가지 않은 것으로 봅니다.", "It is taken as not arrived."))
    act.record("messaging.message", number, before={"state": "unknown"}, after={"again": again, "state": row.state})


@action(MESSAGE_DECIDE, service=scope, reason=True)
def override_rule(act: Act, *, number: str) -> None:
    """Set the rule aside that holds a message up, for this message alone. Only rules that say so, and only with their own permission; the law is none of them."""
    row, batch = _locked(number)
    needed = OVERRIDABLE.get(row.code)
    if row.state not in ("blocked", "waiting") or needed is None:
        raise Conflict.because(
            "messaging.fixed", Text("무시할 수 있는 규칙이 아닙니다.", "This rule can’t be set aside."), RULES[row.code].who if row.code in RULES else Text("", ""),
        )  # fmt: skip
    if not act.actor.may(needed, batch.service or None):
        raise NotAllowed.for_permission(needed)
    code = row.code
    Message.objects.filter(pk=row.id).update(overrides=sorted({*row.overrides, code}))
    row.step, row.tries, row.code = 0, 0, ""
    _again(act, row, batch, "overridden")
    act.effect(Text("‘{r}’을(를) 이 메시지에서만 무시합니다.", "“{r}” is set aside for this message alone.").fill(r=RULES[code].text))
    act.record("messaging.message", number, before={"rule": code}, after={"overridden": code})


@action(
    MESSAGE_DECIDE,
    service=lambda *, number, **_: MessageBatch.objects.filter(number=number).values_list("service", flat=True).first() or None,
    reason=True,
)
def retry_batch(act: Act, *, number: str) -> int:
    """Send every message of unknown outcome of a batch again under its key; returns how many. At most 10,000 at once."""
    batch = locked_batch(number)
    if batch.state == "stopped":
        raise Conflict.because(
            "messaging.stopped", Text("중단한 발송입니다.", "The batch was stopped."), Text("새로 보내십시오.", "Send it anew.")
        )
    rows = moving.read("batch_id = %(batch)s AND state = 'unknown'", {"batch": batch.pk}, "ORDER BY id LIMIT 10000 FOR UPDATE")
    now = clock.now()
    told = [Told(r.id, "decided_again", now, r.step, r.channel) for r in rows]
    for row in rows:
        row.state, row.due_at, row.tries, row.code = "queued", now, 0, ""
    moving.save(rows, told, now)
    if rows:
        MessageBatch.objects.filter(pk=batch.pk, state="done").update(state="running", ended_at=None)
        from numaru.facilities.messaging.jobs import defer

        act.job(lambda: defer(number))
    act.effect(Text("{n}건을 같은 번호로 다시 보냅니다.", "{n} are sent again under their numbers.").fill(n=f"{len(rows):,}"))
    act.record("messaging.batch", number, after={"retried": len(rows)})
    return len(rows)


def _unsent() -> Refused:
    return Conflict.because(
        "messaging.unsent",
        Text("아직 보낸 적이 없습니다.", "It was never sent."),
        Text("보낸 뒤에 열고 증명할 수 있습니다.", "It can be opened and proved once it was sent."),
    )


def _no_document() -> Refused:
    return Conflict.because(
        "messaging.document_missing",
        Text("함께 보낸 문서를 다시 만들 수 없어 견주지 못했습니다.", "The document that went with it can’t be made again, so nothing was compared."),
        Text("문서를 보관하는 업무실에 원본이 있는지 확인하십시오.", "Ask the room that keeps the document whether the original is there."),
    )  # fmt: skip


@action(MESSAGE_PROVE, service=scope, reason=True)
def prove_message(act: Act, *, number: str) -> bool:
    """Write a sent message out again from its version and sealed facts, and say whether it is to the byte what left. The name is opened for it and shown to
    nobody. A plan opens nothing. Raises Conflict where a document that went with it cannot be made any more: that is no proof against the text."""
    pk = message_id(number)
    row = Message.objects.select_related("batch").filter(pk=pk).first() if pk is not None else None
    if row is None:
        raise NotFound.named(WHAT, number[:24])
    if not row.digest:
        raise _unsent()
    if act.dry:
        act.record("messaging.message", number, after={"proved": None})
        act.effect(Text("이름을 열어 다시 쓰고 해시를 견줍니다.", "The name is opened, the text written again, the hashes compared."))
        return False
    try:
        files = attachments(row.enclosure, row.party, row.language) if row.enclosure else []
    except Missing:
        raise _no_document() from None
    version = wording.version(row.batch.version_id)
    to = row.receiver or row.party
    vault.record_many(act.actor, [to], ["name"], vault.Purpose(act.reason, "notice", number, row.batch.service))
    name = next((one.values.get("name", "") for one in vault.read_many([to], ("name",))), "")
    facts = {**writing.opened_facts(row.batch.facts), **writing.opened_facts(row.facts)}
    made = writing.write(version, laws.standing(row.sent_at or row.at), row.channel, row.language, facts, name, row.party)
    same = render.digest(row.channel, row.language, made.rendered, [f.content for f in files]) == bytes(row.digest)
    act.record("messaging.message", number, after={"proved": same, "sha256": bytes(row.digest).hex()})
    return same


@action(MESSAGE_OPEN, service=scope, reason=True)
def open_message(act: Act, *, number: str, code: str, case_ref: str = "") -> Rendered | None:
    """What a sent message said, written out again with its receiver's name. Opened for a purpose of the list: the name as every contact value is, with its
    record and its limits; the message by this act. A plan opens nothing."""
    pk = message_id(number)
    row = Message.objects.select_related("batch").filter(pk=pk).first() if pk is not None else None
    if row is None:
        raise NotFound.named(WHAT, number[:24])
    if not row.digest:
        raise _unsent()
    act.record("messaging.message", number, after={"opened": True, "purpose": code})
    if act.dry:
        act.effect(Text("열람 기록이 남습니다.", "The opening is put on record."))
        return None
    name = parties.open_contact(
        act.actor,
        party=row.receiver or row.party,
        kind="name",
        why=parties.Why(code, case_ref or number),
        service=row.batch.service or None,
    )
    facts = {**writing.opened_facts(row.batch.facts), **writing.opened_facts(row.facts)}
    version = wording.version(row.batch.version_id)
    return writing.write(version, laws.standing(row.sent_at or row.at), row.channel, row.language, facts, name, row.party).rendered


@action(OWN_READ)
def open_own(act: Act, *, number: str) -> None:
    """The receiver opened a message in the portal. Said once; only of one's own."""
    pk = message_id(number)
    rows = Message.objects.filter(pk=pk or 0, channel__in=("inapp", "push"), state__in=("accepted", "delivered"))
    row = rows.filter(Q(receiver=act.actor.person) | Q(receiver__isnull=True, party=act.actor.person or 0)).first()
    if act.actor.person is None or row is None:
        raise NotFound.named(WHAT, number[:24])
    Message.objects.filter(pk=row.pk, opened_at__isnull=True).update(opened_at=clock.now())
    act.record("messaging.message", row.number, after={"opened": True})
