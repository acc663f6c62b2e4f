"""This room on the pillar and its places."""

from __future__ import annotations

from django.urls import reverse

from numaru.domains.billing.actions.runs import cancel_run
from numaru.domains.billing.permissions import INVOICE_VIEW, RUN_VIEW
from numaru.ui import asking, shell
from numaru.values.text import Text

ROOM = shell.rooms.add(
    "billing",
    shell.Room(
        Text("과금", "Billing"),
        [
            shell.Place("runs", Text("청구 실행", "Bill runs"), "billing:runs", RUN_VIEW),
            shell.Place("invoices", Text("청구서", "Invoices"), "billing:invoices", INVOICE_VIEW),
        ],
    ),
)
asking.subjects.add(
    cancel_run.key,
    asking.Subject(Text("청구 실행 취소", "Take a bill run back"), lambda number, **_: reverse("billing:run", args=[number])),
)
