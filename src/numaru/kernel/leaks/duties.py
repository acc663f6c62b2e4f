"""Clocks: what is due, done, done late or exempt; warned of before, and visible when missed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from numaru.kernel import clock, policies
from numaru.kernel.access import Actor
from numaru.kernel.actions import Act, Second, action
from numaru.kernel.errors import Conflict, NotFound
from numaru.kernel.files import store
from numaru.kernel.leaks.cases import DUTIES, open_one, refuse_field, tell
from numaru.kernel.leaks.models import LeakCase, LeakDraft, LeakDuty
from numaru.kernel.leaks.permissions import LEAK_APPROVE, LEAK_HANDLE
from numaru.kernel.leaks.policies import WARN_HOURS
from numaru.values.text import Text


def _duty(row: LeakCase, key: str) -> LeakDuty:
    duty = LeakDuty.objects.select_for_update().filter(case=row, key=key).first()
    if duty is None:
        raise NotFound.named(Text("의무", "duty"), key)
    if duty.state != "due":
        raise Conflict.because(
            "leak.settled",
            Text("이미 처리한 의무입니다.", "The duty is settled already."),
            Text("경과에서 언제 누가 했는지 보십시오.", "The timeline says when and by whom."),
        )
    return duty


def _settle(act: Act, row: LeakCase, duty: LeakDuty, at: datetime) -> None:
    duty.done_at = at
    duty.state = "done" if at <= duty.due_at else "late"
    if duty.state == "late" and duty.missed_at is None:
        duty.missed_at = duty.due_at
    duty.save()
    act.record(
        "leaks.duty",
        f"{row.number} {duty.key}",
        before={"state": "due"},
        after={"state": duty.state, "at": at.isoformat(), "receipt": duty.receipt},
    )
    word = Text("기한 안에 마쳤습니다", "done in time") if duty.state == "done" else Text("기한을 넘겨 마쳤습니다", "done late")
    tell(act, row, duty.key, Text("{d}: {w}", "{d}: {w}").fill(d=DUTIES[duty.key][0], w=word), duty.receipt)


def _when(row: LeakCase, at: datetime) -> None:
    if not row.known_at <= at <= clock.now():
        raise refuse_field(
            "at",
            Text("안 때와 지금 사이의 시각이어야 합니다.", "It must lie between the moment of knowing and now."),
            Text("실제로 한 때를 적으십시오.", "Give the moment when it was done."),
            "at",
        )


@action(LEAK_HANDLE)
def report_done(act: Act, *, case: str, key: str, at: datetime, receipt: str, evidence: str, sha256: str) -> None:
    """The report to the authority was handed in at ``at``: its receipt number and the file of evidence (:func:`keep`). Refuses without an
    approved text of the report."""
    row = open_one(case)
    if key not in ("report_leak", "report_intrusion"):
        raise NotFound.named(Text("신고 의무", "duty to report"), key)
    duty = _duty(row, key)
    _when(row, at)
    if not LeakDraft.objects.filter(case=row, kind=key, state="approved").exists():
        raise Conflict.because(
            "leak.unapproved",
            Text("승인한 신고 문안이 없습니다.", "The text of the report is not approved."),
            Text("초안을 승인받은 뒤 신고하십시오.", "Have the draft approved first."),
        )
    if not receipt.strip() or len(receipt) > 80:
        raise refuse_field(
            "receipt",
            Text("접수번호를 80자 안으로 적으십시오.", "The receipt number is needed, in up to 80 characters."),
            Text("감독기관이 준 번호입니다.", "The number that the authority gave."),
            "receipt",
        )
    if not sha256 or not store().exists(evidence):
        raise refuse_field(
            "evidence",
            Text("접수증 파일이 필요합니다.", "A file that proves the receipt is needed."),
            Text("파일을 올리십시오.", "Upload it."),
            "evidence",
        )
    duty.receipt, duty.evidence, duty.sha256 = receipt.strip(), evidence, sha256
    _settle(act, row, duty, at)


def settle_notice(act: Act, row: LeakCase, at: datetime) -> None:
    """A part of recording proof: the duty to tell people is settled when nobody is left."""
    duty = LeakDuty.objects.select_for_update().filter(case=row, key="notice", state="due").first()
    if duty is not None:
        _settle(act, row, duty, at)


def _exempting(**_: Any) -> Second:
    return Second(
        Text("법의 의무를 예외로 두는 일은 한 사람이 정하지 않습니다.", "No one decides alone that a duty does not apply."),
        LEAK_APPROVE,
        alone=True,
    )


@action(LEAK_HANDLE, reason=True, second=_exempting)
def exempt(act: Act, *, case: str, key: str) -> None:
    """Say that a duty does not apply; the reason is kept with it. A clock that ran out meanwhile stays visible."""
    row = open_one(case)
    duty = _duty(row, key)
    duty.state, duty.note, duty.done_at = "exempt", act.reason, clock.now()
    duty.save()
    act.record("leaks.duty", f"{row.number} {key}", before={"state": "due"}, after={"state": "exempt"})
    tell(act, row, key, Text("{d}: 예외로 두었습니다", "{d}: exempted").fill(d=DUTIES[key][0]), act.reason)


@action(LEAK_HANDLE)
def watch(act: Act) -> int:
    """Warn of what is nearly due and mark what was missed, each once; returns how many lines were written. A tick of the house."""
    now = clock.now()
    soon = now + timedelta(hours=int(policies.value(WARN_HOURS.key, clock.today())))
    rows = LeakDuty.objects.filter(state="due", case__state="open").select_related("case")
    told = 0
    for duty in rows.select_for_update(of=("self",)):
        name = DUTIES[duty.key][0]
        if duty.due_at <= now and duty.missed_at is None:
            duty.missed_at = duty.due_at
            tell(act, duty.case, "missed", Text("{d}: 기한을 넘겼습니다", "{d}: the deadline has passed").fill(d=name))
        elif now < duty.due_at <= soon and duty.warned_at is None:
            duty.warned_at = now
            tell(act, duty.case, "warned", Text("{d}: 기한이 다가옵니다", "{d}: the deadline is near").fill(d=name))
        else:
            continue
        duty.save(update_fields=["missed_at", "warned_at"])
        told += 1
        act.record(
            "leaks.duty",
            f"{duty.case.number} {duty.key}",
            after={"warned": duty.warned_at is not None, "missed": duty.missed_at is not None},
        )
    if not told:
        act.record("leaks.duty", "watch", after={"told": 0})
    return told


def tick() -> int:
    """:func:`watch`, asked only when something is near its end or over it."""
    soon = clock.now() + timedelta(hours=int(policies.value(WARN_HOURS.key, clock.today())))
    near = LeakDuty.objects.filter(state="due", case__state="open", due_at__lte=soon, missed_at__isnull=True)
    if not any(duty.warned_at is None or duty.due_at <= clock.now() for duty in near):
        return 0
    return watch.do(Actor.system("leaks"))
