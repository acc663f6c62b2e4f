"""Tables in XLSX workbooks. Values come as they were written: text keeps its zeros, numbers their digits, days become YYYY-MM-DD.

The workbook is an archive that somebody else made: its entries are counted and unpacked once against limits before anything reads it.
"""

from __future__ import annotations

import datetime as dt
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO
from xml.etree import ElementTree
from xml.parsers import expat

from numaru.kernel.imports.bytesource import BLOCK, unreadable
from numaru.kernel.imports.textsource import Tell

MAX_ENTRIES = 2_000
MAX_TOTAL = 2 * 2**30
MAX_RATIO = 200  # of one entry above 16 MB
ROWS = 100_000
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def _damaged(error: object) -> Exception:
    return unreadable(
        "import.damaged", "깨졌거나 올바르지 않은 엑셀 파일입니다.", "The workbook is damaged or not valid.",
        "엑셀에서 열어 다시 저장한 뒤 올리십시오.", "Open it in a spreadsheet program, save it again and import that.", value=str(error)[:200],
    )  # fmt: skip


def guard(path: Path | BinaryIO) -> None:
    """Unpack every entry once, keeping nothing, and refuse archives that expand beyond the limits or lie about their sizes."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            total = sum(entry.file_size for entry in entries)
            swollen = any(e.file_size > 16 * 2**20 and e.file_size > MAX_RATIO * max(e.compress_size, 1) for e in entries)
            if len(entries) > MAX_ENTRIES or total > MAX_TOTAL or swollen:
                raise unreadable(
                    "import.too_large", "압축을 풀면 너무 커지는 파일입니다.", "The workbook grows too large when it is unpacked.",
                    "시트를 CSV로 저장하여 올리십시오.", "Save the sheet as CSV and import that.",
                )  # fmt: skip
            for entry in entries:
                with archive.open(entry) as stream:  # stops at the declared size and checks the sum: a false size is an error
                    while stream.read(BLOCK):
                        pass
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError) as error:
        raise _damaged(error) from error


def _sheet_entry(archive: zipfile.ZipFile, name: str) -> str | None:
    """The archive entry of the sheet called ``name``."""
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    target = {link.get("Id"): link.get("Target", "") for link in links}
    for sheet in book.iter(f"{_MAIN}sheet"):
        if sheet.get("name") == name:
            found = target.get(sheet.get(_LINK), "")
            return found.lstrip("/") if found.startswith("/") else posixpath.normpath(posixpath.join("xl", found))
    return None


def formula_cells(path: Path, sheet: str) -> set[tuple[int, int]]:
    """(row, column), both 1-based, of the cells that hold a formula. The sheet's XML is parsed only when ``<f`` stands in it."""
    with zipfile.ZipFile(path) as archive:
        try:
            entry = _sheet_entry(archive, sheet)
            if entry is None or entry not in archive.namelist():
                return set()
        except (KeyError, ElementTree.ParseError) as error:
            raise _damaged(error) from error
        with archive.open(entry) as stream:
            tail = b""
            while block := stream.read(BLOCK):
                if re.search(rb"<(\w+:)?f[ >/]", tail + block):
                    break
                tail = block[-16:]
            else:
                return set()
        found: set[tuple[int, int]] = set()
        at: list[str] = []

        def begin(tag: str, attributes: dict[str, str]) -> None:
            tag = tag.rpartition(":")[2]
            if tag == "c":
                at[:] = [attributes.get("r", "")]
            elif tag == "f" and at:
                found.add(position(at[0]))

        def doctype(*_: object) -> None:
            raise _damaged("DOCTYPE")

        parser = expat.ParserCreate()
        parser.StartElementHandler = begin
        parser.StartDoctypeDeclHandler = doctype
        with archive.open(entry) as stream:
            try:
                parser.ParseFile(stream)
            except expat.ExpatError as error:
                raise _damaged(error) from error
        return found


def position(reference: str) -> tuple[int, int]:
    """(row, column) of a cell reference.

    >>> position("AB12")
    (12, 28)
    """
    found = re.fullmatch(r"([A-Z]{1,3})(\d+)", reference)
    if not found:
        raise _damaged(reference)
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]), column


def reference(row: int, column: int) -> str:
    """The cell's name in the sheet.

    >>> reference(12, 28)
    'AB12'
    """
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"


def written(value: object) -> str:
    """A cell as text: whole numbers without a point, others with their shortest exact digits, days and times in ISO form.

    >>> written(12.0), written(12.1), written(1e16), written(True)
    ('12', '12.1', '10000000000000000', 'TRUE')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{Decimal(repr(value)):f}"
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ", timespec="seconds") if value.time() != dt.time() else value.date().isoformat()
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value)


class SheetTable:
    """One sheet of a workbook. ``rows`` gives blocks of (sheet rows, records); trailing empty rows are left out."""

    def __init__(self, path: Path, sheet: str | None, tell: Tell) -> None:
        import python_calamine as calamine

        guard(path)
        try:
            self._book = calamine.CalamineWorkbook.from_path(str(path))
            names = self._book.sheet_names
            if sheet is not None and sheet not in names:
                raise unreadable(
                    "import.no_sheet", f"‘{sheet}’ 시트가 없습니다.", f"There is no sheet “{sheet}”.",
                    f"다음 중에서 고르십시오: {', '.join(names)}", f"Choose one of: {', '.join(names)}", field="source.sheet", value=sheet,
                )  # fmt: skip
            if not names:
                raise _damaged("no sheet")
            self.name = sheet or names[0]
            self._sheet = self._book.get_sheet_by_name(self.name)
        except calamine.CalamineError as error:
            raise _damaged(error) from error
        self.first_column = (self._sheet.start or (0, 0))[1] + 1
        self.formulas = formula_cells(path, self.name)

    def rows(self) -> Iterator[tuple[list[int], list[list[str]]]]:
        """Blocks of records with their row numbers in the sheet (1-based)."""
        numbers: list[int] = []
        records: list[list[str]] = []
        empty: list[int] = []
        width = self._sheet.width
        for number, cells in enumerate(self._sheet.iter_rows(), start=1):
            record = [written(cell) for cell in cells]
            if not any(record):
                empty.append(number)
                continue
            numbers += empty
            records += [[""] * width for _ in empty]
            empty.clear()
            numbers.append(number)
            records.append(record)
            if len(records) >= ROWS:
                yield numbers, records
                numbers, records = [], []
        if records:
            yield numbers, records
