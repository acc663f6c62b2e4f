"""Retention told: people who were destroyed on request."""

from __future__ import annotations

from django.urls import reverse

from numaru.kernel.retention import api as retention
from numaru.ui import since
from numaru.ui.since import Told
from numaru.ui.timeline import Entry
from numaru.ui.today import Reader
from numaru.values.text import Text


@since.teller("retention.PersonDestroyed", permission=retention.CALENDAR_VIEW)
def destroyed(reader: Reader, told: list[Told]) -> list[Entry]:
    """Each destruction with its number; who it was is nowhere any more."""
    if not reader.may(retention.CALENDAR_VIEW):
        return []
    return [
        Entry(
            one.at, "trash", Text("한 사람의 개인정보를 파기했습니다", "A person's data were destroyed"), Text(one.payload["number"], one.payload["number"]),
            url=reverse("destruction:one", args=[one.payload["number"]]), act=Text("증명서", "Certificate"),
        )
        for one in told
    ]  # fmt: skip
