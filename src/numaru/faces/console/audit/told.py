"""Audit told: openings that asked for an explanation, and what was decided about them."""

from __future__ import annotations

from django.urls import reverse

from numaru.kernel.audit import api as audit
from numaru.ui import since
from numaru.ui.since import Told
from numaru.ui.timeline import Entry
from numaru.ui.today import Reader
from numaru.values.text import Text

STATES = {"explained": Text("소명됨", "explained"), "confirmed": Text("오남용으로 확인", "confirmed")}


def _entry(one: Told, text: Text, why: Text, tone: str) -> Entry:
    number = one.payload["number"]
    return Entry(one.at, "eye-check", text, why, tone, url=reverse("audit:finding", args=[number]), act=Text("보기", "See"))


@since.teller("audit.AccessFindingRaised", permission=audit.RECORD_VIEW)
def raised(reader: Reader, told: list[Told]) -> list[Entry]:
    """Findings, each with whether the account was held."""
    if not reader.may(audit.RECORD_VIEW):
        return []
    held = Text("열람을 정지했습니다", "the account was held")
    return [
        _entry(one, Text("열람 이상을 찾았습니다", "An access finding"), held if one.payload["held"] else Text(one.payload["number"], one.payload["number"]),
               "bad" if one.payload["severity"] == "severe" else "warn")
        for one in told
    ]  # fmt: skip


@since.teller("audit.AccessFindingDecided", permission=audit.RECORD_VIEW)
def decided(reader: Reader, told: list[Told]) -> list[Entry]:
    """What was decided."""
    if not reader.may(audit.RECORD_VIEW):
        return []
    return [
        _entry(
            one,
            Text("열람 이상을 판단했습니다", "An access finding was decided"),
            STATES.get(one.payload["state"], Text(one.payload["state"], one.payload["state"])),
            "",
        )
        for one in told
    ]
