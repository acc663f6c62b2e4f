"""From the access log to an answer: openings are looked at as they are sealed, findings are raised, accounts held, people decide."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction

from numaru.kernel import clock, live, policies
from numaru.kernel.access import Actor
from numaru.kernel.actions import Act, action
from numaru.kernel.audit import ports as audit_ports
from numaru.kernel.audit.chain import last
from numaru.kernel.audit.events import AccessFindingDecided, AccessFindingRaised
from numaru.kernel.audit.models import AccessFinding, OpeningHold, Seal, SearchMiss, StaffTie, Watch
from numaru.kernel.audit.permissions import FINDING_DECIDE, TIE_SET, WATCH_RUN
from numaru.kernel.audit.rules import Found, figures_ahead, rules
from numaru.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from numaru.kernel.models import Staff
from numaru.kernel.ports import get as port
from numaru.kernel.vault.gates import opening_gates
from numaru.values.text import Text

HOLD_ON = policies.policy(
    "audit.hold_on", Text("열람 정지 시점 (severe 심각한 이상에서 바로, confirmed 확인 뒤)", "When opening is suspended (severe: at once; confirmed: once confirmed)"),
    "severe", "Korean standard for securing personal data: abuse that is noticed is stopped without delay; how soon is the operator's own rule.",
)  # fmt: skip
WHAT = Text("열람 이상", "access finding")
HOUSE = Actor.system("sealer")


def watch() -> int:
    """Look at the openings sealed since the last look and raise what the rules find; returns how many findings are new.

    One look at a time (the row of the watch is locked). Called by the worker after each pass of the sealer.
    """
    row, block = Watch.objects.filter(pk=1).first(), last()
    upto = block.last if block else 0
    seen = row.upto if row else 0
    if upto == seen and not SearchMiss.objects.exists():
        return 0  # the usual second: three looks by index, nothing locked
    raised = []
    with policies.reading(), transaction.atomic():
        figures_ahead()
        if row is None:
            Watch.objects.bulk_create([Watch(pk=1)], ignore_conflicts=True)
        row = Watch.objects.select_for_update().get(pk=1)
        fresh = upto > row.upto and Seal.objects.filter(source="o", position__gt=row.upto, position__lte=upto).exists()
        for key, rule in rules:
            if fresh or key == "misses":
                for found in rule.find(row.upto + 1, upto):
                    number = _raise(key, found.severity or rule.severity, found)
                    if number:
                        raised.append(number)
        if upto > row.upto:
            Watch.objects.filter(pk=1).update(upto=upto)
    for number in raised:
        live.announce("finding", number)
    return len(raised)


def _raise(rule: str, severity: str, found: Found) -> str:
    """Raise a finding unless it stands already; one that stands and is new takes the fresh evidence. Returns the number of a new one."""
    key = f"{rule}:{found.staff or found.actor}:{clock.today():%Y-%m-%d}:{severity}:{found.about}"[:160]
    there = AccessFinding.objects.filter(key=key).first()
    if there is None:
        return raise_finding.do(HOUSE, key=key, rule=rule, severity=severity, found=found)
    if there.state == "new":
        ids = list(dict.fromkeys([*found.evidence.get("openings", []), *there.evidence.get("openings", [])]))
        count = found.evidence["count"] if "limit" in found.evidence else len(ids)
        AccessFinding.objects.filter(pk=there.pk).update(
            evidence=there.evidence | found.evidence | {"openings": ids[:200], "count": max(count, there.evidence["count"])},
            last_at=max(found.last_at, there.last_at),
        )
    return ""


@action(WATCH_RUN)
def raise_finding(act: Act, *, key: str, rule: str, severity: str, found: Found) -> str:
    """Raise a finding and, where the policy says so, hold the account at once. Returns its number."""
    row = AccessFinding.objects.create(
        key=key, rule=rule, severity=severity, actor=found.actor, staff=found.staff, evidence=found.evidence,
        first_at=found.first_at, last_at=found.last_at, at=clock.now(),
    )  # fmt: skip
    hold = severity == "severe" and policies.value(HOLD_ON.key, clock.today()) == "severe" and _hold(row)
    act.record("audit.finding", row.number, after={"rule": rule, "severity": severity, "staff": found.staff, "held": hold})
    act.event(AccessFindingRaised(row.number, rule, severity, hold))
    return row.number


def _hold(row: AccessFinding) -> bool:
    """Hold the account of a finding; False for one that is no staff's. Holding twice is holding once."""
    if row.staff is None:
        return False
    try:
        with transaction.atomic():
            OpeningHold.objects.create(staff=row.staff, finding=row, since=clock.now())
    except IntegrityError:
        pass
    return True


def held(staff: int | None) -> bool:
    """Whether this member of staff may not open anything now. One query by index."""
    return staff is not None and OpeningHold.objects.filter(staff=staff, lifted_at__isnull=True).exists()


def _gate(actor: Actor) -> None:
    if held(actor.staff_id):
        raise NotAllowed.because(
            "audit.held", Text("이 계정의 개인정보 열람이 정지되어 있습니다.", "This account may not open personal data at the moment."),
            Text("개인정보 보호 담당에게 문의하십시오.", "Ask the privacy officer."),
        )  # fmt: skip


opening_gates.add("audit.hold", _gate)


def _open(act: Act, number: str) -> AccessFinding:
    row = by_number(number, lock=True)
    if row.state != "new":
        raise Conflict.because(
            "audit.decided", Text("이미 판단한 이상입니다.", "This finding was decided already."),
            Text("기록을 확인하십시오.", "See the record."),
        )  # fmt: skip
    if row.staff is not None and row.staff == act.actor.staff_id:
        raise NotAllowed.because(
            "audit.own", Text("자기 열람은 스스로 판단할 수 없습니다.", "Nobody decides about their own openings."),
            Text("다른 개인정보 보호 담당에게 부탁하십시오.", "Ask another privacy officer."),
        )  # fmt: skip
    return row


def by_number(number: str, *, lock: bool = False) -> AccessFinding:
    """Raises NotFound."""
    digits = number[2:]
    rows = AccessFinding.objects.select_for_update() if lock else AccessFinding.objects.all()
    row = (
        rows.filter(pk=int(digits)).first()
        if number.startswith("F-") and digits.isascii() and digits.isdigit() and len(digits) < 18
        else None
    )
    if row is None:
        raise NotFound.named(WHAT, number)
    return row


def _decide(act: Act, row: AccessFinding, state: str) -> None:
    row.state, row.note, row.decided_by, row.decided_name, row.decided_at = (
        state,
        act.reason,
        act.actor.staff_id,
        act.actor.name,
        clock.now(),
    )
    row.save(update_fields=["state", "note", "decided_by", "decided_name", "decided_at"])
    act.record("audit.finding", row.number, before={"state": "new"}, after={"state": state, "staff": row.staff})
    act.event(AccessFindingDecided(row.number, state))


@action(FINDING_DECIDE, reason=True)
def explain(act: Act, *, number: str) -> None:
    """The openings had a good reason, which is written down. A hold that rests on this finding is lifted."""
    row = _open(act, number)
    _decide(act, row, "explained")
    lifted = row.holds.filter(lifted_at__isnull=True).update(lifted_at=clock.now(), lifted_by=act.actor.staff_id, note=act.reason)
    if lifted:
        act.record("audit.hold", str(row.staff), before={"held": True}, after={"held": False})


@action(FINDING_DECIDE, reason=True)
def confirm(act: Act, *, number: str) -> None:
    """The openings had no good reason: the account is held until a privacy officer lifts it."""
    row = _open(act, number)
    _decide(act, row, "confirmed")
    if _hold(row):
        act.record("audit.hold", str(row.staff), before={}, after={"held": True})
        act.effect(Text("이 계정의 열람이 정지됩니다.", "The account may not open anything any more."))


@action(FINDING_DECIDE, reason=True)
def lift(act: Act, *, staff: int) -> None:
    """Let an account open again. Nobody lifts their own hold."""
    row = OpeningHold.objects.select_for_update().filter(staff=staff, lifted_at__isnull=True).first()
    if row is None:
        raise NotFound.named(Text("열람 정지", "hold"), staff)
    if staff == act.actor.staff_id:
        raise NotAllowed.because(
            "audit.own", Text("자기 열람 정지는 스스로 풀 수 없습니다.", "Nobody lifts their own hold."),
            Text("다른 개인정보 보호 담당에게 부탁하십시오.", "Ask another privacy officer."),
        )  # fmt: skip
    row.lifted_at, row.lifted_by, row.note = clock.now(), act.actor.staff_id, act.reason
    row.save(update_fields=["lifted_at", "lifted_by", "note"])
    act.record("audit.hold", str(staff), before={"held": True}, after={"held": False})


@action(TIE_SET, reason=True)
def set_ties(act: Act, *, staff: int, values: list[str]) -> int:
    """Keep blind tokens of a member of staff and of the relatives they told of, in place of those before; the values are not kept. An empty
    list forgets them. Returns how many tokens there are."""
    if not Staff.objects.filter(pk=staff).exists():
        raise NotFound.named(Text("직원", "member of staff"), staff)
    if len(values) > 50:
        raise Invalid.because(
            "audit.ties", Text("관계인 값은 50개까지입니다.", "At most 50 values."), Text("줄여서 다시 넣으십시오.", "Give fewer."), field="values",
        )  # fmt: skip
    tokens = port(audit_ports.PersonTokens).of(values) if values else []  # type: ignore[type-abstract]
    StaffTie.objects.filter(pk=staff).delete()
    if tokens:
        StaffTie.objects.create(staff=staff, tokens=tokens, count=len(values), at=clock.now())
    act.record("audit.tie", str(staff), after={"values": len(values)})
    return len(tokens)


def missed_search(actor: Actor) -> None:
    """Note that ``actor`` searched for a phone number that nobody has; the number is not kept. Not a write of the house's: no audit record."""
    if actor.staff_id is not None:
        SearchMiss.objects.create(staff=actor.staff_id, at=clock.now())


def waiting() -> int:
    """How many findings nobody has decided. One query by a small index."""
    return AccessFinding.objects.filter(state="new").count()


def said(row: AccessFinding) -> Text:
    """What was found, in words."""
    rule = rules.get(row.rule)
    figures: dict[str, Any] = {"count": 0, "limit": 0, "minutes": 0, "days": 0} | row.evidence
    return rule.says.fill(**{k: figures[k] for k in ("count", "limit", "minutes", "days")}) if rule else Text(row.rule, row.rule)
