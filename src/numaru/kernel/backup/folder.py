"""How a backup lies in its folder, and how it becomes whole at once.

    PLACE/numaru-20261122T031000Z-7f3a9c/        a full backup (numaru-keys-…: wrapped keys; numaru-base-…: a base for points in time)
        database.dump.age  usage.tar.age  files.tar.age …
        contents.age       what is in it: counts, hashes, versions, positions; sealed, because counts tell about the business
        manifest.json      name, size and sha256 of every part; nothing else about the house

Parts are written in a hidden folder; the manifest comes last, then the folder gets its name. A folder without a manifest is no backup.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from numaru.kernel import clock
from numaru.kernel.backup.sealing import Damaged, Sealed, hash_file
from numaru.kernel.errors import Conflict, Invalid, NotFound
from numaru.values.text import Text

FORMAT = 1
MANIFEST = "manifest.json"
CONTENTS = "contents.age"
PREFIX = {"full": "numaru-", "keys": "numaru-keys-", "base": "numaru-base-"}
WHAT = Text("백업", "backup")
SPARE = 64 * 2**20  # bytes that must stay free beside a backup


@dataclass(frozen=True, slots=True)
class Backup:
    """A whole backup in a folder."""

    path: Path
    kind: str
    made_at: datetime
    parts: dict[str, dict[str, Any]]

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def bytes(self) -> int:
        return sum(int(part["bytes"]) for part in self.parts.values())

    def part(self, name: str) -> Path:
        return self.path / name


def read(path: Path) -> Backup:
    """The backup in ``path``. Raises NotFound for a folder that holds none, Conflict for one that a newer house wrote."""
    file = path / MANIFEST
    if not file.is_file():
        raise NotFound.named(WHAT, path.name)
    try:
        said = json.loads(file.read_text())
        if said["format"] > FORMAT:
            raise Conflict.because(
                "backup.newer", Text("더 새로운 판이 만든 백업입니다.", "A newer version of the house made this backup."),
                Text("그 판이나 더 새로운 판으로 되돌리십시오.", "Restore it with that version or a newer one."),
            )  # fmt: skip
        return Backup(path, said["kind"], datetime.fromisoformat(said["made_at"]), said["parts"])
    except (ValueError, KeyError, TypeError) as error:
        raise Damaged.part(MANIFEST, "손상되었습니다", "is damaged") from error


def backups(place: Path, kind: str | None = None) -> list[Backup]:
    """The whole backups in a folder, newest first; what is damaged or no backup is left out."""
    found = []
    if place.is_dir():
        for path in place.iterdir():
            if path.is_dir() and path.name.startswith("numaru-") and (path / MANIFEST).is_file():
                try:
                    found.append(read(path))
                except (Conflict, NotFound):
                    continue
    return sorted((b for b in found if kind in (None, b.kind)), key=lambda b: (b.made_at, b.name), reverse=True)


def verify_bytes(backup: Backup) -> None:
    """Every part is there with the size and sha256 of the manifest. Raises Damaged naming the first part that is not."""
    for name, told in backup.parts.items():
        path = backup.part(name)
        if not path.is_file():
            raise Damaged.part(name, "없습니다", "is missing")
        if path.stat().st_size != told["bytes"]:
            raise Damaged.part(name, "잘렸습니다", "is cut short")
        if hash_file(path)[0] != told["sha256"]:
            raise Damaged.part(name, "손상되었습니다", "is damaged")


@dataclass
class Draft:
    """A backup being written."""

    path: Path
    kind: str
    made_at: datetime
    parts: dict[str, Sealed] = field(default_factory=dict)


@contextmanager
def draft(place: Path, kind: str) -> Iterator[Draft]:
    """A hidden folder to write the parts into; `finish` makes it a backup. Left unfinished, by a fault, it is deleted; by a kill, later."""
    at = clock.now().replace(microsecond=0)
    path = place / f".{PREFIX[kind]}{at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    path.mkdir(mode=0o700)
    made = Draft(path, kind, at)
    try:
        yield made
    except BaseException:
        shutil.rmtree(made.path, ignore_errors=True)
        raise


def finish(made: Draft) -> Backup:
    """Write the manifest, sync, give the folder its name: from here on it is a backup."""
    told = {
        "format": FORMAT, "kind": made.kind, "made_at": made.made_at.isoformat(),
        "parts": {name: {"sha256": part.sha256, "bytes": part.bytes} for name, part in made.parts.items()},
    }  # fmt: skip
    half = made.path / f".{MANIFEST}"
    with half.open("w") as file:
        json.dump(told, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    half.rename(made.path / MANIFEST)
    sync(made.path)
    final = made.path.with_name(made.path.name.removeprefix("."))
    made.path.rename(final)
    sync(final.parent)
    made.path = final
    return read(final)


def sync(folder: Path) -> None:
    """Make renames in a folder lasting."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def clear_halves(place: Path) -> None:
    """Delete what killed backups left behind a day ago."""
    limit = clock.now() - timedelta(days=1)
    for path in place.glob(".numaru-*"):
        if path.is_dir() and datetime.fromtimestamp(path.stat().st_mtime, UTC) < limit:
            shutil.rmtree(path, ignore_errors=True)


def prepared(place: Path, needed: int) -> Path:
    """The folder for backups, made if need be, writable and with ``needed`` bytes free. Raises Invalid with words."""
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = place / f".probe-{secrets.token_hex(4)}"
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as error:
        raise Invalid.because(
            "backup.place", Text("백업 폴더 {p}에 쓸 수 없습니다.", "The backup folder {p} cannot be written.").fill(p=place),
            Text("쓰기 권한을 주거나 다른 폴더를 고르십시오.", "Allow writing there or choose another folder."), field="to",
        ) from error  # fmt: skip
    free = shutil.disk_usage(place).free
    if free < needed + SPARE:
        raise Invalid.because(
            "backup.space",
            Text("백업할 공간이 모자랍니다: {n}MB가 필요하고 {f}MB가 남았습니다.", "There is too little space for a backup: {n} MB are needed, {f} MB are free.").fill(
                n=(needed + SPARE) // 2**20, f=free // 2**20
            ),
            Text("공간을 비우거나 다른 폴더를 고르십시오.", "Free some space or choose another folder."), field="to",
        )  # fmt: skip
    return place
