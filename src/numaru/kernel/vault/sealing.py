"""Sealing and opening: AES-256-GCM under a data key per person, each wrapped by the master key (MODEL §7).

A sealed value is bound to its person, kind and version: moved to another row it does not open. What is known of one person's key tells
nothing of another's.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from struct import Struct

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import transaction

from numaru.kernel import bulk, clock
from numaru.kernel.vault import ring
from numaru.kernel.vault.models import PersonKey, VaultEntry

BLOCK = 5_000  # people that are sealed between two writes to COPY
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_KEY_ROW = Struct(">hiqi16si60s")  # three fields, each behind its length: person, master, wrapped


def label(person: int, kind: str, version: int = 1) -> bytes:
    return f"{person}:{kind}".encode() if version == 1 else f"{person}:{kind}:{version}".encode()


@cache
def _entry_row(kind: bytes, length: int) -> Struct:
    """A row of vault_entry in COPY's binary form: person, kind, version, sealed, at."""
    return Struct(f">hiqi{len(kind)}sihi{length}siq")


def write_new(people: Iterable[tuple[int, Mapping[str, str]]]) -> int:
    """Seal the first values of new people (id, values by kind) and COPY them; returns how many people. Empty values are nobody's.

    A part of a room's action: the caller's transaction. Memory is that of one block, whatever the number.
    """
    at = int((clock.now() - _EPOCH).total_seconds() * 1_000_000)
    count = 0
    chunk: list[tuple[int, Mapping[str, str]]] = []
    for one in people:
        if one[1]:
            chunk.append(one)
        if len(chunk) >= 50_000:
            count += _copy(chunk, at)
            chunk = []
    return count + (_copy(chunk, at) if chunk else 0)


def _copy(people: list[tuple[int, Mapping[str, str]]], at: int) -> int:
    entries: list[bytes] = []

    def keys() -> Iterator[bytes]:
        for part in bulk.batches(people, BLOCK):
            sealed, values = seal(part, at)
            entries.append(values)
            yield sealed

    bulk.copy_binary("keys.person_key", ["person", "master", "wrapped"], keys())
    bulk.copy_binary("vault_entry", ["person", "kind", "version", "sealed", "at"], entries)
    return len(people)


def seal(people: Iterable[tuple[int, Mapping[str, str]]], at: int) -> tuple[bytes, bytes]:
    """Rows of person_key and of vault_entry, finished for COPY. Pure of the database."""
    master = ring.current()
    wrapper, name = AESGCM(ring.derived(master, b"wrap")), ring.name_of(master).encode()
    people = list(people)
    random = os.urandom(len(people) * 44 + sum(len(values) for _, values in people) * 12)  # keys and nonces, each used once
    keys: list[bytes] = []
    entries: list[bytes] = []
    place = 0
    wrap, pack_key = wrapper.encrypt, _KEY_ROW.pack
    for person, values in people:
        key, nonce = random[place : place + 32], random[place + 32 : place + 44]
        place += 44
        who = b"%d:" % person
        keys.append(pack_key(3, 8, person, 16, name, 60, nonce + wrap(nonce, key, who + b"key")))
        close = AESGCM(key).encrypt
        for kind, value in values.items():
            nonce = random[place : place + 12]
            place += 12
            word = kind.encode()
            sealed = nonce + close(nonce, value.encode(), who + word)
            length = len(sealed)
            entries.append(_entry_row(word, length).pack(5, 8, person, len(word), word, 2, 1, length, sealed, 8, at))
    return b"".join(keys), b"".join(entries)


def _box(row: PersonKey) -> AESGCM:
    return AESGCM(ring.unwrap(bytes(row.wrapped), label(row.person, "key"), row.master))


def put(person: int, kind: str, value: str) -> int:
    """Seal a new version of one value and return its version; earlier ones stay. Locks the person's key row; makes the key where there is none."""
    with transaction.atomic():
        row = PersonKey.objects.select_for_update().filter(person=person).first()
        if row is None:
            wrapped = ring.wrap(AESGCM.generate_key(256), label(person, "key"))
            PersonKey.objects.bulk_create([PersonKey(person=person, master=ring.master_id(), wrapped=wrapped)], ignore_conflicts=True)
            row = PersonKey.objects.select_for_update().get(person=person)
        last = VaultEntry.objects.filter(person=person, kind=kind).order_by("-version").values_list("version", flat=True).first()
        version = (last or 0) + 1
        nonce = os.urandom(12)
        sealed = nonce + _box(row).encrypt(nonce, value.encode(), label(person, kind, version))
        VaultEntry.objects.create(person=person, kind=kind, version=version, sealed=sealed, at=clock.now())
    return version


def latest_version(person: int, kind: str) -> int | None:
    """The version that a document written now is issued with; None when nothing of that kind is known."""
    return VaultEntry.objects.filter(person=person, kind=kind).order_by("-version").values_list("version", flat=True).first()


@dataclass(frozen=True, slots=True)
class Opened:
    person: int
    values: dict[str, str]  # the latest of each kind


def read(person: int, kind: str, version: int | None = None) -> str | None:
    """The plain value, the latest or that ``version``; None when there is none or the person was destroyed. Leaves no trace: only for what
    puts the opening on record itself."""
    found = VaultEntry.objects.filter(person=person, kind=kind)
    entry = (found.filter(version=version) if version is not None else found.order_by("-version")).first()
    row = PersonKey.objects.filter(person=person).first()
    if entry is None or row is None:
        return None
    sealed = bytes(entry.sealed)
    return _box(row).decrypt(sealed[:12], sealed[12:], label(person, kind, entry.version)).decode()


def read_many(persons: Collection[int], kinds: Collection[str]) -> Iterator[Opened]:
    """The latest values of many people, in the order of their ids; those without a key are left out. Two questions for all. Leaves no trace:
    only for what puts the openings on record itself, and for rotation, which shows them to nobody."""
    keys = list(PersonKey.objects.filter(person__in=persons).order_by("person"))
    rows = VaultEntry.objects.filter(person__in=persons, kind__in=kinds).order_by("person", "kind", "version")
    sealed: dict[int, dict[str, tuple[int, bytes]]] = {}
    for person, kind, version, value in rows.values_list("person", "kind", "version", "sealed"):
        sealed.setdefault(person, {})[kind] = (version, bytes(value))
    for key in keys:
        mine = sealed.get(key.person, {})
        box = _box(key) if mine else None
        values = {
            kind: box.decrypt(value[:12], value[12:], label(key.person, kind, version)).decode()
            for kind, (version, value) in mine.items()
            if box
        }
        yield Opened(key.person, values)


def forget(persons: Collection[int]) -> int:
    """Delete the keys and the sealed values of ``persons``; returns how many keys there were. Nothing opens them again in live data; backups
    hold them until their own end. A part of the action that destroys."""
    gone, _ = PersonKey.objects.filter(person__in=persons).delete()
    VaultEntry.objects.filter(person__in=persons).delete()
    return gone
