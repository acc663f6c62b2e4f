"""Values: what is exact is kept to the last digit, what is not is a finding with row, field, value and remedy; good rows always stay."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numaru.kernel.errors import Invalid
from numaru.kernel.imports.api import Stage

from .conftest import FIELDS, HEAD, rows, told

type Load = Callable[..., Stage]

PLAN = FIELDS + '[fields.offer]\ncolumn = "plan"\nvalues = { Gold = "gold", Silver = "silver" }\n'


def test_ten_kinds_of_fault_give_ten_findings_and_the_good_rows_stay(staged: Load) -> None:
    lines = [
        b"\xef\xbb\xbfid,price,start,plan",
        b"00001,10.50,2026-11-01,Gold",
        b"00002,\xb1\xe8,2026-11-01,Gold",  # another encoding
        b'00003,"12,50",2026-11-01,Gold',
        b"00004,10,2026.11.01,Gold",
        b"00001,11,2026-11-02,Gold",  # the key again
        b"00005,10,2026-11-01,Platinum",
        b"00006,-1,2026-11-01,Gold",
        b"00007,1234567890123,2026-11-01,Gold",
        b",,,",
        b"00008,=A1+1,2026-11-01,Gold",
        b"00009,0.000001,2026-11-30,Silver",
        b"",
    ]
    stage = staged(b"\n".join(lines), HEAD + PLAN)
    assert told(stage) == [
        (1, None, "import.bom"),
        (3, None, "import.encoding"),
        (4, "price", "import.decimal_mark"),
        (5, "start", "import.date_form"),
        (6, "id", "import.duplicate_key"),
        (7, "plan", "import.unknown_value"),
        (8, "price", "import.negative"),
        (9, "price", "import.overflow"),
        (10, None, "import.empty_row"),
        (11, "price", "import.formula"),
    ]
    assert rows(stage, "row, external_id, price, started, offer") == [
        (2, "00001", Decimal("10.500000"), dt.date(2026, 11, 1), "gold"),
        (12, "00009", Decimal("0.000001"), dt.date(2026, 11, 30), "silver"),
    ]
    assert stage.refused_rows() == 9  # the mark at the beginning is a note
    assert stage.rows_read == stage.good_rows + stage.refused_rows() == 11
    for finding in stage.findings():
        assert finding.message.ko != finding.message.en and finding.remedy.ko and finding.remedy.en


@pytest.mark.parametrize(
    ("mark", "grouping", "text", "expected"),
    [
        (".", "", "12.5", "12.5"), (".", "", "+0012", "12"), (".", "", "1,234", "import.decimal_mark"), (".", ",", "1,234,567.25", "1234567.25"),
        (".", ",", "1234.5", "1234.5"), (".", ",", "12,34", "import.decimal_mark"), (",", ".", "1.234,5", "1234.5"), (",", "", "12,50", "12.5"),
        (",", "", "12.50", "import.decimal_mark"), (",", " ", "1 234,5", "1234.5"), (".", "", "1e3", "import.not_a_number"),
        (".", "", "NaN", "import.not_a_number"), (".", "", "１２", "import.not_a_number"), (".", "", "1.", "import.not_a_number"),
        (".", "", "1.1234560", "1.123456"), (".", "", "1.1234567", "import.too_many_places"), (".", "", "999999999999.999999", "999999999999.999999"),
        (".", "", "1000000000000", "import.overflow"), (".", "", "-0.01", "import.negative"), (".", "", "0", "0"),
    ],
)  # fmt: skip
def test_numbers(staged: Load, mark: str, grouping: str, text: str, expected: str) -> None:
    mapping = HEAD + FIELDS.replace('min = "0"', f'min = "0"\ndecimal_mark = "{mark}"\ngrouping = "{grouping}"')
    stage = staged(f"id;price;start\nx;{text};2026-01-01\n".encode(), mapping)
    if expected.startswith("import."):
        assert told(stage) == [(2, "price", expected)] and not rows(stage, "row")
    else:
        assert rows(stage, "price") == [(Decimal(expected),)] and not told(stage)


@given(st.decimals(min_value=0, max_value=Decimal("999999999999.999999"), places=6))
def test_no_digit_of_a_price_is_lost(staged: Load, price: Decimal) -> None:
    stage = staged(f"id,price,start\nx,{price:f},2026-01-01\n".encode(), HEAD + FIELDS)
    assert rows(stage, "price") == [(price,)]


@pytest.mark.parametrize(
    ("formats", "text", "expected"),
    [
        ('["YYYY-MM-DD"]', "2026-11-22", dt.date(2026, 11, 22)), ('["YYYY.MM.DD"]', "2026.11.22", dt.date(2026, 11, 22)),
        ('["DD/MM/YYYY"]', "22/11/2026", dt.date(2026, 11, 22)), ('["MM/DD/YYYY"]', "11/12/2026", dt.date(2026, 11, 12)),
        ('["DD/MM/YYYY"]', "11/12/2026", dt.date(2026, 12, 11)), ('["YYYY-MM-DD", "DD/MM/YYYY"]', "01/02/2026", dt.date(2026, 2, 1)),
        ('["YYYYMMDD"]', "20261122", dt.date(2026, 11, 22)), ('["YYYY년 M월 D일"]', "2026년 1월 2일", dt.date(2026, 1, 2)),
        ('["YYYY-MM-DD"]', "2026-1-2", "import.date_form"), ('["YYYY-MM-DD"]', "22/11/2026", "import.date_form"),
        ('["YYYY-MM-DD"]', "2026-02-30", "import.no_such_day"), ('["YYYY-MM-DD"]', "soon", "import.not_a_date"),
        ('["YYYY-MM-DD"]', "2024-02-29", dt.date(2024, 2, 29)), ('["YYYY-MM-DD"]', "", "import.missing_value"),
    ],
)  # fmt: skip
def test_dates(staged: Load, formats: str, text: str, expected: object) -> None:
    stage = staged(f"id,price,start\nx,1,{text}\n".encode(), HEAD + FIELDS + f"formats = {formats}\n")
    if isinstance(expected, str):
        assert told(stage) == [(2, "start", expected)]
    else:
        assert rows(stage, "started") == [(expected,)] and not told(stage)


def test_months_before_a_date_clamp_and_a_condition_leaves_the_rest_empty(staged: Load) -> None:
    mapping = (
        HEAD + '[fields.external_id]\ncolumn = "id"\n[inputs.tenure]\ncolumn = "n"\ntype = "integer"\nrequired = true\n'
        '[fields.started]\nbase = "2026-03-31"\nminus_months = "tenure"\n'
        '[fields.ended]\nconstant = "2026-03-31"\nwhen = { column = "left", equals = ["Yes"] }\n'
    )
    stage = staged(b"id,n,left\na,1,No\nb,0,Yes\nc,13,No\nd,x,No\ne,99999999999,No\nf,,No\n", mapping)
    assert rows(stage, "external_id, started, ended") == [
        ("a", dt.date(2026, 2, 28), None),
        ("b", dt.date(2026, 3, 31), dt.date(2026, 3, 31)),
        ("c", dt.date(2025, 2, 28), None),
    ]
    assert told(stage) == [(5, "n", "import.not_a_number"), (6, "started", "import.out_of_range"), (7, "n", "import.missing_value")]


def test_a_header_among_the_data_is_one_finding(staged: Load) -> None:
    stage = staged(b"id,price,start\nid,amount,day\n1,2,2026-01-01\nid,price,start\nid,3,2026-01-02\n", HEAD + FIELDS)
    assert told(stage) == [(2, None, "import.header_repeated"), (4, None, "import.header_repeated")]
    assert rows(stage, "external_id") == [("1",), ("id",)]  # a customer may well be called "id"


def test_a_missing_column_is_refused_with_the_nearest_one(staged: Load) -> None:
    with pytest.raises(Invalid) as caught:
        staged(b"id,prices,start\n1,2,2026-01-01\n", HEAD + FIELDS)
    (finding,) = caught.value.findings
    assert (finding.code, finding.field, finding.value) == ("import.missing_column", "fields.price.column", "price")
    assert "prices" in finding.remedy.ko


def test_a_column_twice_in_the_header_is_refused_only_when_it_is_used(staged: Load) -> None:
    assert rows(staged(b"id,price,start,x,x\n1,2,2026-01-01,a,b\n", HEAD + FIELDS), "external_id") == [("1",)]
    with pytest.raises(Invalid) as caught:
        staged(b"id,price,start,id\n1,2,2026-01-01,1\n", HEAD + FIELDS)
    assert caught.value.findings[0].code == "import.duplicate_column"


EVENTS = (
    HEAD.replace("test-contracts", "test-events").replace("Asia/Seoul", "America/New_York")
    + '[fields.subject]\ncolumn = "who"\n[fields.meter]\nconstant = "m"\n[fields.at]\ncolumn = "when"\n[fields.quantity]\ncolumn = "n"\n'
    '[identity]\nsource = "shop"\nfields = ["subject", "at", "quantity"]\noccurrence = true\n'
)


def test_moments_are_local_unless_they_say_otherwise(staged: Load) -> None:
    stage = staged(b"who,when,n\na,2026-07-01,1\nb,2026-01-01 09:30:00,1\nc,2026-01-01T09:30:00+09:00,1\nd,2026-01-01 25:00:00,1\n", EVENTS)
    assert rows(stage, 'subject, "at"') == [
        (who, dt.datetime.fromisoformat(moment)) for who, moment in (("a", "2026-07-01 04:00"), ("b", "2026-01-01 14:30"), ("c", "2026-01-01 00:30"))
    ]  # fmt: skip
    assert told(stage) == [(5, "when", "import.no_such_day")]


def test_made_ids_keep_twins_apart_and_do_not_depend_on_order_or_spelling(staged: Load) -> None:
    lines = [b"a,2026-01-01,1", b"a,2026-01-01,1.0", b"a,2026-01-01,2", b"b,2026-01-01,1", b"a,2026-01-01,1.000"]
    first = rows(staged(b"who,when,n\n" + b"\n".join(lines), EVENTS), "event_id")
    assert len(set(first)) == 5
    random.Random(7).shuffle(lines)
    assert set(rows(staged(b"who,when,n\n" + b"\n".join(lines), EVENTS), "event_id")) == set(first)


def test_a_sheet_reads_like_a_text(staged: Load, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["id", "price", "start"],
        ["00012", 29.85, dt.date(2026, 11, 22)],
        ["00013", 1.5, "22/11/2026"],
        ["00014", "=1+1", dt.date(2026, 1, 1)],
    ):
        sheet.append(row)
    path = tmp_path / "b.xlsx"
    book.save(path)
    stage = staged(path, HEAD + FIELDS + 'formats = ["DD/MM/YYYY"]\n')
    assert rows(stage, "external_id, price, started") == [
        ("00012", Decimal("29.85"), dt.date(2026, 11, 22)),
        ("00013", Decimal("1.5"), dt.date(2026, 11, 22)),
    ]
    assert told(stage) == [(4, "price", "import.formula")]


def test_the_findings_file_opens_in_a_spreadsheet_and_computes_nothing(staged: Load, tmp_path: Path) -> None:
    import csv

    stage = staged(b'id,price,start\n"=cmd|x",1,2026-01-01\nb,+7-x,2026-01-01\n', HEAD + FIELDS)
    assert stage.write_findings(tmp_path / "out.csv") == 2
    content = (tmp_path / "out.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    table = list(csv.reader(content.decode("utf-8-sig").splitlines()))
    assert table[0][:4] == ["row", "field", "value", "code"]
    assert [line[:4] for line in table[1:]] == [["2", "id", "'=cmd|x", "import.formula"], ["3", "price", "'+7-x", "import.not_a_number"]]


def test_counts_by_code(staged: Load) -> None:
    stage = staged(b"id,price,start\na,x,2026-01-01\nb,y,soon\nc,1,2026-01-01\n", HEAD + FIELDS)
    assert stage.counts() == {"import.not_a_date": 1, "import.not_a_number": 2}
    assert stage.refused_rows() == 2 and stage.good_rows == 1
