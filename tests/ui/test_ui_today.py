"""The order of what needs somebody, its clocks, its bounds and its scope: the register of the first page without any room."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from numaru.kernel import access, clock
from numaru.ui import today
from numaru.ui.templatetags.today import due, longday, over
from numaru.ui.today import CONSEQUENCES, MOST, Finder, Item, Reader, Waiting
from numaru.values.text import Text

NOW = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)  # nine in the morning in Seoul
WORD = Text("시험", "Test")
MAY = "test.today.look"


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with clock.pinned(NOW):
        yield


@pytest.fixture
def house() -> Iterator[None]:
    """A house without finders, and one permission."""
    kept, permissions = dict(today.finders._rows), dict(access.permissions._rows)
    today.finders._rows.clear()
    access.permission(MAY, WORD, "billing_clerk", administrator=False)
    yield
    for register, rows in ((today.finders, kept), (access.permissions, permissions)):
        register._rows.clear()
        register._rows.update(rows)


def item(key: str, due: datetime | date | None = None, consequence: Any = "clock", **more: Any) -> Item:
    return Item(key, consequence, Text(key, key), WORD, WORD, f"/{key}/", due, **more)


def reader(*roles: str, staff: int = 1) -> Reader:
    request: Any = RequestFactory().get("/")
    actor = access.Actor("staff", staff, "한누리", tuple((role, None) for role in roles))
    request.user = SimpleNamespace(is_authenticated=True, actor=actor)
    return today.reader_of(request)


def order(*items: Item) -> list[str]:
    return [one.key for one in sorted(items, key=today.place)]


def test_the_soonest_deadline_comes_first_and_what_is_over_before_it() -> None:
    assert order(
        item("tomorrow", date(2026, 11, 24)),
        item("over", NOW - timedelta(hours=1)),
        item("soon", NOW + timedelta(hours=1)),
        item("long over", NOW - timedelta(days=3)),
    ) == ["long over", "over", "soon", "tomorrow"]


def test_without_a_deadline_it_waits_behind_today_and_before_tomorrow() -> None:
    assert order(
        item("undated"),
        item("tomorrow", date(2026, 11, 24)),
        item("tonight", datetime(2026, 11, 23, 13, 0, tzinfo=UTC)),
        item("a month", date(2026, 12, 23)),
    ) == ["tonight", "undated", "tomorrow", "a month"]


def test_money_before_people_before_the_clock_and_the_greater_weight_first() -> None:
    assert order(
        item("c"), item("p", consequence="people"), item("m1", consequence="money", weight=1), item("m9", consequence="money", weight=9)
    ) == [
        "m9",
        "m1",
        "p",
        "c",
    ]


@given(st.lists(st.tuples(st.integers(-200, 200) | st.none(), st.sampled_from(CONSEQUENCES), st.integers(0, 9)), max_size=12))
def test_no_later_deadline_ever_stands_before_an_earlier_one(rows: list[tuple[int | None, Any, int]]) -> None:
    with clock.pinned(NOW):
        made = [item(f"{n}", None if h is None else NOW + timedelta(hours=h), c, weight=w) for n, (h, c, w) in enumerate(rows)]
        shown = sorted(made, key=today.place)
        ends = [one.ends or today.end_of_day(date(2026, 11, 23)) for one in shown]
        assert ends == sorted(ends)


def test_a_day_is_over_with_its_last_moment() -> None:
    assert item("x", date(2026, 11, 23)).ends == datetime(2026, 11, 23, 15, 0, tzinfo=UTC)  # midnight in Seoul


def test_beyond_the_limit_one_line_says_how_many() -> None:
    many = [item(f"{n}", weight=n) for n in range(12)]
    shown = today.limited(many, lambda n: item("rest", rest=n))
    assert [one.key for one in shown] == ["11", "10", "9", "8", "rest"] and shown[-1].rest == 12 - (MOST - 1)
    assert today.limited(many[:MOST], lambda n: item("rest", rest=n)) == list(reversed(many[:MOST]))


def test_only_a_reader_with_the_permission_is_told(house: None) -> None:
    asked: list[int] = []

    @today.finder("x", room="billing", word=WORD, permission=MAY, live="a:* b:1", pillar=True)
    def find(who: Reader) -> list[Item]:
        asked.append(who.staff)
        return [item("x", rest=3)]

    assert today.todo(reader("auditor"), "all").lines == [] and asked == [] and today.lives(reader("auditor")) == ""
    clerk = reader("billing_clerk")
    found = today.todo(clerk, "mine")
    assert [line.item.key for line in found.lines] == ["x"] and found.count == 3 and today.lives(clerk) == "a:* b:1"
    assert today.waits(clerk.request, "billing") == 3 and today.waits(clerk.request, "shared") is None
    assert asked == [1]  # once a request, however often it is asked


def test_what_a_colleague_owns_is_theirs(house: None) -> None:
    today.finders.add(
        "x", Finder(lambda _: [item("mine", owner=1), item("theirs", owner=2), item("anybody's")], "billing", WORD, MAY, pillar=True)
    )
    who = reader("billing_clerk")
    who.__dict__["peers"] = frozenset({1, 3})
    keys = {scope: sorted(line.item.key for line in today.todo(who, scope).lines) for scope in today.SCOPES}  # type: ignore[arg-type]
    assert keys == {"mine": ["anybody's", "mine"], "role": ["anybody's", "mine"], "all": ["anybody's", "mine", "theirs"]}
    assert today.waits(who.request, "billing") == 2
    other = reader("billing_clerk")
    other.__dict__["peers"] = frozenset({1, 2})
    assert len(today.todo(other, "role").lines) == 3


def test_a_room_that_cannot_look_hides_nothing_of_the_others(house: None) -> None:
    def broken(_: Reader) -> list[Item]:
        raise RuntimeError("gone")

    today.finders.add("a", Finder(broken, "billing", Text("과금", "Billing"), MAY, pillar=True))
    today.finders.add("b", Finder(lambda _: [item("b")], "billing", WORD, MAY))
    found = today.todo(reader("billing_clerk"), "mine")
    assert [line.item.key for line in found.lines] == ["b"] and [str(word) for word in found.silent] == ["과금"]


@pytest.mark.parametrize(
    ("due_at", "shown"),
    [
        (NOW + timedelta(minutes=12), 'class="clock clock-warn" data-until="2026-11-23T00:12:00+00:00">12<small>분</small>'),
        (
            NOW + timedelta(hours=4, minutes=48),
            'class="clock" data-until="2026-11-23T04:48:00+00:00">4<small>시간</small> 48<small>분</small>',
        ),
        (NOW + timedelta(days=2), 'class="clock far"><time datetime="2026-11-25">11-25 수</time>'),
        (date(2026, 11, 23), 'class="clock far clock-warn"><time datetime="2026-11-23">오늘까지</time>'),
        (NOW - timedelta(hours=3), 'class="clock clock-bad over" data-until="2026-11-22T21:00:00+00:00">3시간 지남'),
        (None, 'class="clock none">기한 없음'),
    ],
)
def test_a_clock_says_what_is_left_and_a_breach_by_how_much(due_at: datetime | date | None, shown: str) -> None:
    one = item("x", due_at)
    assert shown in due(Waiting(one, WORD, today._tone(one, NOW)))


def test_days_in_full_and_how_long_something_is_over() -> None:
    assert "11월 23일 월요일" in longday(date(2026, 11, 23))
    assert over(timedelta(seconds=5)).en == "1 min over" and over(timedelta(hours=50)).ko == "2일 지남"


def test_journeys_on_their_way_come_first_and_ended_ones_stay_two_days(house: None) -> None:
    kept = dict(today.journeys._rows)
    today.journeys._rows.clear()

    def journey(key: str, hours: int, ended: bool = False) -> today.Journey:
        return today.Journey(key, WORD, WORD, (), "/", NOW - timedelta(hours=hours), ended)

    try:
        rows = [
            journey("old", 500),
            journey("done", 40, True),
            journey("gone", 60, True),
            journey("new", 1),
            *(journey(f"{n}", 100 + n) for n in range(3)),
        ]
        today.journeys.add("x", today.Travels(lambda _: rows, MAY))
        shown, more = today.on_the_way(reader("billing_clerk"))
        assert [one.key for one in shown] == ["new", "0", "1", "2"] and more == 2
        assert today.on_the_way(reader("auditor")) == ([], 0)
    finally:
        today.journeys._rows.clear()
        today.journeys._rows.update(kept)
