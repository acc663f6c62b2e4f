"""Batches: made, counted, started by one person or two, paused, resumed, stopped; and the one way in which rooms speak."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from numaru.facilities.messaging import counting, enclosing, law, queueing, wording, writing
from numaru.facilities.messaging.audiences import audiences
from numaru.facilities.messaging.events import BatchChanged
from numaru.facilities.messaging.models import MessageBatch
from numaru.facilities.messaging.permissions import BATCH_APPROVE, BATCH_CONTROL, BATCH_MAKE, MESSAGE_SEND
from numaru.facilities.messaging.rules import states
from numaru.facilities.messaging.rules.channels import CHANNELS
from numaru.kernel import clock, numbering
from numaru.kernel.actions import Act, Second, action
from numaru.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from numaru.values.masked import telling
from numaru.values.text import Text

WHAT = Text("발송", "batch")
MOST_NAMED = 20_000
TITLE = 120


def defer(number: str) -> None:
    """Queue the work of a batch."""
    from numaru.facilities.messaging import jobs

    jobs.defer(number)


def scope(*, number: str, **_: Any) -> str | None:
    """The service whose grant an act on this batch needs; None for one of the house."""
    return MessageBatch.objects.filter(number=number).values_list("service", flat=True).first() or None


def locked(number: str) -> MessageBatch:
    row = MessageBatch.objects.select_for_update().filter(number=number).first()
    if row is None:
        raise NotFound.named(WHAT, number[:20])
    return row


def moved(act: Act, row: MessageBatch, verb: str) -> None:
    """Take a batch to where ``verb`` leads. Raises Conflict where it may not be done now."""
    then = states.after(verb, row.state)
    if then is None:
        raise Conflict.because(
            "messaging.state", Text("지금 상태에서는 할 수 없습니다.", "This cannot be done in its present state."),
            Text("화면을 새로 고쳐 지금 상태를 확인하십시오.", "Reload the page to see where it stands."),
        )  # fmt: skip
    before, row.state = row.state, then
    row.save()
    act.record("messaging.batch", row.number, before={"state": before}, after={"state": then})
    act.event(BatchChanged(row.number, then, row.about_kind, row.about_key))


def titled(title: str) -> str:
    made = " ".join(title.split())
    if not 1 <= len(made) <= TITLE or telling(made):
        raise Invalid.because(
            "messaging.title", Text("제목은 1자부터 {n}자까지이고, 개인정보를 담지 않습니다.", "A title has 1 to {n} characters and no personal data.").fill(n=TITLE),
            Text("무엇을 알리는지 짧게 적으십시오.", "Say in a few words what it tells."), field="title",
        )  # fmt: skip
    return made


def chained(version: wording.Version, channels: Sequence[str] | None) -> list[str]:
    """The chain of a sending: that of the template, or ``channels``; each must have a text."""
    chain = list(channels) if channels else list(version.chain)
    wrong = [
        c for c in chain if c not in CHANNELS or c not in version.wordings or not any(w.text.strip() for w in version.wordings[c].values())
    ]
    if not chain or wrong or len(set(chain)) != len(chain):
        raise Invalid.because(
            "messaging.channels", Text("서식에 글이 있는 채널을 하나 이상 고르십시오.", "Choose at least one channel that the template has a text for."),
            Text("쓸 수 있는 채널: {c}", "There are: {c}").fill(c=", ".join(version.wordings)), field="chain",
        )  # fmt: skip
    return chain


def _audience(act: Act, audience: str, service: str, people: Sequence[int]) -> tuple[dict[str, str], list[int]]:
    if audience:
        one = audiences.get(audience)
        if one is None:
            raise Invalid.because(
                "messaging.audience",
                Text("그런 대상이 없습니다.", "There is no such audience."),
                Text("목록에서 고르십시오.", "Choose one of the list."),
                field="audience",
            )
        if not act.actor.may(one.permission, service or None):
            raise NotAllowed.for_permission(one.permission)
        return {"key": audience, "service": service}, []
    named = sorted(set(people))
    if not named or len(named) > MOST_NAMED:
        raise Invalid.because(
            "messaging.people", Text("받는 사람을 1명에서 {n}명까지 정하십시오.", "Name 1 to {n} people.").fill(n=f"{MOST_NAMED:,}"),
            Text("더 많으면 대상을 고르십시오.", "Choose an audience for more."), field="people",
        )  # fmt: skip
    return {}, named


def _times(send_at: datetime | None, expires_at: datetime | None) -> None:
    if expires_at is not None and expires_at <= (send_at or clock.now()):
        raise Invalid.because(
            "messaging.expires",
            Text("보내는 때보다 기한이 앞섭니다.", "It would end before it begins."),
            Text("기한을 늦추거나 비우십시오.", "Choose a later end, or none."),
            field="expires_at",
        )


@action(BATCH_MAKE)
def draft_batch(
    act: Act, *, title: str, template: str, audience: str = "", people: Sequence[int] = (), service: str = "", facts: Mapping[str, str] | None = None,
    channels: Sequence[str] = (), send_at: datetime | None = None, expires_at: datetime | None = None, rate: int = 0, about: tuple[str, str] = ("", ""),
) -> str:  # fmt: skip
    """Make the draft of a notice and return its number. Nothing is queued: it is counted, then started."""
    version = wording.live(template)
    kept, named = _audience(act, audience, service, people)
    _times(send_at, expires_at)
    given = writing.checked_facts(version.variables, facts or {})
    now = clock.now()
    row = MessageBatch.objects.create(
        number=f"MB-{numbering.take('messaging.batch'):07d}", kind="notice", title=titled(title), version_id=version.id, purpose=version.purpose,
        chain=chained(version, channels), audience=kept, people=named, facts=json.dumps(given, ensure_ascii=False) if given else "", service=service,
        about_kind=about[0][:60], about_key=about[1][:80], send_at=send_at, expires_at=expires_at, rate=max(0, rate), created_at=now,
        created_by=act.actor.staff_id, created_name=act.actor.name[:80],
    )  # fmt: skip
    act.record(
        "messaging.batch",
        row.number,
        after={
            "template": template,
            "version": version.number,
            "audience": kept,
            "named": len(named),
            "title": row.title,
            "chain": row.chain,
        },
    )
    act.event(BatchChanged(row.number, row.state))
    return row.number


@action(BATCH_MAKE, service=scope)
def count_batch(act: Act, *, number: str) -> dict[str, Any]:
    """Judge everybody as if it were sent at its hour, and keep the counts: the dry form that is shown before the start."""
    row = locked(number)
    moved(act, row, "count")
    row.counted, row.counted_at = counting.count(row), clock.now()
    moved(act, row, "counted")
    return dict(row.counted)


def _second(*, number: str, **_: Any) -> Second | None:
    row = MessageBatch.objects.filter(number=number).only("counted", "service").first()
    reached = sum(row.counted.get("going", {}).values()) if row else 0
    if row is None or reached <= law.standing(clock.now()).second_above:
        return None
    return Second(Text("{n}명에게 나가는 발송입니다.", "It goes to {n} people.").fill(n=f"{reached:,}"), BATCH_APPROVE)


@action(BATCH_MAKE, reason=True, service=scope, second=_second)
def start_batch(act: Act, *, number: str) -> None:
    """Start a counted batch, now or at its hour. Above the policy's number of people a second person approves it."""
    row = locked(number)
    later = row.send_at is not None and row.send_at > clock.now()
    if row.version.state != "published":
        raise Conflict.because(
            "messaging.version", Text("그 사이 서식의 새 판이 발행되었습니다.", "A new version of the template was published meanwhile."),
            Text("발송을 새로 만들어 다시 세십시오.", "Make the notice anew and count again."),
        )  # fmt: skip
    row.started_by, row.started_name, row.approval = act.actor.staff_id, act.actor.name[:80], act.approval
    row.started_at = None if later else clock.now()
    moved(act, row, "plan" if later else "start")
    going = sum(row.counted.get("going", {}).values())
    act.effect(
        Text(
            "{n}명에게 보냅니다. 보낼 때 한 사람씩 다시 판정합니다.",
            "It goes to {n} people; each is judged again at the moment of sending.",
        ).fill(n=f"{going:,}")
    )
    act.job(lambda: defer(number))


@action(BATCH_CONTROL, service=scope)
def pause_batch(act: Act, *, number: str) -> None:
    """Halt at the end of the present chunk. What was handed over stays handed over."""
    moved(act, locked(number), "pause")


@action(BATCH_CONTROL, service=scope)
def resume_batch(act: Act, *, number: str) -> None:
    """Go on where it was paused."""
    row = locked(number)
    row.started_at = row.started_at or clock.now()
    moved(act, row, "resume")
    act.job(lambda: defer(number))


@action(BATCH_CONTROL, service=scope, reason=True)
def stop_batch(act: Act, *, number: str) -> None:
    """End it for good. What waits is not sent; what was handed over cannot be called back."""
    row = locked(number)
    row.ended_at = clock.now()
    moved(act, row, "stop")
    act.effect(
        Text(
            "아직 나가지 않은 메시지는 보내지 않습니다. 이미 나간 것은 되돌릴 수 없습니다.",
            "What has not left is not sent; what has left cannot be called back.",
        )
    )
    act.job(lambda: defer(number))


@action(MESSAGE_SEND)
def post_messages(
    act: Act, *, template: str, people: Sequence[int] = (), audience: str = "", facts: Mapping[int, Mapping[str, str]] | None = None,
    same: Mapping[str, str] | None = None, about: tuple[str, str] | Sequence[str] = ("", ""), channels: Sequence[str] = (), at: datetime | None = None,
    expires_at: datetime | None = None, service: str | None = None, once: str = "", enclosure: str = "", title: str = "", origin: str = "",
) -> str:  # fmt: skip
    """Send a template to people and return the number of the batch: how every room speaks. Queued in the caller's transaction; each message is judged at
    the moment of sending, so whoever may not get it does not.

    ``facts`` by person, ``same`` for all; ``once`` is a key of the caller: a second call with it sends nothing and returns the first number. For an
    audience the people are found by the job.
    """
    if once:
        known = MessageBatch.objects.filter(once=once).values_list("number", flat=True).first()
        if known is not None:
            act.record("messaging.batch", known, after={"again": once[:120]})
            return str(known)
    version = wording.live(template)
    kept, named = (
        _audience(act, audience, service or "", people) if audience or len(people) <= MOST_NAMED else ({}, list(dict.fromkeys(people)))
    )
    _times(at, expires_at)
    given = writing.checked_facts(version.variables, same or {}, whole=False)
    shared = set(given)
    by_person: dict[int, str] = {}
    for party in named:
        own = dict((facts or {}).get(party, {}))
        writing.checked_facts(version.variables, {**given, **own})
        if own:
            by_person[party] = json.dumps({k: v for k, v in own.items() if v and (k not in shared or v != given[k])}, ensure_ascii=False)
    if not named:
        writing.checked_facts(version.variables, given)
    if enclosure and enclosing.enclosures.get(enclosure.partition(":")[0]) is None:
        raise Invalid.because(
            "messaging.enclosure",
            Text("붙일 수 없는 문서입니다.", "This document can’t be sent."),
            Text("목록에서 고르십시오.", "Choose one of the list."),
            field="enclosure",
        )
    now = clock.now()
    row = MessageBatch.objects.create(
        number=f"MB-{numbering.take('messaging.batch'):07d}", kind="one" if len(named) == 1 and not audience else "post", state="running",
        title=titled(title or version.name.ko), version_id=version.id, purpose=version.purpose, chain=chained(version, channels), audience=kept,
        facts=json.dumps(given, ensure_ascii=False) if given else "", service=service or "", about_kind=str(about[0])[:60], about_key=str(about[1])[:80],
        once=once or None, send_at=at, expires_at=expires_at, origin=origin[:120], created_at=now, created_by=act.actor.staff_id,
        created_name=act.actor.name[:80], started_at=now, started_by=act.actor.staff_id, started_name=act.actor.name[:80],
        queued_at=now if named else None,
    )  # fmt: skip
    if named and not act.dry:
        queueing.queue(row, named, at or now, by_person, enclosure)
    act.effect(
        Text("{n}명에게 ‘{t}’을(를) 보냅니다.", "“{t}” goes to {n} people.").fill(n=f"{len(named):,}" if named else "…", t=version.name)
    )
    act.record(
        "messaging.batch",
        row.number,
        after={
            "template": template,
            "version": version.number,
            "people": len(named),
            "audience": kept,
            "about": " ".join(map(str, about)).strip(),
        },
    )
    act.event(BatchChanged(row.number, row.state, row.about_kind, row.about_key))
    act.job(lambda: defer(row.number))
    return row.number
