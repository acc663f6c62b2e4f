"""Pages of tasks: mine, all, one, a new one, and the acts on one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.work import reads
from numaru.facilities.work.actions import handing, tasks
from numaru.facilities.work.models import Task, TaskEvent
from numaru.facilities.work.permissions import TASK_ASSIGN, TASK_DO, TASK_OPEN, TASK_VIEW
from numaru.facilities.work.rules import states as rule
from numaru.facilities.work.web import listing
from numaru.facilities.work.web.forms import AssignForm, FinishForm, HandForm, ReasonForm, TaskForm, receiver
from numaru.facilities.work.web.states import EVENTS, LATE, TASK, VERBS
from numaru.kernel.access import ROLES, Actor
from numaru.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from numaru.ui import detail, formats, lists, peek, toasts
from numaru.ui.beside import beside
from numaru.ui.detail import Fact
from numaru.ui.forms import refuse
from numaru.ui.pages import actor_of, page
from numaru.ui.shell import Crumb
from numaru.ui.timeline import Entry, days
from numaru.ui.toasts import Toast
from numaru.values.text import Text

ROOM = "shared"
WHERE: dict[str, str] = {"room": ROOM, "place": "tasks"}


def _needs(actor: Actor, *permissions: str) -> None:
    if not any(actor.may_somewhere(one) for one in permissions):
        raise NotAllowed.for_permission(permissions[0])


def mine(request: HttpRequest) -> HttpResponseBase:
    """What I have, am offered, or may take."""
    rows = listing.my_rows(actor_of(request))
    return lists.respond(
        request, listing.MINE, rows, "work/mine.html", {"may_open": actor_of(request).may_somewhere(TASK_OPEN)}, room=ROOM, place="mine", crumbs=[Crumb(listing.MINE.name)]
    )  # fmt: skip


def everything(request: HttpRequest) -> HttpResponseBase:
    """All tasks that I may see."""
    rows = listing.all_rows(actor_of(request))
    return lists.respond(
        request, listing.TASKS, rows, "work/tasks.html", {"may_open": actor_of(request).may_somewhere(TASK_OPEN)}, crumbs=[Crumb(listing.TASKS.name)], **WHERE
    )  # fmt: skip


def new(request: HttpRequest) -> HttpResponse:
    """Open a task; ``?about=kind:number`` fills in what it is about."""
    actor = actor_of(request)
    _needs(actor, TASK_OPEN)
    kind, _, key = request.GET.get("about", "")[:160].partition(":")
    known = kind in peek.things
    initial = {
        "owner": f"staff:{actor.staff_id}", "priority": "2", "service": request.GET.get("service", "")[:80],
        "about_kind": kind if known else "", "about": key if known else "", "title": request.GET.get("title", "")[:120],
    }  # fmt: skip
    form = TaskForm(request.POST or None, actor=actor, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            number = tasks.open_task.do(
                actor, title=data["title"], details=data["details"], about=(data["about_kind"], data["about"]), service=data["service"],
                priority=int(data["priority"]), checklist=form.points(), **receiver(data["owner"]), **form.due(),
            )  # fmt: skip
        except NotAllowed:
            raise
        except Refused as refused:
            refuse(form, refused)
        else:
            toasts.tell(request, Toast(Text("할 일 {n}을(를) 만들었습니다", "Task {n} was opened").fill(n=number)))
            return redirect("work:task", number)
    return _form(request, form, Text("새 할 일", "New task"), Text("할 일 만들기", "Open the task"), reverse("work:mine"))


def _form(
    request: HttpRequest, form: forms.Form, title: Text, act: Text, back: str, note: Text | None = None, number: str = "", facts: list[Text] | None = None
) -> HttpResponse:  # fmt: skip
    crumbs = [Crumb(listing.NAME, reverse("work:mine")), *([Crumb(number, back)] if number else []), Crumb(title)]
    context = {"form": form, "title": title, "act": act, "back": back, "note": note, "facts": facts or []}
    return page(request, "work/form.html", context, status=422 if form.is_bound else 200, crumbs=crumbs, **WHERE)  # type: ignore[arg-type]


def _target(values: dict[str, Any], people: dict[int, str]) -> Text | str:
    if values.get("staff"):
        return people.get(values["staff"], "–")
    return ROLES.get(str(values.get("to_role") or values.get("role") or ""), Text("–", "–"))


def _entry(event: TaskEvent, people: dict[int, str]) -> Entry:
    icon, text = EVENTS.get(event.kind, ("history", Text("{w}", "{w}")))
    what = text.fill(w=event.by_name, t=_target(event.values, people), n=event.values.get("ordinal", ""))
    tone = {"cancelled": "warn", "returned": "warn"}.get(event.kind, "")
    return Entry(event.at, icon, what, Text(event.words, event.words) if event.words else None, tone)


def about_link(row: Task) -> tuple[Text | str, str] | None:
    """What the task is about, and the page of it."""
    if not row.about_key:
        return None
    thing = peek.things.get(row.about_kind)
    return (thing.label if thing else row.about_kind), (thing.url(row.about_key) if thing else "")


def task(request: HttpRequest, number: str, refusal: Refused | None = None) -> HttpResponse:
    """One task: what it is, its checklist, its words and its history, and what can be done with it."""
    actor = actor_of(request)
    _needs(actor, TASK_VIEW, TASK_DO)
    found = reads.task_page(actor, number)
    row, is_late = found.task, listing.late(found.task)
    services = {s.slug: s.name for s in catalogue.services()}
    linked = about_link(row)
    if row.staff is not None:
        who: Text | str = found.people.get(row.staff, "–")
    else:
        who = Text("{r} 역할", "Role: {r}").fill(r=ROLES[row.role]) if row.role in ROLES else listing.NOBODY
    may_do = found.may_work and actor.may(TASK_DO, row.service or None)
    live = row.state in rule.LIVE
    takeable = live and row.staff is None and may_do and actor.staff_id is not None
    line = beside(
        request,
        listing.TASKS,
        reads.visible(actor),
        row,
        listing.url,
        reverse("work:tasks" if actor.may_somewhere(TASK_VIEW) else "work:mine"),
    )
    verbs = [(verb, VERBS[verb]) for verb in rule.verbs(row.state) if may_do]
    step = tasks.is_step(row)
    if step:  # it ends with an outcome, or with its process
        verbs = [v for v in verbs if v[0] not in ("cancel", "reopen")]
    primary = next((v for v in ("begin", "finish", "reopen") if v in dict(verbs)), "") if not takeable and not found.may_answer else ""
    if row.state == "doing":
        primary = "finish" if not found.may_answer and verbs else ""
    context = {
        "page": found, "row": row, "face": LATE if is_late else TASK[row.state], "state": TASK[row.state], "late": is_late,
        "verbs": [v for v in verbs if v[0] != primary], "primary": (primary, VERBS[primary]) if primary else None, "takeable": takeable, "live": live,
        "step": step, "may_do": may_do, "may_change": may_do and live, "may_assign": live and actor.may(TASK_ASSIGN, row.service or None),
        "offer_to": _target({"staff": found.offer.to_staff, "to_role": found.offer.to_role}, found.people) if found.offer else "",
        "days": days(_entry(e, found.people) for e in found.events), "points_done": sum(p.done_at is not None for p in found.points),
        "beside": line, "address": reverse("work:task", args=[number]), "refused": refusal.findings if refusal else [],
        "facts": detail.facts(
            Fact(Text("맡은 사람", "Who has it"), who),
            Fact(Text("기한", "Due"), listing.due(row)),
            Fact(Text("우선순위", "Priority"), tasks.PRIORITIES[row.priority]),
            Fact(linked[0] if isinstance(linked[0], Text) else Text(str(linked[0]), str(linked[0])), row.about_key, linked[1]) if linked else None,
            Fact(Text("서비스", "Service"), services.get(row.service, row.service)) if row.service else None,
            Fact(Text("만든 사람", "Opened by"), row.opened_name, note=formats.when(row.opened_at, year=row.opened_at.year)),
        ),
    }  # fmt: skip
    crumbs = [Crumb(listing.NAME, line.back), Crumb(number)]
    return page(request, "work/task.html", context, crumbs=crumbs, status=refusal.status if refusal else 200, **WHERE)  # type: ignore[arg-type]


def _do(request: HttpRequest, number: str, act: Callable[[], object]) -> HttpResponse:
    """Carry out an act and go back to the task; a refusal is told on its page."""
    try:
        act()
    except (NotAllowed, NotFound):
        raise
    except Refused as refused:
        return task(request, number, refused)
    return redirect("work:task", number)


@require_POST
def begin(request: HttpRequest, number: str) -> HttpResponse:
    return _do(request, number, lambda: tasks.begin_task.do(actor_of(request), number=number))


@require_POST
def take(request: HttpRequest, number: str) -> HttpResponse:
    return _do(request, number, lambda: handing.take_task.do(actor_of(request), number=number))


@require_POST
def accept(request: HttpRequest, number: str) -> HttpResponse:
    return _do(request, number, lambda: handing.accept_task.do(actor_of(request), number=number))


@require_POST
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    return _do(request, number, lambda: handing.withdraw_offer.do(actor_of(request), number=number))


@require_POST
def comment(request: HttpRequest, number: str) -> HttpResponse:
    return _do(request, number, lambda: tasks.comment_task.do(actor_of(request), number=number, words=request.POST.get("words", "")))


@require_POST
def tick(request: HttpRequest, number: str, ordinal: int) -> HttpResponse:
    done = request.POST.get("done") == "1"
    return _do(request, number, lambda: tasks.tick_point.do(actor_of(request), number=number, ordinal=ordinal, done=done))


def _asked(
    request: HttpRequest, number: str, form: forms.Form, title: Text, button: Text, act: Callable[[dict[str, Any]], object], note: Text | None = None
) -> HttpResponse:  # fmt: skip
    """A page that asks for what an act needs, then does it."""
    row = reads.task(actor_of(request), number)
    offer = row.offers.filter(state="offered").first()
    if not tasks.may_work(actor_of(request), row) and not (offer and handing.receives(actor_of(request), row, offer)):
        raise NotAllowed.for_permission(TASK_ASSIGN)
    if form.is_bound and form.is_valid():
        try:
            act(form.cleaned_data)
        except (NotAllowed, NotFound, Conflict):
            raise
        except Refused as refused:
            refuse(form, refused)
        else:
            return redirect("work:task", number)
    said = Text("{n} · {t}", "{n} · {t}").fill(n=number, t=row.title)
    return _form(request, form, title, button, reverse("work:task", args=[number]), note, number, [said])


REASONED = {"wait": tasks.wait_task, "cancel": tasks.cancel_task, "reopen": tasks.reopen_task, "give-back": handing.give_back}
ASKED: dict[str, tuple[Text, Text, Text]] = {
    "wait": (Text("무엇을 기다립니까", "What does it wait for"), Text("기다리기", "Set it aside"), Text("다시 시작하면 이어집니다.", "Starting it again goes on with it.")),
    "cancel": (Text("할 일 취소", "Cancel the task"), Text("할 일 취소하기", "Cancel the task"), Text("다시 열 수 있습니다.", "It can be reopened.")),
    "reopen": (Text("할 일 다시 열기", "Reopen the task"), Text("다시 열기", "Reopen"), Text("시작 전으로 돌아갑니다.", "It is to be done again.")),
    "give-back": (Text("돌려보내기", "Give it back"), Text("돌려보내기", "Give it back"), Text("할 일은 보낸 사람에게 남습니다.", "It stays with whoever offered it.")),
}  # fmt: skip


def reasoned(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """An act that asks why."""
    if verb not in REASONED:
        raise NotFound.named(Text("처리", "act"), verb[:20])
    title, button, note = ASKED[verb]
    form = ReasonForm(request.POST or None)
    return _asked(
        request, number, form, title, button, lambda data: REASONED[verb].do(actor_of(request), number=number, reason=data["reason"]), note
    )


def finish(request: HttpRequest, number: str) -> HttpResponse:
    """Finish: at once where nothing is asked, else with a reason for what is left."""
    left = reads.task(actor_of(request), number).checklist.filter(done_at__isnull=True).count()
    form = FinishForm(request.POST if request.method == "POST" else None, left=left)
    note = Text("점검 항목 {n}개가 남았습니다.", "{n} points of the checklist are left.").fill(n=left) if left else None
    return _asked(
        request, number, form, Text("할 일 마치기", "Finish the task"), Text("마치기", "Finish"),
        lambda data: tasks.finish_task.do(actor_of(request), number=number, note=data["note"], reason=data.get("reason", "")), note,
    )  # fmt: skip


def hand(request: HttpRequest, number: str) -> HttpResponse:
    """Offer it to somebody."""

    def act(data: dict[str, Any]) -> None:
        to = receiver(data["to"])
        handing.hand_over.do(actor_of(request), number=number, to_staff=to["staff"], to_role=to["role"], note=data["note"])

    note = Text("받아들일 때까지 지금 맡은 사람의 할 일입니다.", "Until it is accepted it stays with who has it.")
    return _asked(
        request, number, HandForm(request.POST or None), Text("할 일 넘기기", "Hand the task over"), Text("넘기기", "Hand over"), act, note
    )


def assign(request: HttpRequest, number: str) -> HttpResponse:
    """Give it to somebody at once."""
    row = reads.task(actor_of(request), number)
    if not actor_of(request).may(TASK_ASSIGN, row.service or None):
        raise NotAllowed.for_permission(TASK_ASSIGN)
    note = Text("바로 그 사람의 할 일이 되고 알림이 갑니다.", "It is theirs at once, and they are told.")
    return _asked(
        request, number, AssignForm(request.POST or None), Text("할 일 배정", "Assign the task"), Text("배정", "Assign"),
        lambda data: handing.assign_task.do(actor_of(request), number=number, **receiver(data["to"])), note,
    )  # fmt: skip


def change(request: HttpRequest, number: str) -> HttpResponse:
    """Change what is to be done and by when."""
    actor = actor_of(request)
    row = reads.task(actor, number)
    local = formats.local(row.due_at, settings.TIME_ZONE) if row.due_at and not row.due_whole else None
    initial = {
        "title": row.title, "details": row.details, "priority": str(row.priority),
        "due_on": local.date() if local else reads.due_day(row) if row.due_at else None, "due_time": local.time() if local else None,
    }  # fmt: skip
    form = TaskForm(request.POST or None, actor=actor, changing=True, initial=initial)
    return _asked(
        request, number, form, Text("할 일 고치기", "Change the task"), Text("저장", "Save"),
        lambda data: tasks.change_task.do(
            actor, number=number, title=data["title"], details=data["details"], priority=int(data["priority"]), add_points=form.points(), **form.due()
        ),
    )  # fmt: skip
