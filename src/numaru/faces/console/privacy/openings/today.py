"""Bulk openings on the first page: files that are ready for the one who asked, and are deleted when their day is over."""

from __future__ import annotations

from django.urls import reverse

from numaru.faces.console.privacy.openings.rooms import NAME
from numaru.facilities.parties import api as parties
from numaru.kernel import clock
from numaru.ui import today
from numaru.ui.today import Item, Reader
from numaru.values.text import Text


@today.finder("parties.exports", room="shared", word=NAME, permission=parties.CONTACT_EXPORT, live="work:parties.export")
def ready(reader: Reader) -> list[Item]:
    """The reader's own files that nobody has fetched yet."""
    rows = parties.exports(reader.actor).filter(asked_by=reader.staff, state="ready", downloads=0, expires_at__gt=clock.now())
    items = [
        Item(
            f"parties.export:{row.number}",
            "people",
            Text("{n}명의 열람 파일을 받을 수 있습니다", "The file of {n} people can be fetched").fill(n=f"{row.people:,}"),
            Text("{n} · 기한이 지나면 지워집니다", "{n} · deleted when its time is over").fill(n=row.number),
            Text("파일 받기", "Fetch it"),
            reverse("exports:export", args=[row.number]),
            row.expires_at,
            owner=reader.staff,
        )
        for row in rows.order_by("expires_at", "pk")[:100]
    ]

    def rest(n: int) -> Item:
        title = Text("받을 파일이 {n}개 더 있습니다", "{n} more files to fetch").fill(n=n)
        return Item("parties.export:more", "people", title, NAME, Text("모두 보기", "See all"), reverse("exports:list"), rest=n)

    return today.limited(items, rest)
