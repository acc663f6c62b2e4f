"""The place of documents of consent in the room that all share."""

from __future__ import annotations

from numaru.faces.console.imports.rooms import ROOM
from numaru.facilities.parties import api as parties
from numaru.ui import shell
from numaru.ui.help import Chapter
from numaru.ui.help import places as chapters
from numaru.values.text import Text

NAME = Text("동의 문서", "Documents of consent")
ROOM.places.append(shell.Place("consents", NAME, "consents:list", parties.DOCUMENT_VIEW))
chapters.add("shared.consents", Chapter("consents"))
chapters.add("consents:write", Chapter("consents", "publishing-a-version"))
chapters.add("consents:publish", Chapter("consents", "publishing-a-version"))
chapters.add("consents:proof", Chapter("consents", "proof"))
