"""How long notices are kept."""

from __future__ import annotations

from numaru.kernel.notices.models import Notice
from numaru.kernel.policies import policy
from numaru.kernel.retention.api import Act, RetentionClass, keep, leave
from numaru.kernel.retention.house import OWN, STAFF, Rows
from numaru.values.text import Text

NOTICES = Rows(Notice, "at")
keep(
    RetentionClass(
        "notices.notices", Text("직원 알림", "Notices to staff"), Text("알린 때", "the notice"), OWN,
        policy("retention.notices_days", Text("직원 알림을 보관하는 기간 (일)", "Days for which notices to staff are kept"), 90, "Operator's own rule."),
        "days", Act.DELETE, ("notices.Notice",), NOTICES.count, NOTICES.due, NOTICES.delete,
    )
)  # fmt: skip
leave("notices.LastLook", STAFF)
