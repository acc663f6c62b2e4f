"""Pages of processes: what runs, one with its lanes, starting and cancelling, finishing a step, and the definitions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.work import reads
from numaru.facilities.work.actions import processes, tasks
from numaru.facilities.work.models import Process, ProcessDefinition, ProcessStep, ProcessVersion, Task
from numaru.facilities.work.permissions import PROCESS_DEFINE, PROCESS_START, PROCESS_VIEW, TASK_ASSIGN, TASK_DO
from numaru.facilities.work.rules import process as rule
from numaru.facilities.work.web import process_list
from numaru.facilities.work.web.forms import ReasonForm
from numaru.facilities.work.web.process_forms import EXAMPLE, DefineForm, Dry, StartForm, StepForm
from numaru.facilities.work.web.process_list import PROCESSES
from numaru.facilities.work.web.states import LATE, PROCESS
from numaru.kernel import clock
from numaru.kernel.access import ROLES, Actor
from numaru.kernel.errors import Invalid, NotAllowed, NotFound, Refused
from numaru.ui import detail, formats, lists, peek, toasts
from numaru.ui.beside import beside
from numaru.ui.detail import Fact
from numaru.ui.forms import refuse
from numaru.ui.pages import actor_of, page, seen_by
from numaru.ui.shell import Crumb
from numaru.ui.states import State
from numaru.ui.timeline import Entry, days
from numaru.ui.toasts import Toast
from numaru.values.text import Text

NAME = process_list.NAME
DEFINITIONS = Text("절차 정의", "Definitions")
WHERE: dict[str, str] = {"room": "shared", "place": "processes"}
PASSED, COMING = State(Text("지남", "Passed"), "good"), State(Text("아직", "Not yet"), "calm")


def _needs(actor: Actor, *permissions: str) -> None:
    if not any(actor.may_somewhere(one) for one in permissions):
        raise NotAllowed.for_permission(permissions[0])


def everything(request: HttpRequest) -> HttpResponseBase:
    """All processes that I may see."""
    actor = actor_of(request)
    rows = process_list.all_rows(actor)
    more = {"may_start": actor.may_somewhere(PROCESS_START)}
    return lists.respond(request, PROCESSES, rows, "work/processes.html", more, crumbs=[Crumb(NAME)], **WHERE)


@dataclass(frozen=True, slots=True)
class Cell:
    """A step in the picture: where it stands, who passed it last or has it, and how often it was passed."""

    column: int
    step: rule.Step
    face: State | None
    who: Text | str = ""
    at: Any = None
    times: int = 0
    leads: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Lane:
    """The steps of one role, each in the column of its place in the order."""

    role: Text
    cells: tuple[Cell | None, ...]


def _leads(definition: rule.Definition, step: rule.Step) -> tuple[Text, ...]:
    """Where the outcomes of a step lead, where they do not simply lead on."""
    if len(step.outcomes) == 1 and step.outcomes[0].key == "done":
        return ()
    return tuple(Text("{o} → {t}", "{o} → {t}").fill(o=way.name, t=_target(definition, way.to)) for way in step.outcomes)


def _target(definition: rule.Definition, to: str) -> Text:
    step = definition.step(to)
    return step.name if step is not None else Text("끝", "End")


def lanes(definition: rule.Definition, row: Process | None = None, passes: Sequence[ProcessStep] = (), who: Text | str = "") -> list[Lane]:
    """A definition in lanes of roles; with a process, where it stands."""
    found: dict[str, list[Cell | None]] = {}
    for n, step in enumerate(definition.steps):
        mine = [one for one in passes if one.step == step.key]
        last = mine[-1] if mine else None
        face: State | None = None if row is None else COMING
        by: Text | str = ""
        at = None
        if row is not None and row.step == step.key:
            face, by, at = (LATE if process_list.late(row) else PROCESS["running"]), who, row.stands_since
        elif last is not None:
            face, by, at = (PASSED if last.outcome else PROCESS["cancelled"]), last.closed_name, last.closed_at
        cells = found.setdefault(step.role, [None] * len(definition.steps))
        cells[n] = Cell(n + 1, step, face, by, at, len(mine), _leads(definition, step))
    return [Lane(ROLES.get(role, Text(role, role)), tuple(cells)) for role, cells in found.items()]


def _process(actor: Actor, number: str) -> Process:
    row = reads.processes(actor).defer(None).filter(number=number).first()
    if row is None:
        raise NotFound.named(processes.WHAT, number[:40])
    return row


def _entries(row: Process, definition: rule.Definition, passes: Sequence[ProcessStep], known: dict[str, Task]) -> list[Entry]:
    """What happened, from its start to where it stands."""
    out = [Entry(row.started_at, "player-play", Text("{w} 시작", "{w} started it").fill(w=row.started_name))]
    for one in passes:
        step = definition.step(one.step)
        if step is None or one.closed_at is None:
            continue
        way = step.outcome(one.outcome)
        url = reverse("work:task", args=[one.task]) if one.task in known else ""
        act = Text(one.task, one.task) if url else None
        note = Text(one.note, one.note) if one.note else None
        if way is None:
            what = Text("{w} 절차 취소", "{w} cancelled the process").fill(w=one.closed_name)
            out.append(Entry(one.closed_at, "x", what, note, "warn", url=url, act=act))
            continue
        late = one.closed_at > one.due_at
        what = Text("{w} ‘{s}’ 마침: {o} → {t}", "{w} finished “{s}”: {o} → {t}").fill(
            w=one.closed_name, s=step.name, o=way.name, t=_target(definition, way.to)
        )
        if late:
            what = Text("{a} (기한 지나서)", "{a} (late)").fill(a=what)
        out.append(Entry(one.closed_at, "circle-check", what, note, "warn" if late else "", url=url, act=act))
    return out


def process(request: HttpRequest, number: str) -> HttpResponse:
    """One process: its lanes, where it stands, and what was handed over."""
    actor = actor_of(request)
    _needs(actor, PROCESS_VIEW, TASK_DO)
    row = _process(actor, number)
    definition = processes.said(row.version)
    passes = list(row.steps.order_by("ordinal"))
    known = {one.number: one for one in reads.visible(actor).filter(number__in=[p.task for p in passes])}
    task = known.get(row.task)
    had = task.staff if task is not None else None
    role = ROLES.get(row.role, Text(row.role, row.role))
    who: Text | str = reads.names([had]).get(had, "–") if had is not None else Text("{r} 역할", "Role: {r}").fill(r=role)
    services = {s.slug: s.name for s in catalogue.services()}
    thing = peek.things.get(row.about_kind)
    step = definition.step(row.step)
    line = beside(request, PROCESSES, reads.processes(actor), row, process_list.url, reverse("work:processes"))
    running = row.state == processes.RUNNING
    mine = running and task is not None and tasks.may_work(actor, task) and actor.may(TASK_DO, row.service or None)
    context = {
        "row": row, "face": process_list.face(row), "late": process_list.late(row), "state": PROCESS[row.state], "lanes": lanes(definition, row, passes, who),
        "columns": range(1, len(definition.steps) + 1), "step": step, "task": task, "who": who, "may_finish": mine,
        "last": next((p for p in reversed(passes) if p.closed_at is not None and p.note), None) if running else None,
        "may_cancel": running and actor.may(PROCESS_START, row.service or None), "beside": line, "address": reverse("work:process", args=[number]),
        "days": days(_entries(row, definition, passes, known)),
        "facts": detail.facts(
            Fact(Text("서 있는 단계", "Stands on"), step.name, note=formats.when(row.stands_since, year=clock.today().year)) if step else None,
            Fact(Text("누구 앞", "Before whom"), who) if running else None,
            Fact(Text("단계 기한", "Step due"), process_list.due(row)) if running else None,
            Fact(thing.label if thing else Text(row.about_kind, row.about_kind), row.about_key, thing.url(row.about_key) if thing else "") if row.about_key else None,
            Fact(Text("서비스", "Service"), services.get(row.service, row.service)) if row.service else None,
            Fact(Text("정의", "Definition"), process_list.name(row), reverse("work:definition", args=[row.version.definition.key]) if actor.may_somewhere(PROCESS_VIEW) else "",
                 note=Text("{n}판", "version {n}").fill(n=row.version.number)),
            Fact(Text("시작한 사람", "Started by"), row.started_name, note=formats.when(row.started_at, year=clock.today().year)),
        ),
    }  # fmt: skip
    crumbs = [Crumb(NAME, line.back), Crumb(number)]
    return page(request, "work/process.html", context, crumbs=crumbs, **WHERE)  # type: ignore[arg-type]


def _asking(
    request: HttpRequest, form: forms.Form, title: Text, act: Text, back: str, crumbs: list[Crumb], *, note: Text | None = None, facts: Sequence[Text] = (),
    effects: Sequence[Text] = (), picture: Sequence[Lane] = (), multipart: bool = False,
) -> HttpResponse:  # fmt: skip
    dry = isinstance(form, Dry)
    context = {
        "form": form, "title": title, "act": act, "back": back, "note": note, "facts": facts, "effects": effects, "multipart": multipart, "dry": dry,
        "seen": form.seen if isinstance(form, Dry) and effects else "", "lanes": picture, "columns": range(1, len(picture[0].cells) + 1) if picture else [],
    }  # fmt: skip
    status = 422 if form.is_bound and not effects else 200
    return page(request, "work/dry.html", context, crumbs=[*crumbs, Crumb(act)], status=status, **WHERE)  # type: ignore[arg-type]


def start(request: HttpRequest) -> HttpResponse:
    """Start a process: chosen, previewed, started. ``?about=kind:number`` fills in what it is about."""
    actor = actor_of(request)
    _needs(actor, PROCESS_START)
    kind, _, key = request.GET.get("about", "")[:160].partition(":")
    known = kind in peek.things
    initial = {
        "about_kind": kind if known else "", "about": key if known else "", "process": request.GET.get("process", "")[:40],
        "service": request.GET.get("service", "")[:80],
    }  # fmt: skip
    form = StartForm(request.POST or None, actor=actor, initial=initial)
    effects: list[Text] = []
    picture: list[Lane] = []
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        given = {key: data[key] for key in ("process", "title", "details", "service")} | {"about": (data["about_kind"], data["about"])}
        try:
            if form.goes:
                number = processes.start_process.do(actor, **given)
                toasts.tell(request, Toast(Text("절차 {n}을(를) 시작했습니다", "Process {n} was started").fill(n=number)))
                return redirect("work:process", number)
            effects = processes.start_process.plan(actor, **given).effects
            picture = lanes(processes.said(processes.latest(data["process"])))
        except (NotAllowed, NotFound):
            raise
        except Refused as refused:
            refuse(form, refused)
    note = Text("시작하면 첫 단계가 그 역할의 할 일이 됩니다.", "Started, its first step is a task of that role.")
    return _asking(
        request, form, Text("절차 시작", "Start a process"), Text("절차 시작하기", "Start it"), reverse("work:processes"),
        [Crumb(NAME, reverse("work:processes"))], note=note, effects=effects, picture=picture,
    )  # fmt: skip


def cancel(request: HttpRequest, number: str) -> HttpResponse:
    """Cancel a process, saying why."""
    actor = actor_of(request)
    row = _process(actor, number)
    if not actor.may(PROCESS_START, row.service or None):
        raise NotAllowed.for_permission(PROCESS_START)
    form = ReasonForm(request.POST or None)
    back = reverse("work:process", args=[number])
    if request.method == "POST" and form.is_valid():
        try:
            processes.cancel_process.do(actor, number=number, reason=form.cleaned_data["reason"])
        except (NotAllowed, NotFound):
            raise
        except Refused as refused:
            refuse(form, refused)
        else:
            return redirect(back)
    note = Text(
        "열린 단계의 할 일도 함께 취소합니다. 되돌릴 수 없습니다.",
        "The task of its open step is cancelled with it. This cannot be taken back.",
    )
    said = Text("{n} · {t}", "{n} · {t}").fill(n=number, t=row.title)
    return _asking(
        request, form, Text("절차 취소", "Cancel the process"), Text("절차 취소하기", "Cancel the process"), back,
        [Crumb(NAME, reverse("work:processes")), Crumb(number, back)], note=note, facts=[said],
    )  # fmt: skip


def step(request: HttpRequest, number: str) -> HttpResponse:
    """Finish a step: its outcome, and what is handed over."""
    actor = actor_of(request)
    task = reads.task(actor, number)
    if not tasks.may_work(actor, task):
        raise NotAllowed.for_permission(TASK_ASSIGN)
    at = processes.standing(number)
    left = task.checklist.filter(done_at__isnull=True).count()
    ways = [(way, _target(at.definition, way.to)) for way in at.step.outcomes]
    form = StepForm(request.POST if request.method == "POST" else None, outcomes=ways, hands=at.step.hands, left=left)
    back = reverse("work:task", args=[number])
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        try:
            made = processes.finish_step.do(actor, number=number, outcome=data["outcome"], note=data["note"], reason=data.get("reason", ""))
        except (NotAllowed, NotFound):
            raise
        except Refused as refused:
            refuse(form, refused)
        else:
            toasts.tell(request, Toast(Text("‘{s}’ 단계를 마쳤습니다", "Step “{s}” is finished").fill(s=at.step.name)))
            return redirect("work:process", made)
    note = Text("점검 항목 {n}개가 남았습니다.", "{n} points of the checklist are left.").fill(n=left) if left else None
    said = Text("{n} · {t}", "{n} · {t}").fill(n=at.process.number, t=at.process.title)
    title = Text("단계 마치기: {s}", "Finish the step: {s}").fill(s=at.step.name)
    crumbs = [Crumb(NAME, reverse("work:processes")), Crumb(at.process.number, reverse("work:process", args=[at.process.number]))]
    return _asking(request, form, title, Text("마치고 넘기기", "Finish and hand over"), back, crumbs, note=note, facts=[said])


def definitions(request: HttpRequest) -> HttpResponse:
    """The processes that the house knows, with how many run."""
    actor = actor_of(request)
    seen_by(actor, PROCESS_VIEW)
    newest = processes.newest()
    counts: dict[str, int] = {}
    for key in reads.processes(actor).filter(state=processes.RUNNING).values_list("version__definition__key", flat=True):
        counts[key] = counts.get(key, 0) + 1
    rows = [
        {
            "row": row,
            "name": Text(row.definition.name_ko, row.definition.name_en),
            "said": processes.said(row),
            "running": counts.get(key, 0),
        }
        for key, row in newest.items()
    ]
    context = {"rows": rows, "may_define": actor.may(PROCESS_DEFINE), "may_start": actor.may_somewhere(PROCESS_START)}
    crumbs = [Crumb(NAME, reverse("work:processes")), Crumb(DEFINITIONS)]
    return page(request, "work/definitions.html", context, crumbs=crumbs, **WHERE)  # type: ignore[arg-type]


def _definition(key: str) -> tuple[ProcessDefinition, list[ProcessVersion]]:
    row = ProcessDefinition.objects.filter(key=key).first()
    if row is None:
        raise NotFound.named(processes.DEFINITION, key[:40])
    return row, list(row.versions.order_by("-number"))


def definition(request: HttpRequest, key: str) -> HttpResponse:
    """One definition: its lanes, its steps, its versions and how it is written."""
    actor = actor_of(request)
    seen_by(actor, PROCESS_VIEW)
    row, versions = _definition(key)
    asked = request.GET.get("version", "")
    looked = next((v for v in versions if str(v.number) == asked), versions[0])
    said = processes.said(looked)
    context = {
        "row": row, "name": Text(row.name_ko, row.name_en), "said": said, "version": looked, "versions": versions, "lanes": lanes(said),
        "columns": range(1, len(said.steps) + 1), "may_define": actor.may(PROCESS_DEFINE), "may_start": actor.may_somewhere(PROCESS_START),
        "facts": detail.facts(
            Fact(Text("판", "Version"), Text("{n}판", "version {n}").fill(n=looked.number), note=formats.when(looked.made_at, year=clock.today().year)),
            Fact(Text("정한 사람", "Written by"), looked.made_name),
            Fact(Text("근무 달력", "Calendar"), said.calendar),
        ),
    }  # fmt: skip
    crumbs = [Crumb(NAME, reverse("work:processes")), Crumb(DEFINITIONS, reverse("work:definitions")), Crumb(key)]
    return page(request, "work/definition.html", context, crumbs=crumbs, **WHERE)  # type: ignore[arg-type]


def define(request: HttpRequest, key: str = "") -> HttpResponse:
    """Write a definition, or the next version of one: typed or from a file, previewed in lanes, kept."""
    actor = actor_of(request)
    _needs(actor, PROCESS_DEFINE)
    row, versions = _definition(key) if key else (None, [])
    form = DefineForm(request.POST or None, request.FILES or None, initial={"source": versions[0].source if versions else EXAMPLE})
    effects: list[Text] = []
    picture: list[Lane] = []
    if request.method == "POST" and form.is_valid():
        source = form.cleaned_data["source"].replace("\r\n", "\n")
        try:
            said = processes.read(source)
            if row is not None and said.key != row.key:
                raise_other(said.key, row.key)
            if form.goes and not form.files:
                made = processes.keep_process.do(actor, source=source)
                toasts.tell(request, Toast(Text("절차 정의를 저장했습니다", "The definition was kept")))
                return redirect("work:definition", made)
            effects = processes.keep_process.plan(actor, source=source).effects
            picture = lanes(said)
        except (NotAllowed, NotFound):
            raise
        except Refused as refused:
            refuse(form, refused)
        else:
            form = DefineForm({"source": source})  # what a file said stands in the form, so that it is kept without it
            form.is_valid()
    back = reverse("work:definition", args=[key]) if key else reverse("work:definitions")
    title = Text("절차 새 판", "New version of the process") if key else Text("새 절차", "New process")
    note = Text("진행 중인 절차는 시작할 때의 판을 따릅니다.", "What runs stays on the version it began with.")
    crumbs = [Crumb(NAME, reverse("work:processes")), Crumb(DEFINITIONS, reverse("work:definitions")), *([Crumb(key, back)] if key else [])]
    return _asking(request, form, title, Text("저장", "Keep it"), back, crumbs, note=note, effects=effects, picture=picture, multipart=True)


def raise_other(key: str, own: str) -> None:
    """Refuse a text that defines another process than the one whose page it was typed on."""
    raise Invalid.because(
        "work.definition_key", Text("key가 ‘{a}’입니다. 이 절차의 key는 ‘{b}’입니다.", "Its key is “{a}”; that of this process is “{b}”.").fill(a=key, b=own),
        Text("key를 그대로 두거나, 새 절차로 만드십시오.", "Leave the key, or make a new process of it."), field="source",
    )  # fmt: skip
