"""How long cases are kept: proof of how people were told stays as long as disputes are kept, and goes whole, with its files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection

from numaru.kernel.files import store
from numaru.kernel.leaks.cases import FIELDS, KINDS
from numaru.kernel.leaks.models import AffectedPerson, HandOver, LeakCase, LeakDuty, SendingProof, SendingResult
from numaru.kernel.leaks.sending import RESULTS
from numaru.kernel.policies import policy
from numaru.kernel.retention.api import Act, Asking, Ref, RetentionClass, Section, end_of, keep
from numaru.values.text import Text

KEY = "leaks.cases"
TABLES = ("SendingResult", "SendingProof", "HandOver", "LeakDraft", "AffectedPerson", "AffectedSet", "LeakEntry", "LeakDuty", "LeakCase")
# From the leaves to the case; %s takes the cases.
STATEMENTS = (
    "DELETE FROM leaks_sendingresult r USING leaks_sendingproof p WHERE p.id = r.proof_id AND p.case_id = ANY(%s)",
    "DELETE FROM leaks_sendingproof WHERE case_id = ANY(%s)",
    "DELETE FROM leaks_handover WHERE case_id = ANY(%s)",
    "DELETE FROM leaks_leakdraft WHERE case_id = ANY(%s)",
    "DELETE FROM leaks_affectedperson a USING leaks_affectedset s WHERE s.id = a.set_id AND s.case_id = ANY(%s)",
    "DELETE FROM leaks_affectedset WHERE case_id = ANY(%s)",
    "DELETE FROM leaks_leakentry WHERE case_id = ANY(%s)",
    "DELETE FROM leaks_leakduty WHERE case_id = ANY(%s)",
    "DELETE FROM leaks_leakcase WHERE id = ANY(%s)",
)


def _over(cut: date, held: Sequence[int]) -> Any:
    """Cases closed on or before ``cut`` in which nobody is of whom all is held."""
    rows = LeakCase.objects.filter(state="closed", closed_at__lt=end_of(cut))
    return rows.exclude(pk__in=AffectedPerson.objects.filter(person__in=held).values("set__case")) if held else rows


def count(cut: date, held: Sequence[int]) -> int:
    return int(_over(cut, held).count())


def due(cut: date, held: Sequence[int], after: Ref | None, limit: int) -> list[Ref]:
    return list(_over(cut, held).filter(pk__gt=after or 0).order_by("pk").values_list("pk", flat=True)[:limit])


def destroy(refs: Sequence[Ref]) -> int:
    """Delete these cases with everything of them, and their files; returns how many rows. A file that is gone already is no trouble."""
    cases = [int(ref) for ref in refs]
    files = [
        *HandOver.objects.filter(case__in=cases).values_list("file", flat=True),
        *SendingProof.objects.filter(case__in=cases).exclude(evidence="").values_list("evidence", flat=True),
        *LeakDuty.objects.filter(case__in=cases).exclude(evidence="").values_list("evidence", flat=True),
    ]
    for key in files:
        store().delete(key)
    rows = 0
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL numaru.leaks_over = 'yes'")
        for statement in STATEMENTS:
            cursor.execute(statement, [cases])
            rows += cursor.rowcount
    return rows


def export(person: int, asking: Asking) -> list[Section]:
    """The cases in which this person's data were affected, and whether a notice reached them."""
    said: dict[int, str] = {}
    for row in SendingResult.objects.filter(person=person).select_related("proof").order_by("id"):
        said[row.proof.case_id] = RESULTS[row.result].ko if said.get(row.proof.case_id) != RESULTS["told"].ko else RESULTS["told"].ko
    latest: dict[int, AffectedPerson] = {}
    for one in AffectedPerson.objects.filter(person=person).select_related("set__case").order_by("set__version"):
        latest[one.set.case_id] = one
    rows = tuple(
        (
            one.set.case.number, KINDS[one.set.case.kind].ko, one.set.case.known_at.isoformat(timespec="seconds"),
            ", ".join(FIELDS.get(kind, Text(kind, kind)).ko for kind in one.kinds), said.get(case, "-"),
        )
        for case, one in sorted(latest.items())
    )  # fmt: skip
    head = (Text("사고", "Case"), Text("종류", "Kind"), Text("안 때", "Known since"), Text("항목", "Fields"), Text("통지", "Notice"))
    return [Section(Text("유출·침해 사고", "Leak cases"), head, rows)] if rows else []


keep(
    RetentionClass(
        KEY, Text("유출·침해 사고 기록", "Records of leak cases"), Text("사고를 종결한 날", "the closing of the case"),
        Text("전자상거래법 시행령 제6조(불만·분쟁 처리 기록 3년)에 맞춘 내부 기준. 유출 대응 기록의 기간을 정한 규칙은 찾지 못함(미확인)",
             "own rule after the 3 years for records of complaints and disputes (E-Commerce Act decree art. 6); no rule found for cases of leak (unsure)"),
        policy("retention.leaks_years", Text("종결한 유출·침해 사고를 보관하는 기간 (년)", "Years for which closed leak cases are kept"), 3,
               "Own rule after the 3 years for complaints and disputes (E-Commerce Act decree art. 6); no rule found for cases of leak (unsure)."),
        "years", Act.DELETE, tuple(f"leaks.{table}" for table in TABLES), count, due, destroy, export=export, unsure=True,
    )
)  # fmt: skip
