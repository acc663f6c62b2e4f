"""Reads of work, narrowed to what a reader may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db.models import Q, QuerySet

from numaru.facilities.work.actions.handing import receives
from numaru.facilities.work.actions.tasks import WHAT, may_work
from numaru.facilities.work.models import ChecklistItem, Process, ProcessStep, Task, TaskEvent, TaskOffer
from numaru.facilities.work.permissions import PROCESS_VIEW, TASK_VIEW
from numaru.facilities.work.rules import due
from numaru.kernel.access import Actor
from numaru.kernel.errors import NotFound
from numaru.kernel.models import Staff


def waits_for(actor: Actor) -> Q:
    """Tasks that nobody has and that wait for one of the actor's roles."""
    found = Q(pk__in=[])
    for role, service in actor.grants:
        found |= Q(staff__isnull=True, role=role) if service is None else Q(staff__isnull=True, role=role, service=service)
    return found


def offered_to(actor: Actor) -> QuerySet[TaskOffer]:
    """Offers that wait for the actor, or for one of their roles."""
    mine = Q(to_staff=actor.staff_id) if actor.staff_id is not None else Q(pk__in=[])
    for role, service in actor.grants:
        mine |= Q(to_role=role) if service is None else Q(to_role=role, task__service=service)
    return TaskOffer.objects.filter(mine, state="offered").exclude(from_staff=actor.staff_id)


def visible(actor: Actor) -> QuerySet[Task]:
    """The tasks of the services that the actor may see, and whatever is theirs, was opened by them, or is offered to them."""
    seen = actor.services(TASK_VIEW)
    rows = Task.objects.defer("details")
    if seen is None:
        return rows
    own = Q(staff=actor.staff_id) | Q(opened_by=actor.staff_id) if actor.staff_id is not None else Q(pk__in=[])
    return rows.filter(own | Q(service__in=seen) | waits_for(actor) | Q(pk__in=offered_to(actor).values("task")))


def mine(actor: Actor) -> QuerySet[Task]:
    """The live tasks that the actor has, is offered, or may take."""
    own = Q(staff=actor.staff_id or 0) | waits_for(actor) | Q(pk__in=offered_to(actor).values("task"))
    return Task.objects.filter(own, closed_at__isnull=True).defer("details")


def processes(actor: Actor) -> QuerySet[Process]:
    """The processes of the services that the actor may see, those that they started, and those with a step among the tasks they may see."""
    seen = actor.services(PROCESS_VIEW)
    rows = Process.objects.select_related("version__definition").defer("details", "version__source")
    if seen is None:
        return rows
    own = Q(started_by=actor.staff_id) if actor.staff_id is not None else Q(pk__in=[])
    steps = ProcessStep.objects.filter(task__in=visible(actor).filter(about_kind="work.process").values("number"))
    return rows.filter(own | Q(service__in=seen) | Q(pk__in=steps.values("process")))


def names(ids: Sequence[int | None]) -> dict[int, str]:
    """The names of members of staff. One query; none for nobody."""
    wanted = {one for one in ids if one is not None}
    return dict(Staff.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}


def colleagues() -> list[tuple[int, str]]:
    """Everybody who works here now, by name."""
    return sorted(Staff.objects.filter(is_active=True).values_list("pk", "name"), key=lambda row: (row[1], row[0]))


@dataclass(frozen=True)
class TaskPage:
    """A task with everything that its page shows."""

    task: Task
    points: list[ChecklistItem]
    events: list[TaskEvent]
    offer: TaskOffer | None
    may_work: bool
    may_answer: bool
    people: dict[int, str]


def task(actor: Actor, number: str) -> Task:
    """One task. Raises NotFound for none and for one that the actor may not see."""
    row = visible(actor).defer(None).filter(number=number).first()
    if row is None:
        raise NotFound.named(WHAT, number[:40])
    return row


def task_page(actor: Actor, number: str) -> TaskPage:
    """One task with its checklist, history and offer. Raises NotFound as :func:`task` does."""
    row = task(actor, number)
    events = list(row.events.order_by("-at", "-id")[:200])
    offer = row.offers.filter(state="offered").first()
    ids = [row.staff, offer.to_staff if offer else None, *(e.values.get("staff") for e in events)]
    return TaskPage(
        row, list(row.checklist.order_by("ordinal")), events, offer, may_work(actor, row),
        offer is not None and receives(actor, row, offer), names(ids),
    )  # fmt: skip


def about(kind: str, key: str) -> QuerySet[Task]:
    """The tasks about one object, for its own page. The caller narrows to :func:`visible` where services matter."""
    return Task.objects.filter(about_kind=kind, about_key=key).defer("details")


def due_day(row: Task) -> date:
    """The day through which a task is due, on the operator's clock."""
    return due.day_of(row.ends_at, settings.TIME_ZONE)
