"""The list of clocks that a reader may see."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from numaru.facilities.clocks import reads
from numaru.facilities.clocks.kinds import kinds
from numaru.facilities.clocks.models import OPEN, RUNNING
from numaru.facilities.clocks.web.states import CLOCK, spent
from numaru.kernel import clock
from numaru.ui.lists import Choice, Column, Listing, Rows, Sort, View
from numaru.ui.templatetags.nm import left
from numaru.values.text import Text

NAME = Text("시계", "Clocks")
ENDED = Text("끝난 것", "Ended")


def url(row: Any) -> str:
    return reverse("clocks:clock", args=[row.pk])


def prepare(rows: list[Any]) -> None:
    """What is used and what subjects are called, set by set."""
    found, names = {one.id: one for one in reads.standings(rows)}, reads.names(rows)
    for row in rows:
        row.standing, row.name = found[row.pk], names.get((row.kind, row.subject))


def _left(row: Any) -> Any:
    return left(row.due_at, label=row.subject) if row.standing.state in ("running", "nearing") else None


def _kinds(request: HttpRequest) -> list[tuple[str, Text]]:
    actor: Any = request.user.actor  # type: ignore[union-attr]
    return [(key, kind.label) for key, kind in kinds if actor.may_somewhere(kind.permission)]


def shown(rows: Rows, which: str) -> Rows:
    """The rows of a tab; open ones when none is named."""
    now = clock.now()
    match which:
        case "nearing":
            return rows.filter(RUNNING, near_at__lte=now, due_at__gt=now)
        case "breached":
            return rows.filter(state__in=OPEN).exclude(breached_at=None, due_at=None).filter(stands_at__lte=now, enforced=True)
        case "paused":
            return rows.filter(state="paused")
        case "ended":
            return rows.exclude(state__in=OPEN)
        case "all":
            return rows
    return rows.filter(state__in=OPEN)


LISTING = Listing(
    key="clocks", live="clocks:*", name=NAME, unit=("개", "clock", "clocks"),
    columns=(
        Column("subject", Text("무엇의", "Of"), lambda r: r.name or r.subject, url=url),
        Column("number", Text("번호", "Number"), lambda r: r.subject, "id"),
        Column("kind", Text("종류", "Kind"), lambda r: r.standing.label),
        Column("state", Text("상태", "State"), lambda r: CLOCK[r.standing.state], "state"),
        Column("left", Text("남은 시간", "Left"), _left, excel=False),
        Column("due", Text("기한", "Due"), lambda r: r.due_at, "when"),
        Column("used", Text("쓴 시간", "Used"), lambda r: spent(r.standing.used)),
        Column("target", Text("목표", "Target"), lambda r: spent(r.target)),
        Column("calendar", Text("근무 달력", "Calendar"), lambda r: Text(r.calendar.name_ko, r.calendar.name_en)),
        Column("started", Text("시작", "Started"), lambda r: r.started_at, "when"),
        Column("ended", Text("끝", "Ended"), lambda r: r.ended_at, "when", shown=False),
        Column("service", Text("서비스", "Service"), lambda r: r.service or None, shown=False),
    ),
    sorts=(
        Sort("due", Text("기한 순", "By due time"), ("stands_at", "pk")),
        Sort("new", Text("최근 시작 순", "Newest first"), ("pk",), descending=True),
    ),
    filters=(
        Choice("show", Text("보기", "View"), [(k, s.word) for k, s in CLOCK.items() if k in ("nearing", "breached", "paused")] + [("ended", ENDED), ("all", Text("전체", "All"))], lambda rows, _: rows),
        Choice("kind", Text("종류", "Kind"), _kinds, lambda rows, v: rows.filter(kind=v)),
    ),
    views=(
        View("open", Text("열린 것", "Open")),
        View("nearing", CLOCK["nearing"].word, (("show", "nearing"),)),
        View("breached", CLOCK["breached"].word, (("show", "breached"),)),
        View("paused", CLOCK["paused"].word, (("show", "paused"),)),
        View("ended", ENDED, (("show", "ended"),)),
    ),
    search=lambda rows, q: rows.filter(subject__iexact=q), placeholder=Text("번호", "Number"), searches_people=False, prepare=prepare,
)  # fmt: skip
PAST = replace(LISTING, sorts=LISTING.sorts[1:])  # ended ones have no due time to wait for: the newest first, by the primary key
