"""Making a backup: one snapshot of the database, the folders of the home, all sealed, named last, and opened again to see that it can be.

A full backup is two: ``numaru-…`` with everything but the wrapped keys, and ``numaru-keys-…`` with these alone, which is kept for a shorter
time, so that a destroyed person is soon unreadable in backups too (docs/decisions/backups.md).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from pyrage import x25519

from numaru.kernel.backup import folders, programs, sealing, snapshot
from numaru.kernel.backup.folder import CONTENTS, Backup, Draft, clear_halves, draft, finish, prepared, verify_bytes
from numaru.kernel.backup.sealing import Damaged, Nowhere
from numaru.kernel.faults import point

DUMP = "database.dump.age"
KEYS_DUMP = "keys.dump.age"
JOURNALS = ("destroyed",)  # folders that the small backup of keys carries as well: the newest list of the destroyed must be at hand

type Said = Callable[[str], None]  # told the name of each part as it begins


@dataclass(frozen=True, slots=True)
class Made:
    """A finished backup. ``verified``: opened (every part was decrypted again), or read (its bytes only, because the identity is not here)."""

    backup: Backup
    verified: str


def write(place: Path, kind: str, say: Said = lambda _: None) -> list[Made]:
    """Back up the house into ``place``: ``full`` (both folders) or ``keys``. Raises Refused with words; then nothing new is in the folder."""
    home: Path = settings.HOME
    prepared(place, expected(home) if kind == "full" else 0)
    clear_halves(place)
    to, _ = sealing.recipients(home)
    with snapshot.taken() as shot:
        tools = programs.fitting(shot.version)
        said = snapshot.contents(shot)
        made = []
        if kind == "full":
            made.append(_full(place, home, to, shot, tools, said, say))
        made.append(_keys(place, home, to, shot, tools, said, say))
    point("backup-named")
    return [Made(one, verify(one, home, say)) for one in made]


def expected(home: Path) -> int:
    """About how many bytes a full backup will take, from above."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        database = int(cursor.fetchone()[0])
    return database // 2 + folders.size(home)


def _full(
    place: Path,
    home: Path,
    to: Sequence[x25519.Recipient],
    shot: snapshot.Snapshot,
    tools: programs.Programs,
    said: dict[str, Any],
    say: Said,
) -> Backup:
    with draft(place, "full") as made:
        packed: dict[str, Any] = {}
        names = folders.kept(home)
        for name in (n for n in names if n in folders.FIRST):
            _pack(made, home, name, to, packed, say)
        _dump(made, DUMP, [f"--exclude-table-data={snapshot.KEYS}.*"], to, shot, tools, say)
        point("backup-dumped")
        for name in (n for n in folders.kept(home) if n not in folders.FIRST):
            _pack(made, home, name, to, packed, say)
        return _finish(made, to, said | {"folders": packed})


def _keys(
    place: Path,
    home: Path,
    to: Sequence[x25519.Recipient],
    shot: snapshot.Snapshot,
    tools: programs.Programs,
    said: dict[str, Any],
    say: Said,
) -> Backup:
    with draft(place, "keys") as made:
        packed: dict[str, Any] = {}
        _dump(made, KEYS_DUMP, ["--data-only", f"--schema={snapshot.KEYS}"], to, shot, tools, say)
        point("backup-keys")
        for name in JOURNALS:
            if (home / name).is_dir():
                _pack(made, home, name, to, packed, say)
        counted = {table: n for table, n in said["counts"].items() if table.startswith(f"{snapshot.KEYS}.")}
        return _finish(made, to, said | {"counts": counted, "folders": packed})


def _pack(made: Draft, home: Path, name: str, to: Sequence[x25519.Recipient], packed: dict[str, Any], say: Said) -> None:
    say(name)
    part = f"{name}.tar.age"
    made.parts[part], held = folders.pack(home / name, made.path / part, to)
    packed[name] = asdict(held)
    point("backup-packed")


def _dump(
    made: Draft, part: str, options: list[str], to: Sequence[x25519.Recipient], shot: snapshot.Snapshot, tools: programs.Programs, say: Said
) -> None:
    say(part)
    words = [
        "--format=custom",
        "--compress=1",
        "--no-owner",
        "--no-privileges",
        "--no-unlogged-table-data",
        f"--snapshot={shot.name}",
        *options,
    ]
    with programs.running(tools.folder / "pg_dump", words, snapshot.address()) as process:
        assert process.stdout is not None
        made.parts[part] = sealing.seal(process.stdout, made.path / part, to)


def _finish(made: Draft, to: Sequence[x25519.Recipient], said: dict[str, Any]) -> Backup:
    plain = {name: {"sha256": part.plain_sha256, "bytes": part.plain_bytes} for name, part in made.parts.items()}
    told = {"made_at": made.made_at.isoformat(), "kind": made.kind, "parts": plain, **said}
    made.parts[CONTENTS] = sealing.seal(BytesIO(json.dumps(told, sort_keys=True).encode()), made.path / CONTENTS, to)
    point("backup-contents")
    return finish(made)


def read_contents(backup: Backup, identities: Sequence[x25519.Identity]) -> dict[str, Any]:
    """The sealed contents. Raises WrongIdentity or Damaged."""
    out = BytesIO()
    sealing.unseal(backup.part(CONTENTS), out, identities, CONTENTS)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def verify(backup: Backup, home: Path | None = None, say: Said = lambda _: None, identity: Path | None = None) -> str:
    """Look whether a backup can be restored, as far as that can be seen here.

    With the identity at hand every part is opened and compared with what was put in, and pg_restore reads the dumps to their end: "opened".
    Without it the bytes are compared with the manifest: "read". Raises Damaged naming the part.
    """
    verify_bytes(backup)
    file = sealing.identity_file(home, identity)
    if file is None:
        return "read"
    identities = sealing.read_identity(file)
    try:
        told = read_contents(backup, identities)
    except sealing.WrongIdentity:
        if identity is not None:
            raise
        return "read"  # sealed to somebody else's key on purpose
    for name, plain in told["parts"].items():
        say(name)
        if name in (DUMP, KEYS_DUMP):
            came = _readable(backup, name, identities, told["server"])
        else:
            came = sealing.unseal(backup.part(name), Nowhere(), identities, name)[0]
        if came != plain["sha256"]:
            raise Damaged.part(name, "담은 것과 다릅니다", "is not what was put in")
    return "opened"


def _readable(backup: Backup, name: str, identities: Sequence[x25519.Identity], server: int) -> str:
    """pg_restore reads the whole dump and throws it away."""
    tools = programs.fitting(server)
    with programs.running(tools.folder / "pg_restore", ["--file=/dev/null"], feeds=True) as process:
        return sealing.unseal(backup.part(name), programs.Input(process), identities, name)[0]
