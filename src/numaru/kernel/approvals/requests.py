"""Asking for a second person, and being one (DESIGN §6; MODEL §6: an action names from what amount it needs a second person).

The call waits as it was made: the action's key, its arguments and the effects that its plan foretold. The second person sees the effects
as they would be *now*; approving runs the action in the same transaction, as the one who asked. Nobody approves what they asked for.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from numaru.kernel import clock, numbering, policies
from numaru.kernel.access import Actor, staff_actor
from numaru.kernel.actions import Act, Action, Plan, Second, action, actions
from numaru.kernel.approvals.arguments import fingerprint, pack, unpack
from numaru.kernel.approvals.events import ApprovalAsked, ApprovalDecided
from numaru.kernel.approvals.models import ApprovalRequest
from numaru.kernel.approvals.permissions import REQUEST_USE
from numaru.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from numaru.values.text import Text

VALID_DAYS = policies.policy(
    "approvals.valid_days", Text("결재 요청의 유효 기간", "How long a request for approval stands"), 7,
    "Operator's own rule: what was asked for a week ago is asked again.", unit=Text("일", "days"), least=1,
)  # fmt: skip
WHAT = Text("결재 요청", "approval request")


def _service_of(*, number: str = "", **_: Any) -> str | None:
    found = ApprovalRequest.objects.filter(number=number).values_list("service", flat=True).first()
    return found or None


def somebody_else(actor: Actor, permission: str, service: str | None, barred: frozenset[int] = frozenset()) -> bool:
    """Whether another active member of staff could approve what ``actor`` asks for."""
    from django.db.models import Prefetch

    from numaru.kernel.models import Staff, StaffGrant, holding

    grants = Prefetch("grants", StaffGrant.objects.filter(holding()))
    others = Staff.objects.filter(is_active=True).exclude(pk__in=barred | {actor.staff_id or 0}).prefetch_related(grants)
    return any(
        Actor("staff", one.pk, one.name, tuple((g.role, g.service or None) for g in one.grants.all())).may(permission, service)
        for one in others
    )


@action(REQUEST_USE, reason=True)
def raise_request(
    act: Act, *, action: str, arguments: dict[str, Any], effects: list[Text], need: Second, service: str | None = None
) -> str:
    """Put a call before a second person and return the request's number. Called by :meth:`Action.ask`; only staff ask."""
    if act.actor.kind != "staff" or act.actor.id is None:
        raise NotAllowed.because(
            "approval.staff", Text("결재는 직원만 올릴 수 있습니다.", "Only staff can ask for approval."),
            Text("직원 계정으로 하십시오.", "Do it with a staff account."),
        )  # fmt: skip
    packed = {key: pack(value) for key, value in sorted(arguments.items())}
    number = f"A-{numbering.take('approval'):07d}"  # locks the series until commit: two who ask the same at once are one after the other
    same = ApprovalRequest.objects.filter(
        action=action, arguments=packed, asked_by=act.actor.id, state="pending", expires_at__gt=clock.now()
    )
    if same.exists():
        raise Conflict.because(
            "approval.twice", Text("같은 결재 요청이 이미 기다리고 있습니다.", "The same request is waiting already."),
            Text("그 요청을 거두거나 처리를 기다리십시오.", "Withdraw that one or wait for it."),
        )  # fmt: skip
    now = clock.now()
    row = ApprovalRequest.objects.create(
        number=number, action=action, service=service or "", arguments=packed, reason=act.reason,
        why=[need.why.ko, need.why.en], effects=[[e.ko, e.en] for e in effects], approver=need.approver or actions[action].permission,
        barred=sorted(need.barred), asked_by=act.actor.id, asked_name=act.actor.name, asked_at=now,
        expires_at=now + timedelta(days=int(policies.value(VALID_DAYS.key, clock.today()))),
    )  # fmt: skip
    act.record("approvals.request", row.number, after={"action": action, "state": "pending"})
    act.event(ApprovalAsked(row.number, action))
    return row.number


def may_decide(actor: Actor, row: ApprovalRequest) -> bool:
    """Whether ``actor`` could be the second person of ``row``: not the one who asked, not barred, holding the permission in its scope."""
    return (
        actor.kind == "staff" and actor.id is not None and actor.id != row.asked_by and actor.id not in row.barred
        and actor.may(row.approver, row.service or None)
    )  # fmt: skip


def _open(number: str) -> ApprovalRequest:
    """The pending request, locked. Raises NotFound, or Conflict for one that is decided or too old."""
    row = ApprovalRequest.objects.select_for_update().filter(number=number).first()
    if row is None:
        raise NotFound.named(WHAT, number)
    if row.state != "pending" or row.expires_at <= clock.now():
        raise Conflict.because(
            "approval.closed", Text("이 결재 요청은 이미 끝났습니다.", "This request is closed already."),
            Text("필요하면 새로 올리십시오.", "Ask again if it is still needed."),
        )  # fmt: skip
    return row


def _second(act: Act, row: ApprovalRequest) -> None:
    if not may_decide(act.actor, row):
        raise NotAllowed.because(
            "approval.not_you",
            Text("이 요청은 다른 사람이 결재해야 합니다. 올린 사람과 당사자는 결재할 수 없습니다.",
                 "Someone else must decide this: neither who asked nor who is concerned."),
            Text("‘{p}’ 권한이 있는 동료에게 부탁하십시오.", "Ask a colleague who has the permission “{p}”.").fill(p=row.approver),
        )  # fmt: skip


def _close(act: Act, row: ApprovalRequest, state: str, note: str = "") -> None:
    row.state, row.decided_by, row.decided_name, row.decided_at, row.note = (
        state,
        act.actor.staff_id,
        act.actor.name[:80],
        clock.now(),
        note,
    )
    row.save(update_fields=["state", "decided_by", "decided_name", "decided_at", "note"])
    act.record("approvals.request", row.number, before={"state": "pending"}, after={"state": state})
    act.event(ApprovalDecided(row.number, row.action, state))


def _requester(row: ApprovalRequest) -> Actor:
    found = staff_actor(row.asked_by)
    if found is None:
        raise Conflict.because(
            "approval.left", Text("올린 사람의 계정이 닫혔습니다.", "The account of the one who asked is closed."),
            Text("반려하고, 필요하면 다른 사람이 다시 올리십시오.", "Refuse it; somebody else may ask again."),
        )  # fmt: skip
    return found


def preview(row: ApprovalRequest) -> tuple[Plan[Any], str]:
    """What approving would do now, and the fingerprint that :func:`approve` wants. Raises the refusals of the action, and Conflict when
    whoever asked has left, has lost the permission meanwhile, or asked for an action that the house no longer has."""
    called: Action[..., Any] | None = actions.get(row.action)
    if called is None:
        raise Conflict.because(
            "approval.unknown", Text("이 업무 동작은 이제 없습니다.", "The house no longer has this action."),
            Text("반려하십시오.", "Refuse it."), value=row.action,
        )  # fmt: skip
    arguments = unpack(row.arguments)
    asker = _requester(row)
    if not asker.may(called.permission, called.scope(arguments)):
        raise Conflict.because(
            "approval.lost", Text("올린 사람에게 이제 이 일의 권한이 없습니다.", "Whoever asked may no longer do this."),
            Text("반려하고, 필요하면 권한이 있는 사람이 다시 올리십시오.", "Refuse it; somebody who may can ask again."), value=called.permission,
        )  # fmt: skip
    plan = called.plan(asker, reason=row.reason, **arguments)
    return plan, fingerprint([[e.ko, e.en] for e in plan.effects], row.arguments)


@action(REQUEST_USE, service=_service_of)
def approve(act: Act, *, number: str, seen: str) -> Any:
    """Approve: the asked action runs at once, as the one who asked, and its result is returned. ``seen`` is the fingerprint of what the
    second person was shown; when the effects are others by now nothing happens. Whatever the action refuses is raised and the request stays open.
    """
    row = _open(number)
    _second(act, row)
    _, now = preview(row)
    if seen != now:
        raise Conflict.because(
            "approval.changed", Text("그 사이에 결과가 달라졌습니다.", "The effects have changed meanwhile."),
            Text("지금의 결과를 다시 보고 결재하십시오.", "Look at the effects as they are now, then decide."),
        )  # fmt: skip
    _close(act, row, "approved")
    if act.dry:
        return None
    return actions[row.action].run_approved(_requester(row), row.pk, row.reason, unpack(row.arguments))


@action(REQUEST_USE, service=_service_of)
def refuse(act: Act, *, number: str, note: str) -> None:
    """Refuse, saying why. The action does not run."""
    row = _open(number)
    _second(act, row)
    if not note.strip() or len(note) > 400:
        raise Invalid.because(
            "approval.note", Text("왜 반려하는지 400자 안으로 적으십시오.", "Say why, in up to 400 characters."),
            Text("한 줄이면 됩니다.", "One line is enough."), field="note",
        )  # fmt: skip
    _close(act, row, "refused", note.strip())


@action(REQUEST_USE, service=_service_of)
def withdraw(act: Act, *, number: str) -> None:
    """Take one's own request back."""
    row = _open(number)
    if row.asked_by != act.actor.staff_id:
        raise NotAllowed.because(
            "approval.not_yours", Text("올린 사람만 거둘 수 있습니다.", "Only who asked can withdraw it."),
            Text("반려하려면 반려를 쓰십시오.", "To turn it down, refuse it."),
        )  # fmt: skip
    _close(act, row, "withdrawn")


@action(REQUEST_USE)
def close_expired(act: Act) -> int:
    """Close what nobody decided in time; returns how many. Passes over what somebody is deciding at this moment."""
    old = ApprovalRequest.objects.filter(state="pending", expires_at__lte=clock.now()).order_by("pk")
    rows = list(old.select_for_update(skip_locked=True)[:1000])
    for row in rows:
        _close(act, row, "expired")
    if not rows:
        act.record("approvals.request", "expired", after={"closed": 0})
    return len(rows)


def expire() -> int:
    """A tick of the periodic queue: :func:`close_expired`, asked only when something is too old."""
    if not ApprovalRequest.objects.filter(state="pending", expires_at__lte=clock.now()).exists():
        return 0
    return close_expired.do(Actor.system("approvals"))


def cut_off(staff: int) -> int:
    """Withdraw everything that a leaver has asked for; returns how many. A part of the action that cuts the leaver off."""
    waiting = ApprovalRequest.objects.filter(state="pending", asked_by=staff)
    return waiting.update(state="withdrawn", decided_at=clock.now(), note="leaver")
