"""This room on the pillar and its places."""

from __future__ import annotations

from django.urls import reverse

from numaru.domains.billing.actions.runs import cancel_run
from numaru.domains.billing.permissions import INVOICE_VIEW, RUN_VIEW
from numaru.ui import asking, shell
from numaru.ui.help import Chapter
from numaru.ui.help import places as chapters
from numaru.values.text import Text

ROOM = shell.rooms.add(
    "billing",
    shell.Room(
        Text("과금", "Billing"),
        [
            shell.Place("runs", Text("청구 실행", "Bill runs"), "billing:runs", RUN_VIEW, listing="runs"),
            shell.Place("invoices", Text("청구서", "Invoices"), "billing:invoices", INVOICE_VIEW, listing="invoices"),
            shell.Place("board", Text("현황판", "Board"), "indicators:billing", INVOICE_VIEW),
        ],
    ),
)
asking.subjects.add(
    cancel_run.key,
    asking.Subject(Text("청구 실행 취소", "Take a bill run back"), lambda number, **_: reverse("billing:run", args=[number])),
)
chapters.add("billing.runs", Chapter("billing", "billing-a-month"))
chapters.add("billing.invoices", Chapter("invoices"))
chapters.add("billing:run", Chapter("billing", "the-five-stations"))
chapters.add("billing:cancel-run", Chapter("billing", "pause-resume-cancel"))
chapters.add("billing:bill-parked", Chapter("billing", "parked-accounts"))
chapters.add("billing:invoice", Chapter("invoices", "why-this-amount"))
chapters.add("billing.board", Chapter("boards"))
