"""COPY in and out: names are quoted, nothing is interpreted, NULL and the empty text stay apart."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection, transaction

from numaru.kernel import bulk

pytestmark = pytest.mark.django_db
NASTY = ["", "a,b", 'say "hi"', "two\nlines", "\\N", "100 % 's", "{x}", "김하늘", "\\."]


@pytest.fixture(autouse=True)
def odd_table(db: None) -> str:
    with connection.cursor() as cursor:
        cursor.execute('CREATE TEMP TABLE "Odd ""name""" (id int, "the text" text, n numeric(18,6)) ON COMMIT DROP')
    return 'Odd "name"'


def stored() -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute('SELECT "the text", n FROM "Odd ""name""" ORDER BY id')
        return cursor.fetchall()


def test_rows_arrive_as_they_are_and_are_counted(odd_table: str) -> None:
    rows = [(i, text, Decimal("0.000001")) for i, text in enumerate(NASTY)] + [(99, None, None)]
    assert bulk.copy_rows(odd_table, ["id", "the text", "n"], rows) == len(rows)
    assert stored() == [(t, Decimal("0.000001")) for t in NASTY] + [(None, None)]


def test_a_file_keeps_null_and_empty_apart(odd_table: str) -> None:
    bulk.copy_file(odd_table, ["id", "the text", "n"], io.BytesIO(b'1,,1.5\n2,"",\n3,"a ""b""\nc",2\n'))
    assert stored() == [(None, Decimal("1.500000")), ("", None), ('a "b"\nc', Decimal("2.000000"))]


def test_rows_belong_to_the_transaction_around_them(odd_table: str) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        bulk.copy_rows(odd_table, ["id"], [(1,)])
        raise ZeroDivisionError
    assert stored() == []


def test_what_is_written_out_reads_back(odd_table: str, tmp_path: Path) -> None:
    bulk.copy_rows(odd_table, ["id", "the text", "n"], [(i, text, i) for i, text in enumerate(NASTY)])
    target = tmp_path / "out.csv"
    bulk.copy_out('SELECT id, "the text", n FROM "Odd ""name""" WHERE "the text" <> %s AND id < %s ORDER BY id', ["100 % 's", 6], target)
    assert target.read_bytes().startswith(b"id,the text,n\n")
    with connection.cursor() as cursor:
        cursor.execute('DELETE FROM "Odd ""name"""')
    with target.open("rb") as source:
        source.readline()
        bulk.copy_file(odd_table, ["id", "the text", "n"], source)
    assert [t for t, _ in stored()] == NASTY[:5]


def test_batches_cover_everything_once() -> None:
    assert [list(b) for b in bulk.batches([1, 2, 3, 4, 5], 2)] == [[1, 2], [3, 4], [5]]
    assert list(bulk.batches([], 3)) == []
