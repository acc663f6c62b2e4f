"""Numbers people see have no gap, blocks never overlap, and ids for COPY are consecutive whatever others do."""

from __future__ import annotations

import functools
import itertools
import operator
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, transaction

from numaru.kernel import numbering
from numaru.kernel.models import Series


def alongside[T](count: int, work: Callable[[int], T]) -> list[T]:
    """Call ``work`` in ``count`` threads with connections of their own, all at once."""
    gate = threading.Barrier(count)

    def one(n: int) -> T:
        try:
            gate.wait(10)
            return work(n)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_each_number_once_and_a_rollback_gives_it_back() -> None:
    def take(n: int) -> list[int]:
        got = []
        for i in range(8):
            try:
                with transaction.atomic():
                    number = numbering.take("INV-2026")
                    if (n + i) % 4 == 0:
                        raise ZeroDivisionError
                    got.append(number)
            except ZeroDivisionError:
                pass
        return got

    numbers = sorted(functools.reduce(operator.iadd, alongside(4, take), []))
    assert numbers == list(range(1, 25))  # 32 takes, eight given back
    assert Series.objects.get(name="INV-2026").last == 24
    with transaction.atomic():
        assert numbering.take("INV-2027") == 1


@pytest.mark.django_db
def test_blocks_of_a_series_never_overlap() -> None:
    numbering.reserve("R2026-10", 1, 100, "run:a")
    numbering.reserve("R2026-10", 101, 50, "run:b")
    numbering.reserve("R2026-11", 50, 10, "run:c")
    numbering.reserve("R2026-10", 1, 0, "an empty run")
    for first, count in ((100, 1), (1, 1), (150, 1), (90, 1000)):
        with pytest.raises(IntegrityError), transaction.atomic():
            numbering.reserve("R2026-10", first, count, "run:x")


@pytest.mark.django_db(transaction=True)
def test_blocks_of_ids_are_consecutive_and_apart_even_when_many_draw_at_once() -> None:
    firsts = alongside(4, lambda _: [numbering.ids("parties_party", 2_000) for _ in range(5)])
    blocks = sorted(functools.reduce(operator.iadd, firsts, []))
    assert len(blocks) == 20
    assert all(b - a >= 2_000 for a, b in itertools.pairwise(blocks))


@pytest.mark.django_db(transaction=True)
def test_a_block_is_found_while_others_insert_single_rows() -> None:
    ended = threading.Event()

    def draw(n: int) -> list[int]:
        if n == 0:
            try:
                return [numbering.ids("parties_party", 500) for _ in range(10)]
            finally:
                ended.set()
        drawn = []
        while not ended.is_set() and len(drawn) < 2_000:
            with connection.cursor() as cursor:
                cursor.execute("SELECT nextval(pg_get_serial_sequence('parties_party', 'id'))")
                drawn.append(cursor.fetchone()[0])
            ended.wait(0.002)
        return drawn

    blocks, singles = alongside(2, draw)
    owned = {n for first in blocks for n in range(first, first + 500)}
    assert len(owned) == 5_000 and not owned & set(singles)


@pytest.mark.django_db
def test_drawing_ids_holds_no_lock_afterwards() -> None:
    first = numbering.ids("parties_party", 10)
    assert numbering.ids("parties_party", 10) >= first + 10
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND classid::bigint = %s",
            [numbering.LOCK],
        )
        assert cursor.fetchone()[0] == 0
    with pytest.raises(ValueError, match="positive"):
        numbering.ids("parties_party", 0)
