"""Leak cases told: what moved in each, one line a case."""

from __future__ import annotations

from django.urls import reverse

from numaru.kernel.leaks.permissions import LEAK_VIEW
from numaru.ui import since
from numaru.ui.since import Told
from numaru.ui.timeline import Entry
from numaru.ui.today import Reader
from numaru.values.text import Text

TOLD = {
    "opened": Text("사고 {n}을(를) 열었습니다", "Case {n} was opened"),
    "closed": Text("사고 {n}을(를) 종결했습니다", "Case {n} was closed"),
    "missed": Text("사고 {n}의 기한을 넘겼습니다", "A deadline of case {n} has passed"),
    "warned": Text("사고 {n}의 기한이 다가옵니다", "A deadline of case {n} is near"),
}
MOVED = Text("사고 {n}이(가) 진행되었습니다", "Case {n} moved on")


@since.teller("leaks.LeakChanged", permission=LEAK_VIEW)
def changed(reader: Reader, told: list[Told]) -> list[Entry]:
    """The gravest that happened to a case since then, and how many lines its timeline grew by."""
    if not reader.may(LEAK_VIEW):
        return []
    cases: dict[str, list[Told]] = {}
    for one in told:
        cases.setdefault(one.payload["number"], []).append(one)
    out = []
    for number, lines in cases.items():
        what = next((key for key in ("closed", "missed", "warned", "opened") if any(one.payload["what"] == key for one in lines)), "")
        text = TOLD.get(what, MOVED).fill(n=number)
        why = Text("경과 {n}줄", "{n} lines in its timeline").fill(n=len(lines))
        tone = {"missed": "bad", "warned": "warn"}.get(what, "")
        out.append(Entry(lines[0].at, "shield-lock", text, why, tone, url=reverse("leaks:case", args=[number]), act=Text("보기", "See")))
    return out
