"""Business hours against a second implementation that asks the wall clock at every minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numaru.values.business_calendar import (
    ALL_DAY,
    DAY,
    HOLIDAY_POLICIES,
    BusinessCalendar,
    DayException,
    Frame,
    Hours,
    NeverOpen,
    Version,
    read_frames,
    seconds_of,
)
from numaru.values.text import Text
from tests.values.wall import Wall

OFFICE = read_frames("09:00-12:00, 13:00-18:00")
SEOUL = ZoneInfo("Asia/Seoul")


def week(*days: tuple[Frame, ...]) -> tuple[tuple[Frame, ...], ...]:
    return days + ((),) * (7 - len(days))


def at(text: str, zone: str = "Asia/Seoul") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def office(**more: object) -> BusinessCalendar:
    return BusinessCalendar([Version(Hours("Asia/Seoul", week(*[OFFICE] * 5), **more))])  # type: ignore[arg-type]


def test_closing_exact_lunch_and_start_outside() -> None:
    hours = office()
    assert hours.add(at("2026-11-27T16:00"), 2 * 3600) == at("2026-11-27T18:00")  # Friday: at closing, not on Monday at nine
    assert hours.add(at("2026-11-27T16:00"), 2 * 3600 + 1) == at("2026-11-30T09:00:01")
    assert hours.add(at("2026-11-27T11:30"), 3600) == at("2026-11-27T13:30")
    assert hours.add(at("2026-11-28T03:00"), 60) == at("2026-11-30T09:01")
    assert hours.add(at("2026-11-28T03:00"), 0) == at("2026-11-30T09:00") == hours.next_opening(at("2026-11-28T03:00"))
    assert (
        hours.between(at("2026-11-27T17:00"), at("2026-11-30T10:00"))
        == 7200
        == -hours.between(at("2026-11-30T10:00"), at("2026-11-27T17:00"))
    )
    assert hours.open_at(at("2026-11-27T09:00")) and not hours.open_at(at("2026-11-27T18:00")) and not hours.open_at(at("2026-11-27T12:30"))
    assert hours.add(at("2026-11-27T10:00:00.900000"), 30) == at("2026-11-27T10:00:30")  # fractions are dropped


@pytest.mark.parametrize("zone", ["Asia/Seoul", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"])
def test_always_open_loses_no_second_in_any_zone(zone: str) -> None:
    always = BusinessCalendar([Version(Hours(zone, (ALL_DAY,) * 7))])
    start = datetime(2026, 1, 1, 12, 34, 56, tzinfo=UTC)
    for days in range(0, 800, 7):
        end = start + timedelta(days=days, minutes=days * 7)
        assert always.between(start, end) == (end - start).total_seconds()
        assert always.add(start, int((end - start).total_seconds())) == end


def test_a_day_of_a_clock_change_has_23_or_25_hours() -> None:
    for zone, short, long in (("Europe/Berlin", "2026-03-29", "2026-10-25"), ("America/New_York", "2026-03-08", "2026-11-01")):
        daily = BusinessCalendar([Version(Hours(zone, (ALL_DAY,) * 7))])
        for day, hours in ((short, 23), (long, 25)):
            begin = at(day + "T00:00", zone)
            end = at((date.fromisoformat(day) + timedelta(days=1)).isoformat() + "T00:00", zone)
            assert daily.between(begin, end) == hours * 3600


def test_the_three_readings_of_a_holiday_with_a_night_frame() -> None:
    night = (Frame.parse("22:00-03:00"),)
    day = date(2026, 12, 25)  # a Friday

    def open_seconds(policy: str) -> int:
        hours = Hours("Asia/Seoul", (night,) * 7, {day: Text("기독탄신일", "Christmas")}, policy)  # type: ignore[arg-type]
        return BusinessCalendar([Version(hours)]).between(at("2026-12-24T12:00"), at("2026-12-26T12:00"))

    assert open_seconds("works") == 10 * 3600
    assert open_seconds("begins") == 5 * 3600  # the frame of the eve stays, the one that begins on the holiday goes
    assert open_seconds("dates") == 2 * 3600 + 3 * 3600  # until midnight of the eve, and what is left after the holiday


def test_an_exception_beats_a_holiday_and_a_version_counts_only_its_own_minutes() -> None:
    day = date(2026, 12, 25)
    names = {day: Text("기독탄신일", "Christmas")}
    half = office(holidays=names, exceptions={day: DayException(read_frames("09:00-12:00"), "당직")})
    assert half.between(at("2026-12-25T00:00"), at("2026-12-26T00:00")) == 3 * 3600
    early = Hours("Asia/Seoul", week(*[read_frames("08:00-12:00")] * 5))
    turn = at("2026-12-02T10:00")
    both = BusinessCalendar([Version(Hours("Asia/Seoul", week(*[OFFICE] * 5))), Version(early, seconds_of(turn))])
    assert both.between(at("2026-12-02T00:00"), at("2026-12-03T00:00")) == 3600 + 7200  # 9–10 of the old hours, 10–12 of the new
    assert both.add(at("2026-12-02T09:00"), 3 * 3600) == at("2026-12-02T12:00")
    assert both.add(at("2026-12-02T09:00"), 3 * 3600 + 60) == at("2026-12-03T08:01")
    assert both.next_opening(turn) == at("2026-12-03T08:00")  # the change of a version opens nothing


def test_what_never_opens_is_said() -> None:
    never = BusinessCalendar([Version(Hours("Asia/Seoul", ((),) * 7))])  # type: ignore[arg-type]
    with pytest.raises(NeverOpen):
        never.add(at("2026-11-27T09:00"), 60)
    with pytest.raises(ValueError):
        office().add(at("2026-11-27T09:00"), -1)
    with pytest.raises(ValueError):
        office().add(datetime(2026, 11, 27), 60)  # noqa: DTZ001  refused because it is naive


@pytest.mark.parametrize(
    "text", ["9-12", "09:00-09:00", "25:00-26:00", "09:61-10:00", "24:00-03:00", "09:00-12:00, 11:00-13:00", "09:00-24:30"]
)
def test_frames_that_are_none(text: str) -> None:
    with pytest.raises(ValueError):
        read_frames(text)


frames = st.builds(
    lambda cuts: tuple(Frame(a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=False) if a < DAY and a < b <= a + DAY),
    st.lists(st.integers(0, DAY + 480), min_size=2, max_size=6, unique=True).map(sorted),
)
ZONES = {  # a fortnight that holds a change of the clocks, where the zone has one
    "Asia/Seoul": date(2026, 9, 20), "Europe/Berlin": date(2026, 3, 22), "America/New_York": date(2026, 10, 26), "Australia/Lord_Howe": date(2026, 3, 30),
}  # fmt: skip


@st.composite
def calendars(draw: st.DrawFn) -> tuple[list[Version], date]:
    zone = draw(st.sampled_from(sorted(ZONES)))
    monday = ZONES[zone]
    days = st.integers(0, 13).map(lambda n: monday + timedelta(days=n))

    def hours() -> Hours:
        return Hours(
            zone, tuple(draw(frames) for _ in range(7)), {d: Text("쉼", "off") for d in draw(st.sets(days, max_size=3))},  # type: ignore[arg-type]
            draw(st.sampled_from(HOLIDAY_POLICIES)), {d: DayException(draw(frames)) for d in draw(st.sets(days, max_size=2))},
        )  # fmt: skip

    versions = [Version(hours())]
    if draw(st.booleans()):
        turn = datetime(monday.year, monday.month, monday.day, tzinfo=UTC) + timedelta(minutes=draw(st.integers(0, 13 * DAY)))
        versions.append(Version(hours(), seconds_of(turn)))
    return versions, monday


@settings(max_examples=60, deadline=None)
@given(calendars(), st.integers(0, 8 * DAY), st.integers(0, 5 * DAY), st.integers(1, 1500))
def test_every_answer_is_that_of_the_wall_clock(made: tuple[list[Version], date], first: int, length: int, target: int) -> None:
    versions, monday = made
    calendar, wall = BusinessCalendar(versions), Wall(versions, monday - timedelta(days=2), 18)
    start = datetime(monday.year, monday.month, monday.day, tzinfo=UTC) + timedelta(minutes=first)
    end = start + timedelta(minutes=length)
    assert calendar.between(start, end) == 60 * wall.between(start, end)
    assert calendar.open_at(start) == wall.open_at(start)
    due = wall.add(start, target)
    if due is not None:
        assert calendar.add(start, target * 60) == due
        assert calendar.between(start, due) == target * 60
