"""The table of due times: each case by the calendar and its clock, and a second time by a walk over the minutes of the wall."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from numaru.facilities.clocks.calendars import public_holidays
from numaru.facilities.clocks.rules.course import Step, fold
from numaru.facilities.clocks.rules.writing import exceptions_of, hours_of, week_of
from numaru.values.business_calendar import BusinessCalendar, Version, seconds_of
from tests.values.wall import Wall

TABLE = tomllib.loads(Path(__file__).with_name("due_times.toml").read_text())
CASES = TABLE["cases"]


def at(text: str, zone: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))


def versions_of(key: str) -> tuple[list[Version], str]:
    given = TABLE["calendars"][key]
    holidays = given.get("holidays", [])
    days = public_holidays("KR", 2024, 2028) if holidays == "KR" else {day: ["휴일", "Holiday"] for day in holidays}
    zone, policy = given["zone"], given.get("policy", "begins")
    exceptions = exceptions_of("\n".join(given.get("exceptions", [])))
    out = [Version(hours_of(zone, week_of(given["week"]), days, policy, exceptions))]
    if "then" in given:
        later = hours_of(zone, week_of(given["then"]["week"]), days, policy, exceptions)
        out.append(Version(later, seconds_of(at(given["then"]["valid_from"], zone))))
    return out, zone


def test_the_table_is_large_enough_and_says_its_sources() -> None:
    assert len(CASES) >= 60
    assert all(case["source"] for case in CASES)
    assert all(bool(case.get("published")) == bool(case.get("corrected")) for case in CASES)
    assert sum("own count" not in case["source"] for case in CASES) >= 30
    assert {case["calendar"] for case in CASES} == set(TABLE["calendars"])


@pytest.mark.parametrize("case", CASES, ids=[f"{n:03}-{c['calendar']}-{c['start']}" for n, c in enumerate(CASES)])
def test_due_as_the_table_says_by_two_ways(case: dict[str, Any]) -> None:
    versions, zone = versions_of(case["calendar"])
    start, due = at(case["start"], zone), at(case["due"], zone)
    log = [(what, at(when, zone)) for what, when in case.get("log", [])]
    steps = [Step("start", start, 1, case["minutes"] * 60, 0), *(Step(what, when) for what, when in log)]
    calendar = BusinessCalendar(versions)
    assert fold(steps, lambda _: calendar).due_at == due
    if not log:
        assert calendar.add(start, case["minutes"] * 60) == due
    assert walked(versions, start, case["minutes"], log, due) == due
    if case.get("published"):
        assert at(case["published"], zone) != due


def walked(versions: list[Version], start: datetime, minutes: int, log: list[tuple[str, datetime]], due: datetime) -> datetime | None:
    """Minute by minute from the start, counting those that are open and not paused."""
    first = start.astimezone(UTC).date() - timedelta(days=2)
    wall = Wall(versions, first, (due - start).days + 9)
    left, moment, paused = minutes, start.astimezone(UTC).replace(second=0), False
    if left == 0:
        return start
    for _ in range(((due - start).days + 4) * 1440):
        for what, when in log:
            if when == moment:
                paused = what == "pause"
        if wall.open_at(moment) and not paused:
            left -= 1
        moment += timedelta(minutes=1)
        if left == 0:
            return moment
    return None


def test_korean_holidays_are_those_that_were_proclaimed() -> None:
    """Of 2024 and 2025, which are past: with substitutes and the days that the government added."""
    wanted = {
        2024: "01-01 02-09 02-10 02-11 02-12 03-01 04-10 05-05 05-06 05-15 06-06 08-15 09-16 09-17 09-18 10-01 10-03 10-09 12-25",
        2025: "01-01 01-27 01-28 01-29 01-30 03-01 03-03 05-05 05-06 06-03 06-06 08-15 10-03 10-05 10-06 10-07 10-08 10-09 12-25",
    }
    for year, days in wanted.items():
        assert set(public_holidays("KR", year, year)) == {f"{year}-{day}" for day in days.split()}
    assert all(date.fromisoformat(day).year in (2026, 2027) for day in public_holidays("KR", 2026, 2027))
