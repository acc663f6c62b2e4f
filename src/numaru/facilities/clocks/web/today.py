"""Clocks on the first page: those of the reader that are near their due time or past it, where their own room does not show them already."""

from __future__ import annotations

from django.db.models import Q
from django.urls import reverse

from numaru.facilities.clocks import reads
from numaru.facilities.clocks.kinds import kinds
from numaru.facilities.clocks.permissions import CLOCK_VIEW
from numaru.facilities.clocks.web.listing import NAME
from numaru.kernel import clock
from numaru.ui import today
from numaru.ui.today import Item, Reader
from numaru.values.text import Text


@today.finder("clocks.waiting", room="shared", word=NAME, permission=CLOCK_VIEW, live="clocks:*")
def waiting(reader: Reader) -> list[Item]:
    """The soonest first. No question is asked while no room wants its clocks told here."""
    keys = [key for key, kind in kinds if kind.tells_today]
    if not keys:
        return []
    late = Q(breached_at__isnull=False) | Q(state="running", near_at__lte=clock.now())
    rows = list(reads.concerning(reader.actor, keys).filter(late).order_by("stands_at", "id")[:100])
    names = reads.names(rows)
    items = [
        Item(
            f"clocks:{row.pk}", "clock", names.get((row.kind, row.subject)) or Text(row.subject, row.subject), kinds[row.kind].label, Text("열기", "Open"),
            kinds[row.kind].url(row.subject), row.due_at, owner=row.owner,
        )
        for row in rows
    ]  # fmt: skip

    def rest(n: int) -> Item:
        return Item(
            "clocks:more", "clock", Text("기한이 가까운 시계 {n}개 더", "{n} more clocks near their due time").fill(n=n), NAME, Text("모두 보기", "See all"),
            reverse("clocks:list"), rows[today.MOST - 1].due_at, rest=n,
        )  # fmt: skip

    return today.limited(items, rest)
