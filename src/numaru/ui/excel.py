"""Lists as workbooks: the same columns, filters and masking as the page, amounts as numbers, and no cell that a program would run.

Written with constant memory to a temporary file, a row at a time from a server-side cursor, so a long list costs no memory.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import xlsxwriter
from django.db.models import QuerySet
from django.http import FileResponse

from numaru.kernel import clock
from numaru.ui import formats
from numaru.ui.states import State
from numaru.values.money import Money
from numaru.values.period import Period
from numaru.values.text import Text

if TYPE_CHECKING:
    from numaru.ui.lists import Column, Listing

LIMIT = 200_000  # rows that a page sends; more is made in the background, or cut, and the file says so on its last line
FULL = 1_000_000  # rows of one sheet; the format ends at 1,048,576
BATCH = 1000
EXACT = 10**15  # a spreadsheet keeps fifteen digits; a longer amount is written as text rather than rounded
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")  # how a text begins that a spreadsheet or a CSV reader might run
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Sheet:
    """One worksheet being written: heads first, then rows in order. Every text is a text cell, whatever it begins with."""

    def __init__(self, target: Any, name: str, heads: Iterable[str], *, in_memory: bool = False) -> None:
        """``in_memory``: nothing is written to a temporary file, for what must not touch a disk unencrypted."""
        self.book = xlsxwriter.Workbook(
            target,
            {
                "constant_memory": not in_memory,
                "in_memory": in_memory,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "default_format_properties": {"font_name": "Pretendard", "font_size": 10},
            },
        )
        self._formats: dict[str, Any] = {}
        self._name, self._heads, self._sheets = name, list(heads), 0
        self._head = self.book.add_format({"bold": True, "bottom": 1})
        self._begin()

    def _begin(self) -> None:
        self._sheets += 1
        number = f" {self._sheets}" if self._sheets > 1 else ""
        self.sheet = self.book.add_worksheet(self._name[: 31 - len(number)] + number)
        self.row = 0
        for column, text in enumerate(self._heads):
            self.sheet.write_string(0, column, text, self._head)
            self.sheet.set_column(column, column, max(10, min(28, 2 + 2 * len(text))))
        self.sheet.freeze_panes(1, 1)

    def _format(self, number: str = "", *, quote: bool = False) -> Any:
        key = f"{number}|{quote}"
        if key not in self._formats:
            self._formats[key] = self.book.add_format({"num_format": number} if number else {"quote_prefix": quote})
        return self._formats[key]

    def add(self, values: Iterable[Any]) -> None:
        """Write the next row; each value by its kind. A full sheet is followed by another one with the same heads."""
        if self.row == FULL:
            self._begin()
        self.row += 1
        for column, value in enumerate(values):
            self._cell(column, value)

    def _cell(self, column: int, value: Any) -> None:
        row, sheet = self.row, self.sheet
        match value:
            case None | "":
                return
            case Money() if abs(value.minor) >= EXACT:
                self._text(column, value.amount)
            case Money():
                sheet.write_number(row, column, float(value.decimal), self._format(formats.excel_money(value.currency)))
            case bool():
                self._text(column, formats.word(Text("예", "yes") if value else Text("아니요", "no")))
            case int():
                sheet.write_number(row, column, value, self._format(formats.EXCEL_COUNT))
            case Decimal():
                sheet.write_number(row, column, float(value), self._format(formats.EXCEL_QTY))
            case datetime():
                sheet.write_datetime(row, column, formats.local(value).replace(tzinfo=None), self._format(formats.EXCEL_WHEN))
            case date():
                sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), self._format(formats.EXCEL_DAY))  # noqa: DTZ001
            case State():
                self._text(column, str(value.word))
            case Period():
                self._text(column, formats.period(value))
            case _:
                self._text(column, str(value))

    def _text(self, column: int, text: str) -> None:
        guarded = self._format(quote=True) if text.startswith(DANGEROUS) else None
        self.sheet.write_string(self.row, column, text[:32767], guarded)

    def close(self) -> None:
        self.book.close()


def currencies(columns: Iterable[Column], value: Any) -> str:
    """The ISO code of the first amount of a row, or nothing."""
    for column in columns:
        amount = column.value(value)
        if isinstance(amount, Money):
            return amount.currency
    return ""


def prepared(listing: Listing, rows: QuerySet[Any]) -> Iterator[Any]:
    """The rows from a server-side cursor, each batch completed as a page would be."""
    for batch in itertools.batched(rows.iterator(chunk_size=BATCH), BATCH):
        if listing.prepare:
            listing.prepare(list(batch))
        yield from batch


def heads_of(columns: Sequence[Column]) -> list[str]:
    """The heads of a sheet: those of the columns, and one for the currency where there are amounts."""
    return [str(c.label) for c in columns] + ([str(Text("통화", "Currency"))] if any(c.kind == "money" for c in columns) else [])


def line(columns: Sequence[Column], row: Any) -> list[Any]:
    """The values of one row of a sheet. Amounts stand in number cells with their ISO code in a column of its own."""
    code = [currencies(columns, row)] if any(c.kind == "money" for c in columns) else []
    return [c.value(row) for c in columns] + code


def download(listing: Listing, rows: QuerySet[Any], columns: Sequence[Column] | None = None) -> FileResponse:
    """The rows of a list, in their order and with the columns that are shown, as a file to keep."""
    columns = [c for c in (columns or listing.kept(())) if c.excel]
    target = tempfile.TemporaryFile()  # noqa: SIM115  FileResponse closes it
    sheet = Sheet(target, str(listing.name), heads_of(columns))
    for written, row in enumerate(prepared(listing, rows)):
        if written == LIMIT:
            said = Text(
                "여기까지 {n}행입니다. 조건을 좁혀 나머지를 받으십시오.", "Cut here after {n} rows. Narrow the filters for the rest."
            )
            sheet.add([str(said.fill(n=formats.count(LIMIT)))])
            break
        sheet.add(line(columns, row))
    sheet.close()
    target.seek(0)
    name = f"{listing.key}-{clock.today():%Y%m%d}.xlsx"
    return FileResponse(target, as_attachment=True, filename=name, content_type=TYPE, headers={"Cache-Control": "no-store"})
