"""Posted runs tie out again, as on the day they were posted, and their manifests are what was signed then.

Foreign keys between bulk tables are not checked row by row by the database; this proves them (docs/decisions/run-and-attach.md).
"""

from __future__ import annotations

from numaru.domains.billing import manifest, run_tables
from numaru.domains.billing.models import BillRun
from numaru.kernel.backup.api import Check, Looked, checks
from numaru.values.text import Text

RESTORE = Text(
    "백업의 같은 실행과 비교하고, 누가 바꿨는지 감사 기록에서 찾으십시오.",
    "Compare with the same run in a backup and find in the audit who changed it.",
)


def tie_outs() -> Looked:
    """Lines = invoices = transfers in every posted period run; sums as reported when it was posted."""
    looked = Looked()
    for run in BillRun.objects.filter(state="posted", kind="period").order_by("id"):
        looked.count += 1
        if not run_tables.attached(run.pk):
            looked.wrong(
                "billing.detached", Text("{r}의 문서가 없습니다.", "The documents of {r} are gone.").fill(r=run.number), RESTORE, run.number
            )
            continue
        for check in run_tables.tie_out(run.pk):
            if check.broken:
                looked.wrong(
                    f"billing.{check.key}",
                    Text("{r}: {c} 검산에서 {n}행이 어긋났습니다.", "{r}: {c} is broken by {n} rows.").fill(
                        r=run.number, c=check.text, n=check.broken
                    ),
                    RESTORE,
                    run.number,
                )
        if run_tables.totals(run.pk) != run.totals:
            looked.wrong(
                "billing.totals", Text("{r}의 합계가 확정한 때와 다릅니다.", "The totals of {r} are not those it was posted with.").fill(r=run.number), RESTORE, run.number
            )  # fmt: skip
        if manifest.fingerprint(run.manifest) != run.manifest_hash:
            looked.wrong(
                "billing.manifest", Text("{r}의 대상 명세가 달라졌습니다.", "The manifest of {r} has changed.").fill(r=run.number), RESTORE, run.number
            )  # fmt: skip
    return looked


checks.add("billing.runs", Check(Text("확정한 청구 실행의 검산", "Tie-out of posted bill runs"), Text("건", "runs"), tie_outs))
