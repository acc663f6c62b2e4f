"""Assigning many tasks at once, from the floor of their list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.urls import reverse

from numaru.facilities.work import reads
from numaru.facilities.work.actions.handing import assign_task
from numaru.facilities.work.models import Task
from numaru.facilities.work.permissions import TASK_ASSIGN
from numaru.facilities.work.web import listing
from numaru.facilities.work.web.forms import receiver, receivers
from numaru.kernel.access import ROLES, Actor
from numaru.kernel.desk import api as desk
from numaru.ui.bulk import BulkForm
from numaru.ui.forms import spoken
from numaru.values.finding import Finding
from numaru.values.text import Text

CLOSED = Finding("work.closed", Text("끝난 할 일입니다.", "The task is closed."), Text("다시 연 뒤에 배정하십시오.", "Reopen it first."))
DENIED = Finding(
    "work.assign",
    Text("이 서비스의 할 일을 배정할 권한이 없습니다.", "You may not assign tasks of this service."),
    Text("관리자에게 부탁하십시오.", "Ask an administrator."),
)


class AssignManyForm(BulkForm):
    """Who is to have them."""

    to = forms.ChoiceField(label=spoken(Text("맡을 사람", "Who is to have them")))
    field_order = ("to", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = receivers()  # type: ignore[attr-defined]


def _word(to: Mapping[str, Any], people: Mapping[int, str]) -> Text:
    name = people.get(to["staff"] or 0, "")
    return Text(name, name) if to["staff"] else ROLES[to["role"]]


def aim(actor: Actor, keys: Sequence[str], data: Mapping[str, Any]) -> dict[str, desk.Target]:
    """Who has each task now, and who is to."""
    to, out = receiver(str(data["to"])), {}
    rows = list(reads.visible(actor).filter(number__in=list(keys)))
    people = reads.names([*(row.staff for row in rows), to["staff"]])
    listing.prepare(rows)
    after = _word(to, people)
    for row in rows:
        had = listing.owner(row)
        before = had if isinstance(had, Text) else Text(had, had)
        refusal = CLOSED if row.closed_at is not None else None if actor.may(TASK_ASSIGN, row.service or None) else DENIED
        out[row.number] = desk.Target(row.number, before, after, {"number": row.number, **to}, refusal)
    return out


def words(data: Mapping[str, Any]) -> list[Text]:
    to = receiver(str(data["to"]))
    return [Text("맡을 사람: {w}", "To: {w}").fill(w=_word(to, reads.names([to["staff"]])))]


desk.acts.add(
    "work.assign",
    desk.BulkAct(
        list_key="tasks", name=Text("할 일 배정", "Assign tasks"), permission=TASK_ASSIGN, action=assign_task, form=AssignManyForm, aim=aim,
        preview=Text("배정 미리보기", "Preview the assignment"), button=Text("{n}건 배정", "Assign {n}"),
        undo=Text("되돌리려면 다시 배정합니다.", "To take it back, assign them again."), words=words,
        names=lambda keys: dict(Task.objects.filter(number__in=list(keys)).values_list("number", "title")),
        url=lambda key: reverse("work:task", args=[key]),
    ),
)  # fmt: skip
