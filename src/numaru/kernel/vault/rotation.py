"""Rotation of keys, resumable at every chunk: a new master re-wraps data keys, a new blind-index key renews tokens.

Both go on where they stopped: what is still to do is read from the rows themselves. While they run the house works as always.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from django.db import connection, transaction

from numaru.kernel import bulk
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Conflict
from numaru.kernel.faults import point
from numaru.kernel.jobs import Progress, Stopped
from numaru.kernel.registers import Register
from numaru.kernel.vault import blind, hands, ring
from numaru.kernel.vault.masters import masters
from numaru.kernel.vault.models import HouseKey, PersonKey
from numaru.kernel.vault.permissions import KEYS_ROTATE
from numaru.kernel.vault.sealing import LARGE
from numaru.values.text import Text

CHUNK = 50_000  # keys that are re-wrapped in one transaction
RENEWED = 5_000  # people whose tokens are renewed in one transaction
REWRAP, REINDEX = "vault.rewrap", "vault.reindex"


class BlindIndex(Protocol):
    """A table that carries blind tokens, as its room offers it for renewal."""

    name: Text

    def behind(self, version: int) -> int:
        """How many rows carry tokens of another version."""
        ...

    def renew(self, index: blind.Blind, after: int, limit: int) -> tuple[int, int]:
        """Renew up to ``limit`` rows behind, with ids above ``after``, in the caller's transaction: how many, and the last id (0: no more)."""
        ...


indexes: Register[BlindIndex] = Register("blind indexes")


@dataclass(frozen=True, slots=True)
class Status:
    """How the keys stand: the master in force, how many keys each master wraps, versions of the house's keys, and rows behind."""

    master: str
    known: tuple[str, ...]
    wrapped: dict[str, int]  # id of a master → data keys and house keys under it
    house: dict[str, tuple[int, ...]]  # purpose → versions, the one in force first
    behind: dict[str, int]  # blind index → rows whose tokens are of another version

    @property
    def unknown(self) -> tuple[str, ...]:
        """Masters that wrap something and are not known here: what they wrap cannot be opened."""
        return tuple(sorted(set(self.wrapped) - set(self.known)))

    @property
    def idle(self) -> tuple[str, ...]:
        """Former masters under which nothing stands any more."""
        return tuple(name for name in self.known[1:] if name not in self.wrapped)


def status() -> Status:
    known = tuple(ring.known())
    version = blind.asking()[0].version
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT master, sum(n)::bigint FROM (SELECT master, count(*) n FROM keys.person_key GROUP BY 1"
            " UNION ALL SELECT master, count(*) FROM keys.house_key GROUP BY 1) t GROUP BY 1 ORDER BY 1"
        )
        wrapped = {name: int(count) for name, count in cursor.fetchall()}
    house: dict[str, tuple[int, ...]] = {}
    for row in HouseKey.objects.order_by("purpose", "-version"):
        house[row.purpose] = (*house.get(row.purpose, ()), row.version)
    return Status(known[0], known, wrapped, house, {key: index.behind(version) for key, index in indexes})


@action(KEYS_ROTATE, reason=True)
def rotate_master(act: Act) -> str:
    """Put a new master key in force and return its id. What the former one wrapped is opened by it until :func:`rewrap` is done.

    Raises Conflict where the key comes from elsewhere (environment, command): it is rotated there.
    """
    ring.house("blind")  # keys of the house are made under the master that was in force before
    before = ring.master_id()
    if act.dry:
        act.effect(Text("새 마스터 키가 쓰입니다. 옛 키는 남습니다.", "A new master key is in force; the old one stays."))
        return before
    masters().rotate()
    after = ring.master_id()
    act.record("vault.master", after, before={"master": before}, after={"master": after})
    return after


def rewrap(progress: Progress | None = None, chunk: int = CHUNK) -> int:
    """Wrap every key under the master in force; returns how many were re-wrapped. Chunks of committed rows: killed at any point it goes on
    where it stopped. People who are destroyed meanwhile stay destroyed. Raises RuntimeError for a key whose master is not known here."""
    master = ring.current()
    name = ring.name_of(master)
    done = _rewrap_house(name)
    if progress:
        progress.begin()
        progress.stage("rewrap", total=PersonKey.objects.exclude(master=name).count())
    last = 0
    while True:
        with transaction.atomic():
            count, last = _rewrap_chunk(master, name, last, chunk)
        done += count
        point("vault.rewrap")
        if progress and count:
            _advance(progress, count)
        if not count:
            break
    if progress:
        progress.finish("done", rewrapped=done)
    return done


def _advance(progress: Progress, count: int) -> None:
    """One chunk further. Raises Stopped, the work set down as paused, when a person asked for it."""
    progress.advance(count)
    try:
        progress.check()
    except Stopped:
        progress.finish("paused")
        raise


def _rewrap_house(name: str) -> int:
    count = 0
    for row in HouseKey.objects.exclude(master=name):
        place = ring.label_of(row.purpose, row.version)
        row.wrapped, row.master = ring.wrap(ring.unwrap(bytes(row.wrapped), place, row.master), place), name
        row.save(update_fields=["wrapped", "master"])
        count += 1
    return count


def _rewrap_chunk(master: bytes, name: str, after: int, limit: int) -> tuple[int, int]:
    """Re-wrap the next keys above ``after``: read by COPY, written back by COPY and one UPDATE."""
    with bulk.raw().cursor() as cursor:
        query = (
            "COPY (SELECT person, master, wrapped FROM keys.person_key"
            f" WHERE person > {int(after)} AND master <> '{name}' ORDER BY person LIMIT {int(limit)}) TO STDOUT (FORMAT binary)"
        )
        with cursor.copy(query) as copy:  # type: ignore[call-overload]
            read = b"".join(copy)
    body = read[19:-2]
    if not body:
        return 0, 0
    size = hands.KEY_ROW.size
    count = len(body) // size
    masters_of = {row[4] for row in hands.KEY_ROW.iter_unpack(body)} | {name.encode()}
    given = ({was: ring.derived(ring.master_named(was.decode()), b"wrap") for was in masters_of}, name.encode())
    half = count // 2 * size if count >= LARGE else 0  # half of a large chunk is done in a second process
    aside = hands.Task(hands.rewrap, *given, body[:half]).result if half else None
    rows = [hands.rewrap(*given, body[half:])]
    if aside:
        rows.insert(0, aside())
    person = hands.KEY_ROW.unpack(body[-size:])[2]
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE IF NOT EXISTS rewrapped (person bigint, master varchar(16), wrapped bytea) ON COMMIT DELETE ROWS")
    bulk.copy_binary("rewrapped", ["person", "master", "wrapped"], rows)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE keys.person_key k SET master = r.master, wrapped = r.wrapped FROM rewrapped r WHERE k.person = r.person AND k.master <> r.master"
        )
    return count, person


@action(KEYS_ROTATE)
def note_rewrapped(act: Act, *, master: str, count: int) -> None:
    """Put on record that everything stands under ``master``."""
    act.record("vault.master", master, after={"rewrapped": count})


@action(KEYS_ROTATE, reason=True)
def retire_masters(act: Act, *, backups_gone: bool) -> list[str]:
    """Forget the former masters under which nothing stands; returns their ids. A kept backup still needs the masters of its day: raises
    Conflict unless the caller says that none is left, and when nothing can be retired."""
    idle = status().idle
    if not idle:
        raise Conflict.because(
            "vault.nothing_to_retire", Text("치울 수 있는 옛 키가 없습니다.", "There is no former key that could be retired."),
            Text("먼저 ./numaru keys rewrap을 끝까지 돌리십시오.", "Finish ./numaru keys rewrap first."),
        )  # fmt: skip
    if not backups_gone:
        raise Conflict.because(
            "vault.backups_need_it", Text("남은 백업은 그때의 마스터 키가 있어야 열립니다.", "Backups that are kept need the master keys of their day."),
            Text("옛 백업이 모두 지워졌으면 --backups-gone을 붙이십시오.", "Add --backups-gone when every older backup is deleted."),
        )  # fmt: skip
    if not act.dry:
        masters().retire(frozenset(ring.known()[name] for name in idle))
    act.record("vault.master", ring.master_id(), before={"retired": list(idle)})
    return list(idle)


@action(KEYS_ROTATE, reason=True)
def begin_reindex(act: Act) -> int:
    """Put a new blind-index key in force and return its version; searches ask both until :func:`finish_reindex`. Waits for the transactions
    that are writing tokens under the old one. Raises Conflict while an earlier rotation is unfinished."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [blind.LOCK])
    keys = blind.asking()
    if len(keys) > 1:
        raise Conflict.because(
            "vault.reindex_unfinished", Text("앞선 색인 키 교체가 끝나지 않았습니다.", "An earlier rotation of the blind index is unfinished."),
            Text("./numaru keys reindex로 마저 끝내십시오.", "Finish it: ./numaru keys reindex"),
        )  # fmt: skip
    version = ring.add("blind")
    act.record("vault.blind_index", str(version), before={"version": keys[0].version}, after={"version": version})
    return version


def reindex(progress: Progress | None = None, chunk: int = RENEWED) -> int:
    """Renew the tokens of every row behind the key in force; returns how many. Resumable as :func:`rewrap` is."""
    index = blind.asking()[0]
    if progress:
        progress.begin()
        progress.stage("reindex", total=sum(one.behind(index.version) for _, one in indexes))
    done = 0
    for _, one in indexes:
        last = 0
        while True:
            with transaction.atomic():
                count, last = one.renew(index, last, chunk)
            done += count
            point("vault.reindex")
            if progress and count:
                progress.advance(count)
                progress.check()
            if not last:
                break
    if progress:
        progress.finish("done", renewed=done)
    return done


@action(KEYS_ROTATE)
def finish_reindex(act: Act) -> int:
    """Drop the former blind-index keys; returns how many. Raises Conflict while a row still stands under one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [blind.LOCK])
    keys = blind.asking()
    behind = sum(one.behind(keys[0].version) for _, one in indexes)
    if behind:
        raise Conflict.because(
            "vault.rows_behind", Text("아직 옛 키의 토큰을 가진 행이 {n}개 있습니다.", "{n} rows still carry tokens of the old key.").fill(n=behind),
            Text("./numaru keys reindex를 다시 돌리십시오.", "Run ./numaru keys reindex again."),
        )  # fmt: skip
    dropped = ring.drop_former("blind")
    act.record("vault.blind_index", str(keys[0].version), after={"dropped": dropped})
    return dropped
