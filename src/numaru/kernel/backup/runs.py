"""Backups and checks as objects: asked for, carried out, recorded; and the note that a house was put back.

The folder is the truth, the row what people see: a backup is made first and recorded afterwards, so that a kill in between leaves a good
backup and a row that says it was cut off.
"""

from __future__ import annotations

import logging
import os
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from numaru.kernel import clock, live
from numaru.kernel.access import Actor
from numaru.kernel.actions import Act, action
from numaru.kernel.backup import archive, prune, write
from numaru.kernel.backup.errors import no_place, running_already
from numaru.kernel.backup.events import BackupEnded
from numaru.kernel.backup.integrity import look_through
from numaru.kernel.backup.models import BackupRun, IntegrityRun, Restoration
from numaru.kernel.backup.permissions import RESTORATION_NOTE, RUN_START
from numaru.kernel.backup.policies import CHECK_STALE
from numaru.kernel.backup.snapshot import LOCK
from numaru.kernel.errors import NotFound, Refused
from numaru.values.text import Text

log = logging.getLogger(__name__)
LIVE = "backup"
RESTORED = "restored.json"  # in the home while nobody took note of the restore
CUT_OFF = Text("도중에 끊겼습니다.", "It was cut off.")


def place() -> Path | None:
    """Where the nightly backup goes: NUMARU_BACKUP_TO; None when that is not set."""
    given = os.environ.get("NUMARU_BACKUP_TO")
    return Path(given).resolve() if given else None


@action(RUN_START)
def begin(act: Act, *, kind: str, folder: str) -> int:
    """Open the row of a backup that begins now; rows that a killed process left open are closed. Returns the row's id."""
    if kind not in ("full", "keys", "base"):
        raise NotFound.named(Text("백업의 종류", "kind of backup"), kind)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            raise running_already()
    BackupRun.objects.filter(state="running").update(  # nobody holds the lock: whoever ran has died
        state="failed", failure={"ko": CUT_OFF.ko, "en": CUT_OFF.en}, finished_at=clock.now()
    )
    row = BackupRun.objects.filter(kind=kind, state="queued").order_by("id").first() or BackupRun(kind=kind, actor=act.actor.name)
    row.place, row.state, row.started_at = folder[:400], "running", clock.now()
    row.save()
    act.record("backup.run", str(row.pk), after={"kind": kind, "state": "running"})
    return row.pk


def _seconds(row: BackupRun) -> float:
    return round((clock.now() - row.started_at).total_seconds(), 1)


@action(RUN_START)
def end(act: Act, *, run: int, made: list[dict[str, Any]], failure: Text | None = None) -> None:
    """Close the row of a backup: what was made (name, kind, bytes, verified), or why it failed. A full backup leaves a row for each folder."""
    row = BackupRun.objects.filter(pk=run).first()
    if row is None:
        raise NotFound.named(Text("백업 실행", "backup run"), run)
    row.finished_at = clock.now()
    if failure is not None or not made:
        row.state, row.failure = "failed", {"ko": failure.ko, "en": failure.en} if failure else {}
        row.save()
        act.record("backup.run", str(row.pk), before={"state": "running"}, after={"state": "failed"})
        act.event(BackupEnded(run, "failed", _seconds(row)))
        return
    act.event(BackupEnded(run, "good", _seconds(row)))
    for n, one in enumerate(made):
        if n:
            row = BackupRun(place=row.place, started_at=row.started_at, finished_at=row.finished_at, actor=row.actor)
        row.kind, row.name, row.bytes, row.verified, row.state = one["kind"], one["name"], one["bytes"], one["verified"], "good"
        row.save()
        act.record(
            "backup.run", one["name"], after={"state": "good", "kind": one["kind"], "bytes": one["bytes"], "verified": one["verified"]}
        )


@action(RUN_START)
def ask_backup(act: Act) -> None:
    """Queue a full backup to where the nightly one goes. Raises Invalid when no folder is set, Conflict while one is waiting or running."""
    target = place()
    if target is None:
        raise no_place()
    if BackupRun.objects.filter(state__in=("queued", "running")).exists():
        raise running_already()
    row = BackupRun.objects.create(kind="full", place=str(target)[:400], started_at=clock.now(), actor=act.actor.name)
    act.record("backup.run", str(row.pk), after={"kind": "full", "state": "queued"})
    act.effect(Text("전체 백업을 지금 시작합니다.", "A full backup starts now."))

    def defer() -> object:
        from numaru.kernel.backup.jobs import back_up

        return back_up.configure(queueing_lock="backup").defer()

    act.job(defer)


@action(RUN_START)
def ask_check(act: Act) -> None:
    """Queue an integrity check of everything. Raises Conflict while one is waiting or running."""
    if IntegrityRun.objects.filter(state__in=("queued", "running"), started_at__gt=clock.now() - CHECK_STALE).exists():
        raise running_already()
    row = IntegrityRun.objects.create(actor=act.actor.name, started_at=clock.now())
    act.record("backup.integrity", str(row.pk), after={"state": "queued"})
    act.effect(Text("무결성 검사를 지금 시작합니다.", "An integrity check starts now."))

    def defer() -> object:
        from numaru.kernel.backup.jobs import check

        return check.configure(queueing_lock="integrity").defer()

    act.job(defer)


@action(RUN_START)
def end_check(act: Act, *, run: int) -> None:
    """Put the outcome of an integrity check on record."""
    row = IntegrityRun.objects.filter(pk=run).first()
    if row is None:
        raise NotFound.named(Text("무결성 검사", "integrity check"), run)
    act.record("backup.integrity", str(row.pk), after={"state": row.state, "found": row.found})


@action(RUN_START)
def note_restoration(
    act: Act, *, source: str, made_at: datetime, missing: list[list[str]], to_time: datetime | None = None, keys: str = ""
) -> int:
    """A new epoch: the house was put back from ``source``. ``missing`` are pairs ko, en."""
    row = Restoration.objects.create(source=source[:80], made_at=made_at, to_time=to_time, missing=missing, at=clock.now())
    act.record("backup.restoration", str(row.pk), after={"source": source, "keys": keys, "missing": len(missing)})
    return row.pk


@action(RESTORATION_NOTE, reason=True)
def acknowledge(act: Act, *, restoration: int) -> None:
    """An administrator takes note that the house was put back; the line over every page goes. The reason says what was checked."""
    row = Restoration.objects.select_for_update().filter(pk=restoration, acknowledged_at__isnull=True).first()
    if row is None:
        raise NotFound.named(Text("되돌림", "restoration"), restoration)
    row.acknowledged_by, row.acknowledged_at = act.actor.name, clock.now()
    row.save(update_fields=["acknowledged_by", "acknowledged_at"])
    act.record("backup.restoration", str(row.pk), after={"acknowledged": True})
    act.effect(Text("모든 화면 위의 알림이 사라집니다.", "The line over every page goes."))
    if not act.dry and not Restoration.objects.filter(acknowledged_at__isnull=True).exists():
        transaction.on_commit(lambda: (settings.HOME / RESTORED).unlink(missing_ok=True))


def carry_out(target: Path, kind: str, actor: Actor, say: write.Said = lambda _: None) -> list[write.Made]:
    """Make a backup now, record it, and forget the ones that are too old. Raises Refused with words, having recorded the failure."""
    run = begin.do(actor, kind=kind, folder=str(target))
    _tell()
    try:
        made = archive.base(target, say) if kind == "base" else write.write(target, kind, say)
    except Refused as refused:
        end.do(actor, run=run, made=[], failure=refused.findings[0].message)
        _tell()
        raise
    except Exception as error:
        end.do(actor, run=run, made=[], failure=Text("예상하지 못한 오류: {e}", "An unexpected error: {e}").fill(e=type(error).__name__))
        _tell()
        raise
    told = [{"name": m.backup.name, "kind": m.backup.kind, "bytes": m.backup.bytes, "verified": m.verified} for m in made]
    end.do(actor, run=run, made=told)
    prune.prune(target)
    _tell()
    return made


def carry_out_check(actor: Actor) -> IntegrityRun:
    """Look through the house now and record the outcome."""
    run = look_through(actor.name, IntegrityRun.objects.filter(state="queued").order_by("id").first())
    end_check.do(actor, run=run.pk)
    _tell()
    return run


def _tell() -> None:
    live.announce(LIVE, "all")
