"""Console pages of the desk: a bulk act from preview to result, and the files that were made for the reader."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from numaru.faces.console.desk.rooms import BULK, DOWNLOADS
from numaru.faces.console.desk.states import FILE, ROW, RUN
from numaru.kernel import clock, jobs
from numaru.kernel.access import Actor
from numaru.kernel.desk import api as desk
from numaru.kernel.errors import NotAllowed, NotFound, Refused
from numaru.kernel.files import store
from numaru.kernel.models import Work
from numaru.kernel.staff.permissions import ACCOUNT_USE
from numaru.ui import asking, excel, lists
from numaru.ui.counts import Counted
from numaru.ui.lists import Choice, Column, Listing, Sort
from numaru.ui.pages import actor_of, page
from numaru.ui.progress import Figure, Progress
from numaru.ui.shell import Crumb
from numaru.values.text import Text

EXAMPLES = 12  # rows named in one group
asking.subjects.add(
    "numaru.kernel.desk.bulk.carry_out",
    asking.Subject(Text("일괄 작업", "A bulk act"), lambda number, **_: reverse("desk:bulk", args=[number])),
)


@dataclass
class Group:
    """Rows with one outcome, one change and one reason."""

    outcome: str
    before: Text
    after: Text
    why: Text
    count: int = 0
    rows: list[tuple[str, str]] = field(default_factory=list)  # (masked name or number, address)

    @property
    def more(self) -> int:
        return self.count - len(self.rows)


def _actor(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    if not actor.may_somewhere(ACCOUNT_USE):
        raise NotAllowed.for_permission(ACCOUNT_USE)
    return actor


def groups_of(run: desk.BulkRun) -> list[Group]:
    """The rows of an act by what happens to them, the largest group first; of each at most a dozen by name. Two queries and the names."""
    act = desk.acts[run.act]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT outcome, before, after, why, key, shown, n, whole FROM (SELECT outcome, before, after, why, key, shown, row_number() OVER w AS n, "
            "count(*) OVER (PARTITION BY outcome, before, after, why) AS whole FROM desk_bulkrow WHERE run_id = %s AND outcome <> '' "
            "WINDOW w AS (PARTITION BY outcome, before, after, why ORDER BY ordinal)) g WHERE n <= %s ORDER BY whole DESC, before, after, why, n",
            [run.pk, EXAMPLES],
        )
        found = cursor.fetchall()
    named = act.names([row[4] for row in found])
    out: dict[tuple[Any, ...], Group] = {}
    for outcome, before, after, why, key, shown, _, whole in found:
        was, to, because = (desk.as_text(one if isinstance(one, list) else json.loads(one)) for one in (before, after, why))
        group = out.setdefault((outcome, was, to, because), Group(outcome, was, to, because, whole))
        group.rows.append((named.get(key) or shown or key, act.url(key)))
    return sorted(out.values(), key=lambda g: (("done", "will", "failed", "refused").index(g.outcome), -g.count))


def _counted(act: desk.BulkAct, n: int) -> Text:
    """``n`` rows with the unit of their list."""
    source = lists.sources.get(act.list_key)
    return (source.listing if source else ROWS).counted(Counted(n))


def bulk(request: HttpRequest, number: str) -> HttpResponse:
    """One bulk act: the preview by groups, how far it is, or what came of it. htmx gets the part that moves."""
    return _bulk(request, desk.bulk_run(number, _actor(request).staff_id))


def _bulk(request: HttpRequest, run: desk.BulkRun, wrong: list[Any] | None = None, status: int = 200) -> HttpResponse:
    act, found = desk.acts[run.act], desk.counts(run)
    work = Work.objects.filter(kind=desk.WORK, key=run.number).first()
    moving = run.state in ("planning", "running")
    left = found[""] if run.state == "planning" else found["will"]
    total = run.total if run.state == "planning" else run.total - found["refused"]
    progress = Progress(
        total - left, total, Text("행", "rows"), (),
        (Figure(Text("제외", "Left out"), found["refused"]), Figure(Text("못 바꿈", "Not changed"), found["failed"])), said=Text("처리한 행", "Rows done"),
    )  # fmt: skip
    context = {
        "run": run, "act": act, "face": RUN[run.state], "said": {key: _counted(act, n) for key, n in found.items() if n and key}, "will": found["will"],
        "groups": [] if moving else groups_of(run), "faces": ROW, "progress": progress if moving else None,
        "words": act.words(run.data), "button": act.button.fill(n=f"{found['will']:,}"), "wrong": wrong or [], "work": work,
        "address": reverse("desk:bulk", args=[run.number]), "second": act.second(found["will"]) if run.state == "planned" else None,
        "stalled": moving and desk.stalled(work),
    }  # fmt: skip
    crumbs = [Crumb(BULK, reverse("desk:bulk-list")), Crumb(run.number)]
    return page(request, "console/desk/bulk.html", context, room="shared", place="bulk", crumbs=crumbs, fragment="body", status=status)


@require_POST
def go(request: HttpRequest, number: str) -> HttpResponse:
    """Do what was foreseen, or ask a second person; ``put=away`` forgets the preview. A second press leads to what came of the first."""
    actor = _actor(request)
    run = desk.bulk_run(number, actor.staff_id)
    if request.POST.get("put") == "away":
        desk.drop.do(actor, number=number)
        return redirect("desk:bulk-list")
    if run.state != "planned":
        return redirect("desk:bulk", number)
    try:
        return asking.follow(asking.carry_out(actor, desk.carry_out, reason=run.reason, number=number), "desk:bulk", number)
    except (NotAllowed, NotFound):
        raise
    except Refused as refused:
        return _bulk(request, desk.bulk_run(number, actor.staff_id), refused.findings, 409)


@require_POST
def stop(request: HttpRequest, number: str) -> HttpResponse:
    """Stop an act on its way: what was done stays. ``again=1`` queues one whose worker died."""
    run = desk.bulk_run(number, _actor(request).staff_id)
    if request.POST.get("again"):
        jobs.resumable[desk.WORK](number)
    else:
        jobs.ask(desk.WORK, run.number, "stop")
    return redirect("desk:bulk", number)


def _finish_rows(rows: list[Any]) -> None:
    act = desk.acts[rows[0].run.act] if rows else None
    named = act.names([row.key for row in rows]) if act else {}
    for row in rows:
        row.named = named.get(row.key) or row.shown or row.key
        row.at = act.url(row.key) if act else ""
        row.face = ROW[row.outcome]


ROWS = Listing(
    key="bulk-rows",
    name=Text("행별 결과", "Row by row"),
    unit=("행", "row", "rows"),
    columns=(
        Column("name", Text("이름", "Name"), lambda r: r.named, "masked", url=lambda r: r.at),
        Column("number", Text("번호", "Number"), lambda r: r.shown or None, "id"),
        Column("outcome", Text("결과", "Outcome"), lambda r: r.face, "state"),
        Column("before", Text("전", "Before"), lambda r: str(desk.as_text(r.before)) or None),
        Column("after", Text("후", "After"), lambda r: str(desk.as_text(r.after)) or None),
        Column("why", Text("까닭", "Why"), lambda r: str(desk.as_text(r.why)) or None),
    ),
    sorts=(Sort("order", Text("고른 순서", "As chosen"), ("ordinal",)),),
    filters=(
        Choice("outcome", Text("결과", "Outcome"), [(k, s.word) for k, s in ROW.items() if k], lambda rows, v: rows.filter(outcome=v)),
    ),
    prepare=_finish_rows,
)  # fmt: skip


def rows(request: HttpRequest, number: str) -> HttpResponseBase:
    """Every row of a bulk act, with what came of it."""
    run = desk.bulk_run(number, _actor(request).staff_id)
    crumbs = [Crumb(BULK, reverse("desk:bulk-list")), Crumb(run.number, reverse("desk:bulk", args=[run.number])), Crumb(ROWS.name)]
    return lists.respond(request, ROWS, run.rows.select_related("run"), lists.KIT, room="shared", place="bulk", crumbs=crumbs)


def _finish_runs(rows: list[Any]) -> None:
    for row in rows:
        row.act_name, row.face = desk.acts[row.act].name, RUN[row.state]


RUNS = Listing(
    key="bulk-runs",
    name=BULK,
    unit=("건", "bulk act", "bulk acts"),
    live="desk.bulk:*",
    columns=(
        Column("number", Text("번호", "Number"), lambda r: r.number, url=lambda r: reverse("desk:bulk", args=[r.number])),
        Column("act", Text("일", "Act"), lambda r: r.act_name),
        Column("state", Text("상태", "State"), lambda r: r.face, "state"),
        Column("total", Text("고른 행", "Rows"), lambda r: r.total, "count"),
        Column("reason", Text("사유", "Reason"), lambda r: r.reason),
        Column("at", Text("올린 때", "Asked"), lambda r: r.asked_at, "when", short=False),
    ),
    sorts=(Sort("new", Text("최근 순", "Newest first"), ("pk",), descending=True),),
    filters=(
        Choice("state", Text("상태", "State"), [(k, s.word) for k, s in RUN.items() if k != "dropped"], lambda rows, v: rows.filter(state=v)),
    ),
    prepare=_finish_runs,
)  # fmt: skip


def bulk_list(request: HttpRequest) -> HttpResponseBase:
    """The reader's own bulk acts."""
    found = desk.bulk_runs(_actor(request).staff_id)
    return lists.respond(request, RUNS, found, "console/desk/bulk_list.html", room="shared", place="bulk", crumbs=[Crumb(BULK)])


def downloads(request: HttpRequest) -> HttpResponse:
    """The reader's long workbooks: being made, ready for a day, gone."""
    found = list(desk.downloads(_actor(request).staff_id).order_by("-pk")[:30])
    works = {w.key: w for w in Work.objects.filter(kind="desk.download", key__in=[d.number for d in found])}
    now = clock.now()
    told = [
        {
            "row": d, "name": Text(d.name_ko, d.name_en), "face": FILE["deleted" if d.expires_at and d.expires_at <= now else d.state],
            "ready": d.state == "ready" and d.expires_at is not None and d.expires_at > now, "work": works.get(d.number),
        }
        for d in found
    ]  # fmt: skip
    return page(
        request, "console/desk/downloads.html", {"files": told, "waits": any(d.state == "queued" for d in found)}, room="shared",
        place="downloads", crumbs=[Crumb(DOWNLOADS)],
    )  # fmt: skip


@require_POST
def fetch(request: HttpRequest, number: str) -> FileResponse:
    """A finished workbook, for who ordered it; on record."""
    row = desk.download(number, _actor(request).staff_id)
    key = desk.fetch.do(_actor(request), number=number)
    name = f"{row.list_key}-{number}.xlsx"
    return FileResponse(
        store().open(key), as_attachment=True, filename=name, content_type=excel.TYPE, headers={"Cache-Control": "no-store"}
    )
