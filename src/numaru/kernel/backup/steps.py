"""What is done in a restored database before the house opens. Rooms and sub-apps register steps; they run in the order of their keys.

    steps.restore_steps.add("30-destroyed", Step(Text("파기 기록 다시 적용", "Replay of destructions"), replay))

A step gets what was restored and returns what is missing or was done differently, in words; an empty list means that all is well. A step that
raises stops the restore: the house stays closed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection

from numaru.kernel.registers import Register
from numaru.values.text import Text


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back. ``made_at``: up to when the data go; ``keys``: name of the backup of keys, None without one; ``notes`` are what
    rooms had noted in the contents (see `snapshot.notes`), empty for a restore to a point in time."""

    home: Path
    source: str
    made_at: datetime
    keys: str | None
    to_time: datetime | None = None
    notes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """One step and its name for people."""

    text: Text
    does: Callable[[Restored], list[Text]]


restore_steps: Register[Step] = Register("restore steps")


def _sessions(restored: Restored) -> list[Text]:
    """Everybody signs in again: a session that was ended after the backup must not live again, nor a link to set a password that was used."""
    from numaru.kernel.staff import api as staff

    staff.end_everything()
    return []


def _keys(restored: Restored) -> list[Text]:
    """Keys of people that the restored data do not know go: their numbers will be given to others."""
    last = restored.notes.get("last_person")
    with connection.cursor() as cursor:
        if last is not None:
            cursor.execute("DELETE FROM keys.person_key WHERE person > %s", [last])
        cursor.execute("SELECT EXISTS (SELECT 1 FROM keys.person_key), EXISTS (SELECT 1 FROM vault_entry)")
        keys, sealed = cursor.fetchone()
    if sealed and not keys:
        return [
            Text(
                "감싼 키가 없어 이름과 연락처를 열 수 없습니다. 키 백업(numaru-keys-…)을 찾으면 빈 곳에 --keys로 다시 되돌리십시오.",
                "The wrapped keys are missing: names and contacts cannot be opened. If you find a backup of keys (numaru-keys-…), restore again "
                "into an empty home with --keys.",
            )
        ]
    return []


def _masters(restored: Restored) -> list[Text]:
    """The master keys that the wrapped keys need are here."""
    from numaru.kernel.backup.masters import missing

    lacking = missing()
    if not lacking:
        return []
    return [
        Text(
            "마스터 키 {k}이(가) 없어 이름과 연락처를 열 수 없습니다. 따로 보관한 keys/master를 이 집의 keys 폴더에 두거나 NUMARU_MASTER_KEY로 주십시오.",
            "The master key {k} is missing: names and contacts cannot be opened. Put the keys/master that you keep elsewhere into the folder keys "
            "of this home, or give it as NUMARU_MASTER_KEY.",
        ).fill(k=", ".join(lacking))
    ]


def _destroyed(restored: Restored) -> list[Text]:
    """Whoever was destroyed after the backup is destroyed again, by the journal that lies outside the database."""
    if not apps.is_installed("numaru.kernel.retention"):
        return []
    from numaru.kernel.retention import api as retention

    count = retention.replay()
    if not count:
        return []
    return [Text("백업 뒤에 파기한 {n}건을 다시 파기했습니다.", "{n} destructions made after the backup were done again.").fill(n=count)]


def _audit(restored: Restored) -> list[Text]:
    """The chain of the audit log ends where the backup noted it, holds, and seals on."""
    if not apps.is_installed("numaru.kernel.audit"):
        return []
    from numaru.kernel.audit import api as audit

    wrong = audit.after_restore(restored.source, restored.notes.get("audit"), restored.to_time)
    report = audit.verify()
    return wrong + [Text("감사 사슬: {f}", "Audit chain: {f}").fill(f=fault.text) for fault in report.faults]


def _runs(restored: Restored) -> list[Text]:
    """The backup that this is was still being written when its snapshot was taken."""
    from numaru.kernel.backup.models import BackupRun

    BackupRun.objects.filter(state__in=("queued", "running")).update(
        state="failed", failure={"ko": "되돌리기 전에 진행 중이던 백업입니다.", "en": "It was running when the house was put back."}
    )
    return []


def _integrity(restored: Restored) -> list[Text]:
    """All integrity checks, so that a restored house opens with its figures proved."""
    from numaru.kernel.backup.integrity import look_through

    run = look_through("restore")
    return (
        []
        if run.state == "good"
        else [Text("무결성 검사가 {n}건을 찾았습니다.", "The integrity check found {n} things.").fill(n=run.found)]
    )


restore_steps.add("10-sessions", Step(Text("열린 로그인 닫기", "Closing open sessions"), _sessions))
restore_steps.add("20-keys", Step(Text("감싼 키", "Wrapped keys"), _keys))
restore_steps.add("21-masters", Step(Text("마스터 키", "Master keys"), _masters))
restore_steps.add("30-destroyed", Step(Text("파기 기록 다시 적용", "Replay of destructions"), _destroyed))
restore_steps.add("80-audit", Step(Text("감사 사슬", "Audit chain"), _audit))
restore_steps.add("40-backups", Step(Text("백업 기록", "Records of backups"), _runs))
restore_steps.add("90-integrity", Step(Text("무결성 검사", "Integrity checks"), _integrity))
