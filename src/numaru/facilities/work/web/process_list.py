"""The list of processes: what runs, where it stands, since when and how late."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.work import reads
from numaru.facilities.work.actions import processes
from numaru.facilities.work.models import Process, Task
from numaru.facilities.work.permissions import PROCESS_VIEW
from numaru.facilities.work.web.states import LATE, PROCESS
from numaru.kernel import clock
from numaru.kernel.access import ROLES
from numaru.ui import formats
from numaru.ui.lists import Choice, Column, Listing, Rows, Sort, Source, View, sources
from numaru.ui.pages import seen_by
from numaru.ui.states import State
from numaru.values.text import Text

NAME, ONE = Text("절차", "Processes"), Text("절차", "Process")


def url(row: Process) -> str:
    return reverse("work:process", args=[row.number])


def late(row: Process) -> bool:
    return row.ended_at is None and row.ends_at <= clock.now()


def face(row: Process) -> State:
    return LATE if late(row) else PROCESS[row.state]


def name(row: Process) -> Text:
    """What the process is called now."""
    return Text(row.version.definition.name_ko, row.version.definition.name_en)


def due(row: Process) -> Text | None:
    """When the step on which it stands is due."""
    if row.ended_at is not None:
        return None
    year = clock.today().year
    return Text(formats.when(row.ends_at, "ko", year=year), formats.when(row.ends_at, "en", year=year))


def prepare(rows: list[Any]) -> None:
    """Where each stands and who has the step: two questions for the page, and one for names of services."""
    versions = {row.version_id: row.version for row in rows}
    sources_of = dict(type(next(iter(versions.values()))).objects.filter(pk__in=versions).values_list("pk", "source")) if versions else {}
    for pk, version in versions.items():
        version.source = sources_of[pk]
    had = dict(Task.objects.filter(number__in=[row.task for row in rows if row.task]).values_list("number", "staff"))
    people = reads.names(list(had.values()))
    services = {s.slug: s.name for s in catalogue.services()}
    for row in rows:
        step = processes.said(versions[row.version_id]).step(row.step)
        row.step_name = step.name if step is not None else None
        staff = had.get(row.task)
        row.who = people.get(staff, "") if staff is not None else ROLES.get(row.role)
        row.service_name = services.get(row.service)


def _of_state(rows: Rows, state: str) -> Rows:
    if state == "late":
        return rows.filter(ended_at__isnull=True, ends_at__lte=clock.now())
    return rows.filter(state=state)


def _definitions(request: HttpRequest) -> list[tuple[str, Text]]:
    return [(key, Text(row.definition.name_ko, row.definition.name_en)) for key, row in processes.newest().items()]


def _services(request: HttpRequest) -> list[tuple[str, Text]]:
    return [(s.slug, s.name) for s in catalogue.services()]


def _matching(rows: Rows, q: str) -> Rows:
    """By the number, by that of what it is about, or by words of the title."""
    if q.upper().startswith("WP-"):
        return rows.filter(number=q.upper())
    return rows.filter(title__icontains=q) | rows.filter(about_key__iexact=q)


PROCESSES = Listing(
    key="processes", live="work.process:*", name=NAME, unit=("건", "process", "processes"),
    columns=(
        Column("title", Text("제목", "Title"), lambda r: r.title, url=url, peek=True),
        Column("process", ONE, name),
        Column("state", Text("상태", "State"), face, "state"),
        Column("step", Text("서 있는 단계", "Stands on"), lambda r: r.step_name),
        Column("who", Text("누구 앞", "Before whom"), lambda r: r.who),
        Column("since", Text("언제부터", "Since"), lambda r: r.stands_since, "when"),
        Column("due", Text("단계 기한", "Step due"), due),
        Column("service", Text("서비스", "Service"), lambda r: r.service_name),
        Column("about", Text("무엇에 관한 것", "About"), lambda r: r.about_key or None, "id"),
        Column("number", Text("번호", "Number"), lambda r: r.number, "id"),
        Column("starter", Text("시작한 사람", "Started by"), lambda r: r.started_name, shown=False),
        Column("started", Text("시작한 때", "Started"), lambda r: r.started_at, "when", shown=False),
    ),
    sorts=(
        Sort("due", Text("기한 순", "By due time"), ("ends_at", "pk")),
        Sort("new", Text("최근 순", "Newest first"), ("pk",), descending=True),
    ),
    filters=(
        Choice("state", Text("상태", "State"), [("late", LATE.word), *((k, s.word) for k, s in PROCESS.items())], _of_state),
        Choice("process", ONE, _definitions, lambda rows, v: rows.filter(version__definition__key=v)),
        Choice("role", Text("누구 앞", "Before whom"), [(k, t) for k, t in ROLES.items() if k != "basic"], lambda rows, v: rows.filter(role=v)),
        Choice("service", Text("서비스", "Service"), _services, lambda rows, v: rows.filter(service=v)),
    ),
    views=(
        View("running", PROCESS["running"].word, (("state", "running"),)),
        View("late", LATE.word, (("state", "late"),)),
        View("all", Text("전체", "All")),
    ),
    search=_matching, placeholder=Text("제목, 번호", "Title, number"), searches_people=False, prepare=prepare, trail=True,
)  # fmt: skip


def all_rows(actor: Any) -> Rows:
    seen_by(actor, PROCESS_VIEW)
    return reads.processes(actor)


sources.add(PROCESSES.key, Source(PROCESSES, all_rows))
