"""Approvals told: in the bell to whoever is asked or asked, and among what changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from numaru.faces.console.approvals import words
from numaru.kernel.approvals import api as approvals
from numaru.kernel.approvals.models import ApprovalRequest
from numaru.kernel.notices import api as notices
from numaru.ui import bell, since
from numaru.ui.bell import Face, Said
from numaru.ui.since import Told
from numaru.ui.timeline import Entry
from numaru.ui.today import Reader
from numaru.values.text import Text

DONE = {
    "approved": Text("{t} 결재가 승인되어 실행되었습니다", "{t}: approved and done"),
    "refused": Text("{t} 결재가 반려되었습니다", "{t}: refused"),
    "expired": Text("{t} 결재의 기한이 지났습니다", "{t}: nobody decided in time"),
    "withdrawn": Text("{t} 결재를 거두었습니다", "{t}: withdrawn"),
}
ICONS = {"approved": "circle-check", "refused": "circle-x", "expired": "clock", "withdrawn": "arrow-back-up"}


def _rows(numbers: Sequence[str]) -> dict[str, ApprovalRequest]:
    return {row.number: row for row in ApprovalRequest.objects.filter(number__in=set(numbers))}


def _asked(rows: Sequence[Any]) -> dict[int, Said]:
    found = _rows([row.key for row in rows])
    out = {}
    for row in rows:
        one = found.get(row.key)
        if one is not None:
            what = Text("{t} 결재가 기다립니다", "{t} waits for your decision").fill(t=words.title(one))
            why = Text("{n} 요청 · {r}", "asked by {n} · {r}").fill(n=one.asked_name, r=one.reason)
            out[row.pk] = Said(what, why, reverse("approvals:request", args=[one.number]))
    return out


def _decided(rows: Sequence[Any]) -> dict[int, Said]:
    found = _rows([row.key for row in rows])
    out = {}
    for row in rows:
        one = found.get(row.key)
        if one is not None:
            why = one.decided_name + (f" · {one.note}" if one.note else "") or one.number
            out[row.pk] = Said(
                DONE[one.state if one.state in DONE else "expired"].fill(t=words.title(one)),
                Text(why, why),
                reverse("approvals:request", args=[one.number]),
            )
    return out


bell.faces.add(notices.ASKED, Face("user-check", "warn", _asked))
bell.faces.add(notices.DECIDED, Face("user-check", "", _decided))


@since.teller("approvals.ApprovalDecided", permission=approvals.REQUEST_USE)
def decided(reader: Reader, told: list[Told]) -> list[Entry]:
    """Decisions on what the reader asked for or could have decided."""
    rows = {row.number: row for row in approvals.visible(reader.actor).filter(number__in={one.payload["number"] for one in told})}
    out = []
    for one in told:
        row = rows.get(one.payload["number"])
        if row is not None and row.state in DONE:
            who = Text("{n} 요청 · {d} 처리", "asked by {n}, decided by {d}").fill(n=row.asked_name, d=row.decided_name or "–")
            title, url = DONE[row.state].fill(t=words.title(row)), reverse("approvals:request", args=[row.number])
            out.append(
                Entry(one.at, ICONS[row.state], title, who, "bad" if row.state == "refused" else "", url=url, act=Text("보기", "See"))
            )
    return out
