"""Files that people send: one place that decides what is taken, under which name it lies, and how it is given back.

    stored = uploads.put("imports", upload, upload.name, allowed={"csv", "gz", "xlsx"})
    return uploads.give(stored.key, stored.name)

Nothing here trusts a name, a declared type or a declared size. A file is stored under a random key in the file store, which lies under no
served path; it is never executed or unpacked; it is given back only as an attachment of a fixed type.
"""

from __future__ import annotations

import gzip
import re
import unicodedata
import uuid
import zipfile
import zlib
from collections.abc import Set
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from django.http import FileResponse

from numaru.kernel.errors import Invalid, Refused
from numaru.kernel.files import store
from numaru.values.text import Text

MIB = 2**20
LARGEST = 2048 * MIB
LONGEST_NAME = 120
HEAD = 8192
ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\x00asm")
# what a file of each ending must begin with; text endings may not begin with anything binary
MAGIC: dict[str, tuple[bytes, ...]] = {
    "xlsx": (b"PK\x03\x04",),
    "gz": (b"\x1f\x8b\x08",),
    "pdf": (b"%PDF-",),
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpg": (b"\xff\xd8\xff",),
}
TEXTS = frozenset({"csv", "tsv", "txt", "toml", "json"})
MACROS = frozenset({"xlsm", "xlsb", "xltm", "xlam", "docm", "pptm"})


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that may be taken: its safe name, its ending (``jpeg`` reads ``jpg``), its size in bytes."""

    name: str
    ending: str
    size: int


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that was taken. ``key`` is random and says nothing; ``sha256`` in hex."""

    key: str
    name: str
    ending: str
    size: int
    sha256: str


def refuse(code: str, ko: str, en: str, remedy_ko: str, remedy_en: str) -> Refused:
    return Invalid.because(f"upload.{code}", Text(ko, en), Text(remedy_ko, remedy_en), field="file")


def clean_name(given: str) -> str:
    """A name that is only a name: the last part of any path, NFC, without control, direction and shell characters, with its ending kept.

    >>> clean_name("../../etc/pass\\x00wd"), clean_name("C:\\\\x\\\\가입자 목록.CSV"), clean_name("..")
    ('passwd', '가입자 목록.CSV', 'file')
    """
    name = unicodedata.normalize("NFC", given.replace("\\", "/").rpartition("/")[2])
    name = "".join(c for c in name if unicodedata.category(c)[0] != "C")  # control, format (right-to-left marks), unassigned
    name = re.sub(r"[<>:\"'|?*;&$`%{}]", "_", name)
    name = re.sub(r"\s+", " ", name).strip(" .")
    stem, dot, ending = name.rpartition(".")
    if len(name) > LONGEST_NAME:
        name = (stem[: LONGEST_NAME - len(ending) - 1] + dot + ending) if dot and len(ending) < 10 else name[:LONGEST_NAME]
    return name or "file"


def check(content: BinaryIO, name: str, allowed: Set[str], largest: int = LARGEST) -> Checked:
    """Look at a file before anything is kept. ``allowed`` names endings of `MAGIC` and `TEXTS`. ``content`` is read and set back to its start.

    Refuses (Invalid): too large or empty, an ending that is not allowed, macros, content that is not what the ending says, archives that
    expand without measure or hold archives or document type declarations.
    """
    safe = clean_name(name)
    ending = PurePosixPath(safe).suffix.lower().lstrip(".")
    ending = "jpg" if ending == "jpeg" else ending
    size = content.seek(0, 2)
    content.seek(0)
    if size > largest:
        raise refuse(
            "too_large",
            f"파일이 {largest // MIB}MB를 넘습니다.",
            f"The file is larger than {largest // MIB} MB.",
            "나누어 올리십시오.",
            "Split it.",
        )
    if not size:
        raise refuse("empty", "빈 파일입니다.", "The file is empty.", "파일을 확인하십시오.", "Check the file.")
    if ending in MACROS:
        raise _macros()
    if ending not in allowed:
        endings = ", ".join(sorted(allowed))
        raise refuse(
            "ending",
            f"받을 수 없는 형식입니다: .{ending}",
            f"A file .{ending} is not taken.",
            f"다음 형식으로 저장하십시오: {endings}",
            f"Save it as one of: {endings}",
        )
    head = content.read(HEAD)
    content.seek(0)
    _agrees(head, ending)
    if ending == "xlsx":
        _archive(content)
    elif ending == "gz":
        _squeezed(content)
    content.seek(0)
    return Checked(safe, ending, size)


def _macros() -> Refused:
    return refuse(
        "macros", "매크로가 든 파일은 받지 않습니다.", "A workbook with macros is not taken.", "매크로 없는 .xlsx로 저장하십시오.", "Save it as .xlsx without macros."
    )  # fmt: skip


def _different(ending: str) -> Refused:
    return refuse(
        "content", f"내용이 .{ending} 파일이 아닙니다.", f"The content is not that of a .{ending} file.",
        "만든 프로그램에서 다시 저장하십시오.", "Save it again in the program that made it.",
    )  # fmt: skip


def _bomb() -> Refused:
    return refuse(
        "bomb", "압축을 풀면 너무 커지거나 파일 안에 다른 압축이 들어 있습니다.", "The file grows too large when unpacked, or holds other archives.",
        "내용만 CSV로 저장하십시오.", "Save the content alone as CSV.",
    )  # fmt: skip


def _agrees(head: bytes, ending: str) -> None:
    """Whether the first bytes are what the ending says."""
    wanted = MAGIC.get(ending)
    if wanted is not None:
        if not head.startswith(wanted):
            raise _different(ending)
        return
    utf16 = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    binary = b"\0" in head and not utf16 and 0 not in (head[0::2].count(0), head[1::2].count(0))
    foreign = head.startswith((*ARCHIVES, *PROGRAMS, *(m for ms in MAGIC.values() for m in ms), b"\xd0\xcf\x11\xe0"))
    markup = re.match(rb"\s*<(?:!doctype|html|script|svg|\?xml)", head.removeprefix(b"\xef\xbb\xbf"), re.I)
    if binary or foreign or markup:
        raise _different(ending)


def _archive(content: BinaryIO) -> None:
    """A workbook: within the limits of imports, without macros, archives inside, document types, or names that leave the archive."""
    from numaru.kernel.imports.sheetsource import guard

    try:
        guard(content)
        with zipfile.ZipFile(content) as archive:
            names = archive.namelist()
            if any(n.lower().endswith("vbaproject.bin") or "/macrosheets/" in n.lower() for n in names):
                raise _macros()
            if len(set(names)) != len(names) or any(n.startswith(("/", "\\")) or ".." in n.split("/") or "\\" in n for n in names):
                raise _different("xlsx")
            if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names:
                raise _different("xlsx")
            if b"macroenabled" in archive.read("[Content_Types].xml").lower():
                raise _macros()
            for entry in archive.infolist():
                with archive.open(entry) as stream:
                    _entry(entry.filename, stream.read(65536))
    except (zipfile.BadZipFile, zlib.error, OSError, NotImplementedError, RuntimeError) as error:
        raise _different("xlsx") from error


def _entry(name: str, head: bytes) -> None:
    if head.startswith((*ARCHIVES, *PROGRAMS)):
        raise _bomb()
    if name.lower().endswith((".xml", ".rels", ".vml")):
        plain = head.replace(b"\0", b"").lower()  # two-byte letters read alike
        if b"<!doctype" in plain or b"<!entity" in plain:
            raise _bomb()


def _squeezed(content: BinaryIO) -> None:
    """A gzip of text and not of another archive. How far it may expand is measured where it is read, piece by piece: a table of many equal
    rows shrinks as much as a bomb does, so its beginning does not tell."""
    try:
        head = gzip.GzipFile(fileobj=content).read(HEAD)
    except (OSError, EOFError, zlib.error) as error:
        raise _different("gz") from error
    if head.startswith(ARCHIVES):
        raise _bomb()
    _agrees(head, "csv")


def put(room: str, content: BinaryIO, name: str, allowed: Set[str], largest: int = LARGEST) -> Stored:
    """`check`, then store under a random key of ``room``."""
    found = check(content, name, allowed, largest)
    key = f"{room}/{uuid.uuid4().hex}/source"
    sha256 = store().put(key, content)
    return Stored(key, found.name, found.ending, found.size, sha256)


def give(key: str, name: str) -> FileResponse:
    """A stored file for download: always an attachment, never a type that a browser shows or runs. Raises FileNotFoundError."""
    answer = FileResponse(store().open(key), as_attachment=True, filename=clean_name(name), content_type="application/octet-stream")
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cache-Control"] = "no-store"
    return answer
