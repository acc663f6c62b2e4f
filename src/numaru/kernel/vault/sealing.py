"""Sealing of personal values: AES-256-GCM under a data key per person, each wrapped by the master key (MODEL §7).

The master key comes from NUMARU_MASTER_KEY (64 hex digits) or from ``keys/master`` in the home, made at first use. Blind tokens are
HMAC-SHA256 cut to 63 bits under a key derived from it, so that an exact search needs no opening.
"""

from __future__ import annotations

import functools
import hmac
import os
import secrets
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.keyfile import read_or_make
from numaru.kernel.vault.models import PersonKey, VaultEntry, VaultOpening


@functools.cache
def _master(home: Path) -> bytes:
    """32 bytes, those of ``home``. Raises RuntimeError for anything shorter or unreadable: sealing under half a key would look like safety."""
    given = os.environ.get("NUMARU_MASTER_KEY") or read_or_make(home / "keys" / "master", lambda: secrets.token_hex(32))
    try:
        key = bytes.fromhex(given)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise RuntimeError("the master key must be 64 hexadecimal digits; restore it from a backup")
    return key


@functools.cache
def _derived_in(home: Path, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, b"numaru", purpose).derive(_master(home))


def _derived(purpose: bytes) -> bytes:
    return _derived_in(settings.HOME, purpose)


def master_id() -> str:
    """A name for the master key in force: the first 16 hex digits of its hash."""
    return sha256(_derived(b"id")).hexdigest()[:16]


def _label(person: int, kind: str) -> bytes:
    return f"{person}:{kind}".encode()


def seal_all(people: Mapping[int, Mapping[str, str]]) -> tuple[list[tuple[int, str, bytes]], list[tuple[int, str, int, bytes]]]:
    """Seal the values of many new people: rows for PersonKey (person, master, wrapped) and VaultEntry (person, kind, version, sealed).

    Pure of the database, so that bulk verbs COPY the rows.
    """
    wrapper, name = AESGCM(_derived(b"wrap")), master_id()
    keys: list[tuple[int, str, bytes]] = []
    entries: list[tuple[int, str, int, bytes]] = []
    for person, values in people.items():
        key = AESGCM.generate_key(256)
        nonce = os.urandom(12)
        keys.append((person, name, nonce + wrapper.encrypt(nonce, key, _label(person, "key"))))
        box = AESGCM(key)
        for kind, value in values.items():
            nonce = os.urandom(12)
            entries.append((person, kind, 1, nonce + box.encrypt(nonce, value.encode(), _label(person, kind))))
    return keys, entries


def open_value(actor: Actor, person: int, kind: str, purpose: str, case_ref: str = "") -> str | None:
    """The plain value, having recorded who opened it and why. None when there is none or the person was destroyed.

    Raises ValueError without a purpose. The caller checks the permission.
    """
    if not purpose.strip():
        raise ValueError("a vault entry is opened for a purpose")
    entry = VaultEntry.objects.filter(person=person, kind=kind).order_by("-version").first()
    row = PersonKey.objects.filter(person=person).first()
    if entry is None or row is None:
        return None
    VaultOpening.objects.create(
        person=person,
        kind=kind,
        at=clock.now(),
        actor=f"{actor.kind}:{actor.name}",
        purpose=purpose.strip()[:200],
        case_ref=case_ref,
        staff=actor.staff_id,
        client=actor.id if actor.kind == "client" else None,
    )
    wrapped, sealed = bytes(row.wrapped), bytes(entry.sealed)
    key = AESGCM(_derived(b"wrap")).decrypt(wrapped[:12], wrapped[12:], _label(person, "key"))
    return AESGCM(key).decrypt(sealed[:12], sealed[12:], _label(person, kind)).decode()


def token(kind: str, value: str) -> int:
    """A blind token of ``value``: 63 bits, equal for equal values of the same kind, telling nothing else."""
    digest = hmac.digest(_derived(b"blind"), f"{kind}\0{value}".encode(), "sha256")
    return int.from_bytes(digest[:8], "big") >> 1


def tokens(values: Iterable[tuple[str, str]]) -> list[int]:
    return sorted({token(kind, value) for kind, value in values})
