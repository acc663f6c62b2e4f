"""The list of cases, a case with its clocks on top, and its people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from numaru.faces.console.leaks import states
from numaru.faces.console.leaks.forms import NewCase
from numaru.faces.console.leaks.rooms import NAME
from numaru.facilities.parties import api as parties
from numaru.kernel import clock, uploads
from numaru.kernel.errors import NotAllowed, NotFound, Refused
from numaru.kernel.leaks import api as leaks
from numaru.kernel.leaks.models import LeakDuty
from numaru.ui import detail, formats, lists
from numaru.ui.detail import Fact
from numaru.ui.forms import refuse
from numaru.ui.lists import Choice, Column, Listing, Sort, View
from numaru.ui.pages import actor_of, page
from numaru.ui.shell import Crumb
from numaru.ui.timeline import Entry, days
from numaru.values.text import Text

OPEN, CLOSED = states.CASE["open"].word, states.CASE["closed"].word
ICONS = {"warned": "calendar-due", "missed": "alert-octagon", "proof": "upload", "public": "file-description", "affected": "users",
         "approved": "circle-check", "draft": "pencil", "handover": "files", "closed": "circle-check", "owner": "user-check"}  # fmt: skip
TONES = {"warned": "warn", "missed": "bad"}

LISTING = Listing(
    key="leaks",
    live="leak:*",
    name=NAME,
    unit=("건", "case", "cases"),
    columns=(
        Column("number", Text("번호", "Number"), lambda r: r.number, url=lambda r: reverse("leaks:case", args=[r.number])),
        Column("kind", Text("종류", "Kind"), lambda r: leaks.KINDS[r.kind]),
        Column("state", Text("상태", "State"), lambda r: states.CASE[r.state], "state"),
        Column("due", Text("다음 기한", "Next deadline"), lambda r: r.next_due, "when", short=False),
        Column("known", Text("안 때", "Known"), lambda r: r.known_at, "when", short=False),
        Column("owner", Text("맡은 사람", "Owner"), lambda r: r.owner_name),
    ),
    sorts=(Sort("new", Text("최근 순", "Newest first"), ("pk",), descending=True),),
    filters=(Choice("state", Text("상태", "State"), (("open", OPEN), ("closed", CLOSED)), lambda rows, state: rows.filter(state=state)),),
    views=(View("all", Text("전체", "All")), View("open", OPEN, (("state", "open"),)), View("closed", CLOSED, (("state", "closed"),))),
)  # fmt: skip


def may_handle(request: HttpRequest) -> bool:
    return actor_of(request).may(leaks.LEAK_HANDLE)


def cases(request: HttpRequest) -> HttpResponseBase:
    """Every case; it renews itself when a clock or a case moves."""
    rows = leaks.listed(actor_of(request))
    context = {"here": request.get_full_path(), "may_handle": may_handle(request)}
    return lists.respond(request, LISTING, rows, "console/leaks/list.html", context, room="shared", place="leaks", crumbs=[Crumb(NAME)])


def new(request: HttpRequest) -> HttpResponse:
    """Three fields start the clocks."""
    if not may_handle(request):
        raise NotAllowed.for_permission(leaks.LEAK_HANDLE)
    form = NewCase(request.POST or None, initial={"known_at": formats.local(clock.now())})
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("leaks:case", leaks.open_case.do(actor_of(request), **form.cleaned_data))
        except Refused as refusal:
            refuse(form, refusal)
    context = {
        "form": form,
        "title": Text("사고 열기", "Open a case"),
        "act": Text("사고 열기", "Open the case"),
        "back": reverse("leaks:list"),
        "note": Text("여는 순간 기한이 계산됩니다.", "The deadlines are set the moment it is opened."),
    }
    crumbs = [Crumb(NAME, reverse("leaks:list")), Crumb(Text("새 사고", "New case"))]
    return page(
        request, "console/leaks/form.html", context, room="shared", place="leaks", crumbs=crumbs, status=422 if form.is_bound else 200
    )


def _clock(duty: LeakDuty) -> dict[str, Any]:
    face = states.of_duty(duty)
    left = int((duty.due_at - clock.now()).total_seconds())
    hours, minutes = divmod(abs(left) // 60, 60)
    return {
        "duty": duty,
        "name": leaks.DUTIES[duty.key][0],
        "face": face,
        "running": duty.state == "due",
        "over": left <= 0,
        "hours": hours,
        "minutes": minutes,
    }


def _listed(fields: Sequence[str]) -> Text:
    """The fields that leaked, in one line."""
    if not fields:
        return Text("아직 모름", "not known yet")
    names = [leaks.FIELDS[f] for f in fields]
    return Text(", ".join(n.ko for n in names), ", ".join(n.en for n in names))


def case(request: HttpRequest, number: str, refusal: Refused | None = None) -> HttpResponse:
    """A case: clocks first, then what is left to do, people, texts, proof, and what happened."""
    found = leaks.page(actor_of(request), number)
    row = found.case
    texts = [
        (kind, name, states.TEXT[found.drafts[kind].state if kind in found.drafts else "none"], found.drafts.get(kind))
        for kind, name in leaks.DRAFTS.items()
        if any(d.key == kind for d in found.duties)
    ]
    story = [
        Entry(e.at, ICONS.get(e.kind, "history"), Text(*e.text), Text(e.why, e.why) if e.why else None, TONES.get(e.kind, ""))
        for e in found.entries
    ]
    context = {
        "page": found,
        "row": row,
        "kind": leaks.KINDS[row.kind],
        "face": states.CASE[row.state],
        "clocks": [_clock(duty) for duty in found.duties],
        "texts": texts,
        "set": found.sets[0] if found.sets else None,
        "by_kind": [(leaks.FIELDS.get(k, Text(k, k)), n) for k, n in (found.sets[0].by_kind.items() if found.sets else ())],
        "proofs": [(p, leaks.CHANNELS[p.channel]) for p in found.proofs],
        "notice_approved": "notice" in found.drafts and found.drafts["notice"].state == "approved",
        "handed": bool(found.handovers and found.sets and found.handovers[0].affected_id == found.sets[0].pk),
        "days": days(story),
        "may_handle": may_handle(request) and row.state == "open",
        "may_open": actor_of(request).may_somewhere(parties.CONTACT_EXPORT),
        "all_settled": all(d.state != "due" for d in found.duties),
        "refused": refusal.findings if refusal else [],
        "address": reverse("leaks:case", args=[number]),
        "facts": detail.facts(
            Fact(Text("안 때", "Known"), row.known_at),
            Fact(Text("맡은 사람", "Owner"), row.owner_name),
            Fact(Text("유출된 항목", "What leaked"), _listed(row.fields)),
            Fact(Text("종결", "Closed"), row.closed_at) if row.closed_at else None,
        ),
    }
    crumbs = [Crumb(NAME, reverse("leaks:list")), Crumb(number)]
    status = refusal.status if refusal else 200
    return page(request, "console/leaks/case.html", context, room="shared", place="leaks", crumbs=crumbs, status=status)


def people(request: HttpRequest, number: str, version: int) -> HttpResponse:
    """A frozen set, fifty at a time: number, kinds of data, how many openings prove it. Nothing is opened."""
    found = leaks.page(actor_of(request), number)
    chosen = next((one for one in found.sets if one.version == version), None)
    if chosen is None:
        raise NotFound.named(Text("명단", "set"), version)
    after = request.GET.get("after", "0")
    rows = leaks.people(chosen, int(after) if after.isascii() and after.isdigit() and len(after) < 19 else 0)
    context = {
        "row": found.case,
        "set": chosen,
        "rows": [(shown, [leaks.FIELDS.get(k, Text(k, k)) for k in one.kinds], one) for shown, one in rows],
        "next": rows[-1][1].person if len(rows) == 50 else None,
    }
    crumbs = [
        Crumb(NAME, reverse("leaks:list")),
        Crumb(number, reverse("leaks:case", args=[number])),
        Crumb(Text("영향 받은 사람", "Affected people")),
    ]
    return page(request, "console/leaks/people.html", context, room="shared", place="leaks", crumbs=crumbs)


def handover_file(request: HttpRequest, number: str, handover: str) -> FileResponse:
    """The hand-over as a ZIP, for whoever handles the case."""
    found = leaks.page(actor_of(request), number)
    if not may_handle(request):
        raise NotAllowed.for_permission(leaks.LEAK_HANDLE)
    one = next((h for h in found.handovers if h.number == handover), None)
    if one is None:
        raise NotFound.named(Text("통지 넘김", "hand-over"), handover)
    return uploads.give(one.file, f"{handover}.zip")
