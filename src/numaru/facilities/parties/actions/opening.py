"""Opening one sealed value for a purpose. The scope is found from the person, never taken from the caller; attempts in vain are on record."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from numaru.facilities.parties.actions.people import KINDS
from numaru.facilities.parties.models import Party
from numaru.facilities.parties.permissions import CONTACT_OPEN
from numaru.facilities.parties.ports import PartyScope
from numaru.facilities.parties.purposes import PURPOSES, Why
from numaru.kernel import clock, policies, ports
from numaru.kernel.access import Actor
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Conflict, Invalid, NotFound, Refused
from numaru.kernel.vault import api as vault
from numaru.values.text import Text

PER_HOUR = policies.policy(
    "parties.openings_per_hour", Text("한 사람이 한 시간에 열람할 수 있는 항목 수 (그 뒤에는 관련 번호가 필요)", "Values one person opens in an hour before a case reference is asked"),
    60, "Operator's own rule: reading person after person without a case is noticed while it happens.",
)  # fmt: skip


def scope_of(*, party: Any = None, service: str | None = None, **_: Any) -> str | None:
    """The service whose grant opens ``party``: the one that is claimed where the party belongs to it, else its only one; None asks for a
    grant for all services."""
    if not isinstance(party, int):
        return None
    services = ports.get(PartyScope).services(party)  # type: ignore[type-abstract]
    if service in services:
        return service
    return next(iter(services)) if len(services) == 1 else None


def not_a_field(kind: str) -> Refused:
    return Invalid.because(
        "parties.kind",
        Text("‘{k}’은(는) 열 수 있는 항목이 아닙니다.", "“{k}” is not a field that can be opened.").fill(k=kind),
        Text("name, phone, email 가운데 하나를 고르십시오.", "Choose one of name, phone and email."),
        field="kind",
    )


@action(CONTACT_OPEN, reason=True, service=scope_of)
def open_sealed(
    act: Act, *, party: int, kind: str, code: str = "", case_ref: str = "", service: str | None = None, version: int | None = None
) -> str:
    """The plain name, phone or e-mail of a party, the latest or one ``version``. The reason is the purpose; the opening is logged before the
    value is shown. A plan opens nothing: it would leave no trace."""
    if kind not in KINDS:
        raise not_a_field(kind)
    if not Party.objects.filter(pk=party).exists():
        raise NotFound.named(Text("사람", "person"), party)
    most = int(policies.value(PER_HOUR.key, clock.today()))
    if not case_ref.strip() and vault.opened_since(act.actor, timedelta(hours=1)) >= most:
        raise Conflict.because(
            "parties.many_openings",
            Text("한 시간에 {n}건 넘게 열람했습니다. 관련 번호가 있어야 더 열람할 수 있습니다.",
                 "You have opened {n} values within an hour. More need the reference of a case.").fill(n=most),
            Text("관련 번호를 적거나, 여러 사람이면 일괄 열람의 결재를 올리십시오.",
                 "Give the case, or ask for a bulk opening when it is about many people."), field="case_ref",
        )  # fmt: skip
    act.record("parties.party", str(party), after={"opened": kind} | ({"purpose": code} if code else {}))
    if act.dry:
        act.effect(Text("열람 기록이 남습니다.", "The opening is put on record."))
        return ""
    why = vault.Purpose(act.reason, code, case_ref, scope_of(party=party, service=service) or "")
    value = vault.open_value(act.actor, party, kind, why, version=version)
    if value is None:
        raise NotFound.named(Text("저장된 값", "stored value"), kind)
    return value


def open_contact(actor: Actor, *, party: int, kind: str, why: Why, service: str | None = None, version: int | None = None) -> str:
    """Open one value for ``why`` and return it. ``service`` says on which of the person's services the work is done; one that is not theirs
    counts for nothing. Raises as the action does; an attempt that was refused or found nothing is put on record as well, and stays there
    whatever becomes of the caller's transaction."""
    purpose = vault.Purpose(PURPOSES[why.code].ko if why.code in PURPOSES else "", why.code, "", service or "")
    try:
        return open_sealed.do(
            actor,
            party=party,
            kind=kind,
            code=why.code,
            case_ref=why.case_ref.strip(),
            service=service,
            version=version,
            reason=why.reason(),
        )
    except Refused as refused:
        vault.record_failed(actor, party, kind, purpose, "missing" if isinstance(refused, NotFound) else "refused")
        raise
