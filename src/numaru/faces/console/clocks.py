"""The places of clocks and calendars in the room that all share."""

from __future__ import annotations

from numaru.faces.console.imports.rooms import ROOM
from numaru.facilities.clocks import api as clocks
from numaru.facilities.clocks.web.listing import NAME
from numaru.facilities.clocks.web.views import CALENDARS
from numaru.ui import shell
from numaru.ui.help import Chapter
from numaru.ui.help import places as chapters

ROOM.places.append(shell.Place("clocks", NAME, "clocks:list", clocks.CLOCK_VIEW))
ROOM.places.append(shell.Place("calendars", CALENDARS, "clocks:calendars", clocks.CALENDAR_VIEW))
chapters.add("shared.clocks", Chapter("clocks"))
chapters.add("shared.calendars", Chapter("clocks", "business-calendars"))
