"""The door of clocks. Calendars are asked by their key: ``clocks.calendars.add("office", at, 240)``."""

from numaru.facilities.clocks import calendars
from numaru.facilities.clocks.actions.calendars import change_calendar, make_calendar
from numaru.facilities.clocks.actions.run import cancel, pause, rebuild, resume, retarget, satisfy, start
from numaru.facilities.clocks.events import Breached, CalendarChanged, Nearing
from numaru.facilities.clocks.jobs import house
from numaru.facilities.clocks.kinds import Kind, Pause, is_day, kinds
from numaru.facilities.clocks.permissions import CALENDAR_CHANGE, CALENDAR_VIEW, CLOCK_RUN, CLOCK_VIEW
from numaru.facilities.clocks.reads import Ahead, Standing, due_within, forecast, of, of_ids, of_many, visible

__all__ = [
    "CALENDAR_CHANGE",
    "CALENDAR_VIEW",
    "CLOCK_RUN",
    "CLOCK_VIEW",
    "Ahead",
    "Breached",
    "CalendarChanged",
    "Kind",
    "Nearing",
    "Pause",
    "Standing",
    "calendars",
    "cancel",
    "change_calendar",
    "due_within",
    "forecast",
    "house",
    "is_day",
    "kinds",
    "make_calendar",
    "of",
    "of_ids",
    "of_many",
    "pause",
    "rebuild",
    "resume",
    "retarget",
    "satisfy",
    "start",
    "visible",
]
