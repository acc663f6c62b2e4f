"""Why a thing is due when it is: day by day, what counted, what did not and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from numaru.facilities.clocks.web.states import DAYS, spent
from numaru.ui import formats
from numaru.values.business_calendar import BusinessCalendar, seconds_of
from numaru.values.text import Text

MOST = 60  # days that are told one by one


@dataclass(frozen=True, slots=True)
class DayTold:
    """A day of the calendar's zone: the spans that counted, how much, how much so far; or why nothing did. ``skipped`` days stand in one line."""

    name: str
    spans: str
    counted: Text | None
    total: Text | None
    why: Text | str
    skipped: int = 0


def told(calendar: BusinessCalendar, start: datetime, due: datetime) -> list[DayTold]:
    """The days from the start to the due time."""
    zone = ZoneInfo(calendar.hours_at(seconds_of(start)).zone)
    day, last, total, out = start.astimezone(zone).date(), due.astimezone(zone).date(), 0, list[DayTold]()
    while day <= last and len(out) < MOST:
        low = max(start, datetime.combine(day, time(), zone))
        high = min(due, datetime.combine(day + timedelta(days=1), time(), zone))
        spans = list(calendar.spans(low, high)) if low < high else []
        name = Text(f"{day:%m-%d} {DAYS[day.weekday()].ko}", f"{DAYS[day.weekday()].en} {formats.day(day, 'en', year=day.year)}")
        if spans:
            counted = sum(int((b - a).total_seconds()) for a, b in spans)
            total += counted
            written = ", ".join(f"{_wall(a, zone, day)}–{_wall(b, zone, day)}" for a, b in spans)
            out.append(DayTold(str(name), written, spent(counted), spent(total), _note(calendar, day, zone)))
        else:
            out.append(DayTold(str(name), "", None, None, _note(calendar, day, zone) or _closed(calendar, day, low, zone)))
        day += timedelta(days=1)
    if day <= last:
        out.append(DayTold("", "", None, spent(calendar.between(start, due)), "", (last - day).days + 1))
    return out


def _wall(at: datetime, zone: ZoneInfo, day: date) -> str:
    there = at.astimezone(zone)
    return "24:00" if there.date() > day else f"{there:%H:%M:%S}" if there.second else f"{there:%H:%M}"


def _note(calendar: BusinessCalendar, day: date, zone: ZoneInfo) -> Text | str:
    """The name of a holiday, or the note of an exception."""
    hours = calendar.hours_at(seconds_of(datetime.combine(day, time(12), zone)))
    other = hours.exceptions.get(day)
    if other is not None:
        return other.note or (Text("예외", "Exception") if other.frames else Text("휴무", "Closed"))
    return hours.holidays.get(day, "")


def _closed(calendar: BusinessCalendar, day: date, low: datetime, zone: ZoneInfo) -> Text:
    """Why a day without a name did not count."""
    hours = calendar.hours_at(seconds_of(datetime.combine(day, time(12), zone)))
    if not hours.week[day.weekday()]:
        return Text("닫는 요일", "Closed on this weekday")
    return Text("이미 닫힌 뒤", "After closing") if low.astimezone(zone).time() > time() else Text("여는 시간 앞", "Before opening")
