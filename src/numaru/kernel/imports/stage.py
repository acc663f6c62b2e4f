"""The stage: the rows of one file as a typed table in the set engine, with the findings beside them. Nothing of the house changes here."""

from __future__ import annotations

import csv
import difflib
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

import duckdb
import pyarrow as pa

from numaru.kernel.duck import literal, name
from numaru.kernel.errors import Invalid
from numaru.kernel.imports.evaluate import Evaluation, sql_type
from numaru.kernel.imports.mapping import Mapping
from numaru.kernel.imports.source import Source
from numaru.kernel.imports.wording import finding, wordings
from numaru.values.finding import Finding
from numaru.values.text import Text

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class Stage:
    """The table ``good`` (``row`` and one typed column for each field; events also ``source`` and ``event_id``) and ``findings``.

    ``load`` fills them from a source. A kind then looks at ``good`` with SQL through ``con`` and takes rows out with :meth:`refuse`.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, mapping: Mapping) -> None:
        self.con = con
        self.mapping = mapping
        self.rows_read = 0
        columns = ", ".join(f"{name(rule.name)} {sql_type(rule)}" for rule in mapping.fields)
        source = f", source VARCHAR DEFAULT {literal(mapping.identity.source)}" if mapping.identity else ""
        con.execute(f"CREATE TABLE good (row BIGINT, {columns}{source})")
        con.execute("CREATE TABLE findings (row BIGINT, field VARCHAR, value VARCHAR, code VARCHAR, hint VARCHAR)")

    # Loading --------------------------------------------------------------------------------------------------
    def load(self, source: Source, progress: Callable[[int], None] = lambda rows: None) -> None:
        """Read, type and check every row. Raises Invalid when a column that the mapping names is not in the file."""
        evaluation = Evaluation(self.mapping, self._resolve(source.columns), source.is_sheet)
        insert_good = self._insert_good()
        insert_findings = self._insert_findings(evaluation)
        for batches in _ahead(_together(source.batches(evaluation.use))):
            batch = pa.Table.from_batches(batches)
            self.con.register("batch", batch)
            self.con.execute(f"CREATE OR REPLACE TEMP TABLE typed AS {evaluation.query('batch')}")
            self.con.unregister("batch")
            self.con.execute(insert_good)
            self.con.execute(insert_findings)
            progress(batch.num_rows)
        self.con.execute("DROP TABLE IF EXISTS typed")
        told = source.findings()
        self.con.register("told", told)
        self.con.execute("INSERT INTO findings SELECT * FROM told")
        self.con.unregister("told")
        self.rows_read = source.rows_read
        self._unique()
        self._identify()

    def _resolve(self, columns: list[str]) -> dict[str, int]:
        index: dict[str, int] = {}
        twice = {column for column in columns if columns.count(column) > 1}
        faults: list[Finding] = []
        for place, column in enumerate(columns):
            index.setdefault(column, place)
        for rule in self.mapping.rules:
            named = [("column", c) for c in rule.columns] + ([("when.column", rule.when.column)] if rule.when else [])
            for key, column in named:
                where = f"{rule.path}.{key}"
                if column in twice:
                    faults.append(
                        Finding("import.duplicate_column", Text("머리글에 같은 이름이 두 번 있습니다: ‘{c}’.", "The header has “{c}” twice.").fill(c=column),
                                Text("한쪽의 이름을 바꾸십시오.", "Rename one of them."), None, where, column)
                    )  # fmt: skip
                elif column not in index:
                    near = difflib.get_close_matches(column, columns, 1)
                    known = ", ".join(near or columns)[:300]
                    faults.append(
                        Finding("import.missing_column", Text("파일에 ‘{c}’ 열이 없습니다.", "The file has no column “{c}”.").fill(c=column),
                                Text("매핑의 {k}를 파일의 머리글에 맞추십시오. 파일에 있는 열: {n}", "Set {k} to a heading of the file. The file has: {n}").fill(k=where, n=known),
                                None, where, column)
                    )  # fmt: skip
        if faults:
            raise Invalid(*faults)
        return {column: place for column, place in index.items() if column}

    def _errors(self) -> list[str]:
        return [name("e_" + rule.name) for rule in self.mapping.rules]

    def _insert_good(self) -> str:
        columns = ", ".join(name("t_" + rule.name) for rule in self.mapping.fields)
        clean = " AND ".join(f"{error} IS NULL" for error in ["e_row", *self._errors()])
        fields = ", ".join(name(rule.name) for rule in self.mapping.fields)
        return f"INSERT INTO good (row, {fields}) SELECT row, {columns} FROM typed WHERE {clean}"

    def _insert_findings(self, evaluation: Evaluation) -> str:
        parts = ["SELECT row, NULL AS field, NULL AS value, e_row AS code, NULL AS hint FROM typed WHERE e_row IS NOT NULL"]
        for rule in self.mapping.rules:
            error, value = name("e_" + rule.name), name("v_" + rule.name)
            hints = " ".join(f"WHEN {literal(code)} THEN {literal(hint)}" for code, hint in evaluation.hint(rule).items())
            shown = rule.columns[0] if rule.columns else rule.name
            parts.append(
                f"SELECT row, {literal(shown)}, {value}, {error}, CASE {error} {hints} END FROM typed WHERE e_row IS NULL AND {error} IS NOT NULL"
            )
        return "INSERT INTO findings " + " UNION ALL ".join(parts)

    def _unique(self) -> None:
        """Of rows with the same value in a unique field the first stays; the others become findings that name it."""
        for rule in self.mapping.fields:
            if rule.unique:
                column = name(rule.name)
                self.refuse(
                    "import.duplicate_key", rule.columns[0] if rule.columns else rule.name,
                    f"SELECT row, CAST({column} AS VARCHAR) AS value, CAST(first AS VARCHAR) AS hint FROM "
                    f"(SELECT row, {column}, min(row) OVER (PARTITION BY {column}) AS first FROM good WHERE {column} IS NOT NULL) WHERE row > first",
                )  # fmt: skip

    def _identify(self) -> None:
        """Give an id to every event that has none. A made id is a hash over the typed values, so neither order nor spelling changes it."""
        identity = self.mapping.identity
        if identity is None or not identity.fields:
            return
        columns = [name(field) for field in identity.fields]
        parts = [f"coalesce(concat(length(CAST({c} AS VARCHAR)), ':', CAST({c} AS VARCHAR)), '-')" for c in columns]
        nth = f"row_number() OVER (PARTITION BY {', '.join(columns)} ORDER BY row)" if identity.occurrence else "1"
        made = f"left(sha256(concat_ws('|', {', '.join(parts)}, CAST({nth} AS VARCHAR))), 32)"
        self.con.execute(f"CREATE OR REPLACE TABLE good AS SELECT *, {made} AS event_id FROM good")

    # What kinds use -------------------------------------------------------------------------------------------
    @property
    def good_rows(self) -> int:
        return int(self.scalar("SELECT count(*) FROM good"))

    def scalar(self, query: str) -> Any:
        """The single value of ``query``."""
        found = self.con.execute(query).fetchone()
        assert found is not None
        return found[0]

    def refuse(self, code: str, field: str | None, query: str) -> int:
        """Take rows out of ``good`` as findings of ``code``; ``query`` selects row, value, hint. Returns how many."""
        if code not in wordings:
            raise KeyError(code)
        self.con.execute(f"CREATE OR REPLACE TEMP TABLE refused AS SELECT row, value, hint FROM ({query})")
        count = int(self.scalar("SELECT count(*) FROM refused"))
        if count:
            shown = "NULL" if field is None else literal(field)
            self.con.execute(f"INSERT INTO findings SELECT row, {shown}, left(value, 200), {literal(code)}, hint FROM refused")
            self.con.execute("DELETE FROM good WHERE row IN (SELECT row FROM refused)")
        self.con.execute("DROP TABLE refused")
        return count

    def note(self, code: str, field: str | None, query: str) -> int:
        """Tell findings of ``code`` about rows that stay; ``query`` selects row (or NULL), value, hint. The wording must be ``kept``. Returns how many."""
        if not wordings[code].kept:
            raise KeyError(code)
        shown = "NULL" if field is None else literal(field)
        return int(self.scalar(f"INSERT INTO findings SELECT row, {shown}, left(value, 200), {literal(code)}, hint FROM ({query})"))

    def arrow(self, query: str) -> pa.RecordBatchReader:
        """The result of ``query`` as Arrow batches."""
        return self.con.sql(query).to_arrow_reader(100_000)

    # Reporting ------------------------------------------------------------------------------------------------
    def counts(self) -> dict[str, int]:
        """Findings by code."""
        return {code: int(n) for code, n in self.con.execute("SELECT code, count(*) FROM findings GROUP BY code ORDER BY code").fetchall()}

    def refused_rows(self) -> int:
        """Rows of the file that were not kept; notes do not count."""
        notes = ", ".join(literal(code) for code, words in wordings if words.kept) or "''"
        return int(self.scalar(f"SELECT count(DISTINCT row) FROM findings WHERE code NOT IN ({notes})"))

    def findings(self, limit: int | None = None) -> Iterator[Finding]:
        """The findings in words, by row."""
        cut = f" LIMIT {int(limit)}" if limit is not None else ""
        reader = self.con.cursor().execute(f"SELECT row, field, value, code, hint FROM findings ORDER BY row NULLS FIRST, field, code{cut}")
        while rows := reader.fetchmany(2_000):
            for row, field, value, code, hint in rows:
                yield finding(code, row, field, value, hint)

    def write_findings(self, path: Path) -> int:
        """The findings as a CSV (UTF-8 with BOM, for spreadsheet programs) in both languages; cells never start a formula. Returns rows."""
        count = 0
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["row", "field", "value", "code", "message_ko", "remedy_ko", "message_en", "remedy_en"])
            for found in self.findings():
                cells = [
                    found.row,
                    found.field,
                    found.value,
                    found.code,
                    found.message.ko,
                    found.remedy.ko,
                    found.message.en,
                    found.remedy.en,
                ]
                writer.writerow([guarded(cell) for cell in cells])
                count += 1
        return count


def guarded(cell: object) -> object:
    """A cell that a spreadsheet shows and never computes: an apostrophe before the characters that begin a formula.

    >>> guarded("=1+2"), guarded(3)
    ("'=1+2", 3)
    """
    return "'" + cell if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell


def _together(batches: Iterator[pa.RecordBatch]) -> Iterator[list[pa.RecordBatch]]:
    """Batches by fours, so that the set engine has work for all its threads."""
    while group := list(islice(batches, 4)):
        yield group


def _ahead[T](batches: Iterator[T]) -> Iterator[T]:
    """The same items, read by a second thread one ahead, so that parsing and typing overlap. An error of the reader is raised here."""
    queue: Queue[Any] = Queue(maxsize=1)
    stop: list[bool] = []

    def read() -> None:
        try:
            for batch in batches:
                queue.put(batch)
                if stop:
                    return
            queue.put(None)
        except BaseException as error:  # handed over, not swallowed
            queue.put(error)

    thread = Thread(target=read, daemon=True)
    thread.start()
    try:
        while (item := queue.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stop.append(True)
        while thread.is_alive():
            try:
                queue.get(timeout=0.05)
            except Exception:  # the queue is empty while the reader finishes its batch
                continue
