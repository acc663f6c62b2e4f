"""Lists: keyset pages in both directions, filters and sorts that only know what was offered, bounded counts, and the workbook."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.template import Context, Template
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from numaru.kernel.models import Staff
from numaru.ui import excel
from numaru.ui.counts import bounded
from numaru.ui.lists import Choice, Column, Listing, Page, Sort, View, decode, encode, keep_density
from numaru.ui.states import State
from numaru.values.money import Money
from numaru.values.period import Period
from numaru.values.text import Text

NAMES = ["가", "나", "다"]


def listing(size: int = 7) -> Listing:
    return Listing(
        key="people",
        name=Text("사람", "People"),
        columns=(Column("login", Text("번호", "Number"), lambda r: r.login, "id"),),
        sorts=(
            Sort("new", Text("최근 순", "Newest"), ("created_at",), descending=True),
            Sort("old", Text("오래된 순", "Oldest"), ("created_at",)),
            Sort("name", Text("이름 순", "By name"), ("name", "created_at")),
        ),
        filters=(Choice("active", Text("상태", "State"), (("yes", Text("예", "yes")), ("no", Text("아니요", "no"))), lambda q, v: q.filter(is_active=v == "yes")),),
        views=(View("all", Text("전체", "All")), View("off", Text("꺼짐", "Off"), (("active", "no"),))),
        search=lambda rows, q: rows.filter(login__startswith=q),
        unit=("명", "person", "people"),
        size=size,
        row_field="login",
    )  # fmt: skip


def ask(url: str, size: int = 7, cookies: str = "") -> Page:
    request = RequestFactory().get(url, headers={"Cookie": cookies} if cookies else {})
    return Page(request, listing(size), Staff.objects.all())


def fill(count: int, instants: int = 5) -> None:
    """``count`` people who share few instants and names, so that every page breaks inside a tie."""
    start = datetime(2026, 11, 1, tzinfo=UTC)
    Staff.objects.bulk_create(
        Staff(login=f"S-{i:05d}", name=NAMES[i % 3], is_active=i % 4 > 0, created_at=start + timedelta(hours=i % instants))
        for i in range(count)
    )


def walk(url: str, side: str, size: int) -> list[str]:
    """Follow the links of one side from ``url`` to the end."""
    seen: list[str] = []
    address = url
    for _ in range(200):
        page = ask(address, size)
        here = [r.login for r in page.rows]
        seen = seen + here if side == "next" else here + seen
        address = getattr(page, side)
        if not address:
            return seen
    raise AssertionError("the pages never end")


class EveryRowOnce(TestCase):
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(count=st.integers(0, 60), size=st.integers(1, 13), sort=st.sampled_from(["new", "old", "name"]), instants=st.integers(1, 9))
    def test_pages_forwards_and_back_show_every_row_once_in_order(self, count: int, size: int, sort: str, instants: int) -> None:
        fill(count, instants)
        order = {"new": ("-created_at", "-id"), "old": ("created_at", "id"), "name": ("name", "created_at", "id")}[sort]
        wanted = list(Staff.objects.order_by(*order).values_list("login", flat=True))
        assert walk(f"/p/?sort={sort}", "next", size) == wanted
        last = f"/p/?sort={sort}"
        while True:
            page = ask(last, size)
            if not page.next:
                break
            last = page.next
        assert walk(last, "previous", size) == wanted


@pytest.mark.django_db
def test_a_page_is_one_query_with_a_row_comparison_and_no_offset() -> None:
    fill(40)
    second = ask("/p/").next
    with CaptureQueriesContext(
        connection,
    ) as asked:
        page = ask(second)
    assert len(page.rows) == 7 and len(asked) == 1
    sql = asked[0]["sql"]
    assert "OFFSET" not in sql and '("kernel_staff"."created_at", "kernel_staff"."id") <' in sql
    assert "LIMIT 8" in sql


@pytest.mark.django_db
def test_text_is_ordered_with_a_named_collation() -> None:
    fill(9)
    with CaptureQueriesContext(connection) as asked:
        ask(ask("/p/?sort=name").next)
    assert all('COLLATE "C"' in q["sql"].split("ORDER BY")[1] for q in asked.captured_queries)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "W10",
        "!!!!",
        encode("old", ["2026-11-01", 1]),
        encode("new", ["no date", 1]),
        encode("new", ["2026-11-01T00:00:00+00:00", "x"]),
    ],
)
def test_a_cursor_that_was_cut_or_made_up_shows_the_first_page(cursor: str) -> None:
    fill(9)
    first = [r.login for r in ask("/p/").rows]
    assert [r.login for r in ask(f"/p/?after={cursor}").rows] == first
    assert [r.login for r in ask(f"/p/?before={cursor}").rows] == first


@given(st.lists(st.one_of(st.text(), st.integers(-(2**63), 2**63)), max_size=4), st.text(max_size=5))
def test_cursors_come_back_as_they_went(values: list[Any], sort: str) -> None:
    assert decode(encode(sort, values), sort, len(values)) == values
    assert decode(encode(sort, values), sort + "!", len(values)) is None


@pytest.mark.django_db
def test_only_what_was_offered_reaches_the_database() -> None:
    fill(12)
    page = ask("/p/?active=no&sort=password&name=가&evil=1")
    assert page.chosen == {"active": "no"} and page.sort.key == "new"
    assert [r.is_active for r in page.rows] == [False] * 3
    assert ask("/p/?active=maybe").chosen == {}


@pytest.mark.django_db
def test_addresses_keep_filters_and_drop_pages() -> None:
    fill(30)
    page = ask("/p/?active=yes&q=S&sort=name&after=abc")
    assert page.address() == "/p/?q=S&active=yes&sort=name"
    assert page.address(active=None) == "/p/?q=S&sort=name"
    assert [c.without for c in page.chips()] == ["/p/?q=S&sort=name", "/p/?active=yes&sort=name"]
    assert page.narrowest() is not None and page.narrowest().value == "S"  # type: ignore[union-attr]
    assert page.next.startswith("/p/?q=S&active=yes&sort=name&after=")
    assert [(v.key, on) for v, _, on in ask("/p/?active=no").tabs()] == [("all", False), ("off", True)]
    assert [(v.key, on) for v, _, on in ask("/p/").tabs()] == [("all", True), ("off", False)]


@pytest.mark.django_db
def test_counts_stop_at_their_limit() -> None:
    fill(25)
    assert (bounded(Staff.objects.all(), 25).n, bounded(Staff.objects.all(), 25).more) == (25, False)
    assert (bounded(Staff.objects.all(), 24).n, bounded(Staff.objects.all(), 24).more) == (24, True)
    assert bounded(Staff.objects.all(), 10, exact=True).n == 25
    with CaptureQueriesContext(connection) as asked:
        bounded(Staff.objects.order_by("name"), 10)
    assert "LIMIT 11" in asked[0]["sql"] and "ORDER BY" not in asked[0]["sql"]
    assert str(ask("/p/").said.pick("en")) == "25 people"


@pytest.mark.django_db
def test_density_is_kept_for_one_list() -> None:
    request = RequestFactory().get("/p/?density=compact&active=no")
    page = Page(request, listing(), Staff.objects.all())
    answer = keep_density(request, page)
    assert answer is not None and answer.status_code == 302
    assert answer["Location"] == "/p/?active=no" and answer.cookies["nm_density_people"].value == "compact"
    assert ask("/p/", cookies="nm_density_people=roomy").density == "roomy"
    assert ask("/p/", cookies="nm_density_people=evil").density == "regular"


def test_a_list_without_a_sort_or_with_a_taken_name_is_refused() -> None:
    with pytest.raises(ValueError, match="sort"):
        Listing(key="x", name=Text("가", "a"), columns=(), sorts=())
    with pytest.raises(ValueError, match="names of their own"):
        Listing(
            key="x",
            name=Text("가", "a"),
            columns=(),
            sorts=(Sort("a", Text("가", "a"), ()),),
            filters=(Choice("q", Text("가", "a"), (), lambda r, v: r),),
        )


def written(rows: list[list[Any]], heads: tuple[str, ...] = ("가", "나")) -> tuple[bytes, Any]:
    target = io.BytesIO()
    sheet = excel.Sheet(target, "표", heads)
    for row in rows:
        sheet.add(row)
    sheet.close()
    return target.getvalue(), openpyxl.load_workbook(io.BytesIO(target.getvalue())).active


def test_no_cell_of_a_workbook_is_ever_a_formula() -> None:
    evil = ["=1+1", "+cmd|' /C calc'!A0", "-2", "@SUM(A1)", "\t=1", "http://example.com", '=HYPERLINK("x")', "0012"]
    raw, sheet = written([[text, "x"] for text in evil], ("=1", "나"))
    assert [sheet.cell(i + 2, 1).value for i in range(len(evil))] == evil
    assert all(c.data_type == "s" for row in sheet.iter_rows() for c in row)
    xml = zipfile.ZipFile(io.BytesIO(raw)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in xml and "<hyperlink" not in xml
    assert sheet.cell(2, 1).quotePrefix and not sheet.cell(9, 1).quotePrefix


def test_values_are_written_by_their_kind() -> None:
    at = datetime(2026, 11, 22, 12, 42, tzinfo=UTC)
    _, sheet = written([[Money(-1390, "KRW"), Money(1240, "USD"), 1204, Decimal("2.5"), at, date(2026, 11, 22), None,
                         State(Text("미납", "Overdue"), "bad"), Period.month("2026-11"), Money(10**15, "KRW"), True]])  # fmt: skip
    row = [c.value for c in sheet[2]]
    assert row[:4] == [-1390, 12.4, 1204, 2.5]
    assert row[4] == datetime(2026, 11, 22, 21, 42)  # noqa: DTZ001  the operator's clock
    assert row[5].date() == date(2026, 11, 22)
    assert row[6:] == [None, "미납", "2026-11-01 ~ 11-30, 30일", str(10**15), "예"]
    assert [sheet.cell(2, c).number_format for c in (1, 2, 3)] == ["#,##0", "#,##0.00", "#,##0"]


@pytest.mark.django_db
def test_the_workbook_has_the_filters_the_order_and_the_chosen_rows() -> None:
    fill(40)
    page = ask("/p/?active=no&sort=old")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(excel.download(listing(), page.everything()).streaming_content))).active
    assert [r[0].value for r in sheet.iter_rows(min_row=2)] == [
        s.login for s in Staff.objects.filter(is_active=False).order_by("created_at", "id")
    ]
    chosen = page.everything(["S-00000", "S-00004", "S-00001"])
    assert [r.login for r in chosen] == ["S-00000", "S-00004"]  # S-00001 does not match the filter


@pytest.mark.django_db
def test_a_list_that_is_too_long_says_where_it_was_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    fill(12)
    monkeypatch.setattr(excel, "LIMIT", 10)
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(excel.download(listing(), ask("/p/").everything()).streaming_content))).active
    assert sheet.max_row == 12 and "10" in sheet.cell(12, 1).value


@pytest.mark.django_db
def test_nothing_in_a_row_becomes_markup() -> None:
    evil = '"><script>alert(1)</script>'
    Staff.objects.create(login=evil, name="가", created_at=datetime(2026, 11, 1, tzinfo=UTC))
    columns = (
        Column("a", Text("가", "a"), lambda r: r.login, url=lambda r: "/x/" + r.login),
        Column("b", Text("나", "b"), lambda r: r.login, "masked"),
        Column("c", Text("다", "c"), lambda r: State(Text(evil, evil), "good"), "state"),
        Column("d", Text("라", "d"), lambda r: Text(evil, evil), "id"),
    )
    shown = Page(RequestFactory().get("/p/"), replace(listing(), columns=columns), Staff.objects.all())
    drawn = Template("{% load nm %}{% list_rows page %}").render(Context({"page": shown}))
    assert "<script>" not in drawn and drawn.count("&lt;script&gt;") == 8
    assert drawn.count("<td") == 5 and drawn.count("<tr ") == 1


@pytest.mark.django_db
def test_rows_are_completed_set_by_set_on_pages_and_in_the_workbook() -> None:
    fill(9)
    batches: list[int] = []

    def complete(rows: list[Any]) -> None:
        batches.append(len(rows))
        for row in rows:
            row.said = f"{row.login}!"

    told = replace(listing(), columns=(Column("said", Text("말", "Said"), lambda r: r.said),), prepare=complete)
    page = Page(RequestFactory().get("/p/"), told, Staff.objects.all())
    assert [cells[0][1] for _, cells in page.cells()] == [f"{r.login}!" for r in page.rows] and batches == [7]
    answer = excel.download(told, page.everything())
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active  # type: ignore[attr-defined]
    assert sheet.max_row == 10 and sheet["A2"].value.endswith("!") and batches == [7, 9]
