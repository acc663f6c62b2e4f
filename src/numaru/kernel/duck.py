"""The embedded set engine: one DuckDB connection with limits of its own. Only workers and commands open one, never a web request.

Without limits DuckDB takes 80 % of the machine for each process; so memory, threads and the spill folder are always set here.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from numaru.kernel.files import work_dir

MEMORY = os.environ.get("NUMARU_DUCKDB_MEMORY", "1GB")
THREADS = int(os.environ.get("NUMARU_DUCKDB_THREADS", "0")) or min(4, os.cpu_count() or 1)


@contextmanager
def connection(memory: str = MEMORY, threads: int = THREADS) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB connection in UTC whose tables spill to a private folder that is removed afterwards. Rows keep the order of insertion."""
    with tempfile.TemporaryDirectory(prefix="duck-", dir=work_dir("spill")) as spill:
        con = duckdb.connect(":memory:")
        try:
            con.execute("SET memory_limit = ?", [memory])
            con.execute(f"SET threads = {int(threads)}")
            con.execute("SET temp_directory = ?", [spill])
            con.execute("SET autoinstall_known_extensions = false")
            con.execute("SET enable_progress_bar = false")
            con.execute("SET TimeZone = 'UTC'")
            yield con
        finally:
            con.close()


def literal(value: str) -> str:
    """``value`` as an SQL string literal.

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + value.replace("'", "''") + "'"


def name(value: str) -> str:
    """``value`` as a quoted SQL identifier.

    >>> name('a"b')
    '"a""b"'
    """
    return '"' + value.replace('"', '""') + '"'
