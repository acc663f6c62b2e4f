"""What imports keep of strangers' files, and for how long: values in findings, findings files, and source files that were not applied."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q

from numaru.kernel.files import store
from numaru.kernel.imports.models import ImportFinding, ImportRun
from numaru.kernel.policies import policy
from numaru.kernel.retention.api import Act, Ref, RetentionClass, end_of, keep
from numaru.values.text import Text


def _over(cut: date) -> Any:
    """Runs made on or before ``cut`` that still have a file or a value. A run that is not over keeps its file."""
    said = ImportFinding.objects.filter(run=OuterRef("pk")).exclude(value="")
    rows = ImportRun.objects.filter(created_at__lt=end_of(cut)).exclude(state__in=("queued", "running"))
    return rows.filter(~Q(file_key="") | ~Q(findings_key="") | Exists(said))


def count(cut: date, held: Sequence[int]) -> int:
    return int(_over(cut).count())


def due(cut: date, held: Sequence[int], after: Ref | None, limit: int) -> list[Ref]:
    rows = _over(cut).order_by("pk")
    return list((rows.filter(pk__gt=after) if after is not None else rows).values_list("pk", flat=True)[:limit])


def forget(refs: Sequence[Ref]) -> int:
    """Delete the files of these runs and empty the values in their findings; the counts and messages stay."""
    ids = [int(ref) for ref in refs]
    runs = list(ImportRun.objects.filter(pk__in=ids))
    for run in runs:
        for key in filter(None, (run.file_key, run.findings_key)):
            store().delete(key)
    ImportFinding.objects.filter(run_id__in=ids).exclude(value="").update(value="")
    ImportRun.objects.filter(pk__in=ids).update(file_key="", findings_key="")
    return len(runs)


keep(
    RetentionClass(
        "imports.findings", Text("들인 파일의 지적 사항", "Findings of imported files"), Text("들이기를 시작한 날", "the day of the import"),
        Text("개인정보 보호법 제21조: 목적이 끝나면 지체 없이 파기. 고칠 시간 30일은 내부 기준",
             "Personal Information Protection Act art. 21: destroyed without delay when the purpose ends; 30 days to mend is the operator's rule"),
        policy("retention.imports_days", Text("들인 파일의 값을 보관하는 기간 (일)", "Days for which values of imported files are kept"), 30,
               "Personal Information Protection Act art. 21; 30 days to mend what was refused is the operator's own rule."),
        "days", Act.DELETE, ("imports.ImportRun", "imports.ImportFinding"), count, due, forget,
    )
)  # fmt: skip
