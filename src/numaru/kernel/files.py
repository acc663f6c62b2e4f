"""The file store behind a port: what is kept outside the database. The driver is chosen in config; the shipped one is a folder."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, Protocol, runtime_checkable

from django.conf import settings

from numaru.kernel import ports


@runtime_checkable
class FileStore(Protocol):
    """Files by key (``imports/12/source.csv``). A put is whole or absent: a reader never sees half a file."""

    def put(self, key: str, content: BinaryIO) -> str:
        """Store and return the sha256 (hex). Replaces what was there."""
        ...

    def open(self, key: str) -> BinaryIO:
        """Raises FileNotFoundError."""
        ...

    def local(self, key: str) -> Path:
        """A path on this machine with the file's content (fetched first where the store is elsewhere)."""
        ...

    def delete(self, key: str) -> None: ...

    def exists(self, key: str) -> bool: ...


def store() -> FileStore:
    return ports.get(FileStore)  # type: ignore[type-abstract]


def work_dir(*parts: str) -> Path:
    """A folder of this machine for the pieces of one job, under NUMARU_HOME/work; made when absent, never a place of record."""
    folder: Path = settings.HOME.joinpath("work", *parts)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
