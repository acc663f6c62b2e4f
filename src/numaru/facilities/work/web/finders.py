"""Tasks, for whoever searches from anywhere, glances at one, or wants to open one."""

from __future__ import annotations

from collections.abc import Sequence

from numaru.facilities.work import reads
from numaru.facilities.work.actions.processes import WHAT
from numaru.facilities.work.models import Process, Task
from numaru.facilities.work.permissions import PROCESS_START, PROCESS_VIEW, TASK_DO, TASK_OPEN, WINDOW_PLAN
from numaru.facilities.work.web import listing, process_list
from numaru.facilities.work.web.states import LATE, TASK
from numaru.kernel.access import Actor
from numaru.kernel.errors import NotAllowed, NotFound
from numaru.ui import peek, search
from numaru.ui.peek import Glance
from numaru.ui.search import Act, Asked, Finder, Hit
from numaru.values.text import Text

ONE = Text("할 일", "Task")


def _hit(row: Task, exact: str = "") -> Hit:
    return Hit(
        row.title,
        listing.url(row),
        row.number,
        listing.due(row) or "",
        LATE if listing.late(row) else TASK[row.state],
        "checklist",
        row.number == exact,
    )


def find(actor: Actor, asked: Asked, limit: int) -> list[Hit]:
    """By number, or live ones by words of the title. One query."""
    rows = reads.visible(actor)
    found = (
        rows.filter(number=asked.number)
        if asked.is_number
        else rows.filter(closed_at__isnull=True, title__icontains=asked.text).order_by("ends_at", "pk")
    )
    return [_hit(row, asked.number) for row in found[:limit]]


def lines(actor: Actor, numbers: Sequence[str]) -> dict[str, Hit]:
    return {row.number: _hit(row) for row in reads.visible(actor).filter(number__in=list(numbers))}


def glance(actor: Actor, number: str) -> Glance:
    if not actor.may_somewhere(TASK_DO):
        raise NotAllowed.for_permission(TASK_DO)
    row = reads.task(actor, number)
    listing.prepare([row])
    facts = (
        (Text("맡은 사람", "Who has it"), listing.owner(row)),
        (Text("기한", "Due"), listing.due(row)),
        (Text("무엇에 관한 것", "About"), row.about_key or None),
    )
    return Glance(row.title, number, listing.url(row), LATE if listing.late(row) else TASK[row.state], facts)


search.finders.add(
    "work.task",
    Finder(listing.NAME, "checklist", TASK_DO, lambda asked: asked.number.startswith("T-") if asked.is_number else asked.is_word and len(asked.text) > 1,
           find, None, 60, lambda asked: asked.number.startswith("T-")),
)  # fmt: skip
search.acts.add(
    "work.new", Act(Text("할 일 만들기", "Open a task"), "checklist", "work:new", TASK_OPEN, "업무 지시 작업 todo task assign", order=8)
)
peek.things.add("work.task", peek.Thing(ONE, "checklist", TASK_DO, "work:task", lines=lines, glance=glance))
search.acts.add(
    "work.plan",
    Act(
        Text("일정 잡기", "Plan a window"),
        "calendar-event",
        "work:plan",
        WINDOW_PLAN,
        "점검 배포 동결 캘린더 calendar maintenance release freeze",
        order=9,
    ),
)


def _line(row: Process, exact: str = "") -> Hit:
    due = process_list.due(row)
    return Hit(row.title, process_list.url(row), row.number, due or "", process_list.face(row), "route", row.number == exact)


def find_processes(actor: Actor, asked: Asked, limit: int) -> list[Hit]:
    """By number, or running ones by words of the title. One query."""
    rows = reads.processes(actor)
    found = (
        rows.filter(number=asked.number)
        if asked.is_number
        else rows.filter(ended_at__isnull=True, title__icontains=asked.text).order_by("ends_at", "pk")
    )
    return [_line(row, asked.number) for row in found[:limit]]


def process_lines(actor: Actor, numbers: Sequence[str]) -> dict[str, Hit]:
    return {row.number: _line(row) for row in reads.processes(actor).filter(number__in=list(numbers))}


def glance_process(actor: Actor, number: str) -> Glance:
    if not actor.may_somewhere(PROCESS_VIEW):
        raise NotAllowed.for_permission(PROCESS_VIEW)
    row = reads.processes(actor).filter(number=number).first()
    if row is None:
        raise NotFound.named(WHAT, number[:40])
    process_list.prepare([row])
    facts = (
        (process_list.NAME, process_list.name(row)),
        (Text("서 있는 단계", "Stands on"), row.step_name),  # type: ignore[attr-defined]
        (Text("누구 앞", "Before whom"), row.who),  # type: ignore[attr-defined]
        (Text("단계 기한", "Step due"), process_list.due(row)),
    )
    return Glance(row.title, number, process_list.url(row), process_list.face(row), facts)


search.finders.add(
    "work.process",
    Finder(process_list.NAME, "route", PROCESS_VIEW, lambda asked: asked.number.startswith("WP-") if asked.is_number else asked.is_word and len(asked.text) > 1,
           find_processes, None, 61, lambda asked: asked.number.startswith("WP-")),
)  # fmt: skip
peek.things.add(
    "work.process", peek.Thing(Text("절차", "Process"), "route", PROCESS_VIEW, "work:process", lines=process_lines, glance=glance_process)
)
search.acts.add(
    "work.start",
    Act(
        Text("절차 시작", "Start a process"), "route", "work:start", PROCESS_START, "프로세스 검수 인계 workflow process hand over", order=8
    ),
)
