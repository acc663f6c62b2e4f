"""The place of imports: in the room that all share, at the foot of the pillar."""

from __future__ import annotations

from numaru.kernel.imports.api import RUN_VIEW
from numaru.ui import shell
from numaru.ui.help import Chapter
from numaru.ui.help import places as chapters
from numaru.values.text import Text

NAME = Text("들이기", "Imports")
PLACE = shell.Place("imports", NAME, "imports:list", RUN_VIEW)
ROOM = shell.rooms.add("shared", shell.Room(Text("공용", "Shared"), [PLACE]))
chapters.add("shared.imports", Chapter("import"))
chapters.add("imports:findings", Chapter("import", "findings-you-will-meet"))
