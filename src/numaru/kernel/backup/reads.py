"""What people see of backups and checks. Nothing here is about persons, so no scope by service; callers check the permission."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from numaru.kernel import clock, policies
from numaru.kernel.backup import archive, runs
from numaru.kernel.backup.archive import Reach
from numaru.kernel.backup.integrity import checks
from numaru.kernel.backup.models import BackupRun, IntegrityRun, Restoration
from numaru.kernel.backup.policies import KEEP_DAYS, KEYS_DAYS, WARN_DAYS
from numaru.values.text import Text


@dataclass(frozen=True, slots=True)
class Overview:
    """The head of the page of backups."""

    place: str
    last: BackupRun | None
    late: bool
    next_at: datetime | None
    running: bool
    keep_days: int
    keys_days: int
    archive: str
    reach: Reach


def overview() -> Overview:
    """How the backups stand: a few queries and a look into the archive's folder."""
    today = clock.today()
    last = BackupRun.objects.filter(kind="full", state="good").order_by("-id").first()
    limit = timedelta(days=int(policies.value(WARN_DAYS.key, today)))
    place, kept = runs.place(), archive.place()
    return Overview(
        str(place or ""), last, last is None or clock.now() - (last.finished_at or last.started_at) >= limit, _next() if place else None,
        BackupRun.objects.filter(state__in=("queued", "running")).exists(), int(policies.value(KEEP_DAYS.key, today)),
        int(policies.value(KEYS_DAYS.key, today)), str(kept or ""), archive.reach(),
    )  # fmt: skip


def _next() -> datetime:
    """When the nightly backup comes: 18:10 UTC."""
    now = clock.now()
    at = now.replace(hour=18, minute=10, second=0, microsecond=0)
    return at if at > now else at + timedelta(days=1)


def ever() -> bool:
    """Whether a full backup was ever made and found good."""
    return BackupRun.objects.filter(kind="full", state="good").exists()


def recent(count: int = 20) -> QuerySet[BackupRun]:
    """The newest backups, whatever became of them."""
    return BackupRun.objects.order_by("-id")[:count]


def last_check() -> IntegrityRun | None:
    """The newest integrity check."""
    return IntegrityRun.objects.order_by("-id").first()


def check_names() -> dict[str, tuple[Text, Text]]:
    """Name and unit of every check by key."""
    return {key: (check.text, check.unit) for key, check in checks}


def unacknowledged() -> Restoration | None:
    """The restore of which nobody took note yet."""
    return Restoration.objects.filter(acknowledged_at__isnull=True).order_by("-id").first()
