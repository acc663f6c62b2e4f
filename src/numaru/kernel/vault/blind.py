"""Blind tokens: HMAC-SHA256 of a normal form under the blind-index key, cut to 63 bits, so that an exact search opens nothing.

While the blind-index key is rotated a search asks under both keys; a writer holds the shared lock to its commit, so that every row is
either written under the new key or seen by the rotation.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from django.db import connection

from numaru.kernel.vault import ring

LOCK = 0x4E4D_0B11  # advisory: shared by who writes tokens, alone for who changes the key
KEPT = 65_536  # tokens of values of few that one process keeps ready
_INNER, _OUTER = bytes(b ^ 0x36 for b in range(256)), bytes(b ^ 0x5C for b in range(256))


class Blind:
    """Makes tokens under one version of the key."""

    def __init__(self, version: int, key: bytes) -> None:
        self.version = version
        padded = key.ljust(64, b"\0")
        self._inner, self._outer = sha256(padded.translate(_INNER)), sha256(padded.translate(_OUTER))
        self._kinds: dict[str, Any] = {}
        self._ready: dict[tuple[str, str], int] = {}

    def token(self, kind: str, value: str) -> int:
        """63 bits, equal for equal values of the same kind, telling nothing else. HMAC with its keyed halves kept ready."""
        begun = self._kinds.get(kind)
        if begun is None:
            begun = self._kinds[kind] = self._inner.copy()
            begun.update(kind.encode() + b"\0")
        inner = begun.copy()
        inner.update(value.encode())
        outer = self._outer.copy()
        outer.update(inner.digest())
        return int.from_bytes(outer.digest()[:8], "big") >> 1

    def common(self, kind: str, value: str) -> int:
        """:meth:`token` of a value of which there are few (last four digits, initials): most people of a set share theirs with others."""
        found = self._ready.get((kind, value))
        if found is None:
            if len(self._ready) >= KEPT:
                self._ready.clear()
            found = self._ready[kind, value] = self.token(kind, value)
        return found

    def tokens(self, values: Iterable[tuple[str, str]]) -> list[int]:
        return sorted({self.token(kind, value) for kind, value in values})


@functools.lru_cache(16)
def _of(version: int, key: bytes) -> Blind:
    return Blind(version, key)


def writing() -> Blind:
    """The key under which new tokens are written. Takes the shared lock until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [LOCK])
    return asking()[0]


def asking() -> list[Blind]:
    """Every key under which rows may stand, the one in force first."""
    return [_of(v.version, v.key) for v in ring.house("blind")]


def token(kind: str, value: str) -> int:
    """The token under the key in force."""
    return asking()[0].token(kind, value)


def tokens(values: Iterable[tuple[str, str]]) -> list[int]:
    """The tokens of ``values`` under every key that is asked: what a search overlaps with."""
    wanted = list(values)
    return sorted({one.token(kind, value) for one in asking() for kind, value in wanted})


def marks(values: Iterable[tuple[str, str]]) -> list[int]:
    """Keyed hashes that must stay the same for good (an imported row compared with an earlier one). Their key is never rotated."""
    first = ring.house("mark")[-1]
    return _of(-first.version, first.key).tokens(values)
