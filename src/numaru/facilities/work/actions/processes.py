"""Processes: definitions in versions, a process that runs from step to step, each step a task of its role, and what is handed over between."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.db.models import Max

from numaru.facilities.clocks import api as clocks
from numaru.facilities.work.actions.handing import players
from numaru.facilities.work.actions.tasks import STEP, TITLE, locked, moved, open_task, points_left, titled, worded
from numaru.facilities.work.events import ProcessMoved
from numaru.facilities.work.models import Process, ProcessDefinition, ProcessStep, ProcessVersion, Task
from numaru.facilities.work.permissions import PROCESS_DEFINE, PROCESS_START, TASK_DO
from numaru.facilities.work.rules import due
from numaru.facilities.work.rules import process as rule
from numaru.kernel import clock, numbering
from numaru.kernel.access import ROLES, Actor
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Conflict, Invalid, NotFound
from numaru.values.masked import telling
from numaru.values.text import Text

WHAT = Text("절차", "process")
DEFINITION = Text("절차 정의", "definition of a process")
KIND = "work.process"
SHIPPED = Path(__file__).parent.parent / "rules" / "shipped"
BEGUN_WITH = ("always", "office")  # the calendars that a house begins with
RUNNING, DONE, CANCELLED = "running", "done", "cancelled"


def roles() -> list[str]:
    """The roles that can do a step: every role but the one that everybody has."""
    return [key for key in ROLES if key != "basic"]


@lru_cache(maxsize=64)
def _kept(version: int, source: str) -> rule.Definition:
    """A version as the rules know it. It was read when it was kept, so its own roles and calendars are taken as they stand."""
    return rule.read(source)


def said(version: ProcessVersion) -> rule.Definition:
    """What a version says."""
    return _kept(version.pk, version.source)


def newest() -> dict[str, ProcessVersion]:
    """The newest version of each definition, by key. One query."""
    rows = ProcessVersion.objects.select_related("definition").order_by("definition__key", "-number").distinct("definition__key")
    return {row.definition.key: row for row in rows}


def latest(key: str) -> ProcessVersion:
    """The version that a process begins with today. Raises NotFound."""
    row = ProcessVersion.objects.select_related("definition").filter(definition__key=key).order_by("-number").first()
    if row is None:
        raise NotFound.named(DEFINITION, key[:40])
    return row


def read(source: str) -> rule.Definition:
    """A definition as it is typed, against the roles and calendars of the house. Raises Invalid."""
    try:
        found = rule.read(source, roles(), clocks.calendars.keys() or BEGUN_WITH)
    except rule.Unreadable as wrong:
        raise Invalid.because("work.definition", wrong.text, wrong.remedy, field="source") from None
    if telling(source):
        raise Invalid.because(
            "work.definition_personal", Text("정의에 전화번호나 전자우편 같은 개인정보가 있습니다.", "The definition holds personal data: a number, an address or the like."),
            Text("사람이 아니라 역할을 적으십시오.", "Name roles, not people."), field="source",
        )  # fmt: skip
    return found


@action(PROCESS_DEFINE)
def keep_process(act: Act, *, source: str) -> str:
    """Keep a definition: a new one, or the next version of the one with its key. What runs stays on its version. The same text again keeps
    nothing. Returns the key."""
    clocks.house()
    found = read(source)
    row, _ = ProcessDefinition.objects.select_for_update().get_or_create(
        key=found.key, defaults={"name_ko": found.name.ko, "name_en": found.name.en, "made_at": clock.now()}
    )
    last = row.versions.order_by("-number").first()
    if last is not None and last.source.strip() == source.strip():
        raise Conflict.because(
            "work.definition_same", Text("지금 판과 같습니다.", "It says what the present version says."), Text("바꾼 뒤 저장하십시오.", "Change it, then keep it."), field="source",
        )  # fmt: skip
    number = (last.number if last else 0) + 1
    row.name_ko, row.name_en = found.name.ko, found.name.en
    row.save()
    ProcessVersion.objects.create(
        definition=row,
        number=number,
        source=source.strip() + "\n",
        made_at=clock.now(),
        made_by=act.actor.staff_id,
        made_name=act.actor.name[:80],
    )
    act.effect(Text("‘{n}’ {v}판, 단계 {s}개", "“{n}”, version {v}, {s} steps").fill(n=found.name, v=number, s=len(found.steps)))
    running = Process.objects.filter(version__definition=row, state=RUNNING).count()
    if running:
        act.effect(
            Text("진행 중 {n}건은 시작할 때의 판을 그대로 따릅니다.", "{n} that run stay on the version they began with.").fill(n=running)
        )
    for role in dict.fromkeys(step.role for step in found.steps):
        if not players(role, ""):
            act.effect(
                Text(
                    "{r} 역할을 가진 사람이 없습니다. 단계가 그 역할 앞에서 기다립니다.", "Nobody holds the role {r}: its steps will wait."
                ).fill(r=ROLES[role])
            )
    act.record("work.process_definition", found.key, after={"version": number, "steps": [step.key for step in found.steps]})
    return found.key


def ship(actor: Actor) -> int:
    """The processes that a house begins with, kept when it has none. Returns how many."""
    if ProcessDefinition.objects.exists():
        return 0
    files = sorted(SHIPPED.glob("*.toml"))
    for file in files:
        keep_process.do(actor, source=file.read_text(encoding="utf-8"))
    return len(files)


def of_process(number: str = "", **_: Any) -> str | None:
    """The service whose grant an act on this process needs."""
    return Process.objects.filter(number=number).values_list("service", flat=True).first() or None


@action(PROCESS_START)
def start_process(
    act: Act, *, process: str, title: str, details: str = "", about: tuple[str, str] | list[str] = ("", ""), service: str = "", once: str = ""
) -> str:  # fmt: skip
    """Start a process by the key of its definition and return its number; its first step is a task from then on. ``about`` is what audit calls
    an object and its shown number. ``once`` is a key of the caller: a second call with it starts nothing and returns the first number."""
    if once and (known := Process.objects.filter(once=once).values_list("number", flat=True).first()) is not None:
        act.record(KIND, known, after={"again": once[:120]})
        return str(known)
    clocks.house()
    version, now = latest(process), clock.now()
    found = said(version)
    row = Process(
        number=f"WP-{numbering.take('work.process'):07d}", title=titled(title), version=version, details=worded(details, "details"),
        about_kind=str(about[0])[:60], about_key=str(about[1])[:80], service=service, once=once or None, stands_since=now, ends_at=due.FAR,
        started_at=now, started_by=act.actor.staff_id, started_name=act.actor.name[:80],
    )  # fmt: skip
    row.save()
    _open(act, row, found, found.steps[0], "started")
    act.record(KIND, row.number, after={"process": found.key, "version": version.number, "title": row.title, "service": service})
    return row.number


def _open(act: Act, row: Process, found: rule.Definition, step: rule.Step, what: str, outcome: str = "", note: str = "") -> None:
    """Stand on a step: its task is opened for its role, with what was handed over."""
    now = clock.now()
    due_at = clocks.calendars.add(found.calendar, now, step.minutes)
    ordinal = (row.steps.aggregate(last=Max("ordinal"))["last"] or 0) + 1
    details = "\n\n".join(part for part in (note, row.details) if part)
    number = open_task.within(
        act, title=f"{step.name.ko}: {row.title}"[:TITLE], details=details[:4_000], about=(KIND, row.number), service=row.service, role=step.role,
        due_at=due_at, checklist=step.points, origin=f"{STEP}{row.number}", once=f"{row.number}/{ordinal}",
    )  # fmt: skip
    ProcessStep.objects.create(process=row, ordinal=ordinal, step=step.key, role=step.role, task=number, opened_at=now, due_at=due_at)
    row.step, row.role, row.task, row.stands_since, row.ends_at = step.key, step.role, number, now, due_at
    row.save()
    act.effect(
        Text("‘{s}’ 단계가 {r} 앞에 섭니다. 근무 시간 {m}분 안, {n}", "Step “{s}” waits for {r}, {m} business minutes: {n}").fill(
            s=step.name, r=ROLES.get(step.role, Text(step.role, step.role)), m=step.minutes, n=number
        )
    )
    if not players(step.role, row.service):
        act.effect(
            Text(
                "지금 이 역할을 가진 사람이 없습니다. 배정할 권한이 있는 사람이 맡겨야 합니다.",
                "Nobody holds this role now: somebody who may assign has to give it.",
            )
        )
    _tell(act, row, found.key, what, outcome)


def _tell(act: Act, row: Process, key: str, what: str, outcome: str = "") -> None:
    act.event(
        ProcessMoved(
            row.number,
            key,
            what,
            row.step,
            outcome,
            act.actor.staff_id,
            row.started_by,
            row.service,
            row.about_kind,
            row.about_key,
        )
    )


def _passed(row: Process, act: Act, outcome: str, note: str) -> None:
    """The step on which the process stands is left."""
    step = row.steps.get(task=row.task)
    step.closed_at, step.closed_by, step.closed_name = clock.now(), act.actor.staff_id, act.actor.name[:80]
    step.outcome, step.note = outcome, note
    step.save()


def _ended(act: Act, row: Process, state: str) -> None:
    row.state, row.step, row.role, row.task = state, "", "", ""
    row.stands_since, row.ends_at = clock.now(), due.FAR
    row.ended_at, row.ended_name = clock.now(), act.actor.name[:80]
    row.save()


def of_step(number: str = "", **_: Any) -> str | None:
    """The service whose grant an act on the process of this task needs."""
    return Process.objects.filter(task=number).values_list("service", flat=True).first() or None


@dataclass(frozen=True, slots=True)
class Standing:
    """A step that waits to be finished, with its process and what its definition says."""

    process: Process
    definition: rule.Definition
    step: rule.Step


def standing(number: str, *, lock: bool = False) -> Standing:
    """The step whose task has this number. Raises NotFound for a task that is no open step."""
    rows = Process.objects.select_related("version__definition")
    row = (rows.select_for_update(of=("self",)) if lock else rows).filter(task=number, state=RUNNING).first() if number else None
    if row is None:
        raise NotFound.named(Text("절차의 열린 단계", "open step of a process"), number[:40])
    found = said(row.version)
    step = found.step(row.step)
    assert step is not None  # the version that it stands on names it
    return Standing(row, found, step)


@action(TASK_DO, service=of_step)
def finish_step(act: Act, *, number: str, outcome: str = "", note: str = "") -> str:
    """Finish the step whose task has this number, with an outcome, and hand over to the next role: its task is opened with the note. Returns
    the number of the process. Where a step says what it hands over, the note is asked; where points of its checklist are left, a reason."""
    at = standing(number, lock=True)
    row, step = at.process, at.step
    task = locked(act, number)
    way = step.outcome(outcome) if outcome or len(step.outcomes) > 1 else step.outcomes[0]
    if way is None:
        raise Invalid.because(
            "work.outcome", Text("결과를 고르지 않았습니다.", "No outcome is chosen."), Text("이 단계의 결과 가운데 하나를 고르십시오.", "Choose one of the outcomes of this step."), field="outcome", value=outcome[:40],
        )  # fmt: skip
    words = worded(note, "note")
    if step.hands.ko and not words:
        raise Invalid.because(
            "work.hands", Text("넘길 내용이 비었습니다.", "Nothing is handed over."), Text("적을 것: {h}", "Write: {h}").fill(h=step.hands), field="note",
        )  # fmt: skip
    points_left(act, task)
    moved(act, number, "finish", "finished", words or act.reason)
    _passed(row, act, way.key, words)
    after = at.definition.step(way.to) if way.to != rule.END else None
    if after is not None:
        _open(act, row, at.definition, after, "moved", way.key, words)
    else:
        _ended(act, row, DONE)
        act.effect(Text("마지막 단계입니다. 절차가 끝납니다.", "It is the last step: the process ends."))
        _tell(act, row, at.definition.key, "done", way.key)
    act.record(KIND, row.number, before={"step": step.key}, after={"step": row.step, "outcome": way.key, "state": row.state})
    return row.number


@action(PROCESS_START, service=of_process, reason=True)
def cancel_process(act: Act, *, number: str) -> None:
    """The process is not to go on; the reason says why. Its open task is cancelled with it."""
    row = Process.objects.select_for_update(of=("self",)).select_related("version__definition").filter(number=number).first()
    if row is None:
        raise NotFound.named(WHAT, number[:40])
    if row.state != RUNNING:
        raise Conflict.because(
            "work.process_ended", Text("이미 끝난 절차입니다.", "The process has ended."), Text("필요하면 새로 시작하십시오.", "Start a new one where it is needed."),
        )  # fmt: skip
    task, before = row.task, row.step
    moved(act, task, "cancel", "cancelled", act.reason, row=Task.objects.select_for_update().get(number=task))
    _passed(row, act, "", act.reason)
    _ended(act, row, CANCELLED)
    _tell(act, row, row.version.definition.key, "cancelled")
    act.record(KIND, number, before={"step": before}, after={"state": CANCELLED})
