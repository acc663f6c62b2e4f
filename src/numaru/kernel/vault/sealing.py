"""Sealing and opening: AES-256-GCM under a data key per person, each wrapped by the master key (MODEL §7).

A sealed value is bound to its person, kind and version: moved to another row it does not open. What is known of one person's key tells
nothing of another's.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import transaction

from numaru.kernel import bulk, clock
from numaru.kernel.vault import hands, ring
from numaru.kernel.vault.models import PersonKey, VaultEntry

BLOCK = 5_000  # people that are sealed between two writes to COPY
LARGE = 10_000  # people from whom on a second process seals
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def label(person: int, kind: str, version: int = 1) -> bytes:
    return f"{person}:{kind}".encode() if version == 1 else f"{person}:{kind}:{version}".encode()


class NewEntries:
    """The first values of new people (id, values by kind), being sealed. A large set is sealed in a second process meanwhile: begin it,
    do other work of the same transaction, then :meth:`write`. Memory is that of the set."""

    def __init__(self, people: Iterable[tuple[int, Mapping[str, str]]]) -> None:
        known = [one for one in people if one[1]]  # empty values are nobody's
        self.count = len(known)
        at = int((clock.now() - _EPOCH).total_seconds() * 1_000_000)
        master = ring.current()
        given = (ring.derived(master, b"wrap"), ring.name_of(master).encode())
        self._sealed: list[Callable[[], tuple[bytes, bytes]]] = []
        for part in bulk.batches(known, BLOCK):
            work = partial(hands.seal, *given, part, at)
            self._sealed.append(hands.Task(hands.seal, *given, part, at).result if self.count >= LARGE else work)

    def write(self) -> int:
        """COPY what was sealed; returns how many people. A part of a room's action: the caller's transaction."""
        if not self.count:
            return 0
        entries: list[bytes] = []

        def keys() -> Iterator[bytes]:
            for done in self._sealed:
                sealed, values = done()
                entries.append(values)
                yield sealed

        bulk.copy_binary("keys.person_key", ["person", "master", "wrapped"], keys())
        bulk.copy_binary("vault_entry", ["person", "kind", "version", "sealed", "at"], entries)
        self._sealed = []
        return self.count


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
