"""The desk over a real list: views in its tabs and in the room, columns on the page and in the workbook, the way along the list, long workbooks."""

# ruff: noqa: F811
from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.test import Client

from numaru.kernel import clock
from numaru.kernel.desk import downloads
from numaru.kernel.desk.models import Download, SavedView
from numaru.kernel.models import AuditRecord, Staff
from numaru.ui import excel
from tests.domains.billing.world import World, on
from tests.screens import SignIn, naru, shared, sign_in  # noqa: F401

LIST = "/subscribers/"


def text(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def save(client: Client, path: str = LIST + "?served=ended", name: str = "떠난 사람", shared: str = "") -> Any:
    return client.post(path, {"desk": "save", "name": name, "shared": shared})


def heads(page: str) -> list[str]:
    table = page.split("<thead>")[1].split("</thead>")[0]
    return re.findall(r'<th[^>]*scope="col">([^<]+)</th>', table)


def book(answer: Any) -> list[list[Any]]:
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def test_a_saved_view_is_a_tab_and_stands_in_the_room_with_its_count(sign_in: SignIn) -> None:
    client, colleague, stranger = sign_in("subscriber_clerk", "basic"), sign_in("auditor", "basic"), sign_in("support_engineer", "basic")
    made = save(client)
    page = text(client, made["Location"])
    assert re.search(r'<a href="/subscribers/\?served=ended&amp;view=\d+" aria-current="page">떠난 사람 <small>\d+</small>', page)
    assert "내가 저장한 보기" in page and "팀이 나눈 보기" not in page
    assert "떠난 사람" not in text(colleague, LIST)
    view = SavedView.objects.get()
    client.post(made["Location"], {"desk": "change", "id": view.pk, "name": "해지한 사람", "shared": "yes"})
    seen = text(colleague, LIST)
    assert "팀이 나눈 보기" in seen and "해지한 사람" in seen
    assert "해지한 사람" not in text(stranger, LIST)  # may not see the list
    opened = text(colleague, f"{LIST}?served=ended&view={view.pk}")
    assert "해지한 사람" in opened and "보기 지우기" not in opened


def test_what_was_typed_is_never_kept(sign_in: SignIn) -> None:
    client = sign_in("subscriber_clerk", "basic")
    answer = save(client, LIST + "?q=김하늘&served=running")
    assert answer.status_code == 422 and "찾는 말이 있는 목록은 보기로 저장하지 않습니다" in answer.content.decode()
    assert not SavedView.objects.exists()
    save(client, LIST + "?served=running&sort=old&service=nowhere&hack=1&after=xyz")
    assert SavedView.objects.get().params == {"served": "running", "sort": "old"}  # only what the list offers


def test_a_refused_name_comes_back_with_the_reason(sign_in: SignIn) -> None:
    client = sign_in("subscriber_clerk", "basic")
    answer = save(client, name="010-1234-2201")
    page = answer.content.decode()
    assert answer.status_code == 422 and 'value="010-1234-2201"' in page and "개인정보" in page and not SavedView.objects.exists()


def test_a_view_goes_and_comes_back(sign_in: SignIn) -> None:
    client = sign_in("subscriber_clerk", "basic")
    save(client)
    view = SavedView.objects.get()
    gone = client.post(LIST, {"desk": "drop", "id": view.pk})
    page = text(client, gone["Location"])
    assert "보기 ‘떠난 사람’을(를) 지웠습니다." in page and 'value="restore"' in page
    assert "떠난 사람" not in text(sign_in("subscriber_clerk", "basic"), gone["Location"])
    back = client.post(LIST, {"desk": "restore", "id": view.pk})
    assert 'aria-current="page">떠난 사람' in text(client, back["Location"])


def test_columns_are_chosen_ordered_reset_and_follow_into_the_workbook(sign_in: SignIn) -> None:
    client = sign_in("subscriber_clerk", "basic")
    usual = heads(text(client, LIST))
    client.post(LIST, {"desk": "columns", "col": ["since", "state", "nonsense"]})
    assert heads(text(client, LIST)) == ["이름", "이용 시작", "상태"]
    assert book(client.get(LIST + "?format=xlsx"))[0] == ["이름", "이용 시작", "상태"]
    client.post(LIST, {"desk": "columns", "col": ["since", "state"], "up": "state"})  # without script: one step
    assert heads(text(client, LIST)) == ["이름", "상태", "이용 시작"]
    assert heads(text(sign_in("auditor", "basic"), LIST)) == usual
    client.post(LIST, {"desk": "reset"})
    assert heads(text(client, LIST)) == usual


def test_a_view_keeps_its_columns_and_is_updated_to_what_is_shown(sign_in: SignIn) -> None:
    client = sign_in("subscriber_clerk", "basic")
    client.post(LIST, {"desk": "columns", "col": ["phone"]})
    here = save(client, shared="yes")["Location"]
    view = SavedView.objects.get()
    assert view.columns == ["name", "phone"]
    assert heads(text(sign_in("auditor", "basic"), here)) == ["이름", "휴대전화"]
    assert "저장한 보기와 다릅니다" not in text(client, here)
    client.post(here, {"desk": "columns", "col": ["state"]})
    other = here.replace("served=ended", "served=running")
    assert "저장한 보기와 다릅니다" in text(client, other)
    client.post(other, {"desk": "update", "id": view.pk})
    view.refresh_from_db()
    assert (view.params, view.columns) == ({"served": "running"}, ["name", "state"])
    assert "저장한 보기와 다릅니다" not in text(client, other)


def test_nobody_moves_the_view_of_another_by_its_number(sign_in: SignIn) -> None:
    save(sign_in("subscriber_clerk", "basic"), shared="yes")
    view = SavedView.objects.get()
    other = sign_in("subscriber_clerk", "basic")
    for verb in ("change", "update", "drop", "restore"):
        assert other.post(LIST, {"desk": verb, "id": view.pk, "name": "내 것"}).status_code == 404
    view.refresh_from_db()
    assert (view.name, view.dropped_at) == ("떠난 사람", None)


def test_the_pages_of_rows_go_on_along_the_list_that_led_there(naru: World, sign_in: SignIn) -> None:
    client = sign_in("subscriber_clerk", "basic")
    page = text(client, LIST + "?served=running&sort=old")
    link = re.search(r'<a href="(/subscribers/S-\d+/\?from=[^"]+)">김\*늘', page)
    assert link
    seen: list[str] = []
    address: str | None = link[1]
    while address:
        one = text(client, address)
        seen.append(address.split("/")[2])
        found = re.search(r'rel="next"[^>]* href="([^"]+)"', one)
        address = found[1] if found else None
    running = [naru.subscriber(who).number for who in ("haneul", "noeul", "minsu", "onyu", "daon")]
    assert seen[0] == running[0] and naru.subscriber("gyeoul").number not in seen and len(seen) == len(set(seen)) >= 4
    assert 'href="/subscribers/?served=running&amp;sort=old"' in one  # the way back
    made_up = text(client, f"{LIST}{running[0]}/?from=" + "%26".join(["served%3Dx", "after%3Dy", "sort%3Dz"] * 30))
    assert "목록의 다음 항목" in made_up or "목록의 앞 항목" in made_up


def test_a_long_workbook_is_ordered_made_kept_a_day_and_only_for_who_ordered_it(
    naru: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:  # fmt: skip
    monkeypatch.setattr(excel, "LIMIT", 3)
    client, other = sign_in("subscriber_clerk", "basic"), sign_in("subscriber_clerk", "basic")
    client.post(LIST, {"desk": "columns", "col": ["phone"]})
    asked = text(client, LIST + "?format=xlsx")
    assert "파일 만들기" in asked and "앞의 3행만 받기" in asked
    assert len(book(client.get(LIST + "?format=xlsx&cut=1"))) == 5  # heads, three rows, and the line that says it is cut
    assert client.post(LIST + "?format=xlsx").status_code == 302
    assert client.post(LIST + "?format=xlsx").status_code == 409  # the same file is being made
    row = Download.objects.get()
    downloads.make(row.number)
    page = text(client, "/desk/downloads/")
    assert row.number in page and "받을 수 있음" in page and row.number not in text(other, "/desk/downloads/")
    assert other.post(f"/desk/downloads/{row.number}/file/").status_code == 404
    rows = book(client.post(f"/desk/downloads/{row.number}/file/"))
    assert rows[0] == ["이름", "휴대전화"] and len(rows) == 8 and ["김*늘", "010-****-2201"] in rows
    assert AuditRecord.objects.filter(object="desk.download", key=row.number).count() == 2
    with clock.pinned(clock.now() + timedelta(hours=25)):
        assert client.post(f"/desk/downloads/{row.number}/file/").status_code in (302, 404)
        assert downloads.delete_old() == 1
    row.refresh_from_db()
    assert (row.state, row.file_key) == ("deleted", "")


def test_who_may_not_make_long_workbooks_is_told_which_permission_is_missing(sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    from numaru.kernel.access import permissions
    from numaru.kernel.desk.permissions import DOWNLOAD_LONG

    monkeypatch.setattr(excel, "LIMIT", 3)
    monkeypatch.setitem(
        permissions._rows, DOWNLOAD_LONG, type(permissions[DOWNLOAD_LONG])(DOWNLOAD_LONG, permissions[DOWNLOAD_LONG].text, frozenset())
    )
    client = sign_in("subscriber_clerk", "basic")
    page = text(client, LIST + "?format=xlsx")
    assert "desk.download.long" in page and "파일 만들기" not in page
    assert client.post(LIST + "?format=xlsx").status_code == 403 and not Download.objects.exists()


def test_a_file_ordered_by_who_left_or_may_no_longer_see_the_list_is_not_made(
    naru: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(excel, "LIMIT", 3)
    client = sign_in("subscriber_clerk", "basic")
    client.post(LIST + "?format=xlsx")
    row = Download.objects.get()
    Staff.objects.get(pk=row.staff_id).grants.update(ended_at=clock.now())
    with on("2026-11-03"):
        downloads.make(row.number)
    row.refresh_from_db()
    assert (row.state, row.file_key) == ("failed", "")


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_a_workbook_is_run(begins: str, tmp_path: Any) -> None:
    """A text that a spreadsheet might run stands as text, guarded, whatever it begins with."""
    target = tmp_path / "a.xlsx"
    sheet = excel.Sheet(str(target), "시트", ["열"])
    sheet.add([f"{begins}cmd|' /C calc'!A0"])
    sheet.close()
    cell = openpyxl.load_workbook(target).active["A2"]
    assert cell.data_type == "s" and cell.quotePrefix and cell.hyperlink is None


def test_a_full_sheet_is_followed_by_another(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel, "FULL", 2)
    target = tmp_path / "a.xlsx"
    sheet = excel.Sheet(str(target), "가입자", ["열"])
    for n in range(5):
        sheet.add([n])
    sheet.close()
    found = openpyxl.load_workbook(target)
    assert [[c.value for c in s["A"]] for s in found] == [["열", 0, 1], ["열", 2, 3], ["열", 4]]
    assert found.sheetnames == ["가입자", "가입자 2", "가입자 3"]
