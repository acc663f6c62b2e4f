"""What is taken of the files that people send, and how it is given back."""

from __future__ import annotations

import gzip
import io
import random
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numaru.kernel import uploads
from numaru.kernel.errors import Invalid
from numaru.kernel.files import store

TABLES = frozenset({"csv", "gz", "xlsx"})


def book(extra: dict[str, bytes] | None = None, types: bytes = b"<Types/>", **named: bytes) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", types)
        archive.writestr("xl/workbook.xml", named.get("workbook", b"<workbook/>"))
        for name, content in (extra or {}).items():
            archive.writestr(name, content)
    return out


def code(content: io.BytesIO, name: str, **how: object) -> str:
    """The code of the refusal, or "" when it is taken."""
    try:
        uploads.check(content, name, TABLES, **how)  # type: ignore[arg-type]
    except Invalid as refused:
        assert all(f.message.ko and f.remedy.ko for f in refused.findings)
        return refused.findings[0].code
    assert content.tell() == 0
    return ""


def real() -> io.BytesIO:
    import openpyxl

    out = io.BytesIO()
    made = openpyxl.Workbook()
    made.active.append(["가입자", 1])
    made.save(out)
    return out


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (io.BytesIO("이름,금액\n하늘,1\n".encode()), "a.csv"),
        (io.BytesIO("이름,금액\n".encode("cp949")), "a.CSV"),
        (io.BytesIO("이름,금액\n".encode("utf-16")), "a.csv"),
        (io.BytesIO(gzip.compress("이름,금액\n하늘,1\n".encode() * 50_000)), "a.csv.gz"),
        (real(), "가입자.xlsx"),
    ],
)
def test_tables_are_taken(content: io.BytesIO, name: str) -> None:
    assert code(content, name) == ""


NOISE = random.Random(1).randbytes(50_000)


@pytest.mark.parametrize(
    ("content", "name", "wanted"),
    [
        (io.BytesIO(b""), "a.csv", "upload.empty"),
        (io.BytesIO(b"x"), "a.exe", "upload.ending"),
        (io.BytesIO(b"x"), "csv", "upload.ending"),
        (io.BytesIO(b"MZ\x90\x00" + NOISE), "a.csv", "upload.content"),
        (io.BytesIO(b"#!/bin/sh\nrm -rf /\n"), "a.csv", "upload.content"),
        (io.BytesIO(b"\x7fELF" + NOISE), "a.csv", "upload.content"),
        (io.BytesIO(b"<html><script>alert(1)</script>"), "a.csv", "upload.content"),
        (io.BytesIO(b"\xef\xbb\xbf <svg onload=alert(1)>"), "a.csv", "upload.content"),
        (io.BytesIO(NOISE), "a.csv", "upload.content"),
        (io.BytesIO(b"not a zip"), "a.xlsx", "upload.content"),
        (io.BytesIO(b"PK\x03\x04" + NOISE), "a.xlsx", "import.damaged"),
        (book(), "a.xlsm", "upload.macros"),
        (book({"xl/vbaProject.bin": b"x"}), "a.xlsx", "upload.macros"),
        (
            book(types=b'<Types><Override ContentType="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/></Types>'),
            "a.xlsx",
            "upload.macros",
        ),
        (book({"xl/embeddings/a.bin": b"PK\x03\x04" + NOISE}), "a.xlsx", "upload.bomb"),
        (book({"xl/a.xml": b'<!DOCTYPE a [<!ENTITY b "ha">]><a>&b;</a>'}), "a.xlsx", "upload.bomb"),
        (book({"xl/a.xml": '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'.encode("utf-16")}), "a.xlsx", "upload.bomb"),
        (book({"xl/big.xml": b"\0" * (40 * 2**20)}), "a.xlsx", "import.too_large"),
        (book({f"xl/{n}": b"" for n in range(2100)}), "a.xlsx", "import.too_large"),
        (book({"../../etc/cron.d/x": b"x"}), "a.xlsx", "upload.content"),
        (io.BytesIO(gzip.compress(gzip.compress(b"a,b\n"))), "a.csv.gz", "upload.bomb"),
        (io.BytesIO(gzip.compress(b"\0" * 2**26)), "a.csv.gz", "upload.content"),
        (io.BytesIO(b"\x1f\x8b\x08" + NOISE), "a.gz", "upload.content"),
    ],
)
def test_what_is_not_what_it_says_is_refused_in_words(content: io.BytesIO, name: str, wanted: str) -> None:
    assert code(content, name) == wanted


def test_size_is_measured_and_not_believed() -> None:
    assert code(io.BytesIO(b"a,b\n" * 300), "a.csv", largest=1000) == "upload.too_large"


@given(st.text(max_size=400))
def test_a_name_is_only_ever_a_name(given: str) -> None:
    name = uploads.clean_name(given)
    assert name and len(name) <= uploads.LONGEST_NAME and not name.startswith(".")
    assert not set(name) & set("/\\\0\r\n\"'<>|;&$`") and "\u202e" not in name
    assert uploads.clean_name(name) == name


def test_a_file_lies_under_a_random_key_and_comes_back_as_an_attachment_only() -> None:
    first = uploads.put("imports", io.BytesIO(b"a,b\n"), "../../x\u202egpj.csv", TABLES)
    second = uploads.put("imports", io.BytesIO(b"a,b\n"), "x.csv", TABLES)
    assert first.key != second.key and first.sha256 == second.sha256 and first.name == "xgpj.csv"
    assert "x" not in first.key.removeprefix("imports/").split("/")[0]
    answer = uploads.give(first.key, "악성\r\nSet-Cookie: a=b.html")
    assert answer["Content-Disposition"].startswith("attachment") and answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff" and "Set-Cookie" not in answer.headers
    assert b"".join(answer.streaming_content) == b"a,b\n"  # type: ignore[arg-type]
    for stored in (first, second):
        store().delete(stored.key)
