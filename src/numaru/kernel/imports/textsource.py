"""Tables in text: CSV with any delimiter, plain or gzipped. Rows come in blocks with their physical line numbers.

A broken line is a finding and the next line is read as if nothing had happened: the quoting is strict, and after an error reading
starts again on the line after the one where the broken record began.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from numaru.kernel.imports.bytesource import Encoding, detect, open_bytes, unreadable

LINES = 100_000  # lines a block
OPEN_LINES = 1_000  # a quoted value may run over at most this many lines
MAX_BROKEN = 1_000
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}

type Tell = Callable[[int | None, str | None, str | None, str, str | None], None]  # row, field, value, code, hint

_LINE_END = re.compile(r"\r\n|\r|\n")


def _span(row: list[str]) -> int:
    """Physical lines that a record takes: one, and one more for each line end inside its values."""
    return 1 + sum(len(_LINE_END.findall(cell)) for cell in row if "\n" in cell or "\r" in cell)


class TextTable:
    """A delimited text file. ``rows`` gives blocks of (first physical line of each record, records); header and data alike."""

    def __init__(self, path: Path, encoding: str, delimiter: str, tell: Tell) -> None:
        self._path = path
        self._tell = tell
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

    def rows(self) -> Iterator[tuple[list[int], list[list[str]]]]:
        """Blocks of records with their line numbers (1-based). Lines that cannot be read become findings and are left out."""
        with self._text() as text:
            number = 1  # physical line of block[0]
            block: list[str] = []
            broken = 0
            while True:
                more = list(islice(text, LINES))
                block += more
                if not block:
                    return
                damaged = not self.encoding.clean and "\ufffd" in "".join(block)
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
                    if more and "unexpected end" in str(error) and len(block) <= OPEN_LINES:
                        break  # a value that runs over the edge of the block: read on
                    self._tell(number, None, block[0].rstrip("\r\n"), "import.quoting", None)
                    broken += 1
                    if broken > MAX_BROKEN:
                        raise unreadable(
                            "import.not_a_table", "따옴표가 맞지 않는 줄이 1,000줄을 넘습니다.", "More than 1,000 lines have broken quotation marks.",
                            "구분자와 파일 형식을 확인하십시오.", "Check the delimiter and the format of the file.",
                        )  # fmt: skip
                    number += 1
                    block = block[1:]

    def _sound(self, numbers: list[int], records: list[list[str]], damaged: bool) -> tuple[list[int], list[list[str]]]:
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
