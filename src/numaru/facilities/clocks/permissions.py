"""What may be done with calendars and clocks. Seeing a clock needs the permission that its kind names, too."""

from numaru.kernel.access import permission
from numaru.values.text import Text

EVERYBODY = ("billing_clerk", "subscriber_clerk", "privacy_officer", "support_engineer", "auditor", "basic")
CALENDAR_VIEW = permission("clocks.calendar.view", Text("근무 달력 보기", "See business calendars"), *EVERYBODY)
CALENDAR_CHANGE = permission("clocks.calendar.change", Text("근무 달력 만들고 고치기", "Make and change business calendars"))
CLOCK_VIEW = permission("clocks.clock.view", Text("시계 보기", "See clocks"), *EVERYBODY)
CLOCK_RUN = permission("clocks.clock.run", Text("시계 켜고 멈추기", "Start and stop clocks"))
