"""The first kind: by when a request for approval should be answered. It begins when the request is asked and ends when it is decided."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse

from numaru.facilities.clocks.actions.run import cancel, satisfy, start
from numaru.facilities.clocks.jobs import house
from numaru.facilities.clocks.kinds import BASIS, Kind, is_day, kinds
from numaru.facilities.clocks.models import Clock
from numaru.kernel import policies
from numaru.kernel.access import Actor, permissions
from numaru.kernel.actions import actions
from numaru.kernel.approvals import api as approvals
from numaru.kernel.approvals.events import ApprovalAsked, ApprovalDecided
from numaru.kernel.errors import NotFound
from numaru.kernel.events import handles
from numaru.values.text import Text

KEY = "approvals.answer"


def names(numbers: Sequence[str]) -> dict[str, Text]:
    """What each request asks for: the name of the permission that its act needs. One question."""
    rows = approvals.visible(Actor.system("clocks")).filter(number__in=list(numbers)).values_list("number", "action")
    called = {number: actions.get(key) for number, key in rows}
    return {number: permissions[act.permission].text for number, act in called.items() if act is not None and act.permission in permissions}


kinds.add(
    KEY,
    Kind(
        Text("결재 답변", "Answer to a request for approval"), approvals.REQUEST_USE,
        calendar=policies.policy(
            "clocks.approval_calendar", Text("결재 답변 시계의 근무 달력", "Calendar of the clock on approvals"), "office", BASIS,
        ).key,
        target=policies.policy(
            "clocks.approval_minutes", Text("결재 답변 목표 (근무 시간, 분)", "Target for answering a request for approval (business minutes)"), 480,
            "Operator's own rule: one working day.", unit=Text("분", "minutes"), least=1,
        ).key,
        url=lambda number: reverse("approvals:request", args=[number]),
        enforce_from=policies.policy(
            "clocks.approval_enforce_from", Text("결재 답변 목표를 위반으로 치기 시작하는 날", "Day from which a late answer to a request is a breach"), "2026-01-01",
            BASIS, check=is_day,
        ).key,
        subjects=lambda actor: approvals.visible(actor).values("number"),
        concerns=lambda actor: approvals.waiting(actor).values("number"),
        names=names,
        tells_today=False,
    ),
)  # fmt: skip


@handles(ApprovalAsked)
def asked(event: ApprovalAsked) -> None:
    """Begin to count from when it was asked; the one who asked owns the clock."""
    try:
        row = approvals.request(Actor.system("clocks"), event.number)
    except NotFound:
        return
    if not Clock.objects.filter(kind=KEY, subject=row.number).exists():  # a request is asked once, however often it is told
        start.do(
            house(),
            kind=KEY,
            subject=row.number,
            subject_kind="approvals.request",
            at=row.asked_at,
            owner=row.asked_by,
            service=row.service,
        )


@handles(ApprovalDecided)
def decided(event: ApprovalDecided) -> None:
    """Approved and refused are answers; withdrawn is none; expired is a request that nobody answered, so its clock ends late or is dropped."""
    try:
        row = approvals.request(Actor.system("clocks"), event.number)
    except NotFound:
        return
    end = satisfy if event.state in ("approved", "refused") else cancel
    end.do(house(), kind=KEY, subject=event.number, at=row.decided_at)
