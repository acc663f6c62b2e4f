"""The place of letters in the room that all share."""

from __future__ import annotations

from numaru.adapters.letters.permissions import LETTER_VIEW
from numaru.faces.console.imports.rooms import ROOM
from numaru.ui import shell
from numaru.ui.help import Chapter
from numaru.ui.help import places as chapters
from numaru.values.text import Text

NAME = Text("우편", "Letters")
ROOM.places.append(shell.Place("letters", NAME, "letters:home", LETTER_VIEW))
chapters.add("shared.letters", Chapter("letters"))
