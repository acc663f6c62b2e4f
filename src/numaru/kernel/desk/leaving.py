"""What becomes of a leaver's desk: what was their own goes, what the team shares stays with who cut them off."""

from __future__ import annotations

from numaru.kernel.access import Actor
from numaru.kernel.desk.downloads import delete
from numaru.kernel.desk.models import BulkRun, Download, ListColumns, SavedView
from numaru.kernel.staff.api import Departure, departures
from numaru.values.text import Text


def clear(staff: int, by: Actor) -> int:
    """Delete own views and columns, hand shared views over, stop what was only foreseen, delete files. Returns how many things that were."""
    count = 0
    taken = set(SavedView.objects.filter(staff_id=by.staff_id or 0, dropped_at__isnull=True).values_list("list_key", "name"))
    for row in SavedView.objects.filter(staff_id=staff):
        if row.shared and row.dropped_at is None and by.staff_id is not None:
            row.name = row.name if (row.list_key, row.name) not in taken else f"{row.name[:30]} #{row.pk}"
            row.staff_id = by.staff_id
            row.save(update_fields=["staff_id", "name"])
        else:
            row.delete()
        count += 1
    ListColumns.objects.filter(staff_id=staff).delete()
    BulkRun.objects.filter(staff=staff, state__in=("planned", "planning")).update(state="dropped")
    return count + delete(list(Download.objects.filter(staff_id=staff, state__in=("queued", "ready"))))


departures.add("desk", Departure(Text("저장한 보기와 파일", "Saved views and files"), clear))
