"""Looking through the house: files against the hashes that were recorded, rows against the sums that must hold.

A room registers a check; the nightly job, `./numaru integrity`, the screen and every restore run all of them.

    integrity.checks.add("metering.files", Check(Text("이용 기록 파일", "Usage files"), look))

``look`` changes nothing and returns how much it looked at and what is wrong, each with a remedy. A check that raises is a finding itself.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from numaru.kernel import clock
from numaru.kernel.backup.models import IntegrityRun
from numaru.kernel.registers import Register
from numaru.values.finding import Finding
from numaru.values.text import Text

log = logging.getLogger(__name__)
NAMED = 50  # findings of one check that are kept in words; the count is exact


@dataclass
class Looked:
    """What a check saw: ``count`` things, ``findings`` among them."""

    count: int = 0
    findings: list[Finding] = field(default_factory=list)

    def wrong(self, code: str, message: Text, remedy: Text, value: str = "") -> None:
        self.findings.append(Finding(code, message, remedy, value=value or None))


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its name, what one counts ("files", "rows"), and the look."""

    text: Text
    unit: Text
    look: Callable[[], Looked]


checks: Register[Check] = Register("integrity checks")


def look_through(actor: str, run: IntegrityRun | None = None) -> IntegrityRun:
    """Run every check and keep the result. Findings name what is wrong; nothing is mended."""
    run = run or IntegrityRun(actor=actor)
    run.state, run.started_at, run.checks = "running", clock.now(), []
    run.save()
    found = 0
    for key, check in checks:
        began = time.monotonic()
        looked = _look(key, check)
        found += len(looked.findings)
        run.checks.append(
            {
                "key": key, "looked": looked.count, "found": len(looked.findings), "seconds": round(time.monotonic() - began, 2),
                "findings": [f.as_dict() for f in looked.findings[:NAMED]],
            }
        )  # fmt: skip
        run.save(update_fields=["checks"])
    run.state, run.found, run.finished_at = "bad" if found else "good", found, clock.now()
    run.save(update_fields=["state", "found", "finished_at"])
    return run


def _look(key: str, check: Check) -> Looked:
    try:
        return check.look()
    except Exception as error:  # one check that cannot be made must not hide the others
        log.warning("the integrity check %s could not be made: %s", key, type(error).__name__)  # its words may quote rows
        looked = Looked()
        looked.wrong(
            "integrity.unable",
            Text("‘{c}’ 검사를 하지 못했습니다 ({e}).", "The check “{c}” could not be made ({e}).").fill(
                c=check.text, e=type(error).__name__
            ),
            Text("서버 기록을 확인하십시오.", "See the server's log."),
        )
        return looked


def same_file(looked: Looked, path: Any, sha256: str, name: str) -> None:
    """One file against its recorded sha256; a finding names it when it is gone (``path`` may be None) or has changed."""
    from numaru.kernel.backup.sealing import hash_file

    looked.count += 1
    try:
        if path is None:
            raise FileNotFoundError(name)
        seen = hash_file(path)[0]
    except OSError:
        looked.wrong(
            "integrity.gone", Text("파일이 없습니다: {p}", "A file is gone: {p}").fill(p=name),
            Text("백업에서 이 파일을 되살리십시오.", "Restore this file from a backup."), name,
        )  # fmt: skip
        return
    if seen != sha256:
        looked.wrong(
            "integrity.changed", Text("파일이 달라졌습니다: {p}", "A file has changed: {p}").fill(p=name),
            Text("백업에서 이 파일을 되살리고 누가 바꿨는지 알아보십시오.", "Restore it from a backup and find out who changed it."), name,
        )  # fmt: skip
