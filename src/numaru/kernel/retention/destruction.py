"""Destroying a person on request: what no law keeps goes at once, what a law keeps stays without a name until its day (MODEL §7).

Two people: one asks, a privacy officer approves. What is gone is gone for live data; the certificate says until when a backup may hold it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction

from numaru.kernel import clock, faults
from numaru.kernel.actions import Act, Second, action
from numaru.kernel.approvals.models import ApprovalRequest
from numaru.kernel.errors import Conflict, NotFound
from numaru.kernel.retention import holds, journal
from numaru.kernel.retention.classes import Act as Way
from numaru.kernel.retention.classes import Ref, RetentionClass, classes, needed_for
from numaru.kernel.retention.events import PersonDestroyed
from numaru.kernel.retention.models import Destroyed, Destruction, SubjectRequest
from numaru.kernel.retention.permissions import PERSON_APPROVE, PERSON_DESTROY
from numaru.kernel.retention.runs import write
from numaru.values.text import Text

LOCK = 0x4E4D_5244
WHAT = Text("파기 기록", "destruction")
BASIS = Text("정보주체의 삭제 요구 (개인정보 보호법 제36조)", "The person asked for it (Personal Information Protection Act art. 36)")


@dataclass(frozen=True, slots=True)
class Part:
    """What becomes of one class for one person: ``until`` None: destroyed now; else kept through that day, by law or by a hold."""

    klass: RetentionClass
    refs: Sequence[Ref]
    until: date | None
    why: Text

    @property
    def kept(self) -> bool:
        return self.until is not None


def parts_of(person: int, on: date) -> list[Part]:
    """What is held of ``person`` and what a destruction on ``on`` would do with it, class by class; what is gone already is left out."""
    out = []
    for _, klass in classes:
        if klass.refs_of is None:
            continue
        refs = list(klass.refs_of(person))
        started = klass.started(person) if klass.started else None
        if not refs:
            continue
        hold = holds.held_class(klass.key, on) or holds.active(on).filter(person=person, klass=klass.key).order_by("-until").first()
        last = klass.span(on).last_day(started) if klass.by_law and started else None
        if hold is not None and (last is None or hold.until > last):
            out.append(Part(klass, refs, hold.until, Text("파기 보류 {n}", "hold {n}").fill(n=hold.number)))
        elif last is not None and last >= on:
            out.append(Part(klass, refs, last, klass.basis))
        else:
            out.append(Part(klass, refs, None, klass.basis))
    return out


def _second(**_: Any) -> Second:
    return Second(
        Text("파기는 되돌릴 수 없어 개인정보 보호 담당이 승인합니다.", "Destroying cannot be undone: a privacy officer approves it."),
        approver=PERSON_APPROVE,
    )


@action(PERSON_DESTROY, reason=True, second=_second)
def destroy_person(act: Act, *, person: int, request: str = "") -> str:
    """Destroy what no law and no hold keeps of ``person``, and return the number of the destruction.

    Refuses while a room still needs them (a contract runs, the last bill is not made), while all of them is held, and when there is nothing
    left to destroy. ``request`` names what the person asked, if they did.
    """
    today = clock.today()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, person % 2**31])
    asked = SubjectRequest.objects.filter(number=request, person=person).first() if request else None
    if request and asked is None:
        raise NotFound.named(Text("정보주체 요구", "request"), request)
    if asked is not None and asked.state != "verified":
        raise Conflict.because(
            "destruction.identity", Text("본인 확인을 먼저 적어야 합니다.", "The identity check comes first."),
            Text("요구 화면에서 어떻게 확인했는지 적으십시오.", "Note on the request how it was checked."), field="request",
        )  # fmt: skip
    needs = needed_for(person, today)
    if needs:
        raise Conflict.because(
            "destruction.needed", Text("아직 쓰이는 사람입니다: {w}", "This person is still needed: {w}").fill(w=_joined(needs)),
            Text("계약이 끝나고 마지막 청구가 나간 뒤에 하십시오.", "Do it when the contract has ended and the last bill is made."), field="person",
        )  # fmt: skip
    hold = holds.held_person(person, today)
    if hold is not None:
        raise Conflict.because(
            "destruction.held", Text("파기 보류 {n}이(가) {d}까지 있습니다.", "Hold {n} stands through {d}.").fill(n=hold.number, d=hold.until),
            Text("보류가 끝나거나 풀린 뒤에 하십시오.", "Do it when the hold has ended or is lifted."), field="person",
        )  # fmt: skip
    parts = parts_of(person, today)
    gone = [part for part in parts if not part.kept]
    if not gone:
        raise Conflict.because(
            "destruction.nothing", Text("지금 파기할 것이 없습니다.", "Nothing of this person can be destroyed now."),
            Text("남은 것은 법이 정한 날에 파기됩니다.", "What is left goes on the day that the law sets."), field="person",
        )  # fmt: skip
    done: list[dict[str, object]] = []
    for part in gone:
        rows = part.klass.destroy(part.refs)
        done.append({"class": part.klass.key, "refs": list(part.refs), "rows": rows})
        act.effect(Text("{k}: {w}", "{k}: {w}").fill(k=part.klass.name, w=_way(part.klass)))
        faults.point("destruction.class")
    kept = [part for part in parts if part.kept]
    for part in kept:
        act.effect(Text("남습니다 — {k}: {d}까지, {b}", "Stays — {k}: through {d}, {b}").fill(k=part.klass.name, d=part.until, b=part.why))
    act.effect(Text("되돌릴 수 없습니다.", "This cannot be undone."))
    if act.dry:
        return ""
    approved = ApprovalRequest.objects.filter(pk=act.approval).first() if act.approval else None
    try:
        row = write(
            kind="request", person=person, basis=BASIS.ko, asked_by=f"{act.actor.kind}:{act.actor.id or act.actor.name}", gone=done,
            kept=[{"class": p.klass.key, "until": p.until.isoformat(), "hold": p.why.ko if p.why != p.klass.basis else ""} for p in kept if p.until],
            request=request, approval=approved.number if approved else "", approved_by=f"staff:{approved.decided_by}" if approved else "",
        )  # fmt: skip
    except journal.JournalDamaged as damage:
        raise Conflict.because(
            "destruction.journal",
            Text("파기 기록 파일이 손상되어 파기하지 않습니다.", "The journal of destructions is damaged; nothing is destroyed."),
            Text("destroyed/journal을 백업에서 되돌린 뒤 다시 하십시오.", "Bring destroyed/journal back from a backup, then do it again."),
        ) from damage
    if asked is not None:
        asked.destruction = row.number
        asked.save(update_fields=["destruction"])
    act.record(
        "retention.destruction", row.number,
        after={"classes": [d["class"] for d in done], "kept": [k["class"] for k in row.kept], "hash": row.hash},
    )  # fmt: skip
    act.event(PersonDestroyed(row.number))
    act.job(lambda: transaction.on_commit(_settle))
    return row.number


def _settle() -> None:
    faults.point("destruction.committed")
    journal.follow()


def _joined(texts: Sequence[Text]) -> Text:
    return Text(", ".join(t.ko for t in texts), ", ".join(t.en for t in texts))


def _way(klass: RetentionClass) -> Text:
    said = {
        Way.KEY: Text("열쇠를 없애 봉인한 값을 모두 읽을 수 없게 합니다.", "the key goes; nothing sealed can be read again."),
        Way.DELETE: Text("지웁니다.", "deleted."),
        Way.ANONYMISE: Text("사람과의 연결을 끊습니다.", "what ties it to the person is cut."),
    }
    return said[klass.act]


def of_person(person: int) -> list[Destruction]:
    """The destructions that concerned ``person``, on request or by the nightly walk over people, latest first."""
    swept = Destroyed.objects.filter(ref=person, klass__in=[key for key, k in classes if k.act == Way.KEY]).values("destruction")
    return list(Destruction.objects.filter(person=person).union(Destruction.objects.filter(pk__in=swept)).order_by("-id"))


def last_of(person: int) -> tuple[str, date] | None:
    """The number and day of the destruction that took this person's key, the latest; None while it stands."""
    keys = [key for key, k in classes if k.act == Way.KEY]
    return Destroyed.objects.filter(ref=person, klass__in=keys).order_by("-id").values_list("destruction__number", "day").first()


def is_destroyed(person: int) -> bool:
    """Whether this person's key was destroyed and nothing newer came: what is kept of them stands apart, without a name."""
    return Destroyed.objects.filter(ref=person, klass__in=[key for key, k in classes if k.act == Way.KEY]).exists()
