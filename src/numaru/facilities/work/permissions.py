"""What may be done with work, and by whom. One's own tasks need only ``work.task.do``; those of others need ``work.task.assign``."""

from numaru.kernel.access import permission
from numaru.values.text import Text

CLERKS = ("billing_clerk", "subscriber_clerk", "privacy_officer", "support_engineer")
WORKERS = ("basic", *CLERKS)
TASK_VIEW = permission("work.task.view", Text("서비스의 할 일 보기", "See the tasks of services"), *CLERKS, "auditor")
TASK_OPEN = permission("work.task.open", Text("할 일 만들기", "Open tasks"), *WORKERS)
TASK_DO = permission("work.task.do", Text("맡은 할 일 처리하고 넘기기", "Work on the own tasks and hand them over"), *WORKERS)
TASK_ASSIGN = permission(
    "work.task.assign", Text("남의 할 일 배정하고 고치기", "Assign and change tasks of others"), "billing_clerk", "privacy_officer"
)
PROCESS_VIEW = permission("work.process.view", Text("절차와 진행 보기", "See processes and where they stand"), *CLERKS, "auditor")
PROCESS_START = permission("work.process.start", Text("절차 시작하고 취소하기", "Start and cancel processes"), *CLERKS)
PROCESS_DEFINE = permission(
    "work.process.define", Text("절차 정하고 고치기", "Define and change processes"), "billing_clerk", "privacy_officer"
)
WINDOW_VIEW = permission("work.window.view", Text("일정 보기", "See the calendar"), *CLERKS, "auditor")
WINDOW_PLAN = permission("work.window.plan", Text("일정 잡고 들이기", "Plan windows and take calendar files in"), *CLERKS)
