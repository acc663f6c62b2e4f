"""The kernel's own integrity checks of the database. They need no special rights; where the role may use amcheck, indexes are compared as well."""

from __future__ import annotations

from django.db import connection, transaction
from psycopg import sql

from numaru.kernel.backup.integrity import Check, Looked, checks
from numaru.kernel.backup.snapshot import TABLES
from numaru.values.text import Text

RESTORE = Text("백업에서 되돌리고 디스크를 점검하십시오.", "Restore from a backup and check the disk.")


def tables() -> Looked:
    """Every row of every table is read: with data checksums a damaged page is an error here, not on the day somebody needs it."""
    looked = Looked()
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        for schema, name in cursor.fetchall():
            try:
                with transaction.atomic():
                    # the row as text, so that values stored apart from their row are read as well
                    cursor.execute(sql.SQL("SELECT count(t::text) FROM {} t").format(sql.Identifier(schema, name)))  # type: ignore[arg-type]
                looked.count += int(cursor.fetchone()[0])
            except Exception as error:
                looked.wrong(
                    "integrity.table",
                    Text("표 {t}을(를) 끝까지 읽지 못했습니다 ({e}).", "The table {t} could not be read to its end ({e}).").fill(
                        t=name, e=type(error).__name__
                    ),
                    RESTORE,
                    name,
                )
        cursor.execute("SELECT coalesce(checksum_failures, 0) FROM pg_stat_database WHERE datname = current_database()")
        failures = int(cursor.fetchone()[0])
        if failures:
            looked.wrong(
                "integrity.checksum", Text("데이터베이스가 손상된 블록 {n}개를 만났습니다.", "The database met {n} damaged pages.").fill(n=failures), RESTORE
            )  # fmt: skip
    return looked


def indexes() -> Looked:
    """Indexes and constraints are valid; where amcheck is there and the role may use it, every B-tree is checked."""
    looked = Looked()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, i.indisvalid AND i.indisready FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
        )
        for name, good in cursor.fetchall():
            looked.count += 1
            if not good:
                looked.wrong(
                    "integrity.index", Text("색인 {i}이(가) 쓸 수 없는 상태입니다.", "The index {i} is not usable.").fill(i=name),
                    Text("REINDEX INDEX로 다시 만드십시오.", "Rebuild it with REINDEX INDEX."), name,
                )  # fmt: skip
        cursor.execute("SELECT conname FROM pg_constraint WHERE NOT convalidated AND contype IN ('c', 'f')")
        for (name,) in cursor.fetchall():
            looked.wrong(
                "integrity.constraint", Text("제약 {c}이(가) 확인되지 않았습니다.", "The constraint {c} is not validated.").fill(c=name),
                Text("ALTER TABLE … VALIDATE CONSTRAINT로 확인하십시오.", "Validate it with ALTER TABLE … VALIDATE CONSTRAINT."), name,
            )  # fmt: skip
        cursor.execute("SELECT to_regprocedure('bt_index_check(regclass)')::oid")
        function = cursor.fetchone()[0]
        if function:
            cursor.execute("SELECT has_function_privilege(%s::oid, 'execute')", [function])
            if cursor.fetchone()[0]:
                _amcheck(looked)
    return looked


def _amcheck(looked: Looked) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.oid, c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam"
            " JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE a.amname = 'btree' AND c.relkind = 'i' AND i.indisvalid AND n.nspname !~ '^pg_' AND c.relpersistence = 'p'"
        )
        for oid, name in cursor.fetchall():
            try:
                with transaction.atomic():
                    cursor.execute("SELECT bt_index_check(%s::oid::regclass)", [oid])
            except Exception as error:
                looked.wrong(
                    "integrity.btree", Text("색인 {i}이(가) 손상되었습니다 ({e}).", "The index {i} is damaged ({e}).").fill(i=name, e=type(error).__name__),
                    Text("REINDEX INDEX로 다시 만들고 디스크를 점검하십시오.", "Rebuild it with REINDEX INDEX and check the disk."), name,
                )  # fmt: skip


def sequences() -> Looked:
    """No sequence stands behind the highest id of its table: the next row would collide."""
    looked = Looked()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sn.nspname, s.relname, tn.nspname, t.relname, a.attname FROM pg_class s JOIN pg_depend d ON d.objid = s.oid AND d.deptype IN ('a', 'i')"
            " JOIN pg_class t ON t.oid = d.refobjid JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid"
            " JOIN pg_namespace sn ON sn.oid = s.relnamespace JOIN pg_namespace tn ON tn.oid = t.relnamespace"
            " WHERE s.relkind = 'S' AND t.relkind IN ('r', 'p') AND sn.nspname !~ '^pg_'"
        )
        for schema, sequence, table_schema, table, column in cursor.fetchall():
            looked.count += 1
            cursor.execute(
                sql.SQL(
                    "SELECT coalesce((SELECT max({c}) FROM {t}), 0) > (SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM {s})"
                ).format(  # type: ignore[arg-type]
                    c=sql.Identifier(column), t=sql.Identifier(table_schema, table), s=sql.Identifier(schema, sequence)
                )
            )
            if cursor.fetchone()[0]:
                looked.wrong(
                    "integrity.sequence", Text("표 {t}의 번호가 이미 쓴 번호보다 뒤처졌습니다.", "The numbers of {t} stand behind those in use.").fill(t=table),
                    Text("setval로 가장 큰 번호에 맞추십시오.", "Set the sequence to the highest number with setval."), table,
                )  # fmt: skip
    return looked


checks.add("database.tables", Check(Text("표의 모든 행 읽기", "Every row of every table"), Text("행", "rows"), tables))
checks.add("database.indexes", Check(Text("색인과 제약", "Indexes and constraints"), Text("개", "objects"), indexes))
checks.add("database.sequences", Check(Text("번호 매기기", "Number sequences"), Text("개", "sequences"), sequences))
