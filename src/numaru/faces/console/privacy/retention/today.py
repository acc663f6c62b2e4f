"""Retention on the first page: classes whose destruction failed, and orders to keep that are about to end."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse

from numaru.faces.console.privacy.retention.rooms import CALENDAR, HOLDS
from numaru.kernel import clock
from numaru.kernel.retention import api as retention
from numaru.kernel.retention.classes import classes
from numaru.kernel.retention.models import Hold, RetentionRun
from numaru.ui import today
from numaru.ui.today import Item, Reader
from numaru.values.text import Text

AHEAD = timedelta(days=7)


@today.finder("retention.failed", room="shared", word=CALENDAR, permission=retention.RUN_START, live="retention:*")
def failed(reader: Reader) -> list[Item]:
    """Classes whose last walk failed: what the law wants gone is still there. The house tries again each night."""
    if not reader.may(retention.RUN_START):
        return []
    rows = RetentionRun.objects.order_by("klass", "-id").distinct("klass")
    items = []
    for row in rows:
        if row.state == "failed" and row.klass in classes:
            title = Text("‘{k}’ 파기가 실패했습니다", "Destroying “{k}” failed").fill(k=classes[row.klass].name)
            why = Text("{d} 기준 {n}건 · 오늘 밤 다시 합니다", "{n} due as of {d} · tried again tonight").fill(
                n=f"{row.due:,}", d=today.short_day(row.as_of)
            )
            items.append(
                Item(
                    f"retention:{row.klass}",
                    "people",
                    title,
                    why,
                    Text("원인 보기", "See why"),
                    reverse("retention:class", args=[row.klass]),
                    weight=row.due,
                )
            )

    def rest(n: int) -> Item:
        title = Text("파기가 실패한 종류가 {n}개 더 있습니다", "{n} more classes failed").fill(n=n)
        return Item("retention:more", "people", title, CALENDAR, Text("모두 보기", "See all"), reverse("retention:calendar"), rest=n)

    return today.limited(items, rest)


@today.finder("retention.holds", room="shared", word=HOLDS, permission=retention.HOLD_PLACE)
def holds(reader: Reader) -> list[Item]:
    """Holds that end within a week: from then on the held data can be destroyed."""
    if not reader.may(retention.HOLD_PLACE):
        return []
    now = clock.today()
    rows = list(Hold.objects.filter(lifted_at__isnull=True, until__gte=now, until__lte=now + AHEAD).order_by("until", "pk")[:100])
    items = []
    for row in rows:
        title = Text("파기 보류 {n}이(가) 끝납니다", "Hold {n} ends").fill(n=row.number)
        why = Text("{r} · 끝나면 다시 파기 대상", "{r} · then it can be destroyed again").fill(r=row.reference or row.reason)
        items.append(
            Item(
                f"retention.hold:{row.number}",
                "people",
                title,
                why,
                Text("보류 보기", "See the holds"),
                reverse("retention:holds"),
                row.until,
            )
        )

    def rest(n: int) -> Item:
        title = Text("이번 주에 끝나는 보류가 {n}건 더 있습니다", "{n} more holds end this week").fill(n=n)
        return Item(
            "retention.hold:more",
            "people",
            title,
            HOLDS,
            Text("모두 보기", "See all"),
            reverse("retention:holds"),
            rows[today.MOST - 1].until,
            rest=n,
        )

    return today.limited(items, rest)
