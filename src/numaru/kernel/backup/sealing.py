"""Sealing of backups: age (X25519, ChaCha20-Poly1305), streaming, in constant memory. The house keeps the public half; the identity opens.

Sealed to whom: ``NUMARU_BACKUP_RECIPIENT`` (one or more, by commas), else the public half of a pair made at first use in
``keys/backup-identity`` of the home. Whoever holds only the recipient can back up but not read: keep the identity elsewhere.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pyrage
from pyrage import x25519

from numaru.kernel.errors import Conflict, Invalid
from numaru.kernel.keyfile import read_or_make
from numaru.values.text import Text

IDENTITY = "backup-identity"  # in the folder keys of the home
BLOCK = 1 << 20


class Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class Writable(Protocol):
    def write(self, data: bytes, /) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed part: sha256 and size of what lies in the folder, and of what was put into it."""

    sha256: str
    bytes: int
    plain_sha256: str
    plain_bytes: int


class Counting:
    """A reader or writer that hashes and counts what passes. ``failed`` keeps what the inner one raised: the library tells it in words only."""

    def __init__(self, inner: object) -> None:
        self._inner: Any = inner
        self._digest = hashlib.sha256()
        self.count = 0
        self.failed: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            data: bytes = self._inner.read(size)
        except BaseException as error:
            self.failed = error
            raise
        self._digest.update(data)
        self.count += len(data)
        return data

    def write(self, data: bytes) -> int:
        try:
            self._inner.write(data)
        except BaseException as error:
            self.failed = error
            raise
        self._digest.update(data)
        self.count += len(data)
        return len(data)

    def flush(self) -> None:
        flush = getattr(self._inner, "flush", None)
        if flush:
            flush()

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()


class Nowhere:
    """Takes everything and keeps nothing."""

    def write(self, data: bytes) -> int:
        return len(data)

    def flush(self) -> None:
        return None


def pair(home: Path) -> tuple[x25519.Identity, bool]:
    """The identity of the home and whether this call made it."""
    path = home / "keys" / IDENTITY
    fresh = not path.exists()
    text = read_or_make(path, lambda: str(x25519.Identity.generate()))
    return _identity(text, path), fresh


def recipients(home: Path) -> tuple[list[x25519.Recipient], bool]:
    """To whom backups are sealed, and whether a pair had to be made for it just now. Raises Invalid for a recipient that is none."""
    given = [one.strip() for one in os.environ.get("NUMARU_BACKUP_RECIPIENT", "").split(",") if one.strip()]
    if not given:
        identity, fresh = pair(home)
        return [identity.to_public()], fresh
    try:
        return [x25519.Recipient.from_str(one) for one in given], False
    except pyrage.RecipientError as error:
        raise Invalid.because(
            "backup.recipient",
            Text("NUMARU_BACKUP_RECIPIENT가 age 수신자(age1…)가 아닙니다.", "NUMARU_BACKUP_RECIPIENT is not an age recipient (age1…)."),
            Text("age-keygen이 알려 준 age1…을 적으십시오.", "Write the age1… that age-keygen printed."),
        ) from error


def identity_file(home: Path | None = None, given: Path | None = None) -> Path | None:
    """Where the identity is: the file named, NUMARU_BACKUP_IDENTITY, or the home's own; None when there is none."""
    named = given or (Path(os.environ["NUMARU_BACKUP_IDENTITY"]) if os.environ.get("NUMARU_BACKUP_IDENTITY") else None)
    if named is not None:
        return named
    own = home / "keys" / IDENTITY if home else None
    return own if own is not None and own.exists() else None


def read_identity(path: Path) -> list[x25519.Identity]:
    """The identities in a file: lines AGE-SECRET-KEY-…, comments allowed, as age-keygen writes them. Raises Invalid for none."""
    try:
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError):
        lines = []
    found = [_identity(line.strip(), path) for line in lines if line.strip().startswith("AGE-SECRET-KEY-")]
    if not found:
        raise _no_identity(path)
    return found


def _identity(text: str, path: Path) -> x25519.Identity:
    try:
        return x25519.Identity.from_str(text.splitlines()[-1].strip())
    except (pyrage.IdentityError, IndexError) as error:
        raise _no_identity(path) from error


def _no_identity(path: Path) -> Invalid:
    found = Invalid.because(
        "backup.identity",
        Text("{p}에 백업을 여는 열쇠(AGE-SECRET-KEY-…)가 없습니다.", "{p} holds no identity (AGE-SECRET-KEY-…) that opens backups.").fill(p=path),
        Text("백업할 때의 keys/backup-identity를 --identity로 주십시오.", "Give the keys/backup-identity of the time of the backup by --identity."),
    )  # fmt: skip
    assert isinstance(found, Invalid)
    return found


def seal(source: Readable, target: Path, to: Sequence[x25519.Recipient]) -> Sealed:
    """Seal a stream into the new file ``target``, synced to the disk on return. Constant memory."""
    plain = Counting(source)
    with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb", buffering=BLOCK) as file:
        cipher = Counting(file)
        try:
            pyrage.encrypt_io(plain, cipher, list(to))
        except Exception as error:
            raise plain.failed or cipher.failed or error from None
        file.flush()
        os.fsync(file.fileno())
    return Sealed(cipher.sha256, cipher.count, plain.sha256, plain.count)


class WrongIdentity(Conflict):
    """The identity given is not one that the backup was sealed to."""


class Damaged(Conflict):
    """A part is not what was written."""

    @classmethod
    def part(cls, name: str, ko: str, en: str) -> Damaged:
        found = cls.because(
            "backup.damaged",
            Text("백업의 ‘{p}’ 부분이 {ko}.", "The part “{p}” of the backup {en}.").fill(p=name, ko=ko, en=en),
            Text("다른 백업을 쓰십시오. 이 백업은 되돌리지 않습니다.", "Use another backup; this one is not restored."),
            value=name,
        )
        assert isinstance(found, Damaged)
        return found


def unseal(source: Path, target: Writable, identities: Sequence[x25519.Identity], name: str = "") -> tuple[str, int]:
    """Open ``source`` into ``target``; returns sha256 and size of what came out. Raises WrongIdentity, or Damaged naming the part.

    What ``target`` raises comes through as it is. Bytes that were written before damage is noticed are good ones: age vouches for each 64 KiB.
    """
    out = Counting(target)
    try:
        with source.open("rb", buffering=BLOCK) as file:
            pyrage.decrypt_io(file, out, list(identities))
    except pyrage.DecryptError as error:
        if out.failed:
            raise out.failed from None
        if "No matching keys" in str(error):
            raise WrongIdentity.because(
                "backup.wrong_identity",
                Text("이 열쇠로는 백업이 열리지 않습니다.", "This identity does not open the backup."),
                Text("백업할 때의 열쇠를 --identity로 주십시오.", "Give the identity of the time of the backup by --identity."),
            ) from None
        raise Damaged.part(name or source.name, "손상되었습니다", "is damaged") from None
    except OSError as error:
        if out.failed:
            raise out.failed from None
        if error.errno is None:
            raise Damaged.part(name or source.name, "손상되었거나 잘렸습니다", "is damaged or cut short") from None
        raise
    return out.sha256, out.count


def hash_file(path: Path) -> tuple[str, int]:
    """sha256 and size of a file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return digest, file.tell()
