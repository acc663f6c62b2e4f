"""How long mail that came in is kept: replies and what could not be read are somebody's words, and go with their row."""

from __future__ import annotations

from numaru.adapters.mail.models import ArrivedMail
from numaru.kernel.policies import policy
from numaru.kernel.retention.api import Act, RetentionClass, keep
from numaru.kernel.retention.house import OWN, Rows
from numaru.values.text import Text

ARRIVED = Rows(ArrivedMail, "arrived_at")
keep(
    RetentionClass(
        "mail.arrived", Text("들어온 메일", "Mail that came in"), Text("들어온 날", "the day it came"), OWN,
        policy("retention.arrived_mail_months", Text("들어온 메일을 보관하는 기간 (개월)", "Months for which mail that came in is kept"), 6,
               "Operator's own rule: as long as delivery records of advertising."),
        "months", Act.DELETE, ("mail.ArrivedMail",), ARRIVED.count, ARRIVED.due, ARRIVED.delete,
    )
)  # fmt: skip
