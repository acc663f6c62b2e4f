"""The place of master data: in the room that all share."""

from __future__ import annotations

import numaru.faces.console.imports.rooms  # noqa: F401  (the room)
from numaru.facilities.catalogue import api as catalogue
from numaru.ui import shell
from numaru.ui.help import Chapter
from numaru.ui.help import places as chapters
from numaru.values.text import Text

NAME = Text("기준 자료", "Master data")
shell.rooms["shared"].places.append(shell.Place("records", NAME, "records:index", catalogue.RECORD_VIEW))
chapters.add("shared.records", Chapter("records"))
