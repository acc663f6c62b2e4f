"""The key ring: master keys by id, a key per purpose derived from each, and the house's own keys, wrapped and versioned.

A master key only wraps. What it wraps are the data keys of people and the keys of the house (blind index, free text, import marks); so a
new master changes no sealed value and no token, and the blind-index key is rotated on its own.
"""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass
from hashlib import sha256

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from numaru.kernel import clock
from numaru.kernel.vault.masters import masters
from numaru.kernel.vault.models import HouseKey, PersonKey

PURPOSES = ("blind", "mark", "text")  # tokens of values, marks of import rows, free text
FORMER_FROM = ("blind", "mark")  # in a house from before house keys these were derived from the master itself


@functools.lru_cache(256)
def derived(master: bytes, purpose: bytes) -> bytes:
    """32 bytes for one purpose; what is known of one tells nothing of another."""
    return HKDF(SHA256(), 32, b"numaru", purpose).derive(master)


@functools.lru_cache(256)
def name_of(master: bytes) -> str:
    """The id of a master key: the first 16 hex digits of a hash of what is derived from it."""
    return sha256(derived(master, b"id")).hexdigest()[:16]


@functools.lru_cache(256)
def _wrapper(master: bytes) -> AESGCM:
    return AESGCM(derived(master, b"wrap"))


def current() -> bytes:
    """The master key in force."""
    return masters().keys()[0]


def master_id() -> str:
    return name_of(current())


def known() -> dict[str, bytes]:
    """Every master key that can unwrap, by id; the one in force first."""
    return {name_of(key): key for key in masters().keys(anew=True)}


def known_ids() -> list[str]:
    """Ids of the master keys that can unwrap here, the one in force first."""
    return list(known())


def master_named(name: str) -> bytes:
    for anew in (False, True):
        for key in masters().keys(anew):
            if name_of(key) == name:
                return key
    raise RuntimeError(f"the master key {name} is not known here; restore it from a backup")


def wrap(key: bytes, label: bytes, master: bytes | None = None) -> bytes:
    nonce = os.urandom(12)
    return nonce + _wrapper(master or current()).encrypt(nonce, key, label)


def unwrap(wrapped: bytes, label: bytes, name: str) -> bytes:
    """Raises InvalidTag for what was tampered with or moved to another row, RuntimeError for an unknown master."""
    return _wrapper(master_named(name)).decrypt(wrapped[:12], wrapped[12:], label)


@dataclass(frozen=True, slots=True)
class Versioned:
    """A key of the house with the version under which its work is kept."""

    version: int
    key: bytes


@functools.lru_cache(64)
def _opened(wrapped: bytes, label: bytes, name: str) -> bytes:
    return unwrap(wrapped, label, name)


def label_of(purpose: str, version: int) -> bytes:
    return f"house:{purpose}:{version}".encode()


def house(purpose: str) -> list[Versioned]:
    """The keys of a purpose, the one in force first. One question to the database: another process may have rotated. Made at first use."""
    rows = _rows(purpose)
    if not rows:
        _make()
        rows = _rows(purpose)
    return [Versioned(r.version, _opened(bytes(r.wrapped), label_of(purpose, r.version), r.master)) for r in rows]


def _rows(purpose: str) -> list[HouseKey]:
    return list(HouseKey.objects.filter(purpose=purpose).order_by("-version"))


def _make() -> None:
    """The first keys of all purposes together. In a house that has sealed before, those under which it did so."""
    master, now = current(), clock.now()
    former = PersonKey.objects.exists()
    rows = []
    for purpose in PURPOSES:
        key = derived(master, b"blind") if former and purpose in FORMER_FROM else os.urandom(32)
        rows.append(
            HouseKey(purpose=purpose, version=1, master=name_of(master), wrapped=wrap(key, label_of(purpose, 1)), state="current", at=now)
        )
    HouseKey.objects.bulk_create(rows, ignore_conflicts=True)


def add(purpose: str) -> int:
    """A new random key in force for ``purpose``; returns its version. The former one stays until :func:`drop`."""
    version = house(purpose)[0].version + 1
    HouseKey.objects.filter(purpose=purpose).update(state="former")
    HouseKey.objects.create(
        purpose=purpose, version=version, master=master_id(), wrapped=wrap(os.urandom(32), label_of(purpose, version)), state="current",
        at=clock.now(),
    )  # fmt: skip
    return version


def drop_former(purpose: str) -> int:
    """Delete the former keys of ``purpose``; returns how many."""
    return HouseKey.objects.filter(purpose=purpose, state="former").delete()[0]
