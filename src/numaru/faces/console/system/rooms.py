"""The place of the system's state: in the room that all share."""

from __future__ import annotations

import numaru.faces.console.imports.rooms  # noqa: F401  (the room)
from numaru.kernel.permissions import SYSTEM_VIEW
from numaru.ui import shell
from numaru.ui.help import Chapter
from numaru.ui.help import places as chapters
from numaru.values.text import Text

NAME = Text("시스템 상태", "System")
PLACE = shell.Place("system", NAME, "system:parts", SYSTEM_VIEW)
shell.rooms["shared"].places.append(PLACE)
chapters.add("shared.system", Chapter("operations", "health"))
