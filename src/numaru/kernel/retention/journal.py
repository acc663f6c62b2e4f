"""The destruction log outside the database: ``destroyed/journal`` in the home, one line a destruction, synced, each tied to the line before.

The table is the source and the file follows it: after each commit, and at every start, lines that are missing are added. After a restore
the table is older than the file; :func:`replay` then destroys again what had been destroyed, before the house opens.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings

from numaru.kernel.retention.models import Destruction

FIRST = "0" * 64


class JournalDamaged(RuntimeError):
    """A line of the journal is not what was written: it must come back from a backup before anything is replayed from it."""


def place(home: Path | None = None) -> Path:
    """Where the journal of a home lies."""
    return (home or settings.HOME) / "destroyed" / "journal"


def line_of(row: Destruction) -> dict[str, Any]:
    """What a line says of one destruction: everything that its row says."""
    return {
        "mark": str(row.mark), "number": row.number, "kind": row.kind, "person": row.person, "basis": row.basis, "request": row.request,
        "approval": row.approval, "asked_by": row.asked_by, "approved_by": row.approved_by, "at": row.at.isoformat(), "gone": row.gone,
        "kept": row.kept, "sealed_until": row.sealed_until and row.sealed_until.isoformat(),
        "traces_until": row.traces_until and row.traces_until.isoformat(), "hash": row.hash,
    }  # fmt: skip


def read(path: Path) -> list[dict[str, Any]]:
    """Every line, in order. A last line that a kill cut short is left out; any other fault raises :class:`JournalDamaged`."""
    found, before = [], FIRST
    for number, raw in enumerate(_lines(path), 1):
        try:
            entry = orjson.loads(raw)
            tied = entry["before"] == before
        except (orjson.JSONDecodeError, KeyError, TypeError):
            tied = False
        if not tied:
            raise JournalDamaged(f"{path}: line {number} is not the one that was written")
        before = hashlib.sha256(raw).hexdigest()
        found.append(entry["destruction"])
    return found


def _lines(path: Path) -> list[bytes]:
    if not path.exists():
        return []
    whole, _, _torn = path.read_bytes().rpartition(b"\n")
    return whole.split(b"\n") if whole else []


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(path.with_name("lock"), "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def follow(home: Path | None = None) -> int:
    """Add the lines that are missing and return how many. Synced before it returns; several processes may call it at once."""
    path = place(home)
    with _alone(path):
        known = {entry["mark"] for entry in read(path)}
        missing = [row for row in Destruction.objects.order_by("id") if str(row.mark) not in known]
        if not missing:
            return 0
        lines = _lines(path)
        before = hashlib.sha256(lines[-1]).hexdigest() if lines else FIRST
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(handle, "r+b") as file:
            file.truncate(sum(len(line) + 1 for line in lines))  # a line that a kill cut short goes
            file.seek(0, os.SEEK_END)
            for row in missing:
                raw = orjson.dumps({"before": before, "destruction": line_of(row)}, option=orjson.OPT_SORT_KEYS)
                before = hashlib.sha256(raw).hexdigest()
                file.write(raw + b"\n")
            file.flush()
            os.fsync(file.fileno())
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return len(missing)


def unknown(path: Path | None = None) -> list[dict[str, Any]]:
    """The lines of which the database knows nothing: what a restored house has to destroy again."""
    entries = read(path or place())
    known = {str(mark) for mark in Destruction.objects.values_list("mark", flat=True)} if entries else set()
    return [entry for entry in entries if entry["mark"] not in known]
