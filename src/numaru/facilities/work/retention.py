"""How long closed work is kept. Its words are sealed and go with it; the audit log keeps who did what."""

from __future__ import annotations

from collections.abc import Sequence

from numaru.facilities.timeline import api as timeline
from numaru.facilities.work.models import CalendarFile, Process, Task, Window
from numaru.kernel.policies import policy
from numaru.kernel.retention.api import Act, Ref, RetentionClass, keep, leave
from numaru.kernel.retention.house import OWN, Rows
from numaru.values.text import Text


class _Closed(Rows):
    def delete(self, refs: Sequence[Ref]) -> int:
        """The task with its history, and its lines of time."""
        timeline.withdraw_all([f"work.task:{ref}:" for ref in refs])
        return super().delete(refs)


CLOSED = _Closed(Task, "closed_at")
keep(
    RetentionClass(
        "work.task", Text("끝난 할 일", "Closed tasks"), Text("끝난 날", "the day it was closed"), OWN,
        policy("retention.tasks_months", Text("끝난 할 일을 보관하는 기간 (개월)", "Months for which closed tasks are kept"), 36,
               "Operator's own rule; the audit log keeps each act by itself."),
        "months", Act.DELETE, ("work.Task", "work.ChecklistItem", "work.TaskEvent", "work.TaskOffer"), CLOSED.count, CLOSED.due, CLOSED.delete,
    )
)  # fmt: skip

ENDED = Rows(Process, "ended_at")
keep(
    RetentionClass(
        "work.process", Text("끝난 절차", "Ended processes"), Text("끝난 날", "the day it ended"), OWN,
        policy("retention.processes_months", Text("끝난 절차를 보관하는 기간 (개월)", "Months for which ended processes are kept"), 36,
               "Operator's own rule; the audit log keeps each act by itself."),
        "months", Act.DELETE, ("work.Process", "work.ProcessStep"), ENDED.count, ENDED.due, ENDED.delete,
    )
)  # fmt: skip
leave(
    "work.ProcessVersion",
    Text("절차를 정한 직원의 이름뿐인 업무 기록입니다.", "Work records that name the member of staff who wrote the process."),
)

PAST, FILES = Rows(Window, "last_at"), Rows(CalendarFile, "read_at")
keep(
    RetentionClass(
        "work.window", Text("지난 일정", "Past windows"), Text("마지막으로 끝난 날", "the day it ended last"), OWN,
        policy("retention.windows_months", Text("지난 일정을 보관하는 기간 (개월)", "Months for which past windows are kept"), 36, "Operator's own rule."),
        "months", Act.DELETE, ("work.Window",), PAST.count, PAST.due, PAST.delete,
    )
)  # fmt: skip
keep(
    RetentionClass(
        "work.calendar_file", Text("들이지 않은 캘린더 파일", "Calendar files not taken in"), Text("읽은 날", "the day it was read"), OWN,
        policy("retention.calendar_files_days", Text("들이지 않은 캘린더 파일을 보관하는 기간 (일)", "Days for which calendar files not taken in are kept"), 1, "Operator's own rule."),
        "days", Act.DELETE, ("work.CalendarFile",), FILES.count, FILES.due, FILES.delete,
    )
)  # fmt: skip
leave(
    "work.CalendarFeed",
    Text(
        "직원이 만든 구독 주소의 해시이며 퇴사 때 닫힙니다.",
        "Hashes of private addresses of staff; they are shut when their person leaves.",
    ),
)
