"""The destruction log outside the database: ``destroyed/journal`` in the home, one line a destruction, synced, each tied to the line before.

A destruction is written down before it is committed, as intended, and settled after: ``done`` by its mark, once its row is in the table, or
``void`` when a replay finds that it must not or need not be done. Nothing that was destroyed can so be missing here, wherever a kill falls.
After a restore the table is older than the file; :func:`numaru.kernel.retention.replaying.replay` then destroys again what the file names,
before the house opens. Lines of the years before "intended" are whole destructions that were done.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings

from numaru.kernel.retention.models import Destruction

FIRST = "0" * 64
KINDS = {"intended", "done", "void", "destruction"}


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


def _entries(path: Path) -> list[dict[str, Any]]:
    """Every line as it was written, in order. A last line that a kill cut short is left out; any other fault raises :class:`JournalDamaged`."""
    found, before = [], FIRST
    for number, raw in enumerate(_lines(path), 1):
        try:
            entry = orjson.loads(raw)
            tied = entry["before"] == before and len(entry.keys() & KINDS) == 1
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
            tied = False
        if not tied:
            raise JournalDamaged(f"{path}: line {number} is not the one that was written")
        before = hashlib.sha256(raw).hexdigest()
        found.append(entry)
    return found


def read(path: Path) -> list[dict[str, Any]]:
    """Every destruction that is done or intended and not void, each once, in order, with ``settled``: whether it is known to be done.
    Raises :class:`JournalDamaged`."""
    found: dict[str, dict[str, Any]] = {}
    for entry in _entries(path):
        whole = entry.get("destruction") or entry.get("intended")
        if whole:
            found[whole["mark"]] = whole | {"settled": "destruction" in entry}
        elif entry.get("void"):
            found.pop(entry["void"], None)
        elif entry.get("done") in found:
            found[entry["done"]]["settled"] = True
    return list(found.values())


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


def _append(path: Path, entries: Sequence[dict[str, Any]]) -> None:
    """Add lines under the lock that the caller holds; synced before it returns."""
    lines = _lines(path)
    before = hashlib.sha256(lines[-1]).hexdigest() if lines else FIRST
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(handle, "r+b") as file:
        file.truncate(sum(len(line) + 1 for line in lines))  # a line that a kill cut short goes
        file.seek(0, os.SEEK_END)
        for entry in entries:
            raw = orjson.dumps({"before": before} | entry, option=orjson.OPT_SORT_KEYS)
            before = hashlib.sha256(raw).hexdigest()
            file.write(raw + b"\n")
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def intend(row: Destruction, home: Path | None = None) -> None:
    """Write down what the running transaction is about to destroy; synced before it returns. Raises :class:`JournalDamaged`, so that nothing
    is destroyed whose line could not be read again."""
    path = place(home)
    with _alone(path):
        _entries(path)
        _append(path, [{"intended": line_of(row)}])


def void(mark: str, why: str, home: Path | None = None) -> None:
    """Settle an intended destruction that must not or need not be done; it is never replayed again."""
    path = place(home)
    with _alone(path):
        _append(path, [{"void": mark, "why": why}])


def follow(home: Path | None = None) -> int:
    """Settle what the table says is done and add what is missing; returns how many lines. Synced before it returns; several processes may
    call it at once."""
    path = place(home)
    with _alone(path):
        known = {entry["mark"]: entry["settled"] for entry in read(path)}
        missing: list[dict[str, Any]] = []
        for row in Destruction.objects.order_by("id"):
            mark = str(row.mark)
            if not known.get(mark, False):
                missing.append({"done": mark} if mark in known else {"destruction": line_of(row)})
        if missing:
            _append(path, missing)
        return len(missing)


def unknown(path: Path | None = None) -> list[dict[str, Any]]:
    """The destructions of which the database knows nothing: what a restored house has to destroy again. One that is only intended was
    approved, or due; whether it was committed before the database was lost cannot be told from outside."""
    entries = read(path or place())
    known = {str(mark) for mark in Destruction.objects.values_list("mark", flat=True)} if entries else set()
    return [entry for entry in entries if entry["mark"] not in known]
