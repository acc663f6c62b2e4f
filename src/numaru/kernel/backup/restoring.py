"""Putting a house back: into an empty home and an empty database only, proved against the contents, before anything opens.

Two halves. `put_back` and `put_back_to` need no Django: they fill the home and the database. `settle` runs the restore steps in the restored
house, notes the new epoch and takes the mark "restoring" off; as long as that stands, the house does not start.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import tarfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

import psycopg
from pyrage import x25519

from numaru.kernel import clock
from numaru.kernel.backup import archive, folders, programs, sealing, snapshot
from numaru.kernel.backup.folder import Backup, backups, verify_bytes
from numaru.kernel.backup.sealing import Damaged
from numaru.kernel.backup.steps import Restored, restore_steps
from numaru.kernel.backup.write import DUMP, KEYS_DUMP, read_contents
from numaru.kernel.errors import Conflict, Invalid
from numaru.kernel.faults import point
from numaru.kernel.postgres import Server
from numaru.values.text import Text

MARK = "restoring"  # in the home from the first byte to the last step: such a home does not start
BESIDE = frozenset({"keys", "log", "locks", MARK})  # what may be in a home that counts as empty
TELL = Callable[[Text], None]


# ── an empty place ───────────────────────────────────────────────────────────────────────────────────────────────────


def claim(home: Path) -> None:
    """Make sure that the home is empty, and mark it. Raises Conflict naming what is there; an unfinished restore is cleared first."""
    home.mkdir(parents=True, exist_ok=True, mode=0o755)
    mark = home / MARK
    if mark.exists():
        for path in home.iterdir():
            if path.name not in BESIDE:
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    there = sorted(p.name for p in home.iterdir() if p.name not in BESIDE and not (p.is_dir() and not any(p.iterdir())))
    if there or (home / "pg-is-at").exists():
        raise Conflict.because(
            "restore.home",
            Text("{h}에 이미 데이터가 있습니다: {w}", "There are data in {h} already: {w}").fill(h=home, w=", ".join(there[:6])),
            Text(
                "빈 폴더를 --into로 주십시오. 이 폴더는 건드리지 않았습니다.", "Give an empty folder by --into; nothing was touched here."
            ),
            field="into",
        )
    mark.write_text(clock.now().isoformat() + "\n")


def empty_database(url: str) -> None:
    """Raises Conflict when the database of ``url`` holds tables."""
    with psycopg.connect(url, connect_timeout=10) as con:
        found = con.execute(snapshot.TABLES).fetchall()
    if found:
        raise Conflict.because(
            "restore.database",
            Text("데이터베이스에 이미 표가 {n}개 있습니다.", "The database holds {n} tables already.").fill(n=len(found)),
            Text("빈 데이터베이스를 새로 만들어 DATABASE_URL로 주십시오. 이 데이터베이스는 건드리지 않았습니다.",
                 "Create an empty database and give it as DATABASE_URL; nothing was touched in this one."),
        )  # fmt: skip


def identities(home: Path, given: Path | None) -> list[x25519.Identity]:
    """The identity to open with. Raises Invalid with words when there is none."""
    file = sealing.identity_file(home, given)
    if file is None:
        raise Invalid.because(
            "restore.identity", Text("백업을 여는 열쇠가 없습니다.", "There is no identity to open the backup with."),
            Text("백업할 때의 keys/backup-identity를 --identity로 주십시오.", "Give the keys/backup-identity of the time of the backup by --identity."),
            field="identity",
        )  # fmt: skip
    return sealing.read_identity(file)


def keys_for(source: Backup) -> Backup | None:
    """The backup of keys that goes with ``source``: the newest one beside it that is not older. The newest, because whoever was destroyed
    since is not in it."""
    found = [b for b in backups(source.path.parent, "keys") if b.made_at >= source.made_at]
    return found[0] if found else None


# ── from a backup ────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Inspected:
    """A backup whose every byte was compared and whose contents could be opened; nothing was written yet."""

    source: Backup
    keys: Backup | None
    contents: dict[str, Any]
    held: dict[str, Any] | None  # contents of the backup of keys


def inspect(source: Backup, keys: Backup | None, opened_by: Sequence[x25519.Identity]) -> Inspected:
    """Raises Damaged naming the part, WrongIdentity, or Invalid for a backup that is not a full one."""
    for one, kind in ((source, "full"), (keys, "keys")):
        if one is not None and one.kind != kind:
            raise Invalid.because(
                "restore.kind", Text("{n}은(는) 여기에 줄 백업이 아닙니다.", "{n} is not the kind of backup wanted here.").fill(n=one.name),
                Text("numaru-날짜 폴더를 고르고, 키 백업(numaru-keys-날짜)은 --keys로 주십시오.",
                     "Choose a folder numaru-DATE; backups of keys (numaru-keys-DATE) go with --keys."),
            )  # fmt: skip
        if one is not None:
            verify_bytes(one)
    return Inspected(source, keys, read_contents(source, opened_by), read_contents(keys, opened_by) if keys else None)


def put_back(seen: Inspected, opened_by: Sequence[x25519.Identity], home: Path, url: str, tell: TELL) -> Restored:
    """Fill the claimed home and the empty database. Raises Damaged naming the part, or Conflict; the mark then stays."""
    source, keys, contents, held = seen.source, seen.keys, seen.contents, seen.held
    _room(home, contents, held)
    version = programs.server_version(url)
    if version < contents["server"]:
        raise Conflict.because(
            "restore.older",
            Text("PostgreSQL {b}의 백업을 더 오래된 {v}에 되돌릴 수 없습니다.", "A backup of PostgreSQL {b} cannot be restored into the older {v}.").fill(
                b=contents["server"], v=version
            ),
            Text("PostgreSQL {b} 이상을 쓰십시오.", "Use PostgreSQL {b} or newer.").fill(b=contents["server"]),
        )  # fmt: skip
    tools = programs.fitting(version)
    tell(folders_title(DUMP))
    _load(source, DUMP, opened_by, tools, version, url, contents)
    point("restore-database")
    if keys and held:
        tell(folders_title(KEYS_DUMP))
        _load(keys, KEYS_DUMP, opened_by, tools, version, url, held)
    _compare(url, contents["counts"], held["counts"] if held else None)
    for name in sorted(contents["folders"]):
        tell(folders_title(f"{name}.tar.age"))
        _folder(source, name, opened_by, home, contents)
    point("restore-folders")
    if keys and held:
        for name in sorted(held["folders"]):  # lists of the destroyed: those of the newer backup
            shutil.rmtree(home / name, ignore_errors=True)
            _folder(keys, name, opened_by, home, held)
    with psycopg.connect(url, autocommit=True) as con:
        con.execute("ANALYZE")
    made_at = datetime.fromisoformat(contents["made_at"])
    return Restored(home, source.name, made_at, keys.name if keys else None, None, contents["notes"])


def folders_title(part: str) -> Text:
    return Text("되돌리는 중: {p}", "Restoring: {p}").fill(p=folders.title(part))


def _room(home: Path, contents: dict[str, Any], held: dict[str, Any] | None) -> None:
    needed = sum(part["bytes"] for told in (contents, held) if told for part in told["parts"].values())
    needed += contents["parts"][DUMP]["bytes"] * 4  # a dump is packed, and indexes are made again
    free = shutil.disk_usage(home).free
    if free < needed:
        raise Conflict.because(
            "restore.space",
            Text("되돌릴 공간이 모자랍니다: 약 {n}MB가 필요하고 {f}MB가 남았습니다.", "Too little space: about {n} MB are needed, {f} MB are free.").fill(
                n=needed // 2**20, f=free // 2**20
            ),
            Text("공간을 비우거나 다른 폴더를 고르십시오.", "Free some space or choose another folder."),
        )  # fmt: skip


def _load(
    source: Backup, part: str, opened_by: Sequence[x25519.Identity], tools: programs.Programs, version: int, url: str, told: dict[str, Any]
) -> None:
    """Stream a dump into the database, in one transaction: all of it or nothing."""
    words = ["--no-owner", "--no-privileges", "--no-comments", "--single-transaction", "--exit-on-error"]
    if tools.major != version:  # a newer pg_restore sets what an older server does not know; without one transaction it goes on after that
        words = words[:3]
    try:
        with programs.running(tools.folder / "pg_restore", words, url, feeds=True) as process:
            came = sealing.unseal(source.part(part), programs.Input(process), opened_by, part)[0]
    except Conflict as refused:
        if tools.major == version or "transaction_timeout" not in str(refused):
            raise
    if came != told["parts"][part]["sha256"]:
        raise Damaged.part(part, "담은 것과 다릅니다", "is not what was put in")


def _folder(source: Backup, name: str, opened_by: Sequence[x25519.Identity], home: Path, told: dict[str, Any]) -> None:
    part = f"{name}.tar.age"
    if Path(name).name != name or name.startswith("."):
        raise Damaged.part(part, "밖을 가리키는 이름을 담고 있습니다", "holds a name that leads outside")
    came, held = folders.unpack(source.part(part), home / name, opened_by, part)
    if came != told["parts"][part]["sha256"] or held.files != told["folders"][name]["files"]:
        raise Damaged.part(part, "담은 것과 다릅니다", "is not what was put in")


def _compare(url: str, told: dict[str, int], keys: dict[str, int] | None) -> None:
    """Rows of every table against the contents. Tables of the keys are compared with the backup of keys."""
    wanted = {table: n for table, n in told.items() if not table.startswith(f"{snapshot.KEYS}.")}
    wanted |= keys if keys is not None else {table: 0 for table in told if table.startswith(f"{snapshot.KEYS}.")}
    with psycopg.connect(url) as con:
        there = snapshot.counts(con)
    wrong = [table for table in sorted(wanted.keys() | there.keys()) if wanted.get(table) != there.get(table)]
    if wrong:
        raise Conflict.because(
            "restore.counts",
            Text("되돌린 행 수가 백업의 명세와 다릅니다: {t}", "The rows restored are not those of the contents: {t}").fill(
                t=", ".join(wrong[:8])
            ),
            Text("다른 백업을 쓰십시오. 이 집은 열리지 않습니다.", "Use another backup; this house stays closed."),
        )


# ── to a point in time ───────────────────────────────────────────────────────────────────────────────────────────────


def put_back_to(until: datetime, source: Path, opened_by: Sequence[x25519.Identity], home: Path, tell: TELL) -> Restored:
    """Fill the claimed home from the archive ``source`` as it was at ``until``: base backup, log, files. Embedded server only."""
    best: tuple[Backup, dict[str, Any]] | None = None
    for one in backups(source, "base"):
        contents = read_contents(one, opened_by)
        if datetime.fromisoformat(contents["ended_at"]) <= until:
            best = (one, contents)
            break
    if best is None:
        raise Invalid.because(
            "restore.before",
            Text("그 시각보다 앞선 기본 백업이 보관 폴더에 없습니다.", "The archive holds no base backup from before that time."),
            Text("더 늦은 시각을 고르거나 전체 백업에서 되돌리십시오.", "Choose a later time, or restore a full backup."), field="to-time",
        )  # fmt: skip
    base, contents = best
    tell(Text("기본 백업 {n}", "Base backup {n}").fill(n=base.name))
    verify_bytes(base)
    server = Server(home)
    if programs.version_of(server.bin / "postgres") != contents["server"]:
        raise Conflict.because(
            "restore.version", Text("기본 백업은 PostgreSQL {v}의 것입니다.", "The base backup is of PostgreSQL {v}.").fill(v=contents["server"]),
            Text("NUMARU_PG_BIN에 그 판의 bin 폴더를 적으십시오.", "Set NUMARU_PG_BIN to the bin folder of that version."),
        )  # fmt: skip
    _unpack_base(base, opened_by, server.data, contents)
    lines = archive.entries(source)
    segments = server.root / "segments"
    segments.mkdir(mode=0o700, exist_ok=True)
    tell(Text("기록을 {t}까지 다시 적용합니다.", "Replaying the log up to {t}.").fill(t=until.isoformat()))
    began = base.made_at - archive.SLACK
    for line in lines:
        if "wal" in line and datetime.fromisoformat(line["at"]) >= began:
            _segment(source, line, opened_by, segments)
    point("restore-segments")
    server.recover(segments, until)
    shutil.rmtree(segments)
    chosen = archive.files_at(lines, until)
    tell(Text("파일 {n}개", "{n} files").fill(n=len(chosen)))
    for key, line in chosen.items():
        _file(source, key, line["sha256"], opened_by, home)
    return Restored(home, base.name, until, base.name, until)


def _unpack_base(base: Backup, opened_by: Sequence[x25519.Identity], data: Path, contents: dict[str, Any]) -> None:
    data.mkdir(mode=0o700, exist_ok=True)
    came: list[str] = []

    def feed(out: BinaryIO) -> None:
        came.append(sealing.unseal(base.part(archive.BASE), out, opened_by, archive.BASE)[0])

    with folders.piped(feed) as stream:
        with tarfile.open(fileobj=stream, mode="r|") as tar:
            for member in tar:
                tar.extract(member, data, filter="data")
                vars(tar)["members"].clear()
        while stream.read(1 << 16):
            pass
    if came[0] != contents["parts"][archive.BASE]["sha256"]:
        raise Damaged.part(archive.BASE, "담은 것과 다릅니다", "is not what was put in")


def _segment(source: Path, line: dict[str, Any], opened_by: Sequence[x25519.Identity], into: Path) -> None:
    name = Path(line["wal"]).name
    packed = source / "wal" / f"{name}.gz.age"
    if not packed.is_file():
        raise Damaged.part(f"wal/{name}", "없습니다", "is missing")

    def feed(out: BinaryIO) -> None:
        sealing.unseal(packed, out, opened_by, f"wal/{name}")

    with folders.piped(feed) as stream, gzip.GzipFile(fileobj=stream) as plain, (into / name).open("wb") as file:
        shutil.copyfileobj(cast("BinaryIO", plain), file, 1 << 20)
    if sealing.hash_file(into / name)[0] != line["sha256"]:
        raise Damaged.part(f"wal/{name}", "담은 것과 다릅니다", "is not what was put in")


def _file(source: Path, key: str, digest: str, opened_by: Sequence[x25519.Identity], home: Path) -> None:
    path = (home / key).resolve()
    packed = source / "files" / f"{digest}.age"
    if not path.is_relative_to(home.resolve()) or key.split("/")[0] in folders.LEFT_OUT:
        raise Damaged.part(f"files/{key}", "밖을 가리키는 이름을 담고 있습니다", "holds a name that leads outside")
    if not packed.is_file():
        raise Damaged.part(f"files/{key}", "없습니다", "is missing")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        came = sealing.unseal(packed, file, opened_by, f"files/{key}")[0]
    if came != digest:
        raise Damaged.part(f"files/{key}", "담은 것과 다릅니다", "is not what was put in")


# ── in the restored house ────────────────────────────────────────────────────────────────────────────────────────────


def check_migrations(contents: Sequence[Sequence[str]]) -> None:
    """Raises Conflict when the backup knows migrations that this version of the house does not."""
    from django.db.migrations.loader import MigrationLoader

    known = set(MigrationLoader(None).disk_migrations or {})
    strange = [f"{app}.{name}" for app, name in contents if (app, name) not in known]
    if strange:
        raise Conflict.because(
            "restore.newer",
            Text("더 새로운 판의 백업입니다: {m}", "The backup is of a newer version: {m}").fill(m=", ".join(strange[:4])),
            Text("백업할 때의 판이나 더 새로운 판으로 되돌리십시오.", "Restore it with that version or a newer one."),
        )


def settle(restored: Restored, tell: TELL) -> list[Text]:
    """Run the restore steps in the migrated database, note the epoch and let the house start. Returns what is missing, in words."""
    from numaru.kernel.access import Actor
    from numaru.kernel.backup.runs import RESTORED, note_restoration

    missing: list[Text] = []
    if restored.keys is None:
        missing.append(Text("키 백업 없이 되돌렸습니다.", "Restored without a backup of keys."))
    for _, step in restore_steps:
        tell(step.text)
        missing += step.does(restored)
    note_restoration.do(
        Actor.system("restore"), source=restored.source, made_at=restored.made_at, to_time=restored.to_time, keys=restored.keys or "",
        missing=[[text.ko, text.en] for text in missing],
    )  # fmt: skip
    half = restored.home / f".{RESTORED}"
    half.write_text(json.dumps({"source": restored.source, "made_at": restored.made_at.isoformat()}))
    os.replace(half, restored.home / RESTORED)
    (restored.home / MARK).unlink(missing_ok=True)
    return missing
