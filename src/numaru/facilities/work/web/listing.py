"""The lists of tasks: all that a reader may see, and what is theirs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.work import reads
from numaru.facilities.work.actions.tasks import PRIORITIES
from numaru.facilities.work.models import Task
from numaru.facilities.work.permissions import TASK_DO, TASK_VIEW
from numaru.facilities.work.web.states import LATE, TASK
from numaru.kernel import clock
from numaru.kernel.access import ROLES
from numaru.ui import formats
from numaru.ui.lists import Choice, Column, Listing, Rows, Sort, Source, View, sources
from numaru.ui.pages import seen_by
from numaru.values.text import Text

NAME = Text("할 일", "Tasks")
LIVE_STATE = Text("끝나지 않음", "Not closed")
NOBODY = Text("맡은 사람 없음", "Nobody has it")


def url(row: Task) -> str:
    return reverse("work:task", args=[row.number])


def due(row: Task) -> Text | None:
    """The due time in words: a day, or an instant."""
    if row.due_at is None:
        return None
    if row.due_whole:
        day = reads.due_day(row)
        return Text(formats.day(day, "ko", year=clock.today().year), formats.day(day, "en", year=clock.today().year))
    year = clock.today().year
    return Text(formats.when(row.due_at, "ko", year=year), formats.when(row.due_at, "en", year=year))


def late(row: Task) -> bool:
    return row.closed_at is None and row.ends_at <= clock.now()


def owner(row: Any) -> Text | str:
    """Who has it, or before whom it waits."""
    if row.staff is not None:
        return str(row.people.get(row.staff, ""))
    return Text("{r} 역할", "Role: {r}").fill(r=ROLES[row.role]) if row.role in ROLES else NOBODY


def prepare(rows: list[Any]) -> None:
    people = reads.names([row.staff for row in rows])
    services = {s.slug: s.name for s in catalogue.services()}
    for row in rows:
        row.people, row.service_name = people, services.get(row.service)


def _services(request: HttpRequest) -> list[tuple[str, Text]]:
    return [(s.slug, s.name) for s in catalogue.services()]


def _of_state(rows: Rows, state: str) -> Rows:
    if state == "live":
        return rows.filter(closed_at__isnull=True)
    if state == "late":
        return rows.filter(closed_at__isnull=True, ends_at__lte=clock.now())
    return rows.filter(state=state)


def _of_owner(rows: Rows, who: str) -> Rows:
    return rows.filter(staff__isnull=True) if who == "nobody" else rows.filter(staff=int(who)) if who.isascii() and who.isdigit() else rows


def _owners(request: HttpRequest) -> list[tuple[str, Text]]:
    return [("nobody", NOBODY), *((str(pk), Text(name, name)) for pk, name in reads.colleagues())]


COLUMNS = (
    Column("title", Text("할 일", "Task"), lambda r: r.title, url=url, peek=True),
    Column("state", Text("상태", "State"), lambda r: LATE if late(r) else TASK[r.state], "state"),
    Column("due", Text("기한", "Due"), due),
    Column("owner", Text("맡은 사람", "Who has it"), owner),
    Column("priority", Text("우선순위", "Priority"), lambda r: PRIORITIES[r.priority]),
    Column("service", Text("서비스", "Service"), lambda r: r.service_name),
    Column("about", Text("무엇에 관한 것", "About"), lambda r: r.about_key or None, "id"),
    Column("number", Text("번호", "Number"), lambda r: r.number, "id"),
    Column("opened", Text("만든 때", "Opened"), lambda r: r.opened_at, "when", shown=False),
    Column("opener", Text("만든 사람", "Opened by"), lambda r: r.opened_name, shown=False),
)
SORTS = (
    Sort("due", Text("기한 순", "By due time"), ("ends_at", "pk")),
    Sort("new", Text("최근 순", "Newest first"), ("pk",), descending=True),
)
STATES = Choice(
    "state", Text("상태", "State"), [("live", LIVE_STATE), ("late", LATE.word), *((k, s.word) for k, s in TASK.items())], _of_state
)
PRIORITY = Choice(
    "priority", Text("우선순위", "Priority"), [(str(k), t) for k, t in PRIORITIES.items()], lambda rows, v: rows.filter(priority=int(v))
)
UNIT = ("건", "task", "tasks")


def _matching(rows: Rows, q: str) -> Rows:
    """By the number, by that of what it is about, or by words of the title."""
    if q.upper().startswith("T-"):
        return rows.filter(number=q.upper())
    return rows.filter(title__icontains=q) | rows.filter(about_key__iexact=q)


TASKS = Listing(
    key="tasks", live="work.task:*", name=Text("모든 할 일", "All tasks"), unit=UNIT, columns=COLUMNS, sorts=SORTS,
    filters=(
        STATES,
        Choice("owner", Text("맡은 사람", "Who has it"), _owners, _of_owner),
        Choice("role", Text("역할", "Role"), [(k, t) for k, t in ROLES.items() if k != "basic"], lambda rows, v: rows.filter(role=v)),
        PRIORITY,
        Choice("service", Text("서비스", "Service"), _services, lambda rows, v: rows.filter(service=v)),
    ),
    views=(
        View("live", LIVE_STATE, (("state", "live"),)),
        View("late", LATE.word, (("state", "late"),)),
        View("nobody", NOBODY, (("state", "live"), ("owner", "nobody"))),
        View("all", Text("전체", "All")),
    ),
    search=_matching, placeholder=Text("제목, 번호", "Title, number"), searches_people=False, row_field="number", prepare=prepare, trail=True,
)  # fmt: skip
MINE = Listing(
    key="my-tasks", live="work.task:*", name=Text("내 할 일", "My tasks"), unit=UNIT,
    columns=tuple(c for c in COLUMNS if c.key not in ("opened", "opener")), sorts=SORTS[:1], filters=(STATES, PRIORITY), search=_matching,
    placeholder=Text("제목, 번호", "Title, number"), searches_people=False, prepare=prepare, trail=True,
)  # fmt: skip


def all_rows(actor: Any) -> Rows:
    seen_by(actor, TASK_VIEW)
    return reads.visible(actor)


def my_rows(actor: Any) -> Rows:
    seen_by(actor, TASK_DO)
    return reads.mine(actor)


sources.add(TASKS.key, Source(TASKS, all_rows))
sources.add(MINE.key, Source(MINE, my_rows))
