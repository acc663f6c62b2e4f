"""The place of backups in the room that all share, and the line over every page of a house that was put back."""

from __future__ import annotations

from django.conf import settings

from numaru.faces.console.imports.rooms import ROOM
from numaru.kernel.backup import api as backup
from numaru.ui import shell
from numaru.ui.help import Chapter
from numaru.ui.help import places as chapters
from numaru.values.text import Text

NAME = Text("백업", "Backups")
PLACE = shell.Place("backups", NAME, "backups:overview", backup.RUN_VIEW)
ROOM.places.append(PLACE)


def banner() -> Text | None:
    """Told until an administrator takes note. Asks the home, not the database: it stands over every page."""
    if not (settings.HOME / backup.RESTORED).exists():
        return None
    return Text(
        "이 집은 백업에서 되돌렸습니다. 관리자가 ‘공용 › 백업’에서 빠진 것을 보고 확인해야 합니다.",
        "This house was restored from a backup. An administrator must see what is missing under Shared › Backups and take note.",
    )


shell.banners.add("restored", banner)
chapters.add("shared.backups", Chapter("backup"))
