"""Who has a task: assigning, taking, offering it to somebody who accepts or gives it back, and what becomes of it when its person leaves."""

from __future__ import annotations

from numaru.facilities.work.actions.tasks import WHAT, locked, may_work, person, plays, role_key, scope, told, worded
from numaru.facilities.work.models import Task, TaskEvent, TaskOffer
from numaru.facilities.work.permissions import TASK_ASSIGN, TASK_DO
from numaru.facilities.work.rules import states
from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from numaru.kernel.models import StaffGrant, holding
from numaru.values.text import Text


def _live(row: Task) -> Task:
    if row.state not in states.LIVE:
        raise Conflict.because(
            "work.closed", Text("끝난 할 일입니다.", "The task is closed."), Text("다시 연 뒤에 하십시오.", "Reopen it first."),
        )  # fmt: skip
    return row


def _given(row: Task, staff: int | None, role: str) -> None:
    row.staff, row.changed_at = staff, clock.now()
    if role:
        row.role = role
    if staff is None and row.state == "doing":
        row.state = "open"  # whoever takes it begins anew
    row.told_near_at = row.told_late_at = None
    row.save()
    TaskOffer.objects.filter(task=row, state="offered").update(state="withdrawn", answered_at=clock.now())


@action(TASK_ASSIGN, service=scope)
def assign_task(act: Act, *, number: str, staff: int | None = None, role: str = "") -> None:
    """Give a task to a person, or put it before a role. It is theirs at once; an offer that waited is withdrawn."""
    row = _live(locked(act, number))
    someone, before = person(staff), {"staff": row.staff, "role": row.role}
    if someone is None and not role:
        raise Invalid.because(
            "work.nobody", Text("맡을 사람이나 역할이 없습니다.", "Nobody is named to have it."), Text("사람이나 역할을 고르십시오.", "Choose a person or a role."), field="staff",
        )  # fmt: skip
    _given(row, someone.pk if someone else None, role_key(role))
    told(act, row, "assigned", to=row.staff, role="" if row.staff else row.role, staff=row.staff, to_role=role)
    act.effect(Text("{n}: 배정이 바뀝니다.", "{n} is assigned anew.").fill(n=number))
    act.record("work.task", number, before=before, after={"staff": row.staff, "role": row.role})


@action(TASK_DO, service=scope)
def take_task(act: Act, *, number: str) -> None:
    """Take a task that nobody has and that waits for one's role."""
    row = _live(locked(act, number))
    if row.staff is not None or act.actor.staff_id is None:
        raise Conflict.because(
            "work.taken", Text("이미 맡은 사람이 있습니다.", "Somebody has it already."), Text("넘겨받으려면 그 사람에게 부탁하십시오.", "Ask them to hand it over."),
        )  # fmt: skip
    _given(row, act.actor.staff_id, "")
    told(act, row, "taken", staff=row.staff)
    act.record("work.task", number, before={"staff": None}, after={"staff": row.staff})


@action(TASK_DO, service=scope)
def hand_over(act: Act, *, number: str, to_staff: int | None = None, to_role: str = "", note: str) -> None:
    """Offer a task to a person or a role, with a note on where it stands. Until it is accepted it stays with who has it. An earlier offer of it
    is withdrawn. Refuses an offer to nobody, to oneself, and one without a note."""
    row = _live(locked(act, number))
    someone = person(to_staff)
    if (someone is None) == (not to_role):
        raise Invalid.because(
            "work.receiver", Text("받을 사람이나 역할 하나를 고르십시오.", "Choose one person or one role to receive it."), Text("둘 가운데 하나만 고릅니다.", "One of the two, not both."), field="to_staff",
        )  # fmt: skip
    if someone is not None and someone.pk == row.staff:
        raise Conflict.because(
            "work.has_it", Text("이미 그 사람의 할 일입니다.", "They have it already."), Text("다른 사람을 고르십시오.", "Choose somebody else."), field="to_staff",
        )  # fmt: skip
    said = worded(note, "note")
    if not said:
        raise Invalid.because(
            "work.note", Text("어디까지 했는지 적지 않았습니다.", "Nothing says where it stands."), Text("받는 사람이 이어 갈 수 있게 적으십시오.", "Write what the receiver needs to go on."), field="note",
        )  # fmt: skip
    TaskOffer.objects.filter(task=row, state="offered").update(state="withdrawn", answered_at=clock.now())
    TaskOffer.objects.create(
        task=row, from_staff=row.staff, from_name=act.actor.name[:80], to_role=role_key(to_role), to_staff=someone.pk if someone else None,
        note=said, at=clock.now(),
    )  # fmt: skip
    told(act, row, "offered", said, to=to_staff, role=to_role, staff=to_staff, to_role=to_role)
    act.record("work.task", number, after={"offered_to": to_staff, "offered_role": to_role})


def _offer(act: Act, number: str) -> tuple[Task, TaskOffer]:
    """The offer that waits, for whom it is meant. Raises NotFound, NotAllowed, Conflict."""
    row = Task.objects.select_for_update().filter(number=number).first()
    if row is None:
        raise NotFound.named(WHAT, number)
    offer = row.offers.select_for_update().filter(state="offered").first()
    if offer is None and not may_work(act.actor, row):
        raise NotAllowed.for_permission(TASK_ASSIGN)
    if offer is None:
        raise Conflict.because(
            "work.no_offer", Text("기다리는 넘김이 없습니다.", "Nothing waits to be accepted."), Text("화면을 새로 고치십시오.", "Reload the page."),
        )  # fmt: skip
    if not receives(act.actor, row, offer):
        raise NotAllowed.for_permission(TASK_DO)
    return row, offer


def receives(actor: Actor, row: Task, offer: TaskOffer) -> bool:
    """Whether an offer is meant for this actor."""
    return offer.to_staff == actor.staff_id if offer.to_staff is not None else plays(actor, offer.to_role, row.service)


def _answered(act: Act, offer: TaskOffer, state: str, answer: str = "") -> None:
    offer.state, offer.answer, offer.answered_at = state, answer, clock.now()
    offer.answered_by, offer.answered_name = act.actor.staff_id, act.actor.name[:80]
    offer.save()


@action(TASK_DO, service=scope)
def accept_task(act: Act, *, number: str) -> None:
    """Accept what was offered: it is mine from now on."""
    row, offer = _offer(act, number)
    before = row.staff
    _answered(act, offer, "accepted")
    _given(row, act.actor.staff_id, offer.to_role)
    told(act, row, "accepted", to=offer.from_staff, staff=row.staff)
    act.record("work.task", number, before={"staff": before}, after={"staff": row.staff})


@action(TASK_DO, service=scope, reason=True)
def give_back(act: Act, *, number: str) -> None:
    """Decline what was offered, saying why: it stays with who has it."""
    row, offer = _offer(act, number)
    _answered(act, offer, "returned", act.reason)
    told(act, row, "returned", act.reason, to=offer.from_staff)
    act.record("work.task", number, after={"returned": True})


@action(TASK_DO, service=scope)
def withdraw_offer(act: Act, *, number: str) -> None:
    """Take an offer back before it is answered."""
    row = locked(act, number)
    if not may_work(act.actor, row) or not row.offers.filter(state="offered").update(state="withdrawn", answered_at=clock.now()):
        raise Conflict.because(
            "work.no_offer", Text("기다리는 넘김이 없습니다.", "Nothing waits to be accepted."), Text("화면을 새로 고치십시오.", "Reload the page."),
        )  # fmt: skip
    told(act, row, "withdrawn")
    act.record("work.task", number, after={"withdrawn": True})


def players(role: str, service: str) -> list[int]:
    """Who holds a role now, for all services or this one. One query."""
    rows = StaffGrant.objects.filter(holding(), role=role, staff__is_active=True)
    return sorted({staff for staff, of in rows.values_list("staff", "service") if not of or of == service})


def hand_on(staff: int, by: Actor) -> int:
    """What a leaver had: open tasks go back before their role, and those without one to ``by``. Offers to them come back. A part of cutting off."""
    now = clock.now()
    rows = list(Task.objects.select_for_update().filter(staff=staff, closed_at__isnull=True))
    for row in rows:
        row.staff = None if row.role else by.staff_id
        row.state = "open" if row.state == "doing" else row.state
        row.changed_at = now
    Task.objects.bulk_update(rows, ["staff", "state", "changed_at"], batch_size=1_000)
    TaskEvent.objects.bulk_create(
        (TaskEvent(task=row, at=now, kind="left", values={"staff": row.staff, "role": row.role}, by=by.staff_id, by_name=by.name[:80]) for row in rows),
        batch_size=1_000,
    )  # fmt: skip
    TaskOffer.objects.filter(to_staff=staff, state="offered").update(state="returned", answered_at=now, answered_name=by.name[:80])
    return len(rows)
