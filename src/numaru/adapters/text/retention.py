"""How long it is noted which group of the provider a message went into: as long as the provider answers for it."""

from __future__ import annotations

from numaru.adapters.text.models import SentGroup
from numaru.kernel.policies import policy
from numaru.kernel.retention.api import Act, RetentionClass, keep
from numaru.kernel.retention.house import OWN, Rows
from numaru.values.text import Text

NOTED = Rows(SentGroup, "noted_at")
keep(
    RetentionClass(
        "text.sent", Text("문자 발송 묶음 기록", "Notes of text groups"), Text("적은 날", "the day they were noted"), OWN,
        policy("retention.text_groups_months", Text("문자 발송 묶음 기록을 보관하는 기간 (개월)", "Months for which notes of text groups are kept"), 6,
               "The provider answers for six months; afterwards the note leads nowhere."),
        "months", Act.DELETE, ("text.SentGroup",), NOTED.count, NOTED.due, NOTED.delete,
    )
)  # fmt: skip
