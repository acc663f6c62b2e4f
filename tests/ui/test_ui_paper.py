"""Papers: the words are in the file as words, in our own font; the file says what it conforms to; the same data give the same bytes."""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
import zlib
from typing import Any

import pytest

from numaru.ui import paper

WHY = {
    "title": "저장",
    "words": "11월에 작품을 23회 저장하셨습니다. 10회까지는 무료입니다.",
    "formula": "10회 × 0원 + 10회 × 300원 + 3회 × 200원 = 3,600원",
    "inputs": [["요금제", "달빛 스탠다드 v7"], ["이용 기록", "23건"]],
}
BILL: dict[str, Any] = {
    "lang": "ko",
    "date": "2026-12-01",
    "title": "12월 청구서",
    "number": "R2026-12-000001",
    "subtitle": "2026-11-01 ~ 11-30",
    "from": ["달빛미디어", "사업자등록번호 000-00-00000"],
    "to": ["김*늘 님", "S-0001234"],
    "facts": [["번호", "R2026-12-000001"], ["확정", "2026-12-01"], ["납부 기한", "2026-12-10"]],
    "head": ["내용", "기간과 수량", "금액, 부가세 포함"],
    "rows": [
        {"name": "스탠다드 월정액", "note": "", "detail": "12-01 ~ 12-31, 31일", "amount": "13,900원"},
        {"name": "저장", "note": "10회까지 무료", "detail": "23회", "amount": "3,600원"},
        {"name": "가족 결합 할인", "detail": "10%", "amount": "−1,390원"},
    ],
    "totals": [["공급가액", "14,646원"], ["부가세 10%", "1,464원"], ["청구 금액", "16,110원"]],
    "why_title": "왜 이 금액인가요?",
    "why": [WHY],
    "remarks": ["문의는 고객센터로 하십시오."],
}


def streams(pdf: bytes) -> list[bytes]:
    """Every stream of the file, unpacked where it is packed."""
    out = []
    for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.S):
        try:
            out.append(zlib.decompress(found[1]))
        except zlib.error:
            out.append(found[1])
    return out


def characters(pdf: bytes) -> set[str]:
    """The characters that the fonts of the file give back when its text is copied (their ToUnicode maps)."""
    out: set[str] = set()
    for stream in streams(pdf):
        if b"beginbfchar" in stream or b"beginbfrange" in stream:
            for _, text in re.findall(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", stream):
                out |= set(bytes.fromhex(text.decode()).decode("utf-16-be", "ignore"))
    return out


@pytest.fixture(scope="module")
def made() -> bytes:
    return paper.render("document", BILL)


def test_hangul_can_be_copied_out_of_the_file(made: bytes) -> None:
    wanted = set("12월청구서달빛미디어스탠다드월정액가족결합할인공급가액부가세왜이금액인가요저장하셨습니다13,900원−1,390원×")
    assert wanted <= characters(made)


def test_the_words_come_out_in_reading_order(made: bytes, tmp_path: Any) -> None:
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext (poppler-utils) is not installed; the character maps are tested without it")
    (tmp_path / "bill.pdf").write_bytes(made)
    text = subprocess.run(["pdftotext", "-layout", str(tmp_path / "bill.pdf"), "-"], check=True, capture_output=True, text=True).stdout
    order = [
        text.index(word)
        for word in ("12월 청구서", "김*늘 님", "스탠다드 월정액", "가족 결합 할인", "16,110원", "왜 이 금액인가요?", "3,600원")
    ]
    assert order[:6] == sorted(order[:6])
    assert "−1,390원" in text


def test_the_file_says_what_it_conforms_to_and_is_tagged(made: bytes) -> None:
    xmp = next(s for s in streams(made) if b"pdfaid" in s).decode()
    assert re.search(r"pdfaid:part[=>\"]+2", xmp) and re.search(r"pdfaid:conformance[=>\"]+B", xmp)
    assert re.search(r"pdfuaid:part[=>\"]+1", xmp)
    assert "12월 청구서 R2026-12-000001" in xmp
    everything = made + b"".join(streams(made))
    assert b"/StructTreeRoot" in everything and b"/Marked true" in everything and b"/Lang" in everything


def test_only_our_font_is_inside_and_all_of_it_is_embedded(made: bytes) -> None:
    everything = made + b"".join(streams(made))
    fonts = set(re.findall(rb"/FontName\s*/(\S+)", everything))
    assert fonts and all(b"Pretendard" in name for name in fonts)
    assert len(re.findall(rb"/FontFile[23]?\s", everything)) >= len(fonts)


def test_the_same_data_give_the_same_bytes(made: bytes) -> None:
    assert paper.render("document", BILL) == made
    assert paper.render("document", {**BILL, "number": "R2026-12-000002"}) != made


def test_english(made: bytes) -> None:
    english = {
        **BILL, "lang": "en", "title": "December invoice", "head": ["Charge", "Period and quantity", "Amount incl. VAT"],
        "rows": [{"name": "Standard monthly fee", "detail": "1 – 31 Dec, 31 days", "amount": "₩13,900"}], "totals": [["Amount due", "₩13,900"]],
        "why": [], "remarks": [], "to": [], "facts": [],
    }  # fmt: skip
    assert set("DecemberinvoiceStandard₩–") <= characters(paper.render("document", english))


def test_text_of_others_is_never_markup() -> None:
    """A name that looks like Typst code stands on the paper as it was typed."""
    evil = '#import "look.typ": * #panic("x") $1/0$ *b* _i_ `c` \\ <a> @b'
    made = paper.render("document", {**BILL, "to": [evil], "rows": [{"name": evil, "detail": evil, "amount": "1원"}]})
    assert set('#$*_`\\<>@"') <= characters(made)


def test_a_long_bill_runs_over_pages() -> None:
    rows = [{"name": f"이용 {n}", "detail": "1회", "amount": "100원"} for n in range(200)]
    made = paper.render("document", {**BILL, "rows": rows})
    pages = len(re.findall(rb"/Type\s*/Page\b(?!s)", made + b"".join(streams(made))))
    assert pages >= 5


@pytest.mark.parametrize(
    ("template", "change", "says"),
    [
        ("postcard", {}, "no such paper"),
        ("../../x", {}, "no such paper"),
        ("document", {"rows": []}, "rows"),
        ("document", {"date": "1.12."}, "date"),
    ],
)
def test_what_cannot_be_made_says_why(template: str, change: dict[str, Any], says: str) -> None:
    with pytest.raises(paper.PaperError, match=says):
        paper.render(template, {**BILL, **change})


def test_many_threads_one_compiler() -> None:
    got: list[bytes] = []
    work = [
        threading.Thread(target=lambda n=n: got.append(paper.render("document", {**BILL, "number": f"R2026-12-{n % 2:06d}"})))
        for n in range(6)
    ]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()
    assert len(got) == 6 and len(set(got)) == 2
