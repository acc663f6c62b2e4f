"""The places of work in the room that all share."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from numaru.faces.console.imports.rooms import ROOM
from numaru.facilities.work import api as work
from numaru.facilities.work.web.calendar import NAME as CALENDAR
from numaru.facilities.work.web.listing import MINE, TASKS
from numaru.facilities.work.web.process_list import PROCESSES
from numaru.ui import shell
from numaru.ui.counts import Counted, bounded
from numaru.ui.help import Chapter
from numaru.ui.help import places as chapters


def waiting(request: HttpRequest) -> Counted | None:
    """How many tasks the reader has or may take; nothing for none."""
    user: Any = request.user
    found = bounded(work.mine(user.actor), 99)
    return found if found.n else None


ROOM.places.append(shell.Place("mine", MINE.name, "work:mine", work.TASK_DO, waiting, mine=True, listing=MINE.key))
ROOM.places.append(shell.Place("tasks", TASKS.name, "work:tasks", work.TASK_VIEW, listing=TASKS.key))
ROOM.places.append(shell.Place("processes", PROCESSES.name, "work:processes", work.PROCESS_VIEW, listing=PROCESSES.key))
ROOM.places.append(shell.Place("calendar", CALENDAR, "work:calendar", work.WINDOW_VIEW))
chapters.add("shared.mine", Chapter("work"))
chapters.add("shared.tasks", Chapter("work"))
chapters.add("shared.processes", Chapter("work", "processes"))
chapters.add("shared.calendar", Chapter("work", "the-calendar"))
