"""Audit on the first page: openings of personal data that ask for an explanation, and the monthly review that waits for a signature."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse

from numaru.faces.console.audit.rooms import FINDINGS, REVIEWS
from numaru.kernel import clock
from numaru.kernel.audit import api as audit
from numaru.kernel.audit.models import AccessFinding, AccessReview
from numaru.kernel.vault.models import VaultOpening
from numaru.ui import formats, today
from numaru.ui.today import Item, Reader
from numaru.values.period import Period
from numaru.values.text import Text

WEIGHTS = {"severe": 2, "warning": 1}


@today.finder("audit.findings", room="shared", word=FINDINGS, permission=audit.FINDING_DECIDE, live="finding:*")
def findings(reader: Reader) -> list[Item]:
    """Findings that nobody has decided; not those about the reader, which somebody else must decide."""
    rows = list(AccessFinding.objects.filter(state="new").exclude(staff=reader.staff).order_by("-id")[:100])
    items = []
    for row in rows:
        title = Text("열람 이상을 판단해야 합니다: {s}", "An access finding to decide: {s}").fill(s=audit.said(row))
        held = Text("열람이 정지된 계정 · ", "the account is held · ") if row.severity == "severe" else Text("", "")
        why = Text("{h}{n} · {t}", "{h}{n} · {t}").fill(h=held, n=row.number, t=today.short_when(row.last_at))
        url = reverse("audit:finding", args=[row.number])
        items.append(
            Item(f"audit.finding:{row.number}", "people", title, why, Text("판단", "Decide"), url, weight=WEIGHTS.get(row.severity, 0))
        )

    def rest(n: int) -> Item:
        title = Text("열람 이상 {n}건이 더 있습니다", "{n} more access findings").fill(n=n)
        return Item("audit.finding:more", "people", title, FINDINGS, Text("모두 보기", "See all"), reverse("audit:findings"), rest=n)

    return today.limited(items, rest)


@today.finder("audit.review", room="shared", word=REVIEWS, permission=audit.REVIEW_SIGN)
def review(reader: Reader) -> list[Item]:
    """The review of the month before, through the end of this one, when somebody opened anything in that month."""
    present = Period.month(f"{clock.today():%Y-%m}")
    month = present.previous_month()
    zone = ZoneInfo(settings.TIME_ZONE)
    start, end = (datetime.combine(day, time(), zone) for day in (month.start, month.end))
    if (
        AccessReview.objects.filter(month=month.start, state="signed").exists()
        or not VaultOpening.objects.filter(at__gte=start, at__lt=end).exists()
    ):
        return []
    year = clock.today().year
    named = Text(formats.month(month.start, "ko", year=year), formats.month(month.start, "en", year=year))
    title = Text("{m} 열람 기록의 월간 점검을 확인해야 합니다", "The monthly review of {m} waits for a signature").fill(m=named)
    why, url = (
        Text("달마다 한 번 이상 점검", "looked at once a month or more"),
        reverse("audit:review", args=[month.start.year, month.start.month]),
    )
    return [Item(f"audit.review:{month.label}", "people", title, why, Text("점검", "Review"), url, present.last)]
