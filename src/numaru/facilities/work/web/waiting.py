"""Work on the first page: what is mine, is offered to me, or waits for my role, by due time."""

from __future__ import annotations

from django.urls import reverse

from numaru.facilities.work import reads
from numaru.facilities.work.models import Task
from numaru.facilities.work.permissions import TASK_DO
from numaru.facilities.work.web import listing
from numaru.facilities.work.web.states import TASK
from numaru.ui import today
from numaru.ui.today import Item, Reader
from numaru.values.text import Text


def _item(reader: Reader, row: Task, offered: bool) -> Item:
    facts = [Text(row.number, row.number), *([Text(row.about_key, row.about_key)] if row.about_key else [])]
    if offered:
        facts.append(Text("넘겨받기를 기다림", "waits to be accepted"))
    elif row.staff is None:
        facts.append(Text("아직 맡은 사람 없음", "nobody has it yet"))
    elif row.state == "waiting":
        facts.append(TASK["waiting"].word)
    why = Text(" · ".join(f.ko for f in facts), " · ".join(f.en for f in facts))
    act = Text("답하기", "Answer") if offered else Text("맡기", "Take it") if row.staff is None else Text("열기", "Open")
    ends = reads.due_day(row) if row.due_whole else row.due_at
    owner = reader.staff if offered else row.staff
    return Item(
        f"work.task:{row.pk}",
        "people" if row.about_key else "clock",
        Text(row.title, row.title),
        why,
        act,
        listing.url(row),
        ends,
        3 - row.priority,
        owner,
    )


@today.finder("work.tasks", room="shared", word=listing.NAME, permission=TASK_DO, live="work.task:*", pillar=True)
def tasks(reader: Reader) -> list[Item]:
    """Live tasks of the reader, of their roles and offered to them: the soonest first."""
    found = list(reads.mine(reader.actor).order_by("ends_at", "priority", "pk")[: today.MOST + 1])
    offers = (
        set(reads.offered_to(reader.actor).filter(task__in=[row.pk for row in found]).values_list("task", flat=True)) if found else set()
    )
    total = len(found) if len(found) <= today.MOST else reads.mine(reader.actor).count()
    items = [_item(reader, row, row.pk in offers) for row in found]
    if total <= today.MOST:
        return items
    shown, left = items[: today.MOST - 1], total - today.MOST + 1
    title = Text("할 일이 {n}건 더 있습니다", "{n} more tasks").fill(n=left)
    more = Item(
        "work.task:more",
        "clock",
        title,
        listing.MINE.name,
        Text("모두 보기", "See all"),
        reverse("work:mine"),
        items[today.MOST - 1].due,
        owner=reader.staff,
        rest=left,
    )
    return [*shown, more]
