"""Tables in text: CSV with any delimiter, plain or gzipped. Rows come in blocks with their physical line numbers.

A broken line is a finding and the next line is read as if nothing had happened: the quoting is strict, and after an error reading
starts again on the line after the one where the broken record began.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as arrow_csv

from numaru.kernel.imports.bytesource import Encoding, detect, open_bytes, unreadable

LINES = 100_000  # lines a block
FIRST_PIECE = 1 << 16  # bytes in which the header is looked for
PIECE = 4 << 20  # bytes a block
OPEN_LINES = 1_000  # a quoted value may run over at most this many lines
MAX_BROKEN = 1_000
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}

type Records = tuple[list[int], list[list[str]]]  # physical line of each record, its cells
type Tell = Callable[[int | None, str | None, str | None, str, str | None], None]  # row, field, value, code, hint


@dataclass(frozen=True, slots=True)
class Columns:
    """A block in which every line is one row: ``first`` is the physical line of the first, ``table`` has text columns c0, c1, …"""

    first: int
    table: pa.Table


_LINE_END = re.compile(r"\r\n|\r|\n")


def _lines(raw: bytes) -> list[str]:
    """Decoded lines with their ends; what is not UTF-8 becomes U+FFFD."""
    return list(io.StringIO(raw.decode("utf-8", "replace"), newline=""))


def _span(row: list[str]) -> int:
    """Physical lines that a record takes: one, and one more for each line end inside its values."""
    return 1 + sum(len(_LINE_END.findall(cell)) for cell in row if "\n" in cell or "\r" in cell)


class TextTable:
    """A delimited text file. ``rows`` gives blocks of (first physical line of each record, records); header and data alike."""

    def __init__(self, path: Path, encoding: str, delimiter: str, tell: Tell) -> None:
        self._path = path
        self._tell = tell
        self.width = 0  # cells of the header, once it is known
        self.encoding: Encoding = detect(path, encoding)
        if self.encoding.bom:
            tell(1, None, None, "import.bom", None)
        self.delimiter = DELIMITERS.get(delimiter, delimiter) if delimiter != "auto" else self._sniff()

    def _text(self) -> io.TextIOWrapper:
        text = io.TextIOWrapper(open_bytes(self._path), encoding=self.encoding.codec, errors="replace", newline="")
        if self.encoding.bom:
            text.read(1)
        return text

    def _sniff(self) -> str:
        """The delimiter that stands most often in the first line with words, outside quotation marks; a comma when none does."""
        with self._text() as text:
            for line in islice(text, 50):
                bare = re.sub(r'"[^"]*"', "", line)
                if bare.strip():
                    counts = {mark: bare.count(mark) for mark in (",", ";", "\t", "|")}
                    best = max(counts, key=lambda mark: counts[mark])
                    return best if counts[best] else ","
        return ","

    def rows(self) -> Iterator[Records | Columns]:
        """Blocks of records with their line numbers (1-based). Lines that cannot be read become findings and are left out.

        A block of clean UTF-8 without a quotation mark in which every line has ``width`` cells comes as columns, about ten times as fast.
        """
        number = 1  # physical line of block[0]
        block: list[str] = []
        self._broken = 0
        for raw, more in self._pieces():
            if raw is not None and not block and self.width > 1:
                table = self._columns(raw)
                if table is not None:
                    yield Columns(number, table)
                    number += table.num_rows
                    continue
            block += more() if callable(more) else more
            damaged = not self.encoding.clean and "\ufffd" in "".join(block)
            number, block = yield from self._records(number, block, damaged, last=False)
        damaged = not self.encoding.clean and "\ufffd" in "".join(block)
        yield from self._records(number, block, damaged, last=True)

    def _pieces(self) -> Iterator[tuple[bytes | None, Callable[[], list[str]] | list[str]]]:
        """The file in pieces that end with a line: (bytes if they are UTF-8, the lines or how to get them)."""
        if self.encoding.codec != "utf-8":
            with self._text() as text:
                while lines := list(islice(text, LINES)):
                    yield None, lines
            return
        with open_bytes(self._path) as file:
            if self.encoding.bom:
                file.read(3)
            size, rest = FIRST_PIECE, b""
            while True:
                got = file.read(size)
                piece = rest + got
                cut = len(piece) if not got else piece.rfind(b"\n") + 1
                raw, rest, size = piece[:cut], piece[cut:], PIECE
                if raw:
                    yield raw, partial(_lines, raw)
                if not got:
                    return

    def _columns(self, raw: bytes) -> pa.Table | None:
        """The piece as a table of text columns c0, c1, …, or None when a line needs a closer look."""
        if not self.encoding.clean or b'"' in raw or b"\x00" in raw or (b"\r" in raw and raw.count(b"\r") != raw.count(b"\r\n")):
            return None
        if raw.startswith((b"\n", b"\r\n")) or b"\n\n" in raw or b"\n\r\n" in raw:  # an empty line is a finding
            return None
        names = [f"c{index}" for index in range(self.width)]
        try:
            table = arrow_csv.read_csv(
                pa.BufferReader(raw),
                arrow_csv.ReadOptions(column_names=names, use_threads=False, block_size=len(raw) + 1),
                arrow_csv.ParseOptions(delimiter=self.delimiter, quote_char=False, ignore_empty_lines=False),
                arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=False),
            )
        except pa.ArrowInvalid:  # a line with more or fewer cells
            return None
        return table if table.num_rows == raw.count(b"\n") + (not raw.endswith(b"\n")) else None

    def _records(self, number: int, block: list[str], damaged: bool, last: bool) -> Generator[Records, None, tuple[int, list[str]]]:
        """Parse ``block``, whose first line is ``number``. Returns where reading goes on and what is not finished yet."""
        while block:
            records: list[list[str]] = []
            error: csv.Error | None = None
            try:
                records.extend(csv.reader(block, delimiter=self.delimiter, strict=True))
            except csv.Error as caught:
                error = caught
            if error is None and len(records) == len(block):
                numbers, used = list(range(number, number + len(block))), len(block)
            else:
                numbers, used = [], 0
                for record in records:
                    numbers.append(number + used)
                    used += _span(record)
            if records:
                yield self._sound(numbers, records, damaged)
            number += used
            block = block[used:]
            if error is None:
                break
            if not last and "unexpected end" in str(error) and len(block) <= OPEN_LINES:
                break  # a value that runs over the edge of the block: read on
            self._tell(number, None, block[0].rstrip("\r\n"), "import.quoting", None)
            self._broken += 1
            if self._broken > MAX_BROKEN:
                raise unreadable(
                    "import.not_a_table", "따옴표가 맞지 않는 줄이 1,000줄을 넘습니다.", "More than 1,000 lines have broken quotation marks.",
                    "구분자와 파일 형식을 확인하십시오.", "Check the delimiter and the format of the file.",
                )  # fmt: skip
            number += 1
            block = block[1:]
        return number, block

    def _sound(self, numbers: list[int], records: list[list[str]], damaged: bool) -> Records:
        """Leave out the records that hold bytes the encoding does not know."""
        if not damaged:
            return numbers, records
        kept_numbers, kept = [], []
        for number, record in zip(numbers, records, strict=True):
            hurt = next((cell for cell in record if "\ufffd" in cell), None)
            if hurt is None:
                kept_numbers.append(number)
                kept.append(record)
            else:
                self._tell(number, None, hurt, "import.encoding", self.encoding.shown)
        return kept_numbers, kept
