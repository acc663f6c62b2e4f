"""Invoices in the console: found, explained line by line, tied to the ledger, set on paper, and only for those who may see them."""

from __future__ import annotations

import re
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest

from numaru.domains.billing import reads
from numaru.domains.billing.rules.amounts import Slice
from numaru.domains.billing.web import bill_paper, explained
from numaru.facilities.catalogue import api as catalogue
from tests.domains.billing.world import HOUSE, World, on
from tests.screens import SignIn, naru, shared, sign_in  # noqa: F401
from tests.ui.test_ui_paper import characters

# R2026-08: 000001 haneul 5,429 · 000002 noeul 39,000 (August and September in advance, joining fee, 25 saves) · 000003 minsu · 000004 saebom
NOEUL = "/billing/invoices/R2026-08-000002/"


def words(html: str) -> str:
    """What a reader reads: the text without its tags, one space between words."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))


def test_an_invoice_says_what_it_is_and_what_is_due(sign_in: SignIn) -> None:  # noqa: F811
    page = sign_in("billing_clerk").get(NOEUL).content.decode()
    text = words(page)
    for shown in (
        "2026년 8월 청구서",
        "R2026-08-000002",
        "이*을",
        "2026-08-01 ~ 08-31, 31일",
        "납부 기한2026-09-15",
        "첫 청구서",
        "금액, 부가세 포함",
    ):
        assert shown in text, shown
    # 39,000 with 10 % inside: 39,000 / 11 = 3,545.45 → 3,545
    assert "공급가액35,455원" in text and "부가세 10%3,545원" in text and "청구 금액39,000원" in text
    assert "이노을" not in page and "5678" not in page


def test_the_graduated_line_is_explained_by_its_tiers(sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("billing_clerk")
    text = words(client.get(NOEUL).content.decode())
    assert "10 × 0원 + 10 × 300원 + 5 × 200원 = 4,000원" in text
    for shown in (
        "1~10",
        "무료",
        "11~20",
        "300원",
        "21부터",
        "200원",
        "이용 기록2건 보기",
        "프리미엄 v1, 2026-01-01 시행",
        "재계산금액 일치, 방금",
    ):
        assert shown in text, shown
    english = words(sign_in("billing_clerk", language="en").get(NOEUL).content.decode())
    for shown in ("August 2026 invoice", "11–20", "Why this amount?", "Amount agrees", "₩39,000", "Amount, VAT included"):
        assert shown in english, shown


def test_every_line_agrees_with_what_it_is_computed_from(naru: World) -> None:  # noqa: F811
    for run, invoices in (("R2026-08", 4), ("R2026-09", 3)):
        for ordinal in range(1, invoices + 1):
            found = reads.invoice(f"{run}-{ordinal:06d}", None)
            for x in explained.explained(found):
                assert x.why.agrees, (found.number, x.line.name)
                assert "".join(p for p, _ in x.pieces) == str(x.why.formula)
                assert not x.bars or sum(b.span for b in x.bars) == explained.COLUMNS


def test_explanations_need_no_script(sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("billing_clerk")
    closed = client.get(NOEUL).content.decode()
    lines = closed.count('class="whylink"')
    assert lines == closed.count('<tr class="why"') == len(re.findall(r'id="why[0-9]+" hidden>', closed)) > 2
    opened = client.get(f"{NOEUL}?why=2").content.decode()
    assert opened.count('aria-expanded="true"') == 1 and len(re.findall(r'id="why[0-9]+" hidden>', opened)) == lines - 1
    assert re.search(r'<tr class="why" id="why2">', opened)
    assert client.get(f"{NOEUL}?why=<script>").content.decode().count('aria-expanded="true"') == 0


def test_the_ledger_beside_it_balances(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    text = words(sign_in("billing_clerk").get(NOEUL).content.decode())
    for shown in ("대차 일치", "미수금39,000", "부가세 예수금3,545", "합계39,00039,000"):
        assert shown in text.replace(" ", "").replace("대차일치", "대차 일치").replace("부가세예수금", "부가세 예수금"), shown
    rows, debit, credit = explained.entries(reads.invoice("R2026-08-000002", None))
    assert debit == credit == "39,000"
    assert sum(int(r.credit.replace(",", "")) for r in rows if r.credit) == 39_000


def test_the_change_against_the_bill_before(sign_in: SignIn) -> None:  # noqa: F811
    text = words(sign_in("billing_clerk").get("/billing/invoices/R2026-09-000002/").content.decode())
    assert "전월 대비−24,000원" in text  # 15,000 after 39,000


def test_the_list_finds_by_number_run_and_subscriber(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("billing_clerk")

    def numbers(query: str) -> list[str]:
        return sorted(set(re.findall(r"/billing/invoices/(R[0-9.-]+)/", client.get(f"/billing/invoices/{query}").content.decode())))

    everything = [f"R2026-08-{n:06d}" for n in range(1, 5)] + [f"R2026-09-{n:06d}" for n in range(1, 4)]
    assert numbers("") == everything
    assert numbers("?run=R2026-09") == numbers("?q=r2026-09") == everything[4:]
    assert numbers("?q=R2026-08-000002") == ["R2026-08-000002"]
    assert numbers(f"?q={naru.subscriber('noeul').number}") == ["R2026-08-000002", "R2026-09-000002"]
    assert numbers("?q=nothing") == numbers("?q=R2026-08-999999") == []
    first = client.get("/billing/invoices/?sort=number").content.decode()
    assert first.index("R2026-08-000001") < first.index("R2026-09-000001")


def test_pages_of_the_list_meet_without_gap_or_double(sign_in: SignIn) -> None:  # noqa: F811
    from numaru.domains.billing.web.invoice_views import LISTING

    client = sign_in("billing_clerk")
    object.__setattr__(LISTING, "size", 2)
    try:
        for sort in ("new", "number"):
            address, seen = f"/billing/invoices/?sort={sort}", []
            while address:
                page = client.get(address).content.decode()
                seen += re.findall(r'<a href="/billing/invoices/(R[0-9.-]+)/"', page)
                found = re.search(r'rel="next"[^>]* href="([^"]+)"', page)
                address = found[1].replace("&amp;", "&") if found else ""
            assert len(seen) == len(set(seen)) == 7
            assert seen == sorted(seen, reverse=sort == "new")
    finally:
        object.__setattr__(LISTING, "size", 50)


def test_the_workbook_holds_what_the_list_shows(sign_in: SignIn) -> None:  # noqa: F811
    answer = sign_in("billing_clerk").get("/billing/invoices/?format=xlsx&run=R2026-08&sort=number")
    sheet = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content))).active  # type: ignore[attr-defined]
    rows = list(sheet.iter_rows(values_only=True))
    assert [r[1] for r in rows[1:]] == [f"R2026-08-{n:06d}" for n in range(1, 5)]
    assert [r[4] for r in rows[1:]] == [5_429, 39_000, 9_600, 35_000] and rows[1][0] == "김*늘" and rows[1][-1] == "KRW"


@pytest.mark.parametrize(
    ("lang", "expected"), [("ko", "8월청구서왜이금액인가요이*을프리미엄39,000원"), ("en", "AugustinvoiceWhythisamountPremium₩39,000")]
)
def test_the_pdf_carries_the_same_explanations(sign_in: SignIn, lang: str, expected: str) -> None:  # noqa: F811
    client = sign_in("billing_clerk")
    answer = client.get(f"{NOEUL}pdf?lang={lang}")
    assert answer.status_code == 200 and answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == f'inline; filename="R2026-08-000002-{lang}.pdf"'
    assert answer.content.startswith(b"%PDF") and set(expected) <= characters(answer.content)
    assert client.get(f"{NOEUL}pdf?lang={lang}").content == answer.content


def test_the_paper_says_what_the_page_says(naru: World) -> None:  # noqa: F811
    made = bill_paper.data(reads.invoice("R2026-08-000002", None), "ko")
    assert made["totals"] == [["공급가액", "35,455원"], ["부가세 10%", "3,545원"], ["청구 금액", "39,000원"]]
    assert made["date"] == "2026-09-01" and made["to"][0] == "이*을 님"
    saves = next(w for w in made["why"] if w["title"] == "저장")
    assert saves["formula"] == "10 × 0원 + 10 × 300원 + 5 × 200원 = 4,000원"
    assert len(made["why"]) == len(made["rows"])


def test_who_may_not_see_it_is_told_as_if_it_were_not_there(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    catalogue.open_service.do(HOUSE, slug="other", name_ko="다른", name_en="Other", zone="Asia/Seoul", currency="KRW")
    outsider = sign_in("billing_clerk", service="other")
    for path in (NOEUL, f"{NOEUL}pdf", "/billing/invoices/R2026-08-000099/", "/billing/invoices/x/"):
        assert outsider.get(path).status_code == 404, path
    assert "R2026-08-" not in outsider.get("/billing/invoices/").content.decode()
    assert sign_in().get(NOEUL).status_code == 403
    clerk = sign_in("subscriber_clerk").get(NOEUL).content.decode()  # may see invoices, not runs
    assert "39,000" in clerk and 'href="/billing/runs/R2026-08/"' not in clerk


def piece(above: str, upto: str | None, quantity: str, price: str = "300", flat: str = "0") -> Slice:
    return Slice(1, Decimal(above), Decimal(upto) if upto else None, Decimal(quantity), Decimal(price), Decimal(flat), Decimal(0))


def test_tiers_keep_room_for_their_words(naru: World) -> None:  # noqa: F811
    line = next(x for x in reads.invoice("R2026-08-000002", None).lines if x.tiers)
    widths = [
        b.span for b in explained.bars(line, [piece("0", "1000", "1000"), piece("1000", "1001", "1"), piece("1001", None, "0.5", "0")])
    ]
    assert sum(widths) == 24 and min(widths) >= 4 and widths[0] > 14
    assert explained.bars(line, [piece(str(n), str(n + 1), "1") for n in range(7)]) == ()
    assert [b.shade for b in explained.bars(line, [piece("0", "1", "1", "0"), piece("1", None, "1", "5")])] == [0, 1]
    assert explained.rate(line, piece("0", None, "1", "5", "100")).ko.endswith("기본 100원")
    assert sum(b.span for b in explained.bars(line, [piece("0", None, "-3")])) == 24


LINE = NOEUL + "lines/4/"


def test_the_strip_is_as_wide_as_the_lines_cost_and_leads_to_them(sign_in: SignIn) -> None:  # noqa: F811
    page = sign_in("billing_clerk").get(f"{NOEUL}?why=4").content.decode()
    strip = page.split('class="strip"')[1].split("</svg></section")[0].split('class="cols"')[0]
    links = re.findall(r'<a href="([^"]+)" aria-label="([^"]+)"( aria-current="true")?', strip)
    assert [label for _, label, _ in links] == [
        "월정액 15,000원, 38.5%",
        "월정액 15,000원, 38.5%",
        "가입비 5,000원, 12.8%",
        "저장 4,000원, 10.3%",
    ]
    assert [bool(now) for *_, now in links] == [False, False, False, True] and links[3][0] == f"{NOEUL}?why=4#line4"
    widths = [float(w) for w in re.findall(r'<rect x="[0-9.]+%" y="1" width="([0-9.]+)%"', strip)]
    assert abs(sum(widths) - 100) < 0.001 and widths[0] > widths[2] > widths[3] > 10


def test_a_line_is_followed_down_to_its_records(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("billing_clerk")
    assert f'href="{LINE}"' in client.get(NOEUL).content.decode()
    page = client.get(LINE).content.decode()
    text = words(page)
    # 18 saves on 3 August: 8 above the free ones at 300; 7 on the 31st: 2 at 300, 5 at 200
    for shown in ("기록과 항목 일치", "2026-08-03 10:0018182,400원e00001test", "2026-08-31 23:597251,600원e00002test", "이 항목254,000원"):
        assert shown in text, shown
    assert page.count('href="#e') == 2 and 'id="e2"' in page
    orders = words(client.get("/billing/invoices/R2026-08-000003/lines/2/").content.decode())
    assert "4,400원" in orders and "2,200원" in orders and "누계" not in orders
    for path in (f"{NOEUL}lines/1/", f"{NOEUL}lines/99/", "/billing/invoices/R2026-08-000099/lines/1/"):
        assert client.get(path).status_code == 404, path
    english = words(sign_in("billing_clerk", language="en").get(LINE).content.decode())
    assert "Records match the line" in english and "Count so far" in english


def test_records_that_came_after_the_bill_are_not_on_its_line(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    with on("2026-11-02"):
        naru.use(("noeul", "save", "2026-08-20T10:00", "9", None))
    text = words(sign_in("billing_clerk").get(LINE).content.decode())
    assert "기록과 항목 일치" in text and "2026-08-20" not in text


def test_a_line_that_no_longer_matches_says_so(naru: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    from numaru.domains.billing import line_use

    real = line_use.events_of
    monkeypatch.setattr(line_use, "events_of", lambda *given: real(*given)[:1])
    page = sign_in("billing_clerk").get(LINE).content.decode()
    assert "지금 찾은 기록이 청구 항목과 다릅니다." in page and "기록과 항목이 다름" in page


def test_records_are_paged(sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    from numaru.domains.billing.web import invoice_views

    monkeypatch.setattr(invoice_views, "RECORDS", 1)
    client = sign_in("billing_clerk")
    first = client.get(LINE).content.decode()
    assert f'href="{LINE}?first=2"' in first and "e00002" not in first and "<tfoot>" not in first
    second = client.get(f"{LINE}?first=2").content.decode()
    assert "e00002" in second and "e00001" not in second and f'href="{LINE}?first=1"' in second and "<tfoot>" in second
    assert client.get(f"{LINE}?first=999").status_code == client.get(f"{LINE}?first=x").status_code == 200


def test_the_difference_to_the_bill_before_is_told_charge_by_charge(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    page = sign_in("billing_clerk").get("/billing/invoices/R2026-09-000002/").content.decode()
    assert 'href="/billing/invoices/R2026-08-000002/"' in page
    told = [(name.ko, amount.minor) for name, amount in reads.moved(reads.invoice("R2026-09-000002", None))]
    assert told == [("월정액", -15_000), ("가입비", -5_000), ("저장", -4_000)] and sum(n for _, n in told) == -24_000
    assert reads.moved(reads.invoice("R2026-08-000002", None)) == []
