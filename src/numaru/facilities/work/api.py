"""The door of work."""

from numaru.facilities.work.actions.handing import accept_task, assign_task, give_back, hand_over, take_task, withdraw_offer
from numaru.facilities.work.actions.processes import cancel_process, finish_step, keep_process, ship, start_process
from numaru.facilities.work.actions.tasks import (
    begin_task,
    cancel_task,
    change_task,
    comment_task,
    finish_task,
    open_task,
    reopen_task,
    tick_point,
    wait_task,
)
from numaru.facilities.work.actions.windows import between, cancel_window, change_window, plan_window, stretches
from numaru.facilities.work.events import ProcessMoved, TaskChanged
from numaru.facilities.work.permissions import (
    PROCESS_DEFINE,
    PROCESS_START,
    PROCESS_VIEW,
    TASK_ASSIGN,
    TASK_DO,
    TASK_OPEN,
    TASK_VIEW,
    WINDOW_PLAN,
    WINDOW_VIEW,
)
from numaru.facilities.work.reads import about, mine, processes, visible

__all__ = [
    "PROCESS_DEFINE",
    "PROCESS_START",
    "PROCESS_VIEW",
    "TASK_ASSIGN",
    "TASK_DO",
    "TASK_OPEN",
    "TASK_VIEW",
    "WINDOW_PLAN",
    "WINDOW_VIEW",
    "ProcessMoved",
    "TaskChanged",
    "about",
    "accept_task",
    "assign_task",
    "begin_task",
    "between",
    "cancel_process",
    "cancel_task",
    "cancel_window",
    "change_task",
    "change_window",
    "comment_task",
    "finish_step",
    "finish_task",
    "give_back",
    "hand_over",
    "keep_process",
    "mine",
    "open_task",
    "plan_window",
    "processes",
    "reopen_task",
    "ship",
    "start_process",
    "stretches",
    "take_task",
    "tick_point",
    "visible",
    "wait_task",
    "withdraw_offer",
]
