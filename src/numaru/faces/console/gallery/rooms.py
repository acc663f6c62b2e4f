"""The place of the gallery, with the system's: it is for those who run and extend the house. The page itself shows nothing of anybody."""

from __future__ import annotations

import numaru.faces.console.imports.rooms  # noqa: F401  (the room)
from numaru.kernel.permissions import SYSTEM_VIEW
from numaru.ui import shell
from numaru.ui.help import Chapter
from numaru.ui.help import places as chapters
from numaru.values.text import Text

NAME = Text("부품", "Parts")
shell.rooms["shared"].places.append(shell.Place("gallery", NAME, "gallery:parts", SYSTEM_VIEW))
chapters.add("shared.gallery", Chapter("screens"))
