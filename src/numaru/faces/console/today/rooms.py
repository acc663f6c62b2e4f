"""The first room of the pillar. It has one place and no list of places."""

from __future__ import annotations

from numaru.kernel.staff.permissions import ACCOUNT_USE
from numaru.ui import shell
from numaru.ui.help import Chapter
from numaru.ui.help import places as chapters
from numaru.values.text import Text

NAME = Text("오늘", "Today")
ROOM = shell.rooms.add("today", shell.Room(NAME, [shell.Place("today", NAME, "console:home", ACCOUNT_USE)], bare=True))
chapters.add("today.today", Chapter("today"))
chapters.add("notices:list", Chapter("today", "notices"))
