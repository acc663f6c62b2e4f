"""What the kernel itself keeps about people, and the tables that need no class, each with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from numaru.kernel.access import Actor
from numaru.kernel.approvals.models import ApprovalRequest
from numaru.kernel.audit import api as audit
from numaru.kernel.audit.destroy import OPENINGS_KEPT, RECORDS_KEPT
from numaru.kernel.models import IdempotentCall, OutboxEvent, Work
from numaru.kernel.policies import policy
from numaru.kernel.retention.classes import Act, Ref, RetentionClass, keep, leave
from numaru.kernel.retention.models import SubjectRequest
from numaru.kernel.staff.models import SignInAttempt
from numaru.kernel.staff.policies import HISTORY_DAYS
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


class _Sealed:
    """Rows of the audit chain: their content is destroyed by audit's own action, all that is over at once; hashes and places stay.

    A hold on a person does not reach into the logs, because one row may be about many: a hold on the class stops it whole.
    """

    def __init__(self, source: str) -> None:
        self.source = source

    def count(self, cut: date, held: Sequence[int]) -> int:
        return audit.due(self.source, end_of(cut))

    def due(self, cut: date, held: Sequence[int], after: Ref | None, limit: int) -> list[Ref]:
        return [f"{self.source}:{cut}"] if after != f"{self.source}:{cut}" and self.count(cut, held) else []

    def destroy(self, refs: Sequence[Ref]) -> int:
        rows = 0
        for ref in refs:
            cut = date.fromisoformat(str(ref).partition(":")[2])
            rows += audit.destroy_expired.do(Actor.system("retention"), source=self.source, before=end_of(cut))
        return rows


OPENINGS, RECORDS = _Sealed("o"), _Sealed("r")
keep(
    RetentionClass(
        "vault.openings", Text("개인정보 열람 기록", "Openings of personal values"), Text("연 때", "the opening"),
        Text("개인정보의 안전성 확보조치 기준 제8조: 접속 기록 1년, 5만 명 이상이거나 고유식별정보를 다루면 2년",
             "Standard for securing personal data art. 8: operator access logs 1 year; 2 years with 50,000 people or more or unique ids"),
        OPENINGS_KEPT, "days", Act.DELETE, ("vault.VaultOpening",), OPENINGS.count, OPENINGS.due, OPENINGS.destroy,
    )
)  # fmt: skip
keep(
    RetentionClass(
        "audit.records", Text("감사 기록의 내용", "Content of audit records"), Text("기록한 때", "the record"),
        Text("전자상거래법 시행령 제6조에 맞춘 내부 기준 5년", "own rule, as long as records of transactions: 5 years"),
        RECORDS_KEPT, "days", Act.DELETE, ("kernel.AuditRecord",), RECORDS.count, RECORDS.due, RECORDS.destroy,
    )
)  # fmt: skip
TRIES = Rows(SignInAttempt, "at")
keep(
    RetentionClass(
        "staff.attempts", Text("직원 로그인 시도", "Attempts of staff to sign in"), Text("시도한 때", "the attempt"),
        Text("개인정보의 안전성 확보조치 기준 제8조: 접속 기록 1년", "Standard for securing personal data art. 8: operator access logs 1 year"),
        HISTORY_DAYS, "days", Act.DELETE, ("staff.SignInAttempt",), TRIES.count, TRIES.due, TRIES.delete,
    )
)  # fmt: skip

STAFF = Text(
    "직원의 업무 기록입니다. 재직과 감사 기간 동안 접근 관리가 맡습니다.",
    "About members of staff, not subscribers; kept by access management while they work and are audited.",
)
for _table in (
    "kernel.Staff", "kernel.StaffGrant", "kernel.ApiClient", "staff.StaffSession", "staff.PasswordTicket", "staff.AccessReview",
    "staff.ReviewedGrant", "audit.AccessFinding", "audit.OpeningHold", "audit.StaffTie", "audit.SearchMiss", "audit.AccessReview",
    "backup.BackupRun", "backup.Restoration", "backup.IntegrityRun",
):  # fmt: skip
    leave(_table, STAFF)
leave("kernel.Policy", Text("정책값의 역사입니다. 누가 승인했는지만 있습니다.", "The history of figures; names who approved them."))
leave(
    "staff.Face",
    Text(
        "시연 설치에서 지어낸 직원입니다. 실제 설치에는 행이 없습니다.",
        "Invented staff of a demo house; a real one has no row.",
    ),
)
leave("vault.HouseKey", Text("집의 열쇠입니다. 사람의 것이 아닙니다.", "Keys of the house, nobody's."))
leave(
    "retention.RetentionRun",
    Text("누가 파기를 시켰는지의 증거이며 직원 번호만 있습니다.", "Proof of who had what destroyed; numbers of staff only."),
)
leave(
    "retention.Destruction",
    Text("파기 사실의 증거입니다. 번호뿐이고 값이 없습니다.", "Proof that something was destroyed: numbers, no values."),
)
leave(
    "retention.Destroyed",
    Text(
        "같은 것을 다시 파기하지 않으려는 번호입니다.",
        "Numbers, so that a thing is not destroyed twice and is destroyed again after a restore.",
    ),
)
leave("retention.Hold", Text("보존 명령의 증거이며 번호만 있습니다.", "Proof of an order to keep; numbers only."))
