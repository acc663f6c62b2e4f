"""Billing on its way: the last run of each service, and imports of people up to their first bill."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse

from numaru.domains.billing import reads
from numaru.domains.billing.actions import import_subscribers
from numaru.domains.billing.models import BillRun
from numaru.domains.billing.permissions import RUN_VIEW
from numaru.domains.billing.web.today import month_of
from numaru.kernel import clock
from numaru.kernel.imports.models import ImportRun
from numaru.kernel.models import Work
from numaru.ui import today
from numaru.ui.progress import Station
from numaru.ui.today import Journey, Reader
from numaru.values.text import Text

LOOKED = 24  # of the newest runs: the last of each service is among them
FRESH = timedelta(days=45)  # an import whose people were not billed for so long is no journey any more
NAMES = (
    Text("대상 확정", "Frozen"),
    Text("계산", "Rated"),
    Text("검산", "Tied out"),
    Text("확정", "Posted"),
    Text("보류 정리", "Parked cured"),
)
STAGES = {"freeze": 0, "rate": 1, "write": 1, "key": 2, "check": 2, "post": 3}


def _notes(row: BillRun, work: Work | None, left: int) -> list[Text]:
    nothing = Text("", "")

    def n(ko: str, en: str, value: int) -> Text:
        return Text(ko, en).fill(n=f"{value:,}") if value else nothing

    posted = row.state == "posted"
    done = Text("{n} 보류", "{n} parked").fill(n=f"{left:,}") if left else Text("남은 것 없음", "none left")
    return [
        n("{n} 계정", "{n} accounts", row.accounts + row.idle),
        n("청구서 {n}건", "{n} invoices", row.invoices if posted else work.done if work and work.stage == "write" else 0),
        Text("일치", "balanced") if posted else nothing,
        today.short_when(row.posted_at) if row.posted_at else nothing,
        done if posted else nothing,
    ]


def run_journey(row: BillRun, work: Work | None, left: int) -> Journey:
    """One run as a line of stations; ``left`` accounts are still parked. It ends when it is posted and none is left."""
    posted = row.state == "posted"
    at = (4 if left else 5) if posted else STAGES.get(work.stage if work else "", 0)
    here: Any = "bad" if row.state == "failed" else "wait" if row.state == "queued" else "now"
    notes = _notes(row, work, left)
    made = [Station(name, notes[n], "done" if n < at else here if n == at else "wait") for n, name in enumerate(NAMES)]
    service = row.service.name if row.service else Text("", "")
    moved = row.posted_at or (work.heartbeat_at if work else None) or row.created_at
    name = Text("{s} {m} 청구", "{s}, {m}").fill(s=service, m=month_of(row.period_from))
    way = Text("대상 확정에서 보류 정리까지", "from the freeze to the last account")
    return Journey(f"run-{row.number}", name, way, made, reverse("billing:run", args=[row.number]), moved, posted and not left)


def runs(reader: Reader) -> list[Journey]:
    """The last run of each service. Two questions."""
    rows = reads.visible_runs(reader.services(RUN_VIEW)).exclude(state="cancelled")
    parked = Count("parked_accounts", filter=Q(parked_accounts__state="open"))
    last: dict[int, Any] = {}
    for row in rows.defer("manifest", "summary").annotate(left=parked).order_by("-period_from", "-id")[:LOOKED]:
        last.setdefault(row.service_id or 0, row)
    going = [row.number for row in last.values() if row.state != "posted"]
    work = reads.progress(going) if going else {}
    return [run_journey(row, work.get(row.number), row.left) for row in last.values()]


def enrolments(reader: Reader) -> list[Journey]:
    """Imports of people, up to the first run that was frozen after them. Two questions."""
    services = reader.services(RUN_VIEW)
    rows = ImportRun.objects.filter(kind=import_subscribers.KEY, dry=False, accepted__gt=0, state="done").defer("mapping_text")
    if services is not None:
        rows = rows.filter(service_slug__in=services)
    since = clock.now() - FRESH
    found = [row for row in rows.order_by("-id")[: today.JOURNEYS] if row.finished_at and row.finished_at > since]
    if not found:
        return []
    billed = BillRun.objects.filter(kind="period", state="posted", known_at__gte=min(row.finished_at for row in found if row.finished_at))
    after = list(billed.order_by("known_at", "id").values_list("service__slug", "known_at", "period_from", "posted_at"))
    out = []
    for row in found:
        first = next((b for b in after if b[0] == row.service_slug and row.finished_at and b[1] and b[1] >= row.finished_at), None)
        stations = [
            Station(Text("읽음", "Read"), Text("{n}행", "{n} rows").fill(n=f"{row.rows_read:,}"), "done"),
            Station(Text("들임", "Enrolled"), Text("{n}건", "{n}").fill(n=f"{row.accepted:,}"), "done"),
            Station(
                Text("첫 청구", "First bill"),
                month_of(first[2]) if first else Text("다음 청구 실행", "the next run"),
                "done" if first else "now",
            ),
        ]
        name = Text("가입 들이기", "Import")
        way, url = Text("파일에서 첫 청구까지", "from the file to the first bill"), reverse("imports:run", args=[row.number])
        moved = first[3] if first else row.finished_at
        out.append(Journey(f"import-{row.number}", name, way, stations, url, moved or row.created_at, first is not None, row.number))
    return out


today.journeys.add("billing.runs", today.Travels(runs, RUN_VIEW, "billing.runs:all work:billing.run"))
today.journeys.add("billing.enrolments", today.Travels(enrolments, RUN_VIEW, "work:import billing.runs:all"))
