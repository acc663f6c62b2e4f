"""Bulk moves between PostgreSQL and files: COPY, never a row at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import psycopg
from django.db import connection
from psycopg import sql

CHUNK = 1 << 20
BINARY_HEAD, BINARY_FOOT = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})  # of a text column in COPY's lines
ROOMY = {"work_mem": "256MB", "maintenance_work_mem": "512MB", "max_parallel_workers_per_gather": "2", "jit": "off", "datestyle": "ISO"}


@contextmanager
def roomy() -> Iterator[None]:
    """Give the session the memory that sets of millions want, and take it back afterwards: connections are pooled."""
    with connection.cursor() as cursor:
        for name, value in ROOMY.items():
            cursor.execute(f"SET {name} = '{value}'")
    try:
        yield
    finally:
        if connection.connection is not None and connection.is_usable():
            with connection.cursor() as cursor:
                for name in ROOMY:
                    cursor.execute(f"RESET {name}")


def side_by_side[A, R](work: Callable[[A], R], items: Sequence[A]) -> list[R]:
    """``work`` for each item, two at once, each on a roomy connection of its own; in the order of ``items``.

    Only for what reads committed data, and agrees without sharing a snapshot. Inside a transaction one after another, on its connection.
    """
    if connection.in_atomic_block:
        return [work(item) for item in items]

    def apart(item: A) -> R:
        try:
            with roomy():
                return work(item)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(apart, items))


def raw() -> psycopg.Connection:
    """The psycopg connection under Django's, in Django's transaction."""
    connection.ensure_connection()
    found = connection.connection
    return cast(psycopg.Connection, getattr(found, "connection", found))


def identifier(name: str) -> sql.Composable:
    return sql.Identifier(*name.split("."))


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """COPY Python rows into ``table`` and return how many. For thousands; millions come as files (:func:`copy_file`)."""
    count = 0
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns)))
    with raw().cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
            count += 1
    return count


def copy_lines(table: str, columns: Sequence[str], blocks: Iterable[str]) -> None:
    """COPY finished lines of the text form into ``table``. The caller has escaped what :data:`ESCAPES` names."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns)))
    with raw().cursor() as cursor, cursor.copy(statement) as copy:
        for block in blocks:
            copy.write(block)


def copy_binary(table: str, columns: Sequence[str], blocks: Iterable[bytes]) -> None:
    """COPY finished rows of the binary form into ``table``, without its head and foot."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(
        identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with raw().cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(BINARY_HEAD)
        for block in blocks:
            copy.write(block)
        copy.write(BINARY_FOOT)


def copy_file(table: str, columns: Sequence[str], source: BinaryIO, con: psycopg.Connection | None = None) -> None:
    """COPY a CSV stream (no header, empty unquoted = NULL) into ``table``, byte for byte: PostgreSQL parses, Python only carries."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns)))
    with (con or raw()).cursor() as cursor, cursor.copy(statement) as copy:
        while block := source.read(CHUNK):
            copy.write(block)


def copy_out(query: str, parameters: Sequence[object], target: Path) -> None:
    """Write the rows of ``query`` to ``target`` as CSV with a header."""
    statement = sql.SQL("COPY ({}) TO STDOUT (FORMAT csv, HEADER true)").format(sql.SQL(query))  # type: ignore[arg-type]
    with raw().cursor() as cursor, target.open("wb") as file:
        composed = psycopg.ClientCursor(raw()).mogrify(statement, parameters)
        with cursor.copy(composed) as copy:  # type: ignore[call-overload]
            for block in copy:
                file.write(block)


def batches[T](items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """``items`` in slices of at most ``size``."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
