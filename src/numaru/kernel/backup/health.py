"""Backups and integrity as parts of the house's health."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Max

from numaru.kernel import clock, gauges, health, policies
from numaru.kernel.backup import runs
from numaru.kernel.backup.models import BackupRun, IntegrityRun, Restoration
from numaru.kernel.backup.policies import CHECK_DAYS, WARN_DAYS
from numaru.kernel.health import Part, Seen, bad, ok, warn
from numaru.values.text import Text


def backup() -> Seen:
    """When the last good backup was made; a warning after `backup.warn_days`, or when none is set up."""
    limit = int(policies.value(WARN_DAYS.key, clock.today()))
    last = BackupRun.objects.filter(kind="full", state="good").order_by("-id").values_list("finished_at", flat=True).first()
    remedy = Text(
        "‘./numaru backup --to 폴더’를 실행하고 NUMARU_BACKUP_TO를 정하십시오.", "Run ./numaru backup --to FOLDER and set NUMARU_BACKUP_TO."
    )
    if last is None:
        return warn(Text("백업이 아직 없습니다.", "There is no backup yet."), remedy)
    days = (clock.now() - last).days
    if days >= limit:
        return warn(Text("{n}일 동안 백업이 없습니다.", "No backup for {n} days.").fill(n=days), remedy)
    place = runs.place()
    if place is not None:
        from numaru.kernel.backup.prune import overdue_keys

        if overdue_keys(place):
            return warn(Text("키 백업이 보관 기간보다 오래됐습니다.", "The last backup of keys is older than it may be kept."), remedy)
    return ok("마지막 백업 {n}일 전", "The last backup is {n} days old", n=days)


def integrity() -> Seen:
    """What the last look through the house found, and that there was one in time."""
    last = IntegrityRun.objects.filter(finished_at__isnull=False).order_by("-id").first()
    remedy = Text("백업 화면에서 지적을 보고 고치십시오.", "See the findings on the page of backups and mend them.")
    if last is None:
        return warn(
            Text("무결성 검사를 아직 하지 않았습니다.", "No integrity check was made yet."),
            Text("‘./numaru integrity’를 실행하십시오.", "Run ./numaru integrity."),
        )
    if last.found:
        return bad(Text("무결성 검사가 {n}건을 찾았습니다.", "The integrity check found {n} things.").fill(n=last.found), remedy)
    days = (clock.now() - (last.finished_at or last.started_at)).days
    if days > int(policies.value(CHECK_DAYS.key, clock.today())) + 1:
        return warn(
            Text("{n}일 동안 무결성 검사가 없습니다.", "No integrity check for {n} days.").fill(n=days),
            Text("작업자가 켜져 있는지 확인하십시오.", "Check that the worker runs."),
        )
    return ok("마지막 검사에서 이상이 없었습니다.", "The last check found nothing wrong.")


def restored() -> Seen:
    """Whether the house was put back and nobody took note of it."""
    if Restoration.objects.filter(acknowledged_at__isnull=True).exists():
        return warn(
            Text("백업에서 되돌린 뒤 아무도 확인하지 않았습니다.", "The house was put back from a backup and nobody took note."),
            Text("백업 화면에서 빠진 것을 보고 확인하십시오.", "See on the page of backups what is missing, and acknowledge it."),
        )
    return ok("되돌린 뒤 확인되지 않은 것이 없습니다.", "Nothing was put back unnoticed.")


def archived() -> Seen:
    """Whether the archive for points in time keeps up."""
    from numaru.kernel.backup import archive

    if archive.place() is None:
        return ok("시점 복구를 쓰지 않습니다.", "Points in time are not kept.")
    waiting, oldest = archive.waiting()
    if oldest > archive.LATE:
        return bad(
            Text("보관하지 못한 기록이 {n}개 밀려 있습니다.", "{n} pieces of the archive wait to be stored.").fill(n=waiting),
            Text(
                "보관 폴더에 쓸 수 있는지, 작업자가 켜져 있는지 확인하십시오.", "Check that the archive can be written and the worker runs."
            ),
        )
    return ok("시점 복구 기록이 밀리지 않았습니다.", "The archive keeps up.")


_FRESH = timedelta(minutes=1).total_seconds()
health.parts.add("backup", Part(Text("백업", "Backup"), backup, every=_FRESH))
health.parts.add("backup.archive", Part(Text("시점 복구 보관", "Archive"), archived, every=_FRESH))
health.parts.add("backup.integrity", Part(Text("무결성", "Integrity"), integrity, every=_FRESH))
health.parts.add("backup.restored", Part(Text("되돌림", "Restore"), restored, every=_FRESH))


def _ages() -> dict[str, float]:
    """Seconds since the last good backup of each kind; a kind without one is left out."""
    rows = BackupRun.objects.filter(state="good").values_list("kind").annotate(last=Max("finished_at"))
    return {kind: (clock.now() - last).total_seconds() for kind, last in rows if last is not None}


def _found() -> dict[str, float]:
    """Findings of the last finished check; nothing before the first."""
    last = IntegrityRun.objects.filter(finished_at__isnull=False).order_by("-id").values_list("found", flat=True).first()
    return {} if last is None else {"all": float(last)}


gauges.gauges.add("backup_age_seconds", gauges.Gauge("Seconds since the last good backup by kind", _ages, "kind"))
gauges.gauges.add("integrity_findings", gauges.Gauge("What the last integrity check found", _found, "checks"))
