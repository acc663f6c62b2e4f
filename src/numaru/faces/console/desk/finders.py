"""One's own bulk acts, for whoever searches from anywhere."""

from __future__ import annotations

from typing import Any

from numaru.faces.console.desk import states
from numaru.faces.console.desk.rooms import BULK
from numaru.faces.console.find.numbered import numbered
from numaru.kernel.desk import api as desk
from numaru.kernel.staff.permissions import ACCOUNT_USE
from numaru.values.text import Text


def _title(row: Any) -> Text:
    act = desk.acts.get(row.act)
    return act.name if act is not None else BULK


numbered(
    "desk.bulk", Text("일괄 작업", "Bulk act"), BULK, "checklist", ACCOUNT_USE, "B-", "desk:bulk", lambda actor: desk.bulk_runs(actor.staff_id), _title,
    lambda row: states.RUN[row.state], lambda row: Text("{n}행", "{n} rows").fill(n=f"{row.total:,}"), words=30, order=46, everywhere=False,
)  # fmt: skip
