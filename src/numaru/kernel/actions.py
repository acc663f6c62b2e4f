"""The action decorator: permission, reason, transaction, audit record and events travel together (DESIGN §2, EXAMPLES 1 and 2).

Every write of a room is a function decorated with :func:`action`. It is run by ``do`` (for real) or by ``plan`` (the same code in a
transaction that is rolled back, so the dry form can never drift from the real one). Inside, ``act`` collects what the action has to
tell: events, audit records, effects, jobs.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any, Concatenate, cast

from django.db import transaction

from numaru.kernel import clock, faults
from numaru.kernel.access import Actor
from numaru.kernel.errors import Conflict, Invalid, NotAllowed
from numaru.kernel.events import Event
from numaru.kernel.registers import Register
from numaru.values.masked import telling
from numaru.values.text import Text

REASON_LENGTH = 400
cause: ContextVar[int | None] = ContextVar("numaru_cause", default=None)  # the outbox event being handled, if any


@dataclass(frozen=True, slots=True)
class Second:
    """A second person is needed: why, which permission they must hold (empty: that of the action), and which staff may not be it.

    ``alone`` lets the action run without one where nobody else could approve it (a house with a single administrator), and lets those barred
    approve where nobody else is left (a house with two: two people still stand behind it); the audit record
    then says so. Opening personal data in bulk never sets it.
    """

    why: Text
    approver: str = ""
    barred: frozenset[int] = frozenset()
    alone: bool = False


class NeedsSecond(Conflict):
    """The action waits for a second person: call :meth:`Action.ask` instead of ``do``."""


@dataclass
class Act:
    """One running action: who, why, and what it has told so far. ``approval`` is the request that a second person approved, if any."""

    actor: Actor
    action: str
    reason: str = ""
    dry: bool = False
    approval: int | None = None
    effects: list[Text] = field(default_factory=list)
    _events: list[Event] = field(default_factory=list)
    _records: list[dict[str, Any]] = field(default_factory=list)
    _jobs: list[Callable[[], object]] = field(default_factory=list)

    def event(self, event: Event) -> None:
        """Publish ``event`` in this transaction."""
        self._events.append(event)

    def record(self, obj: str, key: str, before: dict[str, Any] | None = None, after: dict[str, Any] | None = None) -> None:
        """Add an audit record about one object; values only, nothing personal."""
        self._records.append({"object": obj, "key": str(key), "before": before or {}, "after": after or {}})

    def effect(self, text: Text) -> None:
        """Say what will be different. Shown by the dry form."""
        self.effects.append(text)

    def job(self, defer: Callable[[], object]) -> None:
        """Queue a job in this transaction: it exists if and only if the action commits. Never called for a plan."""
        self._jobs.append(defer)

    def _write(self) -> None:
        from numaru.kernel.models import AuditRecord, OutboxEvent

        at = clock.now()
        if not self._records:
            raise RuntimeError(f"{self.action} left no audit record")
        AuditRecord.objects.bulk_create(
            AuditRecord(
                at=at, actor_kind=self.actor.kind, actor_id=self.actor.id, actor_name=self.actor.name,
                action=self.action, reason=self.reason, cause=cause.get(), approval=self.approval, **r,
            )
            for r in self._records
        )  # fmt: skip
        OutboxEvent.objects.bulk_create(
            OutboxEvent(
                name=e.name, version=e.version, aggregate=e.aggregate, payload=e.payload(),
                occurred_at=at, recorded_at=at, actor=f"{self.actor.kind}:{self.actor.name}", cause=cause.get(),
            )
            for e in self._events
        )  # fmt: skip
        for defer in self._jobs:
            defer()


@dataclass(frozen=True)
class Plan[R]:
    """What an action would do: its effects in words and what it would return. Nothing was changed."""

    effects: list[Text]
    result: R


class _RollBack(Exception):
    pass


def check_reason(reason: str, *, needed: bool) -> None:
    """Refuse a reason that is missing though needed, too long, or holds personal data."""
    if needed and not reason.strip():
        raise Invalid.because(
            "action.reason",
            Text("이 일에는 사유가 필요합니다.", "This needs a reason."),
            Text("왜 하는지 한 줄로 적으십시오.", "Write in one line why you do it."),
            field="reason",
        )
    if len(reason.strip()) > REASON_LENGTH:
        raise Invalid.because(
            "action.reason_long",
            Text("사유가 {n}자를 넘습니다.", "The reason is longer than {n} characters.").fill(n=REASON_LENGTH),
            Text("한두 문장으로 줄이십시오.", "Cut it to a sentence or two."),
            field="reason",
        )
    if telling(reason):
        raise Invalid.because(
            "action.reason_personal",
            Text("사유에 전화번호, 전자우편, 주민등록번호 같은 개인정보가 있습니다.", "The reason holds personal data: a number, an address or the like."),
            Text("사유는 그대로 감사 기록에 남습니다. 사람 대신 가입번호나 건의 번호를 적으십시오.",
                 "It stays in the audit record as it is. Write the number of the subscriber or the case instead."),
            field="reason",
        )  # fmt: skip


class Action[**P, R]:
    """A decorated action. Call ``do`` or ``plan``; another action of the same room may call ``within``."""

    def __init__(
        self,
        function: Callable[Concatenate[Act, P], R],
        permission: str,
        reason: bool,
        service: Callable[..., str | None] | None,
        second: Callable[..., Second | None] | None = None,
    ):
        functools.update_wrapper(self, function)  # type: ignore[arg-type]
        self.function = function
        self.permission = permission
        self.needs_reason = reason
        self._service = service
        self._second = second
        self.key = f"{function.__module__}.{function.__qualname__}"

    def scope(self, arguments: dict[str, Any]) -> str | None:
        """The service whose grant the call needs; None means a grant for all services."""
        return self._service(**arguments) if self._service else cast("str | None", arguments.get("service"))

    def second(self, actor: Actor, /, **arguments: Any) -> Second | None:
        """What a second person is needed for, with these arguments; None when the actor may do it alone. The house needs nobody."""
        if self._second is None or actor.kind == "system":
            return None
        need = self._second(**arguments)
        if need is None or not need.alone:
            return need
        from numaru.kernel.approvals.requests import somebody_else

        wanted = need.approver or self.permission, self.scope(arguments)
        if somebody_else(actor, *wanted, need.barred):
            return need
        return replace(need, barred=frozenset()) if somebody_else(actor, *wanted) else None

    def _begin(self, actor: Actor, reason: str, dry: bool, arguments: dict[str, Any]) -> Act:
        if faults.refused(self.key) or not actor.may(self.permission, self.scope(arguments)):
            raise NotAllowed.for_permission(self.permission)
        check_reason(reason, needed=self.needs_reason and not dry)
        return Act(actor, self.permission, reason.strip(), dry)

    def do(self, actor: Actor, /, *args: P.args, reason: str = "", **kwargs: P.kwargs) -> R:  # type: ignore[valid-type]
        """Check, run and commit. Raises a :class:`Refused` having changed nothing; :class:`NeedsSecond` when a second person must approve."""
        act = self._begin(actor, reason, False, kwargs)
        need = self.second(actor, **kwargs)
        if need is not None:
            raise NeedsSecond.because(
                "approval.needed",
                Text("두 번째 사람의 결재가 필요합니다: {w}", "A second person must approve this: {w}").fill(w=need.why),
                Text("결재를 올리십시오.", "Ask for approval."),
            )
        with transaction.atomic():
            result = self.function(act, *args, **kwargs)
            act._write()
        return result

    def plan(self, actor: Actor, /, *args: P.args, reason: str = "", **kwargs: P.kwargs) -> Plan[R]:  # type: ignore[valid-type]
        """Run the same code and roll it back. Raises the same refusals as ``do``, except for a missing reason."""
        act = self._begin(actor, reason, True, kwargs)
        try:
            with transaction.atomic():
                result = self.function(act, *args, **kwargs)
                raise _RollBack
        except _RollBack:
            return Plan(act.effects, result)

    def ask(self, actor: Actor, /, *, reason: str, **kwargs: Any) -> str:
        """Ask a second person to approve this very call, and return the number of the request. Runs the plan first, so that what could not
        be done is refused now. Keyword arguments only: they wait as JSON (see :mod:`numaru.kernel.approvals.arguments`)."""
        from numaru.kernel.approvals.requests import raise_request

        self._begin(actor, reason, False, kwargs)
        need = self.second(actor, **kwargs)
        if need is None:
            raise ValueError(f"{self.key} needs no second person here; call do")
        effects = self.plan(actor, reason=reason, **kwargs).effects  # type: ignore[call-arg]
        return raise_request.do(
            actor, reason=reason, action=self.key, service=self.scope(kwargs), arguments=kwargs, effects=effects, need=need
        )

    def run_approved(self, requester: Actor, approval: int, reason: str, arguments: dict[str, Any]) -> R:
        """Run a call that a second person has approved, as the requester, within the transaction of the approval. Raises as ``do`` does."""
        act = self._begin(requester, reason, False, arguments)
        act.approval = approval
        result = self.function(act, **arguments)  # type: ignore[call-arg]
        act._write()
        return result

    def within(self, act: Act, /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run as a part of another action: its transaction, its actor, its audit trail."""
        return self.function(act, *args, **kwargs)


actions: Register[Action[..., Any]] = Register("actions")


def action[**P, R](
    permission: str,
    *,
    reason: bool = False,
    service: Callable[..., str | None] | None = None,
    second: Callable[..., Second | None] | None = None,
) -> Callable[[Callable[Concatenate[Act, P], R]], Action[P, R]]:
    """Make a function an action that needs ``permission``.

    ``reason`` demands a written reason. The scope of the permission is the ``service`` argument of the call, or what the ``service``
    callable finds from the arguments. ``second`` finds from the arguments whether a second person must approve (None: no); such an action
    takes keyword arguments that fit JSON.
    """

    def keep(function: Callable[Concatenate[Act, P], R]) -> Action[P, R]:
        made = Action(function, permission, reason, service, second)
        actions.add(made.key, made)
        return made

    return keep
