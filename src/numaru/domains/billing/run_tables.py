"""The tables of one run: bare ones to fill, keys, tie-out, ATTACH and DETACH (docs/decisions/run-and-attach.md).

A run writes into tables that nobody else sees. A unique key of a partitioned table must hold the partition key, so the keys carry the run;
foreign keys between bulk tables are proved by the tie-out instead of being checked row by row.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from psycopg import sql

from numaru.kernel import bulk
from numaru.values.text import Text

PARENTS = ("invoice", "line", "tax", "transfer")
COLUMNS: dict[str, list[str]] = {
    "invoice": ["run_id", "ordinal", "account_id", "currency", "period_from", "period_to", "issued_at", "due_on", "total", "supply", "tax", "line_count"],
    "line": ["run_id", "ordinal", "line", "contract_id", "charge_id", "version_id", "segment", "sign", "period_from", "period_to", "quantity", "price", "num", "den", "amount", "events", "tax_mode"],
    "tax": ["run_id", "ordinal", "tax_mode", "rate", "supply", "tax"],
    "transfer": ["run_id", "ordinal", "seq", "debit", "credit", "amount", "account_id", "currency"],
    "parked": ["account_id", "reason", "currency"],
}  # fmt: skip
KEYS = {
    "invoice": ["PRIMARY KEY (run_id, ordinal)"],
    "line": ["PRIMARY KEY (run_id, ordinal, line)"],
    "tax": ["PRIMARY KEY (run_id, ordinal, tax_mode, rate)"],
    "transfer": ["PRIMARY KEY (run_id, ordinal, seq)"],
}
INDEXES = {"invoice": ["account_id"], "transfer": ["account_id"]}


def name(kind: str, run_id: int) -> str:
    return f"billing_{kind}_r{run_id}"


def table(kind: str, run_id: int) -> sql.Identifier:
    return sql.Identifier(name(kind, run_id))


def _execute(statement: str, *parts: sql.Composable, **named: sql.Composable) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(*parts, **named))  # type: ignore[arg-type]
        return cursor.fetchall() if cursor.description else []


def create(run_id: int) -> None:
    """Make the bare tables of a run; those that exist already stay as they are."""
    for kind in PARENTS:
        _execute(
            "CREATE TABLE IF NOT EXISTS {child} (LIKE {parent} INCLUDING DEFAULTS INCLUDING CONSTRAINTS,"
            " CONSTRAINT {check} CHECK (run_id = {run}))",
            child=table(kind, run_id), parent=sql.Identifier(f"billing_{kind}"), run=sql.Literal(run_id),
            check=sql.Identifier(f"{name(kind, run_id)}_run"),
        )  # fmt: skip
    _execute(
        "CREATE TABLE IF NOT EXISTS {} (account_id bigint PRIMARY KEY, reason varchar(40) NOT NULL, currency varchar(3) NOT NULL)",
        table("parked", run_id),
    )


def drop(run_id: int) -> None:
    """Drop the tables of a run that was never posted."""
    for kind in (*PARENTS, "parked"):
        _execute("DROP TABLE IF EXISTS {}", table(kind, run_id))


def drop_parked(run_id: int) -> None:
    """Drop the run's table of parked accounts; they are rows of the house by then, or there are none."""
    _execute("DROP TABLE IF EXISTS {}", table("parked", run_id))


def add_keys(run_id: int) -> None:
    """Keys and indexes, after the rows are in: seven times cheaper than with them in place. Idempotent."""
    for kind in PARENTS:
        have = _execute("SELECT 1 FROM pg_constraint WHERE conrelid = {}::regclass AND contype = 'p'", sql.Literal(name(kind, run_id)))
        if not have:
            for key in KEYS[kind]:
                _execute("ALTER TABLE {} ADD " + key, table(kind, run_id))
        for column in INDEXES.get(kind, []):
            _execute(
                "CREATE INDEX IF NOT EXISTS {} ON {} ({})",
                sql.Identifier(f"{name(kind, run_id)}_{column}"), table(kind, run_id), sql.Identifier(column),
            )  # fmt: skip
        _execute("ANALYZE {}", table(kind, run_id))


def attach(run_id: int) -> None:
    """Attach all four at once, in the caller's transaction. The check on ``run_id`` spares the scan; it is dropped afterwards."""
    for kind in PARENTS:
        _execute(
            "ALTER TABLE {} ATTACH PARTITION {} FOR VALUES IN ({})",
            sql.Identifier(f"billing_{kind}"), table(kind, run_id), sql.Literal(run_id),
        )  # fmt: skip
        _execute("ALTER TABLE {} DROP CONSTRAINT {}", table(kind, run_id), sql.Identifier(f"{name(kind, run_id)}_run"))
        _execute(  # that of the parent does not stand for a partition
            "CREATE OR REPLACE TRIGGER no_truncate BEFORE TRUNCATE ON {} FOR EACH STATEMENT EXECUTE FUNCTION numaru_no_truncate()",
            table(kind, run_id),
        )


def detach(run_id: int) -> None:
    """Detach and keep: the documents stay readable and unchangeable in their own tables, and count in no sum any more."""
    for kind in PARENTS:
        _execute("ALTER TABLE {} DETACH PARTITION {}", sql.Identifier(f"billing_{kind}"), table(kind, run_id))
        _execute(
            "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {} FOR EACH ROW EXECUTE FUNCTION numaru_append_only()",
            table(kind, run_id),
        )


def attached(run_id: int) -> bool:
    return bool(_execute("SELECT 1 FROM pg_inherits WHERE inhrelid = to_regclass({})", sql.Literal(name("invoice", run_id))))


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the tie-out: what was compared, how many rows broke it."""

    key: str
    text: Text
    broken: int


CHECKS: list[tuple[str, Text, str]] = [
    (
        "numbers",
        Text("청구 번호 빠짐없음", "Invoice numbers without a gap"),
        "SELECT abs(coalesce(max(ordinal), 0) - count(*)) + coalesce(abs(min(ordinal) - 1), 0) FROM {invoice}",
    ),
    ("twice", Text("이중 청구 없음", "No account billed twice"), "SELECT count(*) - count(DISTINCT account_id) FROM {invoice}"),
    (
        "lines",
        Text("항목 합계 = 청구액", "Lines = invoice total"),
        (
            "SELECT count(*) FROM (SELECT ordinal, sum(amount) AS s, count(*) AS c FROM {line} GROUP BY ordinal) l"
            " FULL JOIN {invoice} i USING (ordinal)"
            " LEFT JOIN (SELECT ordinal, sum(tax) AS t FROM {tax} WHERE tax_mode = 'excluded' GROUP BY ordinal) x USING (ordinal)"
            " WHERE i.total IS DISTINCT FROM l.s + coalesce(x.t, 0) OR i.line_count IS DISTINCT FROM l.c"
        ),
    ),
    (
        "tax",
        Text("공급가액 + 세액 = 청구액", "Supply + tax = invoice total"),
        (
            "SELECT count(*) FROM {invoice} i LEFT JOIN (SELECT ordinal, sum(tax) AS t FROM {tax} GROUP BY ordinal) x USING (ordinal)"
            " WHERE i.supply + i.tax <> i.total OR i.tax <> coalesce(x.t, 0)"
        ),
    ),
    (
        "ledger",
        Text("원장 차변 = 대변 = 청구액", "Ledger debit = credit = invoice total"),
        (
            "SELECT count(*) FROM (SELECT ordinal, currency, account_id, sum(CASE WHEN debit = 1 THEN amount ELSE 0 END)"
            " - sum(CASE WHEN credit = 1 THEN amount ELSE 0 END) AS s FROM {transfer} GROUP BY ordinal, currency, account_id) t"
            " FULL JOIN {invoice} i USING (ordinal, currency, account_id) WHERE t.s IS DISTINCT FROM i.total"
        ),
    ),
    (
        "accounts",
        Text("청구 계정 존재", "Every account exists"),
        "SELECT count(*) FROM {invoice} i WHERE NOT EXISTS (SELECT 1 FROM billing_account a WHERE a.id = i.account_id AND a.currency = i.currency)",
    ),
    (
        "contracts",
        Text("계약과 요금 항목 존재", "Every contract and charge exists"),
        (
            "SELECT (SELECT count(*) FROM (SELECT DISTINCT charge_id, version_id FROM {line}) d WHERE NOT EXISTS"
            " (SELECT 1 FROM billing_chargeterm c WHERE c.id = d.charge_id AND c.version_id = d.version_id))"
            " + (SELECT count(*) FROM {line} l WHERE NOT EXISTS (SELECT 1 FROM billing_contract c WHERE c.id = l.contract_id))"
        ),
    ),
]


def tie_out(run_id: int) -> list[Check]:
    """Compare lines, invoices, taxes and transfers inside the run's own tables; every ``broken`` must be 0.

    The checks only read what is committed, so two go on at once.
    """
    tables = {kind: table(kind, run_id) for kind in PARENTS}

    def count(query: str) -> int:
        return int(str(_execute(query, **tables)[0][0]))

    found = bulk.side_by_side(count, [query for _, _, query in CHECKS])
    return [Check(key, text, broken) for (key, text, _), broken in zip(CHECKS, found, strict=True)]


def totals(run_id: int) -> dict[str, int]:
    """The sum of the transfers on the receivable account, by currency: the number that the run reports."""
    rows = _execute(
        "SELECT currency, sum(CASE WHEN debit = 1 THEN amount ELSE 0 END - CASE WHEN credit = 1 THEN amount ELSE 0 END)::bigint"
        ' FROM {} GROUP BY currency ORDER BY currency COLLATE "C"',
        table("transfer", run_id),
    )
    return {str(currency): int(str(minor)) for currency, minor in rows}
