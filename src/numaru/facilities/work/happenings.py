"""What work puts into the line of time of the object that a task is about: that it was opened, and that it is settled or opened again.

The title is read when the line is; only who may see the task sees its lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.urls import reverse

from numaru.facilities.timeline import api as timeline
from numaru.facilities.timeline.api import Feed, Group, Kind, Line, Row
from numaru.facilities.work import reads
from numaru.kernel.access import Actor
from numaru.values.text import Text

TASKS = "work.tasks"
TASK = """
SELECT e.at AS at, e.at AS recorded_at, 'work.task' AS kind, NULL::bigint AS party, t.about_kind AS object_kind, t.about_key AS object_key,
       t.service AS service, jsonb_build_object('what', e.kind, 'task', t.id) AS data,
       CASE WHEN e.by IS NULL THEN 'system' ELSE 'staff' END AS actor_kind, e.by AS actor_id, NULL::bigint AS event,
       'work.task:' || t.id || ':' || e.id AS source, ARRAY['work.task:' || t.number] AS mentions
  FROM work_taskevent e
  JOIN work_task t ON t.id = e.task_id
 WHERE e.kind IN ('opened', 'finished', 'cancelled', 'reopened') AND t.about_key <> '' AND {where}
"""
SAID = {
    "opened": ("checklist", Text("할 일을 만들었습니다: {t}", "Task opened: {t}"), ""),
    "finished": ("circle-check", Text("할 일을 마쳤습니다: {t}", "Task finished: {t}"), ""),
    "cancelled": ("x", Text("할 일을 취소했습니다: {t}", "Task cancelled: {t}"), ""),
    "reopened": ("refresh", Text("할 일을 다시 열었습니다: {t}", "Task opened again: {t}"), "warn"),
}


def tasks(rows: Sequence[Row], actor: Actor) -> Mapping[int, Line]:
    """The turns of tasks, of those that the reader may see. One query."""
    wanted = {int(row.data["task"]) for row in rows}
    seen = {pk: (number, title) for pk, number, title in reads.visible(actor).filter(pk__in=wanted).values_list("pk", "number", "title")}
    out = {}
    for row in rows:
        if (task := seen.get(int(row.data["task"]))) is not None:
            icon, said, tone = SAID[row.data["what"]]
            number, title = task
            out[row.id] = Line(
                said.fill(t=title),
                Text(number, number),
                tone,
                url=reverse("work:task", args=[number]),
                short=Text("할 일", "Task"),
                icon=icon,
            )
    return out


def noted(number: str) -> int:
    """The turns of a task stand on the line; those that stand there already do not come again."""
    return timeline.pull(TASKS, "t.number = %(number)s", {"number": number})


timeline.groups.add("task", Group(Text("할 일", "Tasks"), 55))
timeline.kinds.add("work.task", Kind(Text("할 일", "Tasks"), "task", "checklist", None, tasks, says_who=True))
timeline.feeds.add(
    TASKS,
    Feed(
        Text("할 일", "tasks"),
        ("work.task",),
        TASK,
        timeline.by_id("work_taskevent", "e"),
        timeline.counted("work_taskevent"),
    ),
)
