"""Boards on the screen: each room's, own ones, shared ones; the same figures in the workbook and on paper; nothing that one may not see."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from numaru.facilities.indicators import api as boards
from numaru.facilities.indicators.models import Board, IndicatorDay, IndicatorTarget
from numaru.facilities.indicators.ports import indicators
from numaru.kernel.models import AuditRecord
from numaru.ui import shell
from tests.domains.billing.world import HOUSE, SLUG, World
from tests.screens import SignIn

ROLES = ("administrator", "privacy_officer", "billing_clerk", "subscriber_clerk")


@pytest.fixture
def measured(naru: World) -> World:
    boards.measure_days.do(HOUSE, since="2026-01-01", until="2026-11-03")
    return naru


def sheet(answer: Any) -> list[tuple[Any, ...]]:
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    return list(book.active.iter_rows(values_only=True))


@pytest.mark.capability("DCX-18")
def test_every_room_has_a_board_that_is_shared_exported_and_refreshed(measured: World, sign_in: SignIn) -> None:
    """Each room of the pillar that has places has its board; its figures go out as a workbook and a paper; it is told when it is measured
    again; a board put together of two rooms is opened by a colleague, who sees of it what they may see."""
    clerk = sign_in(*ROLES)
    for key, _ in shell.rooms:
        if key == "today":
            continue
        assert any(row.room == key for _, row in indicators), f"the room {key} measures nothing"
        answer = clerk.get(reverse(f"indicators:{key}") + "?span=13w")
        page = answer.content.decode()
        assert answer.status_code == 200 and 'data-live="indicators.measured:today"' in page
        assert all(str(row.name) in page for _, row in indicators if row.room == key)
    billing = clerk.get("/boards/billing/?span=13w").content.decode()
    assert "115,429" in billing  # August and September
    rows = sheet(clerk.get("/boards/billing/?span=13w&format=xlsx"))
    assert sum(r[4] for r in rows[1:] if r[0] == "청구액" and r[4]) == 115_429
    paper = clerk.get("/boards/billing/?span=13w&format=pdf")
    assert paper.content.startswith(b"%PDF") and paper["Content-Disposition"].endswith('-13w-ko.pdf"')
    part = clerk.get("/boards/billing/?span=13w", headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<div id="board"')
    made = clerk.post(
        "/boards/new/",
        {"name": "월요일 회의", "indicators": ["billing.1-billed", "subscribers.1-active", "house.1-opened"], "shared": "on"},
    )
    assert made.status_code == 302
    colleague = sign_in("subscriber_clerk")
    seen = colleague.get(made["Location"]).content.decode()
    assert "이용 중 가입자" in seen and "청구액" in seen and "개인정보 열람" not in seen and "볼 권한이 없는 지표 1개" in seen
    assert "월요일 회의" in colleague.get("/boards/").content.decode()


def test_a_board_shows_another_services_clerk_nothing_of_this_one(measured: World, sign_in: SignIn) -> None:
    page = sign_in("billing_clerk", service="another").get("/boards/billing/?span=13w").content.decode()
    assert "115,429" not in page and "알 수 없음" in page
    assert sign_in("support_engineer").get("/boards/billing/").status_code == 403
    assert sign_in("billing_clerk").get("/boards/indicator/house.1-opened/").status_code == 404


def test_a_private_board_is_nobody_elses(measured: World, sign_in: SignIn) -> None:
    mine, other = sign_in(*ROLES), sign_in(*ROLES)
    url = mine.post("/boards/new/", {"name": "내 것", "indicators": ["billing.1-billed"]})["Location"]
    number = Board.objects.get().number
    assert other.get(url).status_code == 404 and "내 것" not in other.get("/boards/").content.decode()
    for verb in ("change", "drop", "back"):
        assert other.post(f"/boards/own/{number}/{verb}/", {"name": "남의 것", "indicators": ["billing.1-billed"]}).status_code == 404
    assert Board.objects.get().name == "내 것" and Board.objects.get().gone_at is None


def test_a_board_is_taken_away_and_brought_back(measured: World, sign_in: SignIn) -> None:
    clerk = sign_in(*ROLES)
    url = clerk.post("/boards/new/", {"name": "잠깐", "indicators": ["billing.1-billed"]})["Location"]
    number = Board.objects.get().number
    gone = clerk.post(f"/boards/own/{number}/drop/", follow=True).content.decode()
    assert "되돌리기" in gone and clerk.get(url).status_code == 404
    assert clerk.post(f"/boards/own/{number}/back/")["Location"] == url and clerk.get(url).status_code == 200
    assert AuditRecord.objects.filter(object="indicators.board", key=number).count() == 3


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"name": "", "indicators": ["billing.1-billed"]}, "name"),
        ({"name": "빈 것"}, "indicators"),
        ({"name": "모르는 것", "indicators": ["x"]}, "indicators"),
    ],
)
def test_a_board_that_cannot_be_is_told_at_its_field(measured: World, sign_in: SignIn, form: dict[str, Any], field: str) -> None:
    answer = sign_in(*ROLES).post("/boards/new/", form)
    assert answer.status_code == 422 and f'id="id_{field}_error"' in answer.content.decode() and not Board.objects.exists()


def test_a_target_is_set_on_the_page_of_the_indicator(measured: World, sign_in: SignIn) -> None:
    clerk: Client = sign_in("billing_clerk")
    url = "/boards/indicator/billing.1-billed/?span=13w"
    page = clerk.get(url).content.decode()
    assert "115,429" in page and "정한 목표가 없습니다" in page
    assert clerk.post(url, {"month": "2026-11", "value": "30,000", "reason": ""}).status_code == 422
    assert (
        clerk.post(url, {"month": "2026-11", "value": "삼만", "reason": "가을"}).status_code == 422 and not IndicatorTarget.objects.exists()
    )
    assert clerk.post(url, {"month": "2026-11", "value": "30,000", "reason": "가을 목표"}).status_code == 302
    assert "30,000원" in clerk.get(url).content.decode() and "가을 목표" in clerk.get(url).content.decode()
    assert "30,000원" in clerk.get("/boards/billing/").content.decode()
    reader = sign_in("auditor")
    assert "목표 정하기" not in reader.get(url).content.decode()
    assert reader.post(url, {"month": "2026-11", "value": "1", "reason": "x"}).status_code == 403 and IndicatorTarget.objects.count() == 1


def test_before_anything_was_measured_a_board_says_so(naru: World, sign_in: SignIn) -> None:
    page = sign_in(*ROLES).get("/boards/billing/").content.decode()
    assert "아직 재지 않았습니다" in page and not IndicatorDay.objects.exists()
    assert SLUG  # the company is there all the same
