"""One state of the database for everything in a backup: an exported snapshot that pg_dump and the counts share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import connection
from psycopg import sql
from psycopg.conninfo import make_conninfo

from numaru.kernel.backup.errors import running_already
from numaru.kernel.registers import Register

LOCK = 0x4E4D_0BAC  # advisory lock: one backup of a database at a time
KEYS = "keys"  # the schema of the wrapped keys
TABLES = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
 ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"
"""

# What a backup's contents say besides: key → function of the snapshot's connection that returns JSON (positions, heads, versions).
notes: Register[Callable[[psycopg.Connection], Any]] = Register("backup notes")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An open snapshot. ``name`` is what pg_dump --snapshot takes; it lives as long as the connection."""

    con: psycopg.Connection
    name: str
    version: int  # major version of the server


def address() -> str:
    """The address of the house's database as libpq takes it, whatever the pool or a test made of it."""
    told = connection.settings_dict
    given = {k: str(v) for k, v in told.get("OPTIONS", {}).items() if k not in ("pool", "options") and isinstance(v, str | int)}
    parts = {"dbname": told["NAME"], "user": told["USER"], "password": told["PASSWORD"], "host": told["HOST"], "port": told["PORT"]}
    return make_conninfo(**{k: str(v) for k, v in parts.items() if v}, **given)


@contextmanager
def locked() -> Iterator[psycopg.Connection]:
    """A connection that holds the lock of backups. Raises Conflict while another backup of this database is running."""
    with psycopg.connect(address(), autocommit=True) as con:
        con.execute("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0")
        if not _one(con, "SELECT pg_try_advisory_lock(%s)", LOCK):
            raise running_already()
        yield con


@contextmanager
def taken() -> Iterator[Snapshot]:
    """Hold one state of the database. Raises Conflict while another backup of it is running."""
    with locked() as con:
        con.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield Snapshot(con, str(_one(con, "SELECT pg_export_snapshot()")), con.info.server_version // 10000)


def _one(con: psycopg.Connection, query: str, *values: object) -> Any:
    row = con.execute(query, values or None).fetchone()  # type: ignore[arg-type]
    return row[0] if row else None


def counts(con: psycopg.Connection) -> dict[str, int]:
    """Rows of every lasting table, by "schema.table"."""
    out = {}
    for schema, table in con.execute(TABLES).fetchall():
        row = con.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, table))).fetchone()
        out[f"{schema}.{table}"] = int(row[0]) if row else 0
    return out


def contents(shot: Snapshot) -> dict[str, Any]:
    """What the snapshot holds: counts, migrations, and what rooms note."""
    migrations = shot.con.execute('SELECT app, name FROM django_migrations ORDER BY app COLLATE "C", name COLLATE "C"').fetchall()
    return {
        "server": shot.version,
        "migrations": [[app, name] for app, name in migrations],
        "counts": counts(shot.con),
        "notes": {key: note(shot.con) for key, note in notes},
    }


def _masters(con: psycopg.Connection) -> list[str]:
    """Ids of the master keys that the wrapped keys need."""
    rows = con.execute("SELECT master FROM keys.person_key UNION SELECT master FROM keys.house_key ORDER BY 1").fetchall()
    return [row[0] for row in rows]


def _last_person(con: psycopg.Connection) -> int:
    return int(_one(con, "SELECT coalesce(max(person), 0) FROM keys.person_key"))


def _audit_head(con: psycopg.Connection) -> Any:
    """The head of the audit chain in the snapshot: a restored chain must end there."""
    from numaru.kernel.audit.api import noted  # a restore reads this file before there is a house

    return noted(con)


def _house(con: psycopg.Connection) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("numaru")
    except PackageNotFoundError:
        return "source"


notes.add("audit", _audit_head)
notes.add("masters", _masters)
notes.add("last_person", _last_person)
notes.add("house", _house)
