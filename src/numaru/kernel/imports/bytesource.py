"""The bytes of an uploaded file: what kind of file they are, in which encoding, and within which limits they are read.

Nothing here trusts a name or a declared size. A file that is too large, expands too much or has a line without end is refused in words.
"""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from numaru.kernel.errors import Invalid
from numaru.values.text import Text

BLOCK = 1 << 20
MAX_EXPANDED = 50 * 2**30  # bytes of text after gunzip
MAX_RATIO = 400  # of which gzip may have saved at most this factor, once past the first 64 MB
MAX_LINE = 8 * 2**20  # bytes between two line ends
ENCODINGS = {"utf-8": "UTF-8", "cp949": "CP949", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16"}


def unreadable(code: str, ko: str, en: str, remedy_ko: str, remedy_en: str, **where: object) -> Invalid:
    """The refusal of a whole file."""
    return cast(Invalid, Invalid.because(code, Text(ko, en), Text(remedy_ko, remedy_en), **where))


class Bounded(io.RawIOBase):
    """A read-only stream that refuses to give more than the limits allow: total size, expansion, and length of a line."""

    def __init__(self, inner: BinaryIO, packed: int | None = None) -> None:
        self._inner = inner
        self._packed = packed  # size of the gzip file, when the stream is one
        self._given = 0
        self._since_line_end = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast(bytearray, buffer))
        try:
            block = self._inner.read(len(view))
        except (OSError, EOFError, zlib.error) as error:
            raise unreadable(
                "import.damaged", "압축이 깨진 파일입니다.", "The compressed file is damaged.",
                "파일을 다시 만들어 올리십시오.", "Make the file again and import it.", value=str(error)[:200],
            ) from error  # fmt: skip
        self._given += len(block)
        last = block.rfind(b"\n")
        if last < 0:
            last = block.rfind(b"\r")
        self._since_line_end = len(block) - last - 1 if last >= 0 else self._since_line_end + len(block)
        expands = self._packed is not None and self._given > 64 * 2**20 and self._given > self._packed * MAX_RATIO
        if self._given > MAX_EXPANDED or expands:
            raise unreadable(
                "import.too_large", "압축을 풀면 너무 커지는 파일입니다.", "The file grows too large when it is unpacked.",
                "파일을 나누어 올리십시오.", "Split the file.",
            )  # fmt: skip
        if self._since_line_end > MAX_LINE:
            raise unreadable(
                "import.line_too_long", "한 줄이 8MB를 넘습니다. 표 형식의 파일이 아닌 것 같습니다.",
                "A line is longer than 8 MB. This does not look like a table.", "파일을 확인하십시오.", "Check the file.",
            )  # fmt: skip
        view[: len(block)] = block
        return len(block)

    def close(self) -> None:
        if not self.closed:
            self._inner.close()
        super().close()


def kind(path: Path) -> str:
    """ "xlsx", "gzip" or "text", by the first bytes. Raises Invalid for an old .xls, an empty file and other binary formats."""
    with path.open("rb") as file:
        head = file.read(8)
    if not head:
        raise unreadable("import.empty_file", "빈 파일입니다.", "The file is empty.", "파일을 확인하십시오.", "Check the file.")
    if head.startswith(b"PK\x03\x04"):
        return "xlsx"
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head.startswith((b"\xd0\xcf\x11\xe0", b"PAR1", b"%PDF", b"SQLite f")):
        raise unreadable(
            "import.unknown_format", "읽을 수 없는 파일 형식입니다.", "This file format cannot be read.",
            "CSV 또는 XLSX로 저장하여 올리십시오.", "Save it as CSV or XLSX.",
        )  # fmt: skip
    return "text"


def open_bytes(path: Path) -> BinaryIO:
    """The text bytes of a plain or gzip file, within the limits."""
    raw = path.open("rb")
    packed = None
    inner: BinaryIO = raw
    if kind(path) == "gzip":
        packed = path.stat().st_size
        inner = cast(BinaryIO, gzip.GzipFile(fileobj=raw))
    return io.BufferedReader(Bounded(inner, packed), BLOCK)


@dataclass(frozen=True, slots=True)
class Encoding:
    """``codec`` is Python's name, ``shown`` the people's; ``bom``: the file begins with a byte order mark; ``clean``: every byte decodes."""

    codec: str
    bom: bool
    clean: bool

    @property
    def shown(self) -> str:
        return ENCODINGS.get(self.codec, self.codec.upper())


def _decodes(path: Path, codec: str) -> bool:
    decoder = codecs.getincrementaldecoder(codec)("strict")
    try:
        with open_bytes(path) as file:
            while block := file.read(BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _bad_lines(path: Path, codec: str) -> tuple[int, int]:
    """(lines beyond ASCII that decode, lines that do not) among the first 200,000."""
    good = bad = 0
    with open_bytes(path) as file:
        for number, line in enumerate(file):
            if number == 200_000:
                break
            if line.isascii():
                continue
            try:
                line.decode(codec)
                good += 1
            except UnicodeDecodeError:
                bad += 1
    return good, bad


def detect(path: Path, wanted: str = "auto") -> Encoding:
    """The encoding of a text file: its byte order mark, else UTF-8 if every byte agrees, else the one that explains more lines.

    ``wanted`` other than "auto" is taken at its word ("utf-8", "cp949" or "euc-kr", "utf-16"); a byte order mark still counts.
    """
    with open_bytes(path) as file:
        head = file.read(4096)
    for mark, codec in ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if head.startswith(mark):
            return Encoding(codec, True, _decodes(path, codec))
    chosen = {"euc-kr": "cp949", "utf8": "utf-8", "utf-16": "utf-16-le"}.get(wanted.lower(), wanted.lower())
    if chosen != "auto":
        return Encoding(chosen, False, _decodes(path, chosen))
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) * 4 > len(head):  # ASCII text in two-byte units: every second byte is zero
        codec = "utf-16-le" if odd > even else "utf-16-be"
        return Encoding(codec, False, _decodes(path, codec))
    if _decodes(path, "utf-8"):
        return Encoding("utf-8", False, True)
    if _decodes(path, "cp949") and _bad_lines(path, "utf-8")[0] == 0:
        return Encoding("cp949", False, True)
    scores = {codec: _bad_lines(path, codec) for codec in ("utf-8", "cp949")}
    best = min(scores, key=lambda codec: (scores[codec][1] - scores[codec][0], codec != "utf-8"))
    return Encoding(best, False, False)
