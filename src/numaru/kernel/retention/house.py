"""What the kernel itself keeps about people, and the tables that need no class, each with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from numaru.kernel.approvals.models import ApprovalRequest
from numaru.kernel.models import IdempotentCall, OutboxEvent, Work
from numaru.kernel.policies import policy
from numaru.kernel.retention.classes import Act, Ref, RetentionClass, keep, leave
from numaru.kernel.retention.models import SubjectRequest
from numaru.values.text import Text


def end_of(cut: date) -> datetime:
    """The first instant after the day ``cut`` on the operator's clock: what began on or before that day began before it."""
    return datetime.combine(cut + timedelta(days=1), time(), ZoneInfo(settings.TIME_ZONE))


class Rows:
    """Count, due and delete for a table whose rows have an instant of their own and are about no subscriber."""

    def __init__(self, model: Any, field: str, **only: Any) -> None:
        self.model, self.field, self.only = model, field, only

    def _over(self, cut: date) -> Any:
        return self.model.objects.filter(**{f"{self.field}__lt": end_of(cut)}, **self.only)

    def count(self, cut: date, held: Sequence[int]) -> int:
        return int(self._over(cut).count())

    def due(self, cut: date, held: Sequence[int], after: Ref | None, limit: int) -> list[Ref]:
        rows = self._over(cut).order_by("pk")
        return list((rows.filter(pk__gt=after) if after is not None else rows).values_list("pk", flat=True)[:limit])

    def delete(self, refs: Sequence[Ref]) -> int:
        return int(self.model.objects.filter(pk__in=refs).delete()[0])


ANSWERS, WORKS = Rows(IdempotentCall, "at"), Rows(Work, "finished_at")
DECIDED, EVENTS = Rows(ApprovalRequest, "decided_at"), Rows(OutboxEvent, "dispatched_at")
OWN = Text("운영자의 내부 기준", "the operator's own rule")

keep(
    RetentionClass(
        "kernel.answers", Text("API 응답 보관", "Kept API answers"), Text("응답한 날", "the answer"),
        Text("API 규약: 같은 요청을 다시 보내면 30일 동안 같은 응답을 받음", "API contract: a repeated call gets the same answer for 30 days"),
        policy("retention.answers_days", Text("API 응답을 보관하는 기간 (일)", "Days for which API answers are kept"), 30, "API contract: Idempotency-Key is kept 30 days."),
        "days", Act.DELETE, ("kernel.IdempotentCall",), ANSWERS.count, ANSWERS.due, ANSWERS.delete,
    )
)  # fmt: skip
keep(
    RetentionClass(
        "kernel.work", Text("작업 기록", "Work records"), Text("작업이 끝난 날", "the end of the work"), OWN,
        policy("retention.work_months", Text("작업 기록을 보관하는 기간 (개월)", "Months for which work records are kept"), 12, "Operator's own rule."),
        "months", Act.DELETE, ("kernel.Work",), WORKS.count, WORKS.due, WORKS.delete,
    )
)  # fmt: skip


def _delete_events(refs: Sequence[Ref]) -> int:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM kernel_handlerrun WHERE event_id = ANY(%s)", [list(refs)])
        cursor.execute("DELETE FROM kernel_outboxevent WHERE id = ANY(%s)", [list(refs)])
        return int(cursor.rowcount)


keep(
    RetentionClass(
        "kernel.events", Text("전달된 사건", "Delivered events"), Text("전달된 날", "their delivery"), OWN,
        policy("retention.events_months", Text("전달된 사건을 보관하는 기간 (개월)", "Months for which delivered events are kept"), 12, "Operator's own rule."),
        "months", Act.DELETE, ("kernel.OutboxEvent",), EVENTS.count, EVENTS.due, _delete_events,
    )
)  # fmt: skip
keep(
    RetentionClass(
        "approvals.requests", Text("결재 기록", "Approval records"), Text("결재가 끝난 날", "the decision"),
        Text("전자상거래법 시행령 제6조에 맞춘 내부 기준: 거래 기록과 같은 5년", "own rule, as long as records of transactions: 5 years"),
        policy("retention.approvals_years", Text("결재 기록을 보관하는 기간 (년)", "Years for which approvals are kept"), 5, "Operator's own rule, as long as records of transactions."),
        "years", Act.DELETE, ("approvals.ApprovalRequest",), DECIDED.count, DECIDED.due, DECIDED.delete,
    )
)  # fmt: skip


class _Requests(Rows):
    def count(self, cut: date, held: Sequence[int]) -> int:
        return int(self._over(cut).exclude(person__in=held).count())

    def due(self, cut: date, held: Sequence[int], after: Ref | None, limit: int) -> list[Ref]:
        rows = self._over(cut).exclude(person__in=held).order_by("pk")
        return list((rows.filter(pk__gt=after) if after is not None else rows).values_list("pk", flat=True)[:limit])


ASKED = _Requests(SubjectRequest, "answered_at")
keep(
    RetentionClass(
        "retention.requests", Text("정보주체 요구 기록", "Requests of people about their data"), Text("답한 날", "the answer"),
        Text("전자상거래법 시행령 제6조: 불만·분쟁 처리 기록 3년", "E-Commerce Act decree art. 6: complaints and disputes 3 years"),
        policy("retention.requests_years", Text("정보주체 요구 기록을 보관하는 기간 (년)", "Years for which people's requests are kept"), 3,
               "E-Commerce Act decree art. 6: complaints and disputes 3 years (whether these requests count as such is unsure)."),
        "years", Act.DELETE, ("retention.SubjectRequest",), ASKED.count, ASKED.due, ASKED.delete, unsure=True,
    )
)  # fmt: skip

STAFF = Text("직원의 업무 기록입니다. 재직과 감사 기간 동안 접근 관리가 맡습니다.", "About members of staff, not subscribers; kept by access management while they work and are audited.")
leave("kernel.Staff", STAFF)
leave("kernel.StaffGrant", STAFF)
leave("retention.RetentionRun", Text("누가 파기를 시켰는지의 증거이며 직원 번호만 있습니다.", "Proof of who had what destroyed; numbers of staff only."))
leave("retention.Destruction", Text("파기 사실의 증거입니다. 번호뿐이고 값이 없습니다.", "Proof that something was destroyed: numbers, no values."))
leave("retention.Destroyed", Text("같은 것을 다시 파기하지 않으려는 번호입니다.", "Numbers, so that a thing is not destroyed twice and is destroyed again after a restore."))
leave("retention.Hold", Text("보존 명령의 증거이며 번호만 있습니다.", "Proof of an order to keep; numbers only."))
