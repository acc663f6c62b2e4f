"""The archive for points in time, for the embedded server: base backups, the write-ahead log, and the files of the home, all sealed.

    NUMARU_ARCHIVE/numaru-base-…/     base backups (pg_basebackup)
    NUMARU_ARCHIVE/wal/…gz.age        segments of the log
    NUMARU_ARCHIVE/files/…age         files by their content
    NUMARU_ARCHIVE/journal.jsonl      what was stored when, one line each, append-only

The server copies each finished segment into a spool of its own (it may run as a user who cannot write anywhere else); the worker seals it into
the archive every minute and deletes it from the spool only then. A kill in between repeats the last step.
"""

from __future__ import annotations

import fcntl
import gzip
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from pyrage import x25519

from numaru.kernel import clock
from numaru.kernel.backup import folders, programs, sealing, snapshot
from numaru.kernel.backup.folder import CONTENTS, backups, draft, finish, prepared, sync
from numaru.kernel.backup.write import JOURNALS, Made, Said, verify
from numaru.kernel.errors import Conflict, Invalid, Refused
from numaru.kernel.faults import point
from numaru.kernel.postgres import KEEPER, Server
from numaru.values.text import Text

BASE = "base.tar.age"
JOURNAL = "journal.jsonl"
LATE = 900.0  # seconds that a segment may wait in the spool until health says so
SLACK = timedelta(minutes=10)  # a file of the moment T is in the archive at most so much later
EVERY = timedelta(days=7)  # a new base, so that a restore replays at most a week


def place() -> Path | None:
    """The archive: NUMARU_ARCHIVE; None when points in time are not kept."""
    given = os.environ.get("NUMARU_ARCHIVE")
    return Path(given).resolve() if given else None


def external() -> Refused:
    """Points in time on a server that is not ours: its own tools keep them."""
    return Conflict.because(
        "backup.external",
        Text(
            "시점 복구 기록은 함께 온 데이터베이스에서만 이 명령으로 남깁니다.",
            "This command keeps points in time for the embedded database only.",
        ),
        Text(
            "이 서버의 방법을 쓰십시오: 관리형이면 시점 복구(PITR)를 켜고, 직접 운영하면 pgBackRest나 WAL-G로 기본 백업과 WAL을 보관하십시오. usage/ 등 파일은 ‘./numaru backup’이 맡습니다.",
            "Use that server's own way: switch on point-in-time recovery on a managed one, or keep base backups and WAL with pgBackRest or WAL-G. "
            "Files such as usage/ are covered by ./numaru backup.",
        ),
    )


def _server() -> Server:
    """The embedded server of this home. Raises Conflict when the house works on another one."""
    home: Path = settings.HOME
    server = Server(home)
    if not (server.data / "PG_VERSION").exists() or str(settings.DATABASES["default"].get("HOST", "")) not in ("", str(server.sockets)):
        raise external()
    return server


def _archive() -> Path:
    found = place()
    if found is None:
        raise Invalid.because(
            "backup.archive", Text("시점 복구 기록을 둘 폴더를 정하지 않았습니다.", "No folder for the archive is set."),
            Text("NUMARU_ARCHIVE를 정하고 집을 다시 켜십시오.", "Set NUMARU_ARCHIVE and start the house anew."),
        )  # fmt: skip
    return found


def base(target: Path, say: Said = lambda _: None) -> list[Made]:
    """A base backup of the running embedded server into ``target``, sealed while it streams; then the archive is brought up to date."""
    import psycopg

    home: Path = settings.HOME
    server = _server()
    prepared(target, folders.size(home))
    to, _ = sealing.recipients(home)
    keeper = server.address(KEEPER, "postgres")
    with psycopg.connect(keeper) as con:
        row = con.execute("SELECT current_setting('archive_mode'), pg_database_size('numaru')").fetchone()
        version = con.info.server_version // 10000
    if not row or row[0] != "on":
        raise Conflict.because(
            "backup.no_archive", Text("데이터베이스가 기록을 보관하지 않고 있습니다.", "The database does not archive its log."),
            Text("NUMARU_ARCHIVE를 정하고 집을 껐다 켜십시오.", "Set NUMARU_ARCHIVE, stop the house and start it again."),
        )  # fmt: skip
    prepared(target, int(row[1]))
    tools = programs.fitting(version)
    say(BASE)
    with snapshot.locked(), draft(target, "base") as made:
        words = ["--pgdata=-", "--format=tar", "--wal-method=fetch", "--checkpoint=fast", "--no-password", "--label=numaru"]
        with programs.running(tools.folder / "pg_basebackup", words, keeper) as process:
            assert process.stdout is not None
            made.parts[BASE] = sealing.seal(process.stdout, made.path / BASE, to)
        plain = {BASE: {"sha256": made.parts[BASE].plain_sha256, "bytes": made.parts[BASE].plain_bytes}}
        told = {"made_at": made.made_at.isoformat(), "ended_at": clock.now().isoformat(), "kind": "base", "parts": plain, "server": version}
        made.parts[CONTENTS] = sealing.seal(BytesIO(json.dumps(told).encode()), made.path / CONTENTS, to)
        whole = finish(made)
    ship()
    return [Made(whole, verify(whole, home, say))]


def due_for_base() -> bool:
    """Whether a new base backup is wanted."""
    target = place()
    if target is None:
        return False
    found = backups(target, "base")
    return not found or found[0].made_at < clock.now() - EVERY


@contextmanager
def _alone(target: Path) -> Iterator[bool]:
    handle = os.open(target / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)


def ship() -> int:
    """Seal what is new into the archive; returns how many segments and files that was. Does nothing while another process ships."""
    target = _archive()
    home: Path = settings.HOME
    prepared(target, 0)
    to, _ = sealing.recipients(home)
    with _alone(target) as mine:
        if not mine:
            return 0
        for folder in ("wal", "files"):
            (target / folder).mkdir(exist_ok=True, mode=0o700)
        done = _segments(_server().spool, target, to)
        done += _files(home, target, to)
        _forget(target)
    return done


def _segments(spool: Path, target: Path, to: list[x25519.Recipient]) -> int:
    done = 0
    for path in sorted(p for p in spool.glob("*") if p.is_file() and not p.name.startswith(".")) if spool.is_dir() else []:
        final = target / "wal" / f"{path.name}.gz.age"
        plain = sealing.hash_file(path)[0]
        if not final.exists():
            half = final.with_name(f".{final.name}")
            half.unlink(missing_ok=True)

            def squeeze(out: BinaryIO, source: Path = path) -> None:
                with source.open("rb") as file, gzip.GzipFile(fileobj=out, mode="wb", compresslevel=1, mtime=0) as packed:
                    shutil.copyfileobj(file, packed, 1 << 20)

            with folders.piped(squeeze) as stream:
                sealing.seal(stream, half, to)
            half.rename(final)
            sync(final.parent)
        point("archive-sealed")
        write_line(target, {"wal": path.name, "sha256": plain})
        path.unlink()
        done += 1
    return done


def _files(home: Path, target: Path, to: list[x25519.Recipient]) -> int:
    known = state(entries(target))
    seen: set[str] = set()
    done = 0
    for name in folders.kept(home):
        for path in folders.files(home / name):
            key = str(path.relative_to(home))
            seen.add(key)
            try:
                told = path.stat()
                was = known.get(key)
                if was and was["bytes"] == told.st_size and was["mtime"] == told.st_mtime_ns:
                    continue
                digest, size = sealing.hash_file(path)
                final = target / "files" / f"{digest}.age"
                if not final.exists():
                    half = final.with_name(f".{final.name}")
                    half.unlink(missing_ok=True)
                    with path.open("rb") as file:
                        sealed = sealing.seal(file, half, to)
                    if sealed.plain_sha256 != digest:  # it grew meanwhile; the next minute has it
                        half.unlink()
                        continue
                    half.rename(final)
                    sync(final.parent)
            except FileNotFoundError:
                continue
            write_line(target, {"file": key, "sha256": digest, "bytes": size, "mtime": told.st_mtime_ns})
            done += 1
    for key in sorted(set(known) - seen):
        write_line(target, {"gone": key})
    return done


def write_line(target: Path, line: dict[str, Any]) -> None:
    """Append one line to the journal, lasting on return."""
    with (target / JOURNAL).open("a") as file:
        file.write(json.dumps(line | {"at": clock.now().isoformat()}) + "\n")
        file.flush()
        os.fsync(file.fileno())


def entries(target: Path) -> list[dict[str, Any]]:
    """The lines of the journal in order; a last line that a kill cut off is left out."""
    out = []
    try:
        text = (target / JOURNAL).read_text()
    except FileNotFoundError:
        return []
    for line in text.splitlines():
        try:
            out.append(json.loads(line))
        except ValueError:
            continue
    return out


def state(lines: list[dict[str, Any]], until: datetime | None = None) -> dict[str, dict[str, Any]]:
    """The files as they were at ``until``: path → its line."""
    out: dict[str, dict[str, Any]] = {}
    for line in lines:
        if until is not None and datetime.fromisoformat(line["at"]) > until:
            continue
        if "file" in line:
            out[line["file"]] = line
        elif "gone" in line:
            out.pop(line["gone"], None)
    return out


def files_at(lines: list[dict[str, Any]], at: datetime) -> dict[str, dict[str, Any]]:
    """Which files belong to the database as it was at ``at``: heads not ahead of it, lists of the destroyed as new as there are, all others
    up to a little later, because a row's file is there before the row."""
    last = state(lines)
    chosen = {key: line for key, line in state(lines, at + SLACK).items() if key.split("/")[0] not in {*folders.FIRST, *JOURNALS}}
    chosen |= {key: line for key, line in state(lines, at).items() if key.split("/")[0] in folders.FIRST}
    return chosen | {key: line for key, line in last.items() if key.split("/")[0] in JOURNALS}


def _forget(target: Path) -> None:
    """Drop segments that no kept base needs, and contents of files that no kept moment knows. Once an hour suffices."""
    found = backups(target, "base")
    if not found:
        return
    oldest = min(b.made_at for b in found) - SLACK
    mark = target / ".forgotten"
    if mark.exists() and time.time() - mark.stat().st_mtime < 3600:
        return
    lines = entries(target)
    before = state(lines, oldest)
    kept = []
    for line in lines:
        old = datetime.fromisoformat(line["at"]) < oldest
        if "wal" in line and old:
            (target / "wal" / f"{line['wal']}.gz.age").unlink(missing_ok=True)
        elif ("file" in line and old and before.get(line["file"]) is not line) or ("gone" in line and old):
            continue
        else:
            kept.append(line)
    half = target / f".{JOURNAL}"
    with half.open("w") as file:
        file.writelines(json.dumps(line) + "\n" for line in kept)
        file.flush()
        os.fsync(file.fileno())
    half.replace(target / JOURNAL)
    needed = {line["sha256"] for line in kept if "file" in line}
    for path in (target / "files").glob("*.age"):
        if path.name.removesuffix(".age") not in needed:
            path.unlink(missing_ok=True)
    mark.touch()


@dataclass(frozen=True, slots=True)
class Reach:
    """From when to when the archive can restore; None without a base."""

    first: datetime | None
    last: datetime | None


def reach() -> Reach:
    """What `restore --to-time` can reach by now."""
    target = place()
    if target is None:
        return Reach(None, None)
    found = backups(target, "base")
    lines = [line for line in entries(target) if "wal" in line]
    return Reach(found[-1].made_at if found else None, datetime.fromisoformat(lines[-1]["at"]) if lines and found else None)


def waiting() -> tuple[int, float]:
    """How many segments wait in the spool, and for how many seconds the oldest does."""
    try:
        spool = _server().spool
    except Refused:
        return 0, 0.0
    ages = [time.time() - p.stat().st_mtime for p in spool.glob("*") if not p.name.startswith(".")] if spool.is_dir() else []
    return len(ages), max(ages, default=0.0)
