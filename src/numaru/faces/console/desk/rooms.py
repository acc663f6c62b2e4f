"""The places of the desk: in the room that all share."""

from __future__ import annotations

from django.urls import reverse

import numaru.faces.console.imports.rooms  # noqa: F401  (the room)
from numaru.kernel.desk.bulk import WORK as BULK_WORK
from numaru.kernel.desk.downloads import WORK as FILE_WORK
from numaru.kernel.staff.permissions import ACCOUNT_USE
from numaru.ui import bell, shell
from numaru.ui.help import Chapter
from numaru.ui.help import places as chapters
from numaru.values.text import Text

DOWNLOADS = Text("내 내려받기", "My downloads")
BULK = Text("내 일괄 작업", "My bulk acts")
shell.rooms["shared"].places.append(shell.Place("downloads", DOWNLOADS, "desk:downloads", ACCOUNT_USE))
shell.rooms["shared"].places.append(shell.Place("bulk", BULK, "desk:bulk-list", ACCOUNT_USE))
chapters.add("shared.downloads", Chapter("lists", "excel-and-long-files"))
chapters.add("shared.bulk", Chapter("lists", "changing-many-rows"))
bell.works.add(BULK_WORK, bell.Work(Text("일괄 작업", "The bulk act"), lambda key: reverse("desk:bulk", args=[key])))
bell.works.add(FILE_WORK, bell.Work(Text("엑셀 파일", "The workbook"), lambda key: reverse("desk:downloads")))
