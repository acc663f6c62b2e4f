"""Changing a policy: a new version with its basis, approved by a second person. History is never edited; the database refuses it too."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from numaru.kernel import clock
from numaru.kernel.actions import Act, Second, action
from numaru.kernel.errors import Conflict, Invalid, NotFound
from numaru.kernel.models import Policy
from numaru.kernel.policies.events import PolicyChanged
from numaru.kernel.policies.kinds import KINDS, pack
from numaru.kernel.policies.permissions import POLICY_APPROVE, POLICY_CHANGE

from numaru.kernel.policies.values import Shipped, forget, shipped, trouble, value as value_on  # isort: skip
from numaru.values.text import Text

SCOPE = re.compile(r"operator|(service|entity):[A-Za-z0-9_-]{1,60}")
LENGTH = 400


def service_of(scope: str) -> str | None:
    """The service that a scope names, for the permission; None for anything wider."""
    kind, _, slug = scope.partition(":")
    return slug if kind == "service" and slug else None


def _service(*, scope: str | None = "operator", **_: Any) -> str | None:
    return service_of(scope or "operator")


def _second(**_: Any) -> Second:
    return Second(
        Text("정책값은 한 사람이 정하지 않습니다.", "No one sets a policy alone."), POLICY_APPROVE, alone=True
    )  # a house with one administrator must be able to follow the law as well


def _declared(key: str) -> Shipped:
    found = shipped.get(key)
    if found is None:
        raise NotFound.named(Text("정책값", "policy"), key)
    return found


def _checked(one: Shipped, value: Any, scope: str, valid_from: date, basis: str, source: str, past: str) -> None:
    wrong = trouble(one, value)
    if wrong is not None:
        raise Invalid.because(
            "policy.value", Text("이 항목에 둘 수 없는 값입니다.", "This policy can't hold that value."), wrong, field="value"
        )
    if not SCOPE.fullmatch(scope) or scope.partition(":")[0] not in one.scopes:
        raise Invalid.because(
            "policy.scope", Text("이 항목은 그 범위로 따로 둘 수 없습니다.", "This policy can't be set apart for that."),
            Text("적용 범위를 목록에서 고르십시오.", "Choose one of the list."), field="scope",
        )  # fmt: skip
    for field, text, name in (("basis", basis, Text("근거", "basis")), ("source", source, Text("출처", "source"))):
        if not text.strip() or len(text) > LENGTH:
            raise Invalid.because(
                f"policy.{field}", Text("{n}를 400자 안으로 적으십시오.", "The {n} is needed, in up to 400 characters.").fill(n=name),
                Text("법 조항이나 계약 조항, 그리고 그것을 어디서 확인했는지입니다.", "The clause of the law or contract, and where it was read."), field=field,
            )  # fmt: skip
    if valid_from < clock.today() and not past.strip():
        raise Invalid.because(
            "policy.past", Text("지난 날부터 적용하려면 까닭을 적어야 합니다.", "A value from a day that is past needs a word of explanation."),
            Text("오늘 이후로 정하거나, ‘지난 날인 까닭’을 적으십시오.", "Choose today or later, or say why it begins in the past."), field="past",
        )  # fmt: skip
    if len(past) > LENGTH:
        raise Invalid.because(
            "policy.past_long", Text("까닭이 400자를 넘습니다.", "The explanation is longer than 400 characters."),
            Text("한두 문장으로 줄이십시오.", "Cut it to a sentence or two."), field="past",
        )  # fmt: skip


@action(POLICY_CHANGE, reason=True, service=_service, second=_second)
def change(
    act: Act, *, key: str, value: Any, scope: str = "operator", valid_from: date, basis: str, source: str, past: str = ""
) -> int:  # fmt: skip
    """Give ``key`` a new value from ``valid_from`` on, for the operator, one ``entity:ID`` or one ``service:SLUG``; returns the version's id.

    Refuses a value that is not of the kind of the shipped one, a scope that the policy is not read by, a missing basis or source, a day
    in the past without a word (``past``), and what would change nothing. Nothing earlier is edited: the older versions stay in force for
    the days before. Publishes PolicyChanged.
    """
    one = _declared(key)
    _checked(one, value, scope, valid_from, basis, source, past)
    forget()
    before = value_on(key, valid_from, (scope,) if scope != "operator" else ())
    own = Policy.objects.filter(key=key, scope=scope)
    if before == value and (scope == "operator" or own.exists()) and not own.filter(valid_from__gt=valid_from).exists():
        raise Conflict.because(
            "policy.same", Text("그날의 값이 이미 같습니다.", "The value of that day is the same already."), Text("바꿀 값을 적으십시오.", "Write another value."),
            field="value",
        )  # fmt: skip
    made = Policy.objects.create(
        key=key, scope=scope, value=pack(one.kind, value), basis=basis.strip(), source=source.strip(), valid_from=valid_from,
        recorded_at=clock.now(), set_by=act.actor.staff_id, set_name=act.actor.name[:80], approval=act.approval, approved_by=_approver(act),
        note=past.strip(),
    )  # fmt: skip
    forget()
    kind = KINDS[one.kind]
    for text in (
        Text("{n}: {a} → {b}", "{n}: {a} → {b}").fill(
            n=one.text, a=kind.typed(before).replace("\n", ", "), b=kind.typed(value).replace("\n", ", ")
        ),
        Text("{d}부터 {s}에 적용됩니다.", "From {d}, for {s}.").fill(d=valid_from.isoformat(), s=scope_name(scope)),
    ):
        act.effect(text)
    act.record(
        "policies.value", f"{key} {scope}", before={"value": pack(one.kind, before)},
        after={"value": pack(one.kind, value), "valid_from": valid_from.isoformat(), "basis": basis.strip(), "source": source.strip(), "past": past.strip()},
    )  # fmt: skip
    act.event(PolicyChanged(key, scope, valid_from.isoformat()))
    return made.pk


def scope_name(scope: str) -> Text:
    """A scope in words: the operator, a legal entity, a service."""
    kind, _, name = scope.partition(":")
    words = {
        "operator": Text("운영사 전체", "the whole operator"),
        "service": Text("서비스 {n}", "service {n}"),
        "entity": Text("법인 {n}", "legal entity {n}"),
    }
    return words.get(kind, Text("{n}", "{n}")).fill(n=name or scope)


def _approver(act: Act) -> str:
    """The name of the second person; empty in a plan, and where the house has nobody else."""
    if act.approval is None:
        return ""
    from numaru.kernel.approvals.models import ApprovalRequest

    return ApprovalRequest.objects.values_list("decided_name", flat=True).get(pk=act.approval)
