"""One's own account: the last place of the room that all share."""

from __future__ import annotations

from numaru.faces.console.imports.rooms import ROOM
from numaru.kernel.staff.permissions import ACCOUNT_USE
from numaru.ui import shell
from numaru.values.text import Text

NAME = Text("내 계정", "My account")
PLACE = shell.Place("account", NAME, "mfa_index", ACCOUNT_USE)
ROOM.places.append(PLACE)
