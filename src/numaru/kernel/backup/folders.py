"""Which folders of the home belong into a backup: all but those that are made again, so that a new folder is never forgotten."""

from __future__ import annotations

import os
import tarfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pyrage import x25519

from numaru.kernel.backup.sealing import Damaged, Sealed, seal, unseal
from numaru.values.text import Text

# Made again, somebody else's, or secret: the database's own folder is in the dump; keys never lie beside what they open.
LEFT_OUT = frozenset({"pg", "log", "static", "work", "locks", "keys", "backups", "archive", "tmp"})
# copied before the dump, soon after its snapshot: at most seconds ahead of it (the audit room brings them together); all others after it, so
# that no row lacks its file
FIRST = frozenset({"audit"})


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder in a backup: how many files and bytes were put in."""

    files: int
    bytes: int


def kept(home: Path) -> list[str]:
    """The names of the folders of the home that belong into a backup."""
    return sorted(p.name for p in home.iterdir() if p.is_dir() and not p.name.startswith(".") and p.name not in LEFT_OUT)


def files(root: Path) -> Iterator[Path]:
    """The files below ``root`` in a fixed order, without hidden ones: those are still being written. Links are not followed."""
    for folder, inner, names in os.walk(root):
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        for name in sorted(names):
            path = Path(folder, name)
            if not name.startswith(".") and path.is_file() and not path.is_symlink():
                yield path


def size(home: Path) -> int:
    """Bytes of everything that belongs into a backup."""
    total = 0
    for name in kept(home):
        for path in files(home / name):
            try:
                total += path.stat().st_size
            except FileNotFoundError:
                continue
    return total


@contextmanager
def piped(feed: Callable[[BinaryIO], None]) -> Iterator[BinaryIO]:
    """The reading end of a pipe into which ``feed(writer)`` writes in a thread; what it raises is raised at the end."""
    reading, writing = os.pipe()
    failed: list[BaseException] = []

    def work() -> None:
        try:
            with os.fdopen(writing, "wb") as file:
                feed(file)
        except BrokenPipeError:
            pass  # the reader gave up and says why itself
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=work, name="backup pipe", daemon=True)
    thread.start()
    try:
        with os.fdopen(reading, "rb", buffering=1 << 16) as source:
            yield source
    except BaseException as error:
        thread.join()
        if failed:  # what the reader met is only what the writer left
            raise failed[0] from error
        raise
    thread.join()
    if failed:
        raise failed[0]


def pack(root: Path, target: Path, to: Sequence[x25519.Recipient]) -> tuple[Sealed, Folder]:
    """Seal the files of a folder as a tar. A file that is deleted meanwhile is left out; one that grows is taken as it was."""
    count = [0, 0]

    def feed(out: BinaryIO) -> None:
        with tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT) as tar:
            for path in files(root):
                try:
                    with path.open("rb") as file:
                        told = tar.gettarinfo(arcname=str(path.relative_to(root)), fileobj=file)
                        told.uid = told.gid = 0
                        told.uname = told.gname = ""
                        tar.addfile(told, file)
                except FileNotFoundError:
                    continue
                vars(tar)["members"].clear()  # or it remembers every file
                count[0] += 1
                count[1] += told.size

    with piped(feed) as source:
        sealed = seal(source, target, to)
    return sealed, Folder(count[0], count[1])


def unpack(source: Path, root: Path, identities: Sequence[x25519.Identity], name: str) -> tuple[str, Folder]:
    """Open a sealed tar into ``root``; returns the sha256 of the tar and what came out. Raises Damaged for names that lead outside."""
    came: list[str] = []
    count = [0, 0]

    def feed(out: BinaryIO) -> None:
        came.append(unseal(source, out, identities, name)[0])

    root.mkdir(parents=True, exist_ok=True, mode=0o755)
    try:
        with piped(feed) as stream:
            with tarfile.open(fileobj=stream, mode="r|") as tar:
                for member in tar:
                    if not member.isfile():
                        continue
                    tar.extract(member, root, filter="data")
                    vars(tar)["members"].clear()
                    count[0] += 1
                    count[1] += member.size
            while stream.read(1 << 16):  # the padding after the last block belongs to the hash
                pass
    except tarfile.FilterError as error:
        raise Damaged.part(name, "밖을 가리키는 이름을 담고 있습니다", "holds a name that leads outside") from error
    except tarfile.TarError as error:
        raise Damaged.part(name, "손상되었습니다", "is damaged") from error
    return came[0], Folder(count[0], count[1])


TITLES: dict[str, Text] = {
    "database.dump.age": Text("데이터베이스", "database"),
    "keys.dump.age": Text("감싼 키", "wrapped keys"),
    "base.tar.age": Text("기본 백업", "base backup"),
    "contents.age": Text("내용 명세", "contents"),
}


def title(part: str) -> Text:
    """A part's name for people."""
    plain = part.removesuffix(".tar.age")
    return TITLES.get(part) or Text(f"폴더 {plain}", f"folder {plain}")
