"""Work told in the bell: what somebody was given, is offered, got back, was told of, or let become overdue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.urls import reverse

from numaru.facilities.work.handlers import ANSWERED, GIVEN, LATE, NEAR, OFFERED, PROCESS_ENDED, SAID
from numaru.facilities.work.models import Process, Task
from numaru.facilities.work.web import listing
from numaru.ui import bell
from numaru.ui.bell import Face, Said
from numaru.values.text import Text


def _say(text: Text, other: Text | None = None) -> Callable[[Sequence[Any]], dict[int, Said]]:
    def say(rows: Sequence[Any]) -> dict[int, Said]:
        found = {t.number: t for t in Task.objects.filter(number__in={r.key for r in rows}).defer("details")}
        out = {}
        for row in rows:
            one = found.get(row.key)
            if one is not None:
                what = other if other is not None and row.about.get("what") == "returned" else text
                due = listing.due(one)
                why = Text("{n} · 기한 {d}", "{n} · due {d}").fill(n=one.number, d=due) if due else Text(one.number, one.number)
                out[row.pk] = Said(what.fill(t=one.title), why, reverse("work:task", args=[one.number]))
        return out

    return say


bell.faces.add(GIVEN, Face("checklist", "", _say(Text("맡겨진 할 일: {t}", "You were given: {t}"))))
bell.faces.add(OFFERED, Face("arrows-exchange", "warn", _say(Text("받아들일 할 일: {t}", "You are offered: {t}"))))
bell.faces.add(
    ANSWERED, Face("user-check", "", _say(Text("넘겨받았습니다: {t}", "Accepted: {t}"), Text("돌려보냈습니다: {t}", "Given back: {t}")))
)
bell.faces.add(SAID, Face("message", "", _say(Text("댓글: {t}", "A comment: {t}"))))
bell.faces.add(NEAR, Face("alarm", "warn", _say(Text("기한이 다가온 할 일: {t}", "Due soon: {t}"))))
bell.faces.add(LATE, Face("alert-octagon", "bad", _say(Text("기한이 지난 할 일: {t}", "Overdue: {t}"))))


def _ended(rows: Sequence[Any]) -> dict[int, Said]:
    """Processes that somebody else brought to an end."""
    found = {row.number: row for row in Process.objects.filter(number__in={r.key for r in rows}).defer("details")}
    out = {}
    for row in rows:
        one = found.get(row.key)
        if one is not None:
            cancelled = row.about.get("what") == "cancelled"
            what = Text("취소된 절차: {t}", "Process cancelled: {t}") if cancelled else Text("끝난 절차: {t}", "Process ended: {t}")
            why = Text("{n} · {w}", "{n} · {w}").fill(n=one.number, w=one.ended_name)
            out[row.pk] = Said(what.fill(t=one.title), why, reverse("work:process", args=[one.number]))
    return out


bell.faces.add(PROCESS_ENDED, Face("route", "", _ended))
