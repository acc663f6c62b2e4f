"""The head of the chain outside the database: ``audit/head`` in the home, and a journal of heads beside it that only grows.

Both are on the disk (fsync) before a pass of the sealer ends. The journal takes a line a minute at most; a line is JSON with chain,
number, last, hash and at, or with ``accepted`` (a person took the chain as it stood, and why).
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

EVERY = 60.0  # seconds between lines of the journal


@dataclass(frozen=True, slots=True)
class Head:
    """The last block: its chain, number, last position, hash (hex) and time (ISO 8601, UTC)."""

    chain: str
    number: int
    last: int
    hash: str
    at: str


def folder() -> Path:
    found: Path = settings.HOME / "audit"
    found.mkdir(parents=True, exist_ok=True, mode=0o700)
    return found


def read() -> Head | None:
    """The head in the file; None when there is no file. Raises ValueError for one that is no head."""
    try:
        text = (settings.HOME / "audit" / "head").read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        return Head(**json.loads(text))
    except TypeError as error:
        raise ValueError("the file audit/head holds no head") from error


@contextmanager
def _locked() -> Iterator[Path]:
    place = folder()
    with (place / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield place


def write(head: Head) -> None:
    """Put ``head`` into the file unless a later one of the same chain stands there already."""
    with _locked() as place:
        there = read()
        if there is not None and there.chain == head.chain and there.number >= head.number:
            return
        _put(place, head)
        if _due(place, head):
            _append(place, asdict(head))


def accept(head: Head | None, reason: str, replaced: Head | None, *, resumed: bool = False) -> None:
    """Put ``head`` in place whatever stands there, and say so in the journal. None: the database has no chain yet. ``resumed``: the heads
    up to it still bind; otherwise none before this line does."""
    with _locked() as place:
        _append(
            place,
            {"accepted": reason, "resumed": resumed, "replaced": asdict(replaced) if replaced else None, **(asdict(head) if head else {"number": 0})},
        )  # fmt: skip
        if head is None:
            (place / "head").unlink(missing_ok=True)
        else:
            _put(place, head)


def _put(place: Path, head: Head) -> None:
    half = place / "head.new"
    with half.open("w", encoding="utf-8") as file:
        json.dump(asdict(head), file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(half, place / "head")
    _sync(place)


def _sync(place: Path) -> None:
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _append(place: Path, line: dict[str, Any]) -> None:
    with (place / "heads.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _due(place: Path, head: Head) -> bool:
    last = _last_line(place / "heads.jsonl")
    if last is None or last.get("chain") != head.chain or "at" not in last:
        return True
    return (datetime.fromisoformat(head.at) - datetime.fromisoformat(last["at"])).total_seconds() >= EVERY


def _last_line(path: Path) -> dict[str, Any] | None:
    try:
        with path.open("rb") as file:
            file.seek(max(0, os.path.getsize(path) - 4096))
            lines = file.read().splitlines()
    except FileNotFoundError:
        return None
    try:
        found: dict[str, Any] = json.loads(lines[-1])
    except (IndexError, ValueError):
        return None
    return found


def journal() -> Iterator[dict[str, Any]]:
    """The lines of the journal, oldest first. A half line (a kill while it was written) is passed over."""
    try:
        file = (settings.HOME / "audit" / "heads.jsonl").open(encoding="utf-8")
    except FileNotFoundError:
        return
    with file:
        for line in file:
            try:
                yield json.loads(line)
            except ValueError:
                continue


def binding() -> Iterator[dict[str, Any]]:
    """The lines of the journal that the chain must still fit: none from before a person accepted another chain, and none beyond the head to
    which a restore went back. Reads the journal twice; memory grows only with the number of times that it was accepted."""
    bounds: list[tuple[int, int]] = []  # up to which line (exclusive) a head may be as high as what
    for n, cut in reversed(
        [(n, int(line["number"]) if line.get("resumed") else -1) for n, line in enumerate(journal()) if "accepted" in line]
    ):
        bounds.insert(0, (n, min(cut, bounds[0][1]) if bounds else cut))
    for n, line in enumerate(journal()):
        while bounds and n >= bounds[0][0]:
            bounds.pop(0)
        if not bounds or int(line.get("number", 0)) <= bounds[0][1]:
            yield line


def began() -> bool:
    """Whether a head was ever written here."""
    return bool((settings.HOME / "audit" / "heads.jsonl").exists())


def instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
