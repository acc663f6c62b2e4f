"""Calendars as the house has them: read by key, kept in memory until a version is added, and the two that every house begins with.

calendars.add("office", at, 240)      # when four business hours will have passed
calendars.open_at("always", at)
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from numaru.facilities.clocks.models import Calendar, CalendarVersion
from numaru.facilities.clocks.rules.writing import hours_of
from numaru.kernel.errors import NotFound
from numaru.values.business_calendar import BusinessCalendar, Hours, Version, seconds_of
from numaru.values.text import Text

WHAT = Text("근무 달력", "business calendar")
COUNTRIES: dict[str, Text] = {
    "KR": Text("대한민국", "South Korea"), "JP": Text("일본", "Japan"), "US": Text("미국", "United States"), "DE": Text("독일", "Germany"),
    "GB": Text("영국", "United Kingdom"), "FR": Text("프랑스", "France"), "TW": Text("대만", "Taiwan"), "VN": Text("베트남", "Vietnam"),
    "IN": Text("인도", "India"), "SG": Text("싱가포르", "Singapore"),
}  # fmt: skip
YEARS_AHEAD = 3


def public_holidays(country: str, first: int, last: int) -> dict[str, list[str]]:
    """Public holidays of the years, substitutes among them, by day: the Korean name (for Korea; elsewhere the English one) and the English one.

    They are taken into a version as data, so a newer table moves nothing that was answered. Raises KeyError for a country that is not offered.
    """
    import holidays

    if country not in COUNTRIES:
        raise KeyError(country)
    years = range(first, last + 1)
    own = holidays.country_holidays(country, years=years, language="ko" if country == "KR" else "en_US")
    english = holidays.country_holidays(country, years=years, language="en_US")
    return {day.isoformat(): [own[day], english.get(day, own[day])] for day in sorted(own)}


def hours_of_version(row: CalendarVersion) -> Hours:
    """What a version says."""
    return hours_of(row.zone, row.week, row.holidays, row.holiday_policy, row.exceptions)


def _version(row: CalendarVersion) -> Version:
    return Version(hours_of_version(row), None if row.valid_from is None else seconds_of(row.valid_from))


# By ids and times of the versions, which never change; the time too, since ids begin anew when a house is emptied under a running process.
_built: OrderedDict[tuple[tuple[int, datetime], ...], BusinessCalendar] = OrderedDict()
BUILT = 64


def by_id(calendar: int) -> BusinessCalendar:
    """A calendar with the versions that it has now. One query; the lines of open time are kept in memory."""
    rows = list(CalendarVersion.objects.filter(calendar=calendar).order_by("number"))
    key = tuple((row.pk, row.made_at) for row in rows)
    found = _built.get(key)
    if found is None:
        found = _built[key] = BusinessCalendar([_version(row) for row in rows])
        while len(_built) > BUILT:
            _built.popitem(last=False)
    return found


def reader() -> Callable[[int], BusinessCalendar]:
    """:func:`by_id` that asks once for each calendar: for one action or one page."""
    seen: dict[int, BusinessCalendar] = {}

    def of(calendar: int) -> BusinessCalendar:
        if calendar not in seen:
            seen[calendar] = by_id(calendar)
        return seen[calendar]

    return of


def row_of(key: str) -> Calendar:
    """The row of a calendar. Raises NotFound."""
    found = Calendar.objects.filter(key=key).first()
    if found is None:
        raise NotFound.named(WHAT, key)
    return found


def calendar(key: str) -> BusinessCalendar:
    """A calendar by its key, to ask several questions of. Raises NotFound."""
    return by_id(row_of(key).pk)


def keys() -> list[str]:
    """The keys of all calendars that there are. One query."""
    return list(Calendar.objects.order_by("key").values_list("key", flat=True))


def open_at(key: str, at: datetime) -> bool:
    """Whether the calendar is open at an instant."""
    return calendar(key).open_at(at)


def between(key: str, start: datetime, end: datetime) -> int:
    """Whole business minutes between two instants; what is left of a minute is dropped."""
    seconds = calendar(key).between(start, end)
    return seconds // 60 if seconds >= 0 else -(-seconds // 60)


def add(key: str, start: datetime, minutes: int) -> datetime:
    """When so many business minutes will have passed since ``start``."""
    return calendar(key).add(start, minutes * 60)


def next_opening(key: str, at: datetime) -> datetime:
    """The next instant at which the calendar opens, after ``at`` or at it."""
    return calendar(key).next_opening(at)


def shipped(on: date) -> list[dict[str, Any]]:
    """The calendars that a house begins with: office hours of Korea with lunch and public holidays, and always."""
    office, always = ["09:00–12:00", "13:00–18:00"], ["00:00–24:00"]
    korea = public_holidays("KR", on.year - 2, on.year + YEARS_AHEAD)
    return [
        {"key": "office", "name_ko": "본사 근무 시간", "name_en": "Office hours", "zone": "Asia/Seoul", "week": [office] * 5 + [[], []],
         "holidays": korea, "country": "KR", "policy": "begins", "exceptions": {}},
        {"key": "always", "name_ko": "하루 24시간", "name_en": "Around the clock", "zone": "Asia/Seoul", "week": [always] * 7,
         "holidays": {}, "country": "", "policy": "works", "exceptions": {}},
    ]  # fmt: skip
