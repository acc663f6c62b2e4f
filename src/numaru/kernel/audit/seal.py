"""The sealer: takes what was committed since its last pass, gives each row the next position, and closes a block (MODEL §8).

Ids are taken before commit, so a lower id may appear after a higher one. A row is sealed when it is seen, whatever its id; an id counts as
settled only when every transaction that could still bring it is over: those that held a lock for writing the table, and those with a number
of their own, when the id was the highest. Below the settled mark nothing can appear any more by an action: verify names it *inserted*.
"""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from numaru.kernel import clock, faults
from numaru.kernel.audit import head as heads
from numaru.kernel.audit.chain import START, block_hash, head_of, last
from numaru.kernel.audit.models import Block
from numaru.kernel.audit.sources import FORM, SOURCES, Source

log = logging.getLogger(__name__)
LOCK = 0x4E4D_5EA1  # advisory lock: one sealer at a time, whatever the number of workers


class ChainBroken(Exception):
    """The database and the head outside it do not agree: nothing is sealed on top until a person has looked."""


@dataclass(slots=True)
class _Candidate:
    """Ids up to which everything is settled once ``holders`` (transactions by virtual number) are over."""

    upto: dict[str, int]
    holders: set[str]


@dataclass(slots=True)
class Sealer:
    """One pass after another; remembers between passes which ids wait to be settled. Forgetting that costs only time."""

    _waiting: _Candidate | None = None
    _settled: dict[str, int] = field(default_factory=dict)
    _more: bool = False  # the last block held a full share of a source: there may be more

    def once(self) -> int:
        """Seal up to 10,000 rows into one block and return how many. 0 when there is nothing, or when another sealer is at work.

        Raises :class:`ChainBroken`. The block is committed before the head outside is written: a kill in between leaves a head that is an
        ancestor of the chain, which the next pass mends.
        """
        self._more = False
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
            if not cursor.fetchone()[0]:
                return 0
        try:
            return self._pass()
        finally:
            if connection.connection is not None and connection.is_usable():
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])

    def _pass(self) -> int:
        with transaction.atomic():
            before = last()
            agree(before)
            self._look()
            made = self._block(before)
        faults.point("audit.sealed")
        if made is not None:
            heads.write(head_of(made))
            return made.last - made.first + 1
        if before is not None:
            heads.write(head_of(before))  # mends a head that a kill left behind; the same number is not written again
        return 0

    def all(self) -> int:
        """Seal what there is when it begins, in as many blocks as it takes, and return how many rows."""
        done = self.once()
        while self._more:
            done += self.once()
        return done

    def _look(self) -> None:
        """Settle the ids whose transactions are over, then note how far ids have gone and who is still writing."""
        tables = [s.table for s in SOURCES.values()]
        highest = ", ".join(f"(SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence('{t}', 'id')::regclass), 0))" for t in tables)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {highest}")
            upto = dict(zip(SOURCES, cursor.fetchone(), strict=True))
            cursor.execute(  # after the ids: who has taken one of them by now holds a lock for writing, or has a transaction number
                "SELECT virtualtransaction FROM pg_locks l WHERE l.pid <> pg_backend_pid() AND (l.locktype = 'relation'"
                " AND l.relation = ANY(%s::regclass[]) AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
                " AND l.mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')"
                " OR l.locktype = 'transactionid' AND l.mode = 'ExclusiveLock'"
                " AND l.pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database()))",
                [tables],
            )
            holders = {row[0] for row in cursor.fetchall()}
        waiting = self._waiting
        if waiting is not None and not (waiting.holders & holders):
            self._settled = waiting.upto
            waiting = None
        self._waiting = waiting or _Candidate(upto, holders)

    def _block(self, before: Block | None) -> Block | None:
        low = {key: max(int(before.marks[key]) if before else 0, 0) for key in SOURCES}
        fresh = _fresh(low)
        if not fresh:
            return None
        start = before.last if before else 0
        count = sum(len(ids) for ids in fresh.values())
        seals = _insert(fresh, start, count)
        marks = {}
        for key, source in SOURCES.items():
            ids, settled = fresh.get(key, []), max(low[key], self._settled.get(key, 0))
            full = len(ids) >= source.share  # what is beyond waits
            marks[key] = max(low[key], min(settled, ids[-1])) if full else settled
            self._more = self._more or full
        number, chain = (before.number + 1, before.chain) if before else (1, secrets.token_hex(16))
        at = clock.now()
        previous = bytes(before.hash) if before else START
        digest = block_hash(chain, number, FORM, start + 1, start + count, at, marks, previous, seals)
        return Block.objects.create(
            number=number, chain=chain, form=FORM, first=start + 1, last=start + count, at=at, marks=marks, previous=previous, hash=digest
        )


def unsealed(source: Source) -> str:
    """SQL that is true for a row ``x`` beyond the mark (a parameter) without a seal. The mark bounds both sides, so that what is looked at
    does not grow with the chain, whatever the planner knows of it."""
    return f"NOT EXISTS (SELECT 1 FROM audit_seal a WHERE a.source = '{source.key}' AND a.row > %s AND a.row = x.id)"


def _fresh(low: dict[str, int]) -> dict[str, list[int]]:
    """The ids to seal next, per source in order, at most its share; sources without any are left out. One query by index."""
    parts = " UNION ALL ".join(
        f"SELECT '{s.key}', array_agg(id ORDER BY id) FROM (SELECT x.id FROM {s.table} x WHERE x.id > %s AND {unsealed(s)}"
        f" ORDER BY x.id LIMIT {s.share}) t HAVING count(*) > 0"
        for s in SOURCES.values()
    )
    with connection.cursor() as cursor:
        cursor.execute(parts, [mark for key in SOURCES for mark in (low[key], low[key])])
        return dict(cursor.fetchall())


def _insert(fresh: dict[str, list[int]], start: int, count: int) -> bytes:
    """Seal the rows at the positions after ``start``, source after source, and return their hashes in order."""
    hashed, values, at = [], list[Any](), start
    for key, ids in fresh.items():
        s = SOURCES[key]
        hashed.append(
            f"SELECT p.position, '{key}'::text, x.id, h.payload, {s.row_hash('x', 'p.position', 'h.payload')}"
            f" FROM (SELECT %s + turn AS position, id FROM unnest(%s::bigint[]) WITH ORDINALITY u(id, turn)) p"
            f" JOIN {s.table} x ON x.id = p.id AND x.id BETWEEN %s AND %s CROSS JOIN LATERAL (SELECT {s.payload_hash('x')} AS payload) h"
        )
        values += [at, ids, ids[0], ids[-1]]
        at += len(ids)
    statement = (
        f"WITH kept AS (INSERT INTO audit_seal (position, source, row, payload, hash) {' UNION ALL '.join(hashed)} RETURNING position, hash)"
        " SELECT count(*), string_agg(hash, ''::bytea ORDER BY position) FROM kept"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        sealed, seals = cursor.fetchone()
    if sealed != count:
        raise ChainBroken(f"{count - sealed} rows went while they were sealed")
    return bytes(seals)


def agree(block: Block | None) -> None:
    """Raise :class:`ChainBroken` unless the head outside is the last block or one of its ancestors. No head and no block agree."""
    there = heads.read()
    if there is None:
        if block is not None and (block.number > 1 or heads.began()):  # a kill before the very first head leaves neither head nor journal
            raise ChainBroken("the head outside the database is gone")
        return
    if block is None or there.number > block.number:
        raise ChainBroken(f"the head outside is at block {there.number}, the database at {block.number if block else 0}")
    same = block if there.number == block.number else Block.objects.filter(number=there.number).first()
    if same is None or same.chain != there.chain or bytes(same.hash).hex() != there.hash:
        raise ChainBroken(f"block {there.number} is not the one that the head outside names")


def agree_now() -> None:
    """Raise :class:`ChainBroken` when the chain and the head outside do not agree at this moment."""
    agree(last())


def lag() -> tuple[int, float]:
    """How many committed rows wait to be sealed, and for how many seconds the oldest has. Two queries; by index beyond the mark."""
    block = last()
    marks = block.marks if block else {}
    parts = " UNION ALL ".join(
        f"SELECT count(*) AS n, min(x.at) AS oldest FROM {s.table} x WHERE x.id > %s AND {unsealed(s)}" for s in SOURCES.values()
    )
    low = {key: int(marks.get(key, 0)) for key in SOURCES}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT sum(n), min(oldest) FROM ({parts}) t", [mark for key in SOURCES for mark in (low[key], low[key])])
        n, oldest = cursor.fetchone()
    return int(n), max(0.0, (clock.now() - oldest).total_seconds()) if oldest else 0.0
