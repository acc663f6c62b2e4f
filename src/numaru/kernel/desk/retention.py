"""How long the desk keeps which row a bulk act touched, and why the rest needs no class."""

from __future__ import annotations

from numaru.kernel.desk.models import BulkRun
from numaru.kernel.policies import policy
from numaru.kernel.retention.api import Act, RetentionClass, keep, leave
from numaru.kernel.retention.house import OWN, Rows
from numaru.values.text import Text

RUNS = Rows(BulkRun, "asked_at")
keep(
    RetentionClass(
        "desk.bulk", Text("일괄 작업의 행별 결과", "What bulk acts did to each row"), Text("작업을 올린 날", "the day it was asked for"), OWN,
        policy("retention.bulk_days", Text("일괄 작업의 행별 결과를 보관하는 기간 (일)", "Days for which the rows of bulk acts are kept"), 90,
               "Operator's own rule; the audit log keeps each change by itself."),
        "days", Act.DELETE, ("desk.BulkRun", "desk.BulkRow"), RUNS.count, RUNS.due, RUNS.delete,
    )
)  # fmt: skip
STAFF = Text("직원의 화면 설정이며 퇴사 때 지워집니다.", "Settings of members of staff; they go when their person leaves.")
for label in ("desk.SavedView", "desk.ListColumns", "desk.Download"):
    leave(label, STAFF)
