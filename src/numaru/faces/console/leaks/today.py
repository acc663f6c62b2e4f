"""Leak cases on the first page: what the law asks for by when, and how far each case is."""

from __future__ import annotations

from django.urls import reverse

from numaru.faces.console.leaks.rooms import NAME
from numaru.kernel.leaks import api as leaks
from numaru.kernel.leaks.cases import DUTIES, KINDS
from numaru.kernel.leaks.models import LeakCase, LeakDuty
from numaru.kernel.leaks.permissions import LEAK_HANDLE, LEAK_VIEW
from numaru.ui import today
from numaru.ui.progress import Station
from numaru.ui.today import Item, Journey, Reader
from numaru.values.text import Text

WEIGHT = 1_000_000  # before other things about people that end at the same moment: the law set this clock


@today.finder("leaks", room="shared", word=NAME, permission=LEAK_HANDLE, live="leak:*")
def duties(reader: Reader) -> list[Item]:
    """Duties of open cases that are still to be met, each with its clock; cases whose duties are met and that nobody closed."""
    rows = list(LeakDuty.objects.filter(state="due", case__state="open").select_related("case").order_by("due_at", "id")[:100])
    items = []
    for row in rows:
        name, case = DUTIES[row.key][0], row.case
        title = Text("{d}: 사고 {n}", "{d}: case {n}").fill(d=name, n=case.number)
        who = Text(case.owner_name, case.owner_name) if case.owner_name else Text("맡은 사람 없음", "nobody has taken it")
        why = Text("{k} · {w} · {t}에 앎", "{k} · {w} · known {t}").fill(k=KINDS[case.kind], w=who, t=today.short_when(case.known_at))
        url = reverse("leaks:case", args=[case.number])
        items.append(
            Item(f"leaks.duty:{row.pk}", "people", title, why, Text("사고 열기", "Open the case"), url, row.due_at, WEIGHT, case.owner)
        )

    def rest(n: int) -> Item:
        title = Text("사고의 의무 {n}건이 더 있습니다", "{n} more duties of cases").fill(n=n)
        return Item(
            "leaks.duty:more",
            "people",
            title,
            NAME,
            Text("모두 보기", "See all"),
            reverse("leaks:list"),
            rows[today.MOST - 1].due_at,
            rest=n,
        )

    return today.limited(items, rest)


def _station(row: LeakDuty) -> Station:
    name = DUTIES[row.key][0]
    if row.state == "due":
        return Station(name, today.short_when(row.due_at), "now" if row.missed_at is None else "bad")
    if row.state == "exempt":
        return Station(name, Text("예외", "exempt"), "done")
    return Station(name, today.short_when(row.done_at) if row.done_at else "", "done")


def _journey(case: LeakCase) -> Journey:
    made = [Station(Text("앎", "Known"), today.short_when(case.known_at), "done")]
    rows = sorted(case.duties.all(), key=lambda d: (d.due_at, d.pk))
    made += [_station(row) for row in rows]
    open_ones = any(row.state == "due" for row in rows)
    closed = case.state == "closed" and case.closed_at is not None
    note: Text | str = today.short_when(case.closed_at) if closed and case.closed_at else Text("두 사람", "two people")
    made.append(Station(Text("종결", "Closed"), note, "done" if closed else "wait" if open_ones else "now"))
    at = case.closed_at or max((row.done_at for row in rows if row.done_at), default=case.opened_at)
    url = reverse("leaks:case", args=[case.number])
    return Journey(
        f"leak-{case.number}", KINDS[case.kind], Text("안 때부터 종결까지", "from knowing to closing"), made, url, at, closed, case.number
    )


def _cases(reader: Reader) -> list[Journey]:
    if not reader.may(LEAK_VIEW):
        return []
    return [_journey(case) for case in leaks.listed(reader.actor).order_by("-id").prefetch_related("duties")[: today.JOURNEYS]]


today.journeys.add("leaks", today.Travels(_cases, LEAK_VIEW, "leak:*"))
