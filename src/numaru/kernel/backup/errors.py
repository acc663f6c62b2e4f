"""How backups refuse."""

from __future__ import annotations

from numaru.kernel.errors import Conflict, Invalid, Refused
from numaru.values.text import Text


def running_already() -> Refused:
    return Conflict.because(
        "backup.running", Text("백업이 이미 진행 중입니다.", "A backup is running already."),
        Text("끝난 뒤 다시 하십시오.", "Try again when it has ended."),
    )  # fmt: skip


def no_place() -> Refused:
    return Invalid.because(
        "backup.to", Text("백업을 둘 폴더를 정하지 않았습니다.", "No folder for backups is set."),
        Text("--to 폴더를 주거나 NUMARU_BACKUP_TO를 정하십시오. 데이터와 다른 디스크여야 합니다.",
             "Give --to FOLDER or set NUMARU_BACKUP_TO; it must be on another disk than the data."), field="to",
    )  # fmt: skip
