"""Opening tasks, and what is done with them: taking, moving through their states, ticking, commenting, changing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.conf import settings

from numaru.facilities.work.events import TaskChanged
from numaru.facilities.work.models import ChecklistItem, Process, Task, TaskEvent, TaskOffer
from numaru.facilities.work.permissions import TASK_ASSIGN, TASK_DO, TASK_OPEN
from numaru.facilities.work.rules import due, states
from numaru.kernel import clock, numbering
from numaru.kernel.access import ROLES, Actor
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from numaru.kernel.models import Staff
from numaru.values.masked import telling
from numaru.values.text import Text

WHAT = Text("할 일", "task")
STEP = "process:"  # begins the origin of a task that is a step of a process; its number follows
TITLE, WORDS, POINTS = 120, 4_000, 40  # longest title and words, most points of a checklist
PRIORITIES: dict[int, Text] = {
    0: Text("긴급", "Urgent"),
    1: Text("높음", "High"),
    2: Text("보통", "Normal"),
    3: Text("낮음", "Low"),
}


def scope(number: str = "", **_: Any) -> str | None:
    """The service whose grant an act on this task needs; None for one of the house, and for one that does not exist."""
    return Task.objects.filter(number=number).values_list("service", flat=True).first() or None


def plays(actor: Actor, role: str, service: str) -> bool:
    """Whether the actor holds ``role`` for ``service`` (empty: for all)."""
    return any(held == role and (scoped is None or scoped == service) for held, scoped in actor.grants)


def may_work(actor: Actor, task: Task) -> bool:
    """Whether the actor may act on the task: it is theirs, it waits for a role that they hold, or they may assign the tasks of its service."""
    if actor.kind == "system" or actor.may(TASK_ASSIGN, task.service or None):
        return True
    if task.staff is not None:
        return task.staff == actor.staff_id
    return plays(actor, task.role, task.service) if task.role else task.opened_by is not None and task.opened_by == actor.staff_id


def locked(act: Act, number: str) -> Task:
    """The task, locked. Raises NotFound for none, NotAllowed for one that the actor may not act on."""
    row = Task.objects.select_for_update().filter(number=number).first()
    if row is None:
        raise NotFound.named(WHAT, number)
    if not may_work(act.actor, row):
        raise NotAllowed.for_permission(TASK_ASSIGN)
    return row


def told(act: Act, row: Task, kind: str, words: str = "", *, to: int | None = None, role: str = "", **values: Any) -> None:
    """Write a line of the task's history, and tell other rooms."""
    TaskEvent.objects.create(
        task=row, at=clock.now(), kind=kind, values=values, words=words[:WORDS], by=act.actor.staff_id, by_name=act.actor.name[:80]
    )
    act.event(TaskChanged(row.number, kind, row.state, act.actor.staff_id, to, role, row.service, row.about_kind, row.about_key))


def titled(title: str) -> str:
    """The title as it is kept. Refuses none, a long one, and one that holds personal data."""
    made = " ".join(title.split())
    if not 1 <= len(made) <= TITLE:
        raise Invalid.because(
            "work.title", Text("제목은 1자부터 {n}자까지입니다.", "A title has 1 to {n} characters.").fill(n=TITLE),
            Text("무엇을 할지 짧게 적으십시오.", "Say in a few words what is to be done."), field="title", value=made[:80],
        )  # fmt: skip
    if telling(made):
        raise Invalid.because(
            "work.title_personal", Text("제목에 전화번호나 전자우편 같은 개인정보가 있습니다.", "The title holds personal data: a number, an address or the like."),
            Text("제목은 목록에 그대로 보입니다. 내용에 적거나 번호로 가리키십시오.", "It stands in lists as it is. Write it into the details, or name a number."), field="title",
        )  # fmt: skip
    return made


def worded(words: str, field: str) -> str:
    if len(words.strip()) > WORDS:
        raise Invalid.because(
            "work.words", Text("내용이 {n}자를 넘습니다.", "The text is longer than {n} characters.").fill(n=WORDS),
            Text("줄이거나 할 일을 나누십시오.", "Shorten it, or make two tasks of it."), field=field,
        )  # fmt: skip
    return words.strip()


def person(staff: int | None) -> Staff | None:
    """The member of staff who is to have it. Refuses one who left or never was."""
    if staff is None:
        return None
    found = Staff.objects.filter(pk=staff, is_active=True).first()
    if found is None:
        raise Invalid.because(
            "work.staff", Text("맡을 사람을 찾지 못했습니다.", "There is nobody like that to have it."),
            Text("일하고 있는 직원을 고르십시오.", "Choose a member of staff who works here."), field="staff",
        )  # fmt: skip
    return found


def role_key(role: str) -> str:
    if role and role not in ROLES:
        raise Invalid.because(
            "work.role", Text("그런 역할이 없습니다.", "There is no such role."), Text("목록에서 고르십시오.", "Choose one of the list."), field="role", value=role,
        )  # fmt: skip
    return role


def set_due(row: Task, at: datetime | None, on: date | None) -> None:
    """A task is due at an instant, through a day of the operator's clock, or never."""
    row.due_whole = at is None and on is not None
    row.due_at = due.end_of(on, settings.TIME_ZONE) if on is not None and at is None else at
    row.ends_at = row.due_at or due.FAR
    row.told_near_at = row.told_late_at = None


@action(TASK_OPEN)
def open_task(
    act: Act, *, title: str, details: str = "", about: tuple[str, str] | list[str] = ("", ""), service: str = "", role: str = "",
    staff: int | None = None, due_at: datetime | None = None, due_on: date | None = None, priority: int = 2,
    checklist: Sequence[str] = (), origin: str = "", once: str = "",
) -> str:  # fmt: skip
    """Open a task and return its number. ``about`` is what audit calls an object and its shown number; ``staff`` or ``role`` is who is to do it
    (neither: whoever opens it). ``once`` is a key of the caller: a second call with it opens nothing and returns the first number."""
    if once:
        known = Task.objects.filter(once=once).values_list("number", flat=True).first()
        if known is not None:
            act.record("work.task", known, after={"again": once[:120]})
            return known
    someone = person(staff)
    if not role and someone is None and act.actor.staff_id is not None:
        someone = Staff.objects.filter(pk=act.actor.staff_id).first()
    if priority not in PRIORITIES or len(checklist) > POINTS or any(not one.strip() for one in checklist):
        raise Invalid.because(
            "work.shape", Text("우선순위나 점검 항목이 맞지 않습니다.", "The priority or the checklist is not right."),
            Text("점검 항목은 {n}개까지, 빈 줄 없이 적으십시오.", "Up to {n} points, none of them empty.").fill(n=POINTS), field="checklist",
        )  # fmt: skip
    now = clock.now()
    row = Task(
        number=f"T-{numbering.take('work.task'):07d}", title=titled(title), details=worded(details, "details"), about_kind=str(about[0])[:60],
        about_key=str(about[1])[:80], service=service, role=role_key(role), staff=someone.pk if someone else None, priority=priority,
        origin=origin[:120], once=once or None, opened_at=now, opened_by=act.actor.staff_id, opened_name=act.actor.name[:80], changed_at=now,
    )  # fmt: skip
    set_due(row, due_at, due_on)
    row.save()
    ChecklistItem.objects.bulk_create(
        ChecklistItem(task=row, ordinal=n, words=worded(one, "checklist")) for n, one in enumerate(checklist, 1)
    )
    told(act, row, "opened", to=row.staff, role="" if row.staff else row.role)
    act.effect(Text("할 일 {n}을(를) 만듭니다.", "Task {n} is opened.").fill(n=row.number))
    act.record("work.task", row.number, after=shown(row))
    return row.number


def shown(row: Task) -> dict[str, Any]:
    """What the audit log keeps of a task: no words that people wrote but the title."""
    return {
        "title": row.title, "state": row.state, "role": row.role, "staff": row.staff, "service": row.service, "priority": row.priority,
        "due": row.due_at.isoformat() if row.due_at else "", "about": f"{row.about_kind} {row.about_key}".strip(),
    }  # fmt: skip


def is_step(row: Task) -> bool:
    """Whether the task is a step of a process."""
    return row.origin.startswith(STEP)


def _no_step(act: Act, number: str) -> None:
    if is_step(locked(act, number)):
        raise Conflict.because(
            "work.step", Text("이 할 일은 절차의 한 단계라 따로 마치거나 취소하거나 다시 열 수 없습니다.", "This task is a step of a process: it is not finished, cancelled or reopened by itself."),
            Text("‘단계 마치기’로 결과를 고르거나, 절차 화면에서 절차를 취소하십시오.", "Finish the step with an outcome, or cancel the process on its page."),
        )  # fmt: skip


def points_left(act: Act, row: Task) -> None:
    """Refuses to close a task with points of its checklist left, unless a reason says why."""
    left = row.checklist.filter(done_at__isnull=True).count()
    if left and not act.reason and not act.dry:
        raise Invalid.because(
            "work.points_left", Text("점검 항목 {n}개가 남았습니다.", "{n} points of the checklist are left.").fill(n=left),
            Text("항목을 마치거나, 그대로 끝내는 사유를 적으십시오.", "Tick them, or write why it is done without them."), field="reason",
        )  # fmt: skip


def moved(act: Act, number: str, verb: str, kind: str, words: str = "", *, row: Task | None = None) -> Task:
    """Move a task through its states by a verb. ``row`` is given, locked, by who acts on more than the task and needs no leave for it."""
    row = row or locked(act, number)
    then = states.after(verb, row.state)
    if then is None:
        raise Conflict.because(
            "work.state", Text("지금 상태에서는 할 수 없습니다.", "This cannot be done in its present state."),
            Text("화면을 새로 고쳐 지금 상태를 확인하십시오.", "Reload the page to see where it stands."),
        )  # fmt: skip
    before, now = row.state, clock.now()
    row.state, row.changed_at = then, now
    if verb == "begin":
        row.began_at = row.began_at or now
        if row.staff is None and act.actor.staff_id is not None:
            row.staff = act.actor.staff_id
    closes = then in ("done", "cancelled")
    row.closed_at, row.closed_by, row.closed_name = (now, act.actor.staff_id, act.actor.name[:80]) if closes else (None, None, "")
    row.save()
    if closes:
        TaskOffer.objects.filter(task=row, state="offered").update(state="withdrawn", answered_at=now)
    told(act, row, kind, words, before=before, after=then)
    act.record("work.task", number, before={"state": before}, after={"state": then})
    return row


@action(TASK_DO, service=scope)
def begin_task(act: Act, *, number: str) -> None:
    """Start, or go on after waiting. Who begins a task that nobody had has it from then on."""
    moved(act, number, "begin", "began")


@action(TASK_DO, service=scope, reason=True)
def wait_task(act: Act, *, number: str) -> None:
    """Set it aside until something comes; the reason says what."""
    moved(act, number, "wait", "waits", act.reason)


@action(TASK_DO, service=scope)
def finish_task(act: Act, *, number: str, note: str = "") -> None:
    """It is done. Where points of the checklist are left, a reason is asked. A step of a process is finished with an outcome instead."""
    _no_step(act, number)
    points_left(act, locked(act, number))
    moved(act, number, "finish", "finished", worded(note, "note") or act.reason)


@action(TASK_DO, service=scope, reason=True)
def cancel_task(act: Act, *, number: str) -> None:
    """It is not to be done any more; the reason says why. Refuses a step of a process: that is cancelled as a whole."""
    _no_step(act, number)
    moved(act, number, "cancel", "cancelled", act.reason)


@action(TASK_DO, service=scope, reason=True)
def reopen_task(act: Act, *, number: str) -> None:
    """A task that was closed is to be done after all. Refuses a step of a process, which went on from there."""
    _no_step(act, number)
    moved(act, number, "reopen", "reopened", act.reason)


@action(TASK_DO, service=scope)
def comment_task(act: Act, *, number: str, words: str) -> None:
    """Add a comment. It is sealed, and never changed."""
    row = locked(act, number)
    said = worded(words, "words")
    if not said:
        raise Invalid.because(
            "work.comment_empty", Text("댓글이 비었습니다.", "The comment is empty."), Text("내용을 적으십시오.", "Write something."), field="words",
        )  # fmt: skip
    told(act, row, "comment", said, to=row.staff)
    act.record("work.task", number, after={"comment": True})


@action(TASK_DO, service=scope)
def tick_point(act: Act, *, number: str, ordinal: int, done: bool = True) -> None:
    """Tick a point of the checklist, or take the tick away. Doing it twice changes nothing."""
    row = locked(act, number)
    point = row.checklist.select_for_update().filter(ordinal=ordinal).first()
    if point is None or row.state not in states.LIVE:
        raise Conflict.because(
            "work.point", Text("이 항목은 바꿀 수 없습니다.", "This point cannot be changed."), Text("끝난 할 일은 다시 연 뒤에 고칩니다.", "Reopen a closed task first."),
        )  # fmt: skip
    if (point.done_at is not None) != done:
        point.done_at, point.done_by, point.done_name = (clock.now(), act.actor.staff_id, act.actor.name[:80]) if done else (None, None, "")
        point.save(update_fields=["done_at", "done_by", "done_name"])
        told(act, row, "ticked" if done else "unticked", ordinal=ordinal)
    act.record("work.task", number, after={"point": ordinal, "done": done})


@action(TASK_DO, service=scope)
def change_task(
    act: Act, *, number: str, title: str, details: str = "", priority: int = 2, due_at: datetime | None = None, due_on: date | None = None,
    add_points: Sequence[str] = (),
) -> None:  # fmt: skip
    """Change what is to be done and by when; points can be added to the checklist, never taken away."""
    row = locked(act, number)
    if row.state not in states.LIVE:
        raise Conflict.because(
            "work.closed", Text("끝난 할 일입니다.", "The task is closed."), Text("다시 연 뒤에 고치십시오.", "Reopen it, then change it."),
        )  # fmt: skip
    if priority not in PRIORITIES:
        raise Invalid.because(
            "work.shape", Text("우선순위가 맞지 않습니다.", "The priority is not right."), Text("목록에서 고르십시오.", "Choose one of the list."), field="priority",
        )  # fmt: skip
    before = shown(row)
    moved = (row.due_at, row.due_whole)
    row.title, row.details, row.priority, row.changed_at = titled(title), worded(details, "details"), priority, clock.now()
    kept = row.told_near_at, row.told_late_at
    set_due(row, due_at, due_on)
    if (row.due_at, row.due_whole) == moved:
        row.told_near_at, row.told_late_at = kept
    row.save()
    if is_step(row):
        Process.objects.filter(task=row.number, ended_at__isnull=True).update(ends_at=row.ends_at)
    last = row.checklist.count()
    points = [one.strip() for one in add_points if one.strip()]
    if last + len(points) > POINTS:
        raise Invalid.because(
            "work.points", Text("점검 항목은 {n}개까지입니다.", "A checklist has up to {n} points.").fill(n=POINTS), Text("할 일을 나누십시오.", "Make two tasks of it."), field="add_points",
        )  # fmt: skip
    ChecklistItem.objects.bulk_create(
        ChecklistItem(task=row, ordinal=n, words=worded(one, "add_points")) for n, one in enumerate(points, last + 1)
    )
    told(act, row, "changed", to=row.staff)
    act.record("work.task", number, before=before, after=shown(row))
