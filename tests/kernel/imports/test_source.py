"""Reading strangers' files: every encoding, delimiter and kind of damage gives the rows that are whole and a finding for each that is not."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numaru.kernel.errors import Invalid
from numaru.kernel.imports import bytesource, sheetsource, textsource
from numaru.kernel.imports.source import Source, SourceSpec


def read(path: Path, spec: SourceSpec | None = None) -> tuple[list[str], list[tuple[object, ...]], list[tuple[int, str]]]:
    """(header, rows as tuples with their line first, findings as (line, code))."""
    source = Source(path, spec or SourceSpec())
    found = [tuple(row.values()) for batch in source.batches(range(len(source.columns))) for row in batch.to_pylist()]
    return source.columns, found, [(f["row"], f["code"]) for f in source.findings().to_pylist()]


def write(folder: Path, content: bytes, name: str = "f.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("codec", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", b"\xef\xbb\xbf"),
        ("cp949", b""),
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b"\xfe\xff"),
        ("utf-16-le", b""),
    ],
)
def test_encodings_are_seen(tmp_path: Path, codec: str, mark: bytes) -> None:
    path = write(tmp_path, mark + "번호,name of the person\n001,김하늘\n002,똠방각하 and more\n".encode(codec))
    header, found, told = read(path)
    assert header == ["번호", "name of the person"]
    assert found == [(2, "001", "김하늘"), (3, "002", "똠방각하 and more")]
    assert told == ([(1, "import.bom")] if mark else [])


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_delimiters_are_seen_and_quotes_respected(tmp_path: Path, mark: str) -> None:
    text = f'a{mark}"b{mark}{mark}{mark}x"\n1{mark}"p{mark}q ""r"""\n'
    assert read(write(tmp_path, text.encode()))[:2] == (["a", f"b{mark}{mark}{mark}x"], [(2, "1", f'p{mark}q "r"')])


def test_a_broken_line_spoils_no_other(tmp_path: Path) -> None:
    text = 'a,b\n1,"x\r\ny"\n2,"bad"x\n3,ok\n\n4,"never closed\n5,fine,more\n6,한글\n'.encode() + b"7,\xff\xfe\n8,z,\n"
    _, found, told = read(write(tmp_path, text))
    assert found == [(2, "1", "x\r\ny"), (5, "3", "ok"), (9, "6", "한글"), (11, "8", "z")]
    assert sorted(told) == [
        (4, "import.quoting"),
        (6, "import.empty_row"),
        (7, "import.quoting"),
        (8, "import.ragged"),
        (10, "import.encoding"),
    ]


def test_lines_count_across_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A value that runs over the edge of a block is read whole, and the lines after it keep their numbers."""
    monkeypatch.setattr(textsource, "LINES", 3)
    text = 'a,b\n1,x\n2,"one\ntwo\nthree\nfour"\n3,y\n4,"bad"x\n5,z\n6,w\n'
    _, found, told = read(write(tmp_path, text.encode()))
    assert found == [(2, "1", "x"), (3, "2", "one\ntwo\nthree\nfour"), (7, "3", "y"), (9, "5", "z"), (10, "6", "w")]
    assert told == [(8, "import.quoting")]


@given(
    st.lists(
        st.lists(
            st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufffd"), max_size=8), min_size=2, max_size=2
        ),
        max_size=20,
    )
)
def test_what_csv_writes_is_read_back(tmp_path: Path, table: list[list[str]]) -> None:
    import csv

    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([["h1", "h2"], *table])
    _, found, told = read(write(tmp_path, text.getvalue().encode()), SourceSpec(encoding="utf-8", delimiter=","))
    assert [row[1:] for row in found] == [tuple(cell.strip() for cell in row) for row in table]
    assert len(found) == len(table) and not told


@given(
    st.lists(
        st.sampled_from(
            ["1,x\n", "2,y\r\n", "\n", '3,"q"\n', '4,"a\nb"\n', '5,"open\n', "6\n", "7,a,b\n", "8,c,\n", "한,글\n", " , \n", "9,z\r"]
        ),
        max_size=30,
    ),
    st.booleans(),
)
def test_the_fast_road_and_the_careful_one_read_the_same(tmp_path: Path, lines: list[str], ends: bool) -> None:
    """Pieces of any size, by columns or record by record: rows, line numbers and findings are the same."""
    path = write(tmp_path, ("a,b\n" + "".join(lines)).encode()[: None if ends else -1])
    careful = SourceSpec(delimiter=",", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(textsource.TextTable, "_columns", lambda self, raw: None)
        expected = read(path, careful)
    for size in (4, 13, 1 << 16):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(textsource, "FIRST_PIECE", 4)
            patch.setattr(textsource, "PIECE", size)
            found = read(path, careful)
        assert (found[0], found[1], sorted(found[2])) == (expected[0], expected[1], sorted(expected[2]))


def test_gzip_is_read_and_a_damaged_one_refused(tmp_path: Path) -> None:
    packed = gzip.compress(b"a,b\n" + b"1,2\n" * 50_000)
    assert len(read(write(tmp_path, packed, "f.csv.gz"))[1]) == 50_000
    with pytest.raises(Invalid) as caught:
        read(write(tmp_path, packed[: len(packed) // 2], "half.csv.gz"))
    assert caught.value.findings[0].code == "import.damaged"


def test_a_gzip_bomb_and_an_endless_line_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bytesource, "MAX_EXPANDED", 2**22)
    with pytest.raises(Invalid) as caught:
        read(write(tmp_path, gzip.compress(b"a,b\n" + b"1,2\n" * 2**21), "bomb.csv.gz"))
    assert caught.value.findings[0].code == "import.too_large"
    with pytest.raises(Invalid) as caught:
        read(write(tmp_path, b"a,b\n" + b"x" * (bytesource.MAX_LINE + 2**21)))
    assert caught.value.findings[0].code in ("import.line_too_long", "import.too_large")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "import.empty_file"),
        (b"\xd0\xcf\x11\xe0rest", "import.unknown_format"),
        (b"%PDF-1.7", "import.unknown_format"),
        (b"\n\n", "import.no_header"),
    ],
)
def test_what_is_no_table_is_refused_in_words(tmp_path: Path, content: bytes, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        read(write(tmp_path, content))
    assert caught.value.findings[0].code == code
    assert caught.value.findings[0].remedy.ko and caught.value.findings[0].remedy.en


def workbook(folder: Path) -> Path:
    import datetime as dt

    book = openpyxl.Workbook()
    first = book.active
    first.title = "안내"
    first["A1"] = "읽지 않는 시트"
    sheet = book.create_sheet("고객")
    for place, cell in {
        "B2": "id", "C2": "price", "D2": "start", "E2": "flag", "F2": "sum",
        "B3": "00012", "C3": 29.85, "D3": dt.date(2026, 11, 22), "E3": True, "F3": "x",
        "B5": "00013", "C5": 1e15, "D5": dt.datetime.fromisoformat("2026-01-02 03:04:05"), "E5": False, "F5": "=C3+1",
    }.items():  # fmt: skip
        sheet[place] = cell
    path = folder / "b.xlsx"
    book.save(path)
    return path


def test_a_sheet_keeps_zeros_digits_days_and_rows(tmp_path: Path) -> None:
    source = Source(workbook(tmp_path), SourceSpec(sheet="고객", header=2))
    assert source.columns == ["id", "price", "start", "flag", "sum"]
    found = [tuple(row.values()) for batch in source.batches([0, 1, 2, 3]) for row in batch.to_pylist()]
    assert found == [
        (3, "00012", "29.85", "2026-11-22", "TRUE"),
        (4, "", "", "", ""),
        (5, "00013", "1000000000000000", "2026-01-02 03:04:05", "FALSE"),
    ]


def test_a_formula_in_a_used_column_is_named_by_its_cell(tmp_path: Path) -> None:
    source = Source(workbook(tmp_path), SourceSpec(sheet="고객", header=2))
    found = [row["row"] for batch in source.batches([0, 4]) for row in batch.to_pylist()]
    assert found == [3, 4]
    assert [(f["row"], f["field"], f["code"], f["hint"]) for f in source.findings().to_pylist()] == [(5, "sum", "import.formula", " (F5)")]


def test_an_unknown_sheet_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as caught:
        Source(workbook(tmp_path), SourceSpec(sheet="없음"))
    assert "고객" in caught.value.findings[0].remedy.ko


def test_a_workbook_that_swells_is_refused_before_it_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(tmp_path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros.bin", bytes(17 * 2**20))
    with pytest.raises(Invalid) as caught:
        Source(path, SourceSpec())
    assert caught.value.findings[0].code == "import.too_large"
    monkeypatch.setattr(sheetsource, "MAX_ENTRIES", 3)
    with pytest.raises(Invalid):
        Source(workbook(tmp_path), SourceSpec())


def test_a_zip_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "z.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", "hi")
    with pytest.raises(Invalid) as caught:
        Source(path, SourceSpec())
    assert caught.value.findings[0].code == "import.damaged"
