"""The places of retention in the room that all share."""

from __future__ import annotations

from numaru.faces.console.imports.rooms import ROOM
from numaru.kernel.retention import api as retention
from numaru.ui import asking, shell
from numaru.ui.help import Chapter
from numaru.ui.help import places as chapters
from numaru.values.text import Text

CALENDAR, HOLDS = Text("보유 기간", "Retention"), Text("파기 보류", "Holds")
DESTRUCTION, REQUESTS = Text("파기 기록", "Destruction log"), Text("정보주체 요구", "Subject requests")
ROOM.places += [
    shell.Place("retention", CALENDAR, "retention:calendar", retention.CALENDAR_VIEW),
    shell.Place("holds", HOLDS, "retention:holds", retention.CALENDAR_VIEW),
    shell.Place("destruction", DESTRUCTION, "destruction:list", retention.CALENDAR_VIEW),
    shell.Place("requests", REQUESTS, "subject:list", retention.REQUEST_HANDLE),
]
asking.subjects.add(
    retention.destroy_person.key,
    asking.Subject(Text("개인정보 파기", "Destroying a person"), None, (("request", Text("정보주체 요구", "Subject request")),)),
)
chapters.add("shared.retention", Chapter("privacy", "retention-privacyretention"))
chapters.add("shared.holds", Chapter("privacy", "holds-privacyholds"))
chapters.add("shared.destruction", Chapter("privacy", "destroying-a-person"))
chapters.add("shared.requests", Chapter("privacy", "what-people-ask-privacyrequests"))
