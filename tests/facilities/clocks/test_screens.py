"""The screens of clocks and calendars, by pressing what is there."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from numaru.facilities.clocks import api as clocks
from numaru.facilities.clocks.approvals import KEY
from numaru.facilities.clocks.jobs import house
from numaru.facilities.clocks.models import CalendarVersion, Clock
from numaru.facilities.clocks.web.forms import holidays_in
from numaru.kernel import clock, outbox
from numaru.kernel.actions import Second
from numaru.kernel.approvals import api as approvals
from numaru.kernel.approvals.requests import raise_request
from numaru.kernel.models import Staff
from numaru.values.text import Text
from tests.domains.billing.world import SLUG, World
from tests.screens import SignIn

pytestmark = pytest.mark.django_db
WEEK = {f"day{n}": "09:00-12:00, 13:00-18:00" for n in range(5)} | {"zone": "Asia/Seoul", "policy": "begins"}


def ask(client: object) -> str:
    """A request for approval by whoever ``client`` is."""
    actor = Staff.objects.get(pk=client.session["_auth_user_id"]).actor  # type: ignore[attr-defined]
    return raise_request.do(
        actor, reason="되돌림", action="numaru.domains.billing.actions.runs.cancel_run", arguments={"number": "R2026-09"}, effects=[],
        need=Second(Text("시험", "Test")), service=SLUG,
    )  # fmt: skip


def tell() -> None:
    while outbox.dispatch_once():
        pass


def test_a_request_for_approval_has_a_clock_from_asking_to_deciding(naru: World, sign_in: SignIn) -> None:
    asker, other = sign_in("administrator"), sign_in("administrator")
    number = ask(asker)
    tell()
    row = Clock.objects.get(kind=KEY, subject=number)
    assert row.state == "running" and row.target == 480 * 60 and row.owner == int(asker.session["_auth_user_id"])
    assert "답변 기한" in asker.get(f"/approvals/{number}/").content.decode()
    assert number in other.get("/clocks/").content.decode()
    assert number not in sign_in("subscriber_clerk").get("/clocks/").content.decode()
    page = other.get(f"/clocks/{row.pk}/").content.decode()
    assert "목표 8시간" in page and "청구 실행 취소" in page and f"/approvals/{number}/" in page
    approvals.refuse.do(Staff.objects.get(pk=other.session["_auth_user_id"]).actor, number=number, note="아니요")
    tell()
    tell()
    row.refresh_from_db()
    assert row.state == "met" and Clock.objects.count() == 1


def test_a_calendar_is_tried_with_its_explanation(naru: World, sign_in: SignIn) -> None:
    house()
    page = sign_in("billing_clerk").get("/calendars/office/?day=2026-12-24&at=16:00&hours=12&minutes=30").content.decode()
    assert "2026-12-29 11:30" in page and "기독탄신일" in page and "닫는 요일" in page
    assert "새 판 만들기" not in page


def test_a_version_is_previewed_then_applied_as_it_was_previewed(naru: World, sign_in: SignIn) -> None:
    client = sign_in("administrator")
    number = ask(client)
    tell()
    form = WEEK | {
        "day5": "10:00-14:00",
        "reason": "토요 근무",
        "holidays": "2026-12-25 기독탄신일 / Christmas Day",
        "exceptions": "2026-12-31 09:00-13:00 종무식",
    }
    blank = client.get("/calendars/office/change/").content.decode()
    assert all(f'name="{name}"' in blank for name in ("day0", "day6", "zone", "holidays", "exceptions", "from_day", "reason"))
    page = client.post("/calendars/office/change/", form).content.decode()
    assert "열린 시계 1개 가운데" in page and CalendarVersion.objects.filter(calendar__key="office").count() == 1
    seen = re.search(r'name="seen" value="(\w+)"', page).group(1)  # type: ignore[union-attr]
    other = client.post("/calendars/office/change/", form | {"seen": seen, "go": "1", "day6": "10:00-12:00"})
    assert (
        other.status_code == 200 and CalendarVersion.objects.filter(calendar__key="office").count() == 1
    )  # what was not previewed is previewed
    assert client.post("/calendars/office/change/", form | {"seen": seen, "go": "1"}).status_code == 302
    version = CalendarVersion.objects.get(calendar__key="office", number=2)
    assert version.week[5] == ["10:00–14:00"] and version.exceptions == {"2026-12-31": [["09:00–13:00"], "종무식"]}
    assert version.holidays == {"2026-12-25": ["기독탄신일", "Christmas Day"]} and clocks.of(number)[0].open


@pytest.mark.parametrize(
    ("change", "field"),
    [({"day0": "9-12"}, "day0"), ({"zone": "Mars/Base"}, "zone"), ({"exceptions": "내일 휴무"}, "exceptions"), ({"holidays": "2026-02-30 없음"}, "holidays"),
     ({"reason": ""}, "reason"), ({"exceptions": "2026-12-31 휴무 010-1234-5678"}, "exceptions"), ({"from_day": "2020-01-01"}, "from_day")],
)  # fmt: skip
def test_what_cannot_be_is_said_at_its_field(naru: World, sign_in: SignIn, change: dict[str, str], field: str) -> None:
    house()
    answer = sign_in("administrator").post("/calendars/office/change/", WEEK | {"reason": "시험"} | change)
    assert answer.status_code == 422 and f'href="#id_{field}"' in answer.content.decode()


def test_a_calendar_is_made_with_public_holidays_and_a_file(naru: World, sign_in: SignIn) -> None:
    file = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20261204\r\nDTEND;VALUE=DATE:20261206\r\nSUMMARY:Founding days\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    form = WEEK | {
        "name_ko": "고객센터",
        "name_en": "Support",
        "key": "support",
        "country": "KR",
        "take": "on",
        "file": SimpleUploadedFile("h.ics", file),
    }
    assert sign_in("administrator").post("/calendars/new/", form).headers["Location"] == "/calendars/support/"
    kept = CalendarVersion.objects.get(calendar__key="support").holidays
    year = clock.today().year
    assert kept["2026-12-05"] == ["Founding days", "Founding days"] and kept[f"{year}-12-25"][0] == "기독탄신일"
    with pytest.raises(ValueError):
        holidays_in(b"no calendar")


def test_many_clocks_cost_no_more_questions(naru: World, sign_in: SignIn, django_assert_max_num_queries: object) -> None:
    client = sign_in("administrator")
    actor = house()
    for n in range(12):
        clocks.start.do(actor, kind=KEY, subject=f"Z-{n}", owner=int(client.session["_auth_user_id"]), at=clock.now() - timedelta(hours=n))
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        assert len(clocks.of_many(KEY, [f"Z-{n}" for n in range(12)])) == 12
