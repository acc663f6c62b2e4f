"""Backups on the first page: a restored house of which nobody took note, and backups that failed."""

from __future__ import annotations

from django.urls import reverse

from numaru.faces.console.backups.rooms import NAME
from numaru.kernel.backup import api as backup
from numaru.kernel.backup.models import BackupRun
from numaru.ui import today
from numaru.ui.first_steps import Step
from numaru.ui.first_steps import steps as first_steps
from numaru.ui.help import Chapter
from numaru.ui.today import Item, Reader
from numaru.values.text import Text


@today.finder("backup.restored", room="shared", word=NAME, permission=backup.RESTORATION_NOTE, live="backup:all")
def restored(reader: Reader) -> list[Item]:
    """The house was put back: somebody must see what is missing and take note."""
    found = backup.unacknowledged() if reader.may(backup.RESTORATION_NOTE) else None
    if found is None:
        return []
    title = Text("되돌린 집을 확인해야 합니다", "A restored house is to be acknowledged")
    why = Text("{s} · 빠진 것 {n}가지", "{s} · {n} things missing").fill(s=found.source, n=len(found.missing))
    url = reverse("backups:overview")
    return [Item(f"backup.restored:{found.pk}", "clock", title, why, Text("빠진 것 보기", "See what is missing"), url, weight=1000)]


@today.finder("backup.failed", room="shared", word=NAME, permission=backup.RUN_START, live="backup:all")
def failed(reader: Reader) -> list[Item]:
    """The last backup of its kind failed. That none was made in time is said by the state of the system."""
    if not reader.may(backup.RUN_START):
        return []
    ended = BackupRun.objects.filter(state__in=("good", "failed")).order_by("kind", "-id").distinct("kind")
    bad = [row for row in ended if row.state == "failed"]
    if not bad:
        return []
    row = max(bad, key=lambda one: one.pk)
    cause = Text(row.failure["ko"], row.failure["en"]) if row.failure else Text("원인을 모름", "cause unknown")
    why = Text("{t} · {c}", "{t} · {c}").fill(t=today.short_when(row.finished_at or row.started_at), c=cause)
    title = Text("백업이 실패했습니다", "A backup failed")
    return [
        Item(f"backup.failed:{row.pk}", "clock", title, why, Text("백업 보기", "See the backups"), reverse("backups:overview"), weight=500)
    ]


first_steps.add(
    "backup",
    Step(
        70, backup.RUN_START, Text("백업을 켭니다", "Have backups made"),
        Text("다른 디스크의 폴더를 정하고, 여는 열쇠를 이 기계 밖에 둡니다.", "Name a folder on another disk, and keep the opening key off this machine."),
        Text("백업 보기", "See backups"), lambda: reverse("backups:overview"), lambda request: backup.ever(), Chapter("backup", "once-at-the-beginning"),
    ),
)  # fmt: skip
