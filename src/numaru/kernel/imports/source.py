"""One way to read a table from a file: CSV, gzipped CSV or XLSX → batches of text columns with the physical row of each record.

What cannot be read becomes a finding and leaves its row out; the other rows come. Only a file that cannot be read as a table at all
is refused (:class:`~numaru.kernel.errors.Invalid`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from numaru.kernel.imports.bytesource import kind, unreadable
from numaru.kernel.imports.sheetsource import SheetTable, reference
from numaru.kernel.imports.textsource import Columns, Records, TextTable

FINDINGS = pa.schema([("row", pa.int64()), ("field", pa.string()), ("value", pa.string()), ("code", pa.string()), ("hint", pa.string())])


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """How to read the file; "auto" looks at it. ``header`` is the physical row of the header, 1-based."""

    encoding: str = "auto"
    delimiter: str = "auto"
    sheet: str | None = None
    header: int = 1


class Source:
    """An open table. ``columns`` are the header's names, trimmed, in order; ``batches`` may be walked once."""

    def __init__(self, path: Path, spec: SourceSpec) -> None:
        self._told: list[tuple[int | None, str | None, str | None, str, str | None]] = []
        self.rows_read = 0  # every record after the header, those that could not be read among them
        self._table: TextTable | SheetTable
        if kind(path) == "xlsx":
            self._table = SheetTable(path, spec.sheet, self._tell)
        else:
            self._table = TextTable(path, spec.encoding, spec.delimiter, self._tell_lost)
        self.is_sheet = isinstance(self._table, SheetTable)
        self._blocks: Iterator[Records | Columns] = self._table.rows()
        self.columns, rest = self._header(spec.header)
        self._blocks = chain([rest], self._blocks)
        if isinstance(self._table, TextTable):
            self._table.width = len(self.columns)

    def _tell(self, row: int | None, field: str | None, value: str | None, code: str, hint: str | None) -> None:
        self._told.append((row, field, value[:200] if value else value, code, hint))

    def _tell_lost(self, row: int | None, field: str | None, value: str | None, code: str, hint: str | None) -> None:
        """A finding of the text reader: the record does not come, apart from the note about a byte order mark."""
        self.rows_read += code != "import.bom"
        self._tell(row, field, value, code, hint)

    def findings(self) -> pa.Table:
        """What the reader found since the last call."""
        told, self._told = self._told, []
        columns = list(zip(*told, strict=True)) if told else [()] * len(FINDINGS)
        return pa.table([pa.array(list(c), f.type) for c, f in zip(columns, FINDINGS, strict=True)], schema=FINDINGS)

    def _header(self, at: int) -> tuple[list[str], Records]:
        for block in self._blocks:
            assert not isinstance(block, Columns)  # they come only once the width is known
            numbers, records = block
            for place, number in enumerate(numbers):
                if number >= at and any(cell.strip() for cell in records[place]):
                    names = [cell.strip(" \t\r\n\u00a0\ufeff") for cell in records[place]]
                    return names, (numbers[place + 1 :], records[place + 1 :])
        raise unreadable(
            "import.no_header", f"{at}행에서 머리글을 찾지 못했습니다.", f"No header was found at row {at}.",
            "매핑의 source.header를 확인하십시오.", "Check source.header in the mapping.", field="source.header",
        )  # fmt: skip

    def batches(self, use: Sequence[int]) -> Iterator[pa.RecordBatch]:
        """Batches of about 100,000 rows: ``row`` int64 (physical line or sheet row) and, for each index in ``use``, column ``c<index>`` of text
        without white space around it (ideographic and no-break spaces count).

        A record with more or fewer cells than the header, a blank line and a formula in a used column are findings and left out.
        """
        width = len(self.columns)
        names = ["row", *(f"c{index}" for index in use)]
        formulas = self._formulas(use)
        for block in self._blocks:
            if isinstance(block, Columns):
                count = len(block.table)
                self.rows_read += count
                cells = [_bare(block.table[f"c{index}"].combine_chunks()) for index in use]
                yield pa.record_batch([pa.array(range(block.first, block.first + count), pa.int64()), *cells], names=names)
                continue
            numbers, records = block
            self.rows_read += len(records)
            if set(map(len, records)) - {width} or formulas or (0 in map(len, records)):
                numbers, records = self._even(numbers, records, width, formulas)
            if not records:
                continue
            columns = list(zip(*records, strict=True))
            try:
                arrays = [_trimmed(columns[index]) for index in use]
            except UnicodeEncodeError:  # half a UTF-16 pair: a damaged file
                numbers, records = self._whole(numbers, records)
                columns = list(zip(*records, strict=True))
                arrays = [_trimmed(columns[index] if columns else ()) for index in use]
            yield pa.record_batch([pa.array(numbers, pa.int64()), *arrays], names=names)

    def _formulas(self, use: Sequence[int]) -> dict[int, list[int]]:
        """Sheet row → used columns (index into the header) that hold a formula there."""
        found: dict[int, list[int]] = {}
        if isinstance(self._table, SheetTable):
            for row, column in sorted(self._table.formulas):
                if column - self._table.first_column in use:
                    found.setdefault(row, []).append(column - self._table.first_column)
        return found

    def _even(
        self, numbers: list[int], records: list[list[str]], width: int, formulas: dict[int, list[int]]
    ) -> tuple[list[int], list[list[str]]]:
        kept_numbers, kept = [], []
        for number, record in zip(numbers, records, strict=True):
            if not record:
                self._tell(number, None, None, "import.empty_row", None)
            elif number in formulas:
                assert isinstance(self._table, SheetTable)
                for index in formulas[number]:
                    cell = reference(number, index + self._table.first_column)
                    self._tell(number, self.columns[index], record[index], "import.formula", f" ({cell})")
            elif len(record) == width:
                kept_numbers.append(number)
                kept.append(record)
            elif len(record) > width and not any(record[width:]):
                kept_numbers.append(number)
                kept.append(record[:width])
            else:
                self._tell(number, None, record[0] if record else None, "import.ragged", f"{len(record)} ≠ {width}")
        return kept_numbers, kept

    def _whole(self, numbers: list[int], records: list[list[str]]) -> tuple[list[int], list[list[str]]]:
        kept_numbers, kept = [], []
        for number, record in zip(numbers, records, strict=True):
            try:
                "".join(record).encode()
            except UnicodeEncodeError:
                self._tell(number, None, None, "import.encoding", "UTF-16")
            else:
                kept_numbers.append(number)
                kept.append(record)
        return kept_numbers, kept


def _trimmed(cells: Sequence[str]) -> pa.Array:
    return _bare(pa.array(cells, pa.string()))


def _bare(cells: pa.Array) -> pa.Array:
    return pc.utf8_trim_whitespace(cells)
