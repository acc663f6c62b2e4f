"""Work with keys that needs no database, for this process and for a second one beside it: sealing a block of people, re-wrapping a block of keys.

The second process is started for large sets, knows nothing but what it is handed over its pipe, and ends after `IDLE` seconds without work.
What it is given and gives back is never on a disk or a command line.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from struct import Struct

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

IDLE = 60.0  # seconds
KEY_ROW = Struct(">hiqi16si60s")  # a row of person_key in COPY's binary form, three fields behind their lengths: person, master, wrapped
type Pairs = Sequence[tuple[int, Mapping[str, str]]]


@cache
def _entry_row(kind: bytes, length: int) -> Struct:
    """A row of vault_entry in COPY's binary form: person, kind, version, sealed, at."""
    return Struct(f">hiqi{len(kind)}sihi{length}siq")


def seal(wrapping: bytes, master: bytes, people: Pairs, at: int) -> tuple[bytes, bytes]:
    """Rows of person_key and of vault_entry, finished for COPY. ``wrapping`` wraps the new data keys, ``master`` is its id."""
    wrap, pack_key = AESGCM(wrapping).encrypt, KEY_ROW.pack
    random = os.urandom(len(people) * 44 + sum(len(values) for _, values in people) * 12)  # keys and nonces, each used once
    keys: list[bytes] = []
    entries: list[bytes] = []
    place = 0
    for person, values in people:
        key, nonce = random[place : place + 32], random[place + 32 : place + 44]
        place += 44
        who = b"%d:" % person
        keys.append(pack_key(3, 8, person, 16, master, 60, nonce + wrap(nonce, key, who + b"key")))
        close = AESGCM(key).encrypt
        for kind, value in values.items():
            nonce = random[place : place + 12]
            place += 12
            word = kind.encode()
            sealed = nonce + close(nonce, value.encode(), who + word)
            length = len(sealed)
            entries.append(_entry_row(word, length).pack(5, 8, person, len(word), word, 2, 1, length, sealed, 8, at))
    return b"".join(keys), b"".join(entries)


def rewrap(wrapping: Mapping[bytes, bytes], master: bytes, rows: bytes) -> bytes:
    """The rows of person_key in ``rows`` wrapped anew under ``master``; ``wrapping`` has its wrap key and those of the masters before, by id.
    Raises InvalidTag for a key that was tampered with."""
    opened = {name: AESGCM(key).decrypt for name, key in wrapping.items()}
    close, pack = AESGCM(wrapping[master]).encrypt, KEY_ROW.pack
    nonces = os.urandom(12 * (len(rows) // KEY_ROW.size))
    done: list[bytes] = []
    place = 0
    for _, _, person, _, was, _, wrapped in KEY_ROW.iter_unpack(rows):
        bound = b"%d:key" % person
        nonce = nonces[place : place + 12]
        place += 12
        done.append(pack(3, 8, person, 16, master, 60, nonce + close(nonce, opened[was](wrapped[:12], wrapped[12:], bound), bound)))
    return b"".join(done)


def _end_with_parent() -> None:
    """The second process holds keys: it does not outlive the first, however that ends."""
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


class Beside:
    """One second process, started when it is first wanted."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None
        self._end: threading.Timer | None = None

    def begin[*G, R](self, work: Callable[[*G], R], *given: *G) -> Future[R] | None:
        """Begin ``work(*given)`` beside this process. None where there is no second processor, or a process that may have no children."""
        if (os.cpu_count() or 1) < 2 or multiprocessing.current_process().daemon:
            return None
        with self._lock:
            if self._end:
                self._end.cancel()
            if self._pool is None:
                self._pool = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"), initializer=_end_with_parent)
            self._end = threading.Timer(IDLE, self.close)
            self._end.daemon = True
            self._end.start()
            try:
                return self._pool.submit(work, *given)
            except BrokenProcessPool:
                self._pool = None
                return None

    def close(self) -> None:
        """End the second process once its work is done."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool:
            pool.shutdown(wait=False)


beside = Beside()


class Task[*G, R]:
    """``work(*given)``, done beside this process where that is possible and else, or when the other was killed, here."""

    def __init__(self, work: Callable[[*G], R], *given: *G) -> None:
        self._work, self._given = work, given
        self._future = beside.begin(work, *given)

    def result(self) -> R:
        if self._future is not None:
            try:
                return self._future.result()
            except BrokenProcessPool:
                beside.close()
        return self._work(*self._given)
