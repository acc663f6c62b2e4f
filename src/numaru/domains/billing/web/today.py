"""Billing on the first page: runs that stand still, accounts set aside, months that are over and not billed; and what was billed."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.db.models import Count, OuterRef, Subquery
from django.urls import reverse

from numaru.domains.billing import reads
from numaru.domains.billing.models import ParkedAccount
from numaru.domains.billing.permissions import PARKED_BILL, RUN_CONTROL, RUN_START
from numaru.domains.billing.states import RUN
from numaru.kernel import clock
from numaru.kernel.models import Work
from numaru.ui import formats, today
from numaru.ui.first_steps import Step
from numaru.ui.first_steps import steps as first_steps
from numaru.ui.help import Chapter
from numaru.ui.today import Item, Reader
from numaru.values.period import Period
from numaru.values.text import Text

WORD = Text("과금", "Billing")
LIVE = "billing.runs:all"
STILL = ("failed", "paused", "stopped")


def month_of(day: date) -> Text:
    """A month inside a sentence."""
    year = clock.today().year
    return Text(formats.month(day, "ko", year=year), formats.month(day, "en", year=year))


def _staff() -> Subquery:
    """Who started a run, from its work item."""
    return Subquery(Work.objects.filter(kind="billing.run", key=OuterRef("number")).values("staff")[:1])


@today.finder("billing.runs", room="billing", word=WORD, permission=RUN_CONTROL, live=LIVE, pillar=True)
def still(reader: Reader) -> list[Item]:
    """Runs that failed, were paused or stopped: a month whose bills nobody gets until somebody goes on. The latest months first."""
    rows = reads.visible_runs(reader.services(RUN_CONTROL)).filter(state__in=STILL).annotate(staff=_staff()).order_by("-period_from", "-id")
    items = []
    for row in rows[: today.MOST + 1]:
        why = Text(row.failure["ko"], row.failure["en"]) if row.failure else RUN[row.state].word
        title = Text("{s} {m} 청구가 {w} 상태입니다", "The {m} bill run of {s}: {w}").fill(
            s=row.service.name if row.service else "", m=month_of(row.period_from), w=RUN[row.state].word
        )
        facts = Text("{n} · {w}", "{n} · {w}").fill(n=row.number, w=why)
        act = Text("원인 보기", "See why") if row.state == "failed" else Text("이어 가기", "Go on")
        url = reverse("billing:run", args=[row.number])
        items.append(Item(f"billing.run:{row.number}", "money", title, facts, act, url, weight=row.accounts, owner=row.staff))  # type: ignore[attr-defined]
    return today.limited(
        items, lambda n: _more("runs", n, Text("멈춘 청구 실행 {n}건 이상이 더 있습니다", "{n} or more other runs stand still"))
    )


@today.finder("billing.parked", room="billing", word=WORD, permission=PARKED_BILL, live=LIVE, pillar=True)
def parked(reader: Reader) -> list[Item]:
    """Accounts that posted runs set aside and nobody has billed since: one line a service, which leads to the earliest such run."""
    rows = ParkedAccount.objects.filter(state="open", run__state="posted")
    services = reader.services(PARKED_BILL)
    if services is not None:
        rows = rows.filter(run__service__slug__in=services)
    found = rows.values_list("run__number", "run__period_from", "run__service__slug", "run__service__name_ko", "run__service__name_en")
    by_service: dict[str, list[tuple[Any, ...]]] = {}
    for row in found.annotate(n=Count("id")).order_by("run__period_from", "run__id"):
        by_service.setdefault(row[2] or "", []).append(row)
    items = []
    for slug, runs in by_service.items():
        number, start, _, ko, en, _ = runs[0]
        n = sum(row[-1] for row in runs)
        title = Text("{s} 청구에서 보류된 계정 {n}개", "{s}: {n} accounts are parked").fill(s=Text(ko, en), n=f"{n:,}")
        first = Text("{m} {r}", "{m}, {r}").fill(m=month_of(start), r=number)
        more = Text(" 외 {k}건", " and {k} more").fill(k=len(runs) - 1) if len(runs) > 1 else Text("", "")
        why = Text("{f}{m} · 고친 뒤 따로 청구합니다", "{f}{m} · mend, then bill on its own").fill(f=first, m=more)
        url = reverse("billing:run", args=[number])
        items.append(Item(f"billing.parked:{slug}", "money", title, why, Text("보류 보기", "See them"), url, weight=n))
    return today.limited(
        items, lambda n: _more("parked", n, Text("보류가 남은 서비스가 {n}개 더 있습니다", "{n} more services have parked accounts"))
    )


def _more(what: str, n: int, text: Text) -> Item:
    return Item(f"billing.{what}:more", "money", text.fill(n=n), WORD, Text("모두 보기", "See all"), reverse("billing:runs"), rest=n)


UNBILLED = (
    "SELECT s.slug, s.name_ko, s.name_en FROM catalogue_service s WHERE NOT EXISTS (SELECT 1 FROM billing_billrun r WHERE r.service_id = s.id"
    " AND r.kind = 'period' AND r.period_from = %(start)s AND r.state <> 'cancelled') AND (SELECT min(f.effective_at) FROM billing_contractfact f"
    " WHERE f.contract_id = (SELECT c.id FROM billing_contract c WHERE c.service_id = s.id ORDER BY c.id LIMIT 1)) < %(end)s"
    " AND (%(all)s OR s.slug = ANY(%(slugs)s)) ORDER BY s.id LIMIT %(most)s"
)


@today.finder("billing.unbilled", room="billing", word=WORD, permission=RUN_START, live=LIVE, pillar=True)
def unbilled(reader: Reader) -> list[Item]:
    """Services whose last month is over and has no run. A service counts when its first contract ran before that month ended. One question."""
    first = clock.today().replace(day=1)
    month = Period.month(f"{first:%Y-%m}").previous_month()
    services = reader.services(RUN_START)
    end = datetime.combine(month.end, time(), ZoneInfo(settings.TIME_ZONE))
    with connection.cursor() as cursor:
        given: dict[str, Any] = {
            "start": month.start,
            "end": end,
            "all": services is None,
            "slugs": sorted(services or ()),
            "most": today.MOST + 1,
        }
        cursor.execute(UNBILLED, given)
        found = cursor.fetchall()
    items = []
    for slug, ko, en in found:
        title = Text("{s} {m} 청구를 아직 하지 않았습니다", "{s}: {m} is not billed yet").fill(s=Text(ko, en), m=month_of(month.start))
        why = Text("{d}에 끝난 달", "the month ended on {d}").fill(d=today.short_day(month.last))
        url = f"{reverse('billing:new-run')}?{urlencode({'service': slug, 'period': month.label})}"
        items.append(Item(f"billing.unbilled:{slug}:{month.label}", "money", title, why, Text("청구 시작", "Start billing"), url))
    return today.limited(
        items,
        lambda n: _more("unbilled", n, Text("청구하지 않은 서비스가 {n}개 이상 더 있습니다", "{n} or more other services are not billed")),
    )


first_steps.add(
    "bill",
    Step(
        40, RUN_START, Text("첫 달을 청구합니다", "Bill the first month"),
        Text("무엇이 달라지는지 먼저 보이고, 확정하기 전에는 아무도 청구서를 보지 못합니다.", "What will happen is shown first; nobody sees a bill before it is final."),
        Text("청구 실행", "Start a run"), lambda: reverse("billing:new-run"), lambda request: reads.ever_billed(), Chapter("billing", "billing-a-month"), settles=True,
    ),
)  # fmt: skip
