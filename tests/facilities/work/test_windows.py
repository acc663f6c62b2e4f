"""The calendar: what clashes, what a file changes, and what other calendars are told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from numaru.facilities.work import api as work
from numaru.facilities.work.actions import windows
from numaru.facilities.work.models import CalendarFile, Window
from numaru.facilities.work.rules import clash, ics
from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.errors import Invalid, NotAllowed, NotFound
from numaru.kernel.models import AuditRecord
from numaru.kernel.staff import api as staff
from tests.facilities.work.conftest import Hire
from tests.facilities.work.test_ics import calendar

HOUSE = Actor.system("test")
NOW = datetime(2026, 11, 27, 1, 0, tzinfo=UTC)
TEN = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
pytestmark = pytest.mark.django_db


def plan(
    kind: str = "release",
    hour: int = 0,
    *,
    service: str = "movies",
    reason: str = "",
    rrule: str = "",
    title: str = "",
    actor: Actor = HOUSE,
) -> str:
    return work.plan_window.do(
        actor, kind=kind, title=title or f"{kind} {hour}", service=service, starts_at=TEN + hour * HOUR, ends_at=TEN + (hour + 2) * HOUR, rrule=rrule, reason=reason
    )  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from(clash.KINDS), st.sampled_from(["", "a", "b"]), st.integers(0, 9), st.integers(1, 4)), max_size=8))
def test_clashes_are_the_same_from_both_sides(drawn: list[tuple[str, str, int, int]]) -> None:
    table = clash.pairs(["freeze release", "maintenance campaign", "drill drill"])
    rows = [
        clash.Stretch(str(n), kind, service, TEN + a * HOUR, TEN + (a + length) * HOUR)
        for n, (kind, service, a, length) in enumerate(drawn)
    ]
    found = {(a.key, b.key) for a, b in clash.clashes(rows, rows, table)}
    expected = {
        (a.key, b.key) for a, b in permutations(rows, 2)
        if frozenset({a.kind, b.kind}) in table and ("" in (a.service, b.service) or a.service == b.service)
        and any(a.starts <= TEN + n * HOUR < a.ends and b.starts <= TEN + n * HOUR < b.ends for n in range(15))
    }  # fmt: skip
    assert found == expected == {(b, a) for a, b in found}


@pytest.mark.parametrize(
    ("kind", "hour", "service", "clashes"),
    [
        ("freeze", 0, "movies", True),
        ("freeze", 1, "", True),  # a freeze of all services is one of each
        ("freeze", 1, "books", False),
        ("freeze", 2, "movies", False),  # half-open: it begins when the other ends
        ("freeze", -2, "movies", False),
        ("leave", 0, "movies", False),  # the table does not name the pair
    ],
)
def test_what_clashes_asks_for_a_reason(kind: str, hour: int, service: str, clashes: bool) -> None:
    first = plan("release")
    if not clashes:
        plan(kind, hour, service=service)
        assert Window.objects.count() == 2
        return
    with pytest.raises(Invalid) as refused:
        plan(kind, hour, service=service)
    assert (refused.value.findings[0].code, first in refused.value.findings[0].message.ko) == ("work.clash", True)
    assert Window.objects.count() == 1
    number = plan(kind, hour, service=service, reason="함께 한다")
    assert AuditRecord.objects.get(object="work.window", key=number).reason == "함께 한다"


def test_what_recurs_clashes_weeks_ahead_and_a_cancelled_one_never() -> None:
    series = plan("maintenance", rrule="FREQ=WEEKLY")
    later = {
        "kind": "campaign",
        "title": "캠페인",
        "service": "movies",
        "starts_at": TEN + timedelta(weeks=8),
        "ends_at": TEN + timedelta(weeks=8) + HOUR,
    }
    with pytest.raises(Invalid):
        work.plan_window.do(HOUSE, **later)  # type: ignore[arg-type]
    work.cancel_window.do(HOUSE, number=series, reason="그만둠")
    work.plan_window.do(HOUSE, **later)  # type: ignore[arg-type]


@pytest.mark.parametrize("rule", ["FREQ=HOURLY", "weekly", "FREQ=", "FREQ=SECONDLY;COUNT=5"])
def test_a_rule_that_cannot_be_kept_is_refused(rule: str) -> None:
    with pytest.raises(Invalid):
        plan(rrule=rule)
    number = plan()
    with pytest.raises(Invalid):
        work.change_window.do(HOUSE, number=number, kind="release", title="x", starts_at=TEN, ends_at=TEN + HOUR, rrule=rule)
    assert Window.objects.get().sequence == 0


def test_a_window_of_another_service_cannot_be_changed(hire: Hire) -> None:
    number = plan()
    other = hire("billing_clerk", service="books").actor
    with pytest.raises(NotAllowed):
        work.cancel_window.do(other, number=number, reason="시험")
    with pytest.raises(NotAllowed):
        plan(actor=other)
    assert Window.objects.get().state == "planned"


# ── the feed ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def read(token: str) -> list[ics.Event]:
    answer = Client().get(reverse("work:feed", args=[token]))
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    events, notes = ics.read(answer.content.decode(), "Asia/Seoul")
    assert not notes
    return events


def test_the_feed_says_what_there_is_and_nothing_personal(hire: Hire) -> None:
    me = hire("billing_clerk").actor
    with clock.pinned(NOW):
        number = work.plan_window.do(
            me,
            kind="release",
            title="배포",
            service="movies",
            starts_at=TEN,
            ends_at=TEN + HOUR,
            details="김하늘에게 전화",
            staff=me.staff_id,
        )
        token = windows.make_feed.do(me)
        (event,) = read(token)
        assert (event.title, event.starts, event.ends, event.sequence, event.cancelled) == ("배포", TEN, TEN + HOUR, 0, False)
        text = Client().get(reverse("work:feed", args=[token])).content.decode()
        assert "김하늘" not in text
        assert me.name not in text
        uid = event.uid
        work.change_window.do(me, number=number, kind="release", title="배포", starts_at=TEN + HOUR, ends_at=TEN + 2 * HOUR)
        work.cancel_window.do(me, number=number, reason="미룸")
        (event,) = read(token)
        assert (event.uid, event.starts, event.sequence, event.cancelled) == (uid, TEN + HOUR, 2, True)


def test_the_feed_of_one_service_leaves_the_others_out(hire: Hire) -> None:
    from numaru.kernel.models import StaffGrant

    person = hire("billing_clerk")
    with clock.pinned(NOW):
        plan(service="movies", title="영화")
        plan(service="books", title="책")
        plan("leave", service="", title="모두")
        token = windows.make_feed.do(person.actor)
        assert {e.title for e in read(token)} == {"영화", "책", "모두"}
        StaffGrant.objects.filter(staff=person).update(service="movies")
        assert {e.title for e in read(token)} == {"영화", "모두"}


def test_an_address_that_was_replaced_shut_or_left_behind_is_dead(hire: Hire) -> None:
    person, admin = hire("billing_clerk"), hire("administrator")
    first = windows.make_feed.do(person.actor)
    second = windows.make_feed.do(person.actor)
    status = lambda token: Client().get(reverse("work:feed", args=[token])).status_code  # noqa: E731
    assert (status(first), status(second), status("guessed")) == (404, 200, 404)
    windows.end_feed.do(person.actor)
    assert status(second) == 404
    third = windows.make_feed.do(person.actor)
    staff.cut_off.do(admin.actor, staff=person.pk, reason="퇴사")
    assert status(third) == 404


# ── files ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def event(sequence: int = 0, *, hour: int = 1, uid: str = "a@x", more: str = "", title: str = "정기") -> str:
    return f"UID:{uid}\nSEQUENCE:{sequence}\nSUMMARY:{title}\nDTSTART:20261201T{hour:02d}0000Z\nDURATION:PT1H\n{more}"


def bring(actor: Actor, *events: str) -> dict[str, int]:
    number = windows.read_file.do(actor, content=calendar(*events).encode(), kind="maintenance", service="movies")
    return windows.take_file.do(actor, number=number)


def test_reading_a_file_changes_nothing_and_taking_it_twice_adds_nothing(hire: Hire) -> None:
    me = hire("billing_clerk").actor
    number = windows.read_file.do(me, content=calendar(event()).encode(), kind="maintenance")
    assert not Window.objects.exists()
    assert windows.take_file.do(me, number=number) == {"new": 1}
    assert not CalendarFile.objects.exists()
    assert bring(me, event()) == {"same": 1}
    assert Window.objects.count() == 1


def test_only_a_newer_version_changes_what_stands_under_its_uid(hire: Hire) -> None:
    me = hire("billing_clerk").actor
    bring(me, event(3))
    assert bring(me, event(2, hour=5)) == {"old": 1}
    assert Window.objects.get().starts_at.hour == 1
    assert bring(me, event(4, hour=6)) == {"changed": 1}
    assert bring(me, event(5, hour=6, more="STATUS:CANCELLED")) == {"cancelled": 1}
    row = Window.objects.get()
    assert (row.starts_at.hour, row.sequence, row.state) == (6, 5, "cancelled")
    assert bring(me, event(0, uid="b@x", more="STATUS:CANCELLED")) == {"off": 1}


def test_a_calendar_that_never_counts_up_changes_its_own_and_never_the_houses(hire: Hire) -> None:
    me = hire("billing_clerk").actor
    bring(me, event(0))
    assert bring(me, event(0, hour=4)) == {"changed": 1}
    own = Window.objects.get(number=plan(hour=30))
    assert bring(me, event(0, uid=own.uid, hour=9)) == {"same": 1}
    own.refresh_from_db()
    assert own.starts_at == TEN + 30 * HOUR


def test_a_telling_title_is_left_out_and_said(hire: Hire) -> None:
    me = hire("billing_clerk").actor
    bring(me, event(title="010-1234-5678 통화"))
    assert Window.objects.get().title == "제목 없는 일정"


def test_a_file_belongs_to_who_read_it(hire: Hire) -> None:
    me, other = hire("billing_clerk").actor, hire("billing_clerk").actor
    number = windows.read_file.do(me, content=calendar(event()).encode(), kind="other")
    with pytest.raises(NotFound):
        windows.take_file.do(other, number=number)
    with pytest.raises(Invalid):
        windows.read_file.do(me, content=b"%PDF-1.7", kind="other")
    assert not Window.objects.exists()


# ── screens ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("view", ["month", "week", "agenda", "year"])
def test_each_view_shows_what_takes_place_and_what_clashes(hire: Hire, view: str) -> None:
    client = Client()
    with clock.pinned(NOW):
        plan("release", title="배포 가")
        plan("freeze", title="동결 나", reason="봄")
        plan("leave", 24 * 20, service="books", title="휴가 다")
        client.force_login(hire("billing_clerk"))
        page = client.get(f"/calendar/?view={view}&at=2026-12-01").content.decode()
        narrow = client.get(f"/calendar/?view={view}&at=2026-12-01&kind=release").content.decode()
    assert "배포 가" in page
    assert "동결 나" in page
    assert ("휴가 다" in page) == (view != "week")
    assert "겹칩니다" in page
    assert "휴가 다" not in narrow


def test_saving_what_clashes_shows_it_asks_why_and_goes_on(hire: Hire) -> None:
    client = Client()
    with clock.pinned(NOW):
        number = plan("release", service="")
        client.force_login(hire("billing_clerk"))
        form = {"kind": "freeze", "title": "동결", "service": "", "starts_on": "2026-12-01", "starts_time": "10:00", "ends_time": "11:00"}
        asked = client.post("/calendar/new/", form)
        assert asked.status_code == 422
        assert number in asked.content.decode()
        assert 'name="reason"' in asked.content.decode()
        done = client.post("/calendar/new/", {**form, "reason": "알고 둔다"})
        assert done.status_code == 302
        assert number in client.get(done.url).content.decode()  # type: ignore[attr-defined]
