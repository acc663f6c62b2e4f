"""What may be done with the line of time itself. Seeing a line needs the permission that its kind names, and the page it stands on."""

from numaru.kernel.access import permission
from numaru.values.text import Text

ENTRY_REBUILD = permission(
    "timeline.entry.rebuild", Text("시간선을 기록에서 다시 만들기", "Make the timeline again from the records"), "support_engineer"
)
