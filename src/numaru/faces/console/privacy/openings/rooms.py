"""The place of bulk openings in the room that all share."""

from __future__ import annotations

from numaru.facilities.parties import api as parties
from numaru.ui import shell
from numaru.ui.help import Chapter
from numaru.ui.help import places as chapters
from numaru.values.text import Text

NAME = Text("일괄 열람", "Bulk openings")

PLACE = shell.Place("exports", NAME, "exports:list", parties.CONTACT_EXPORT)
shell.rooms["shared"].places.append(PLACE)
chapters.add("shared.exports", Chapter("privacy-opening", "values-of-many-people"))
