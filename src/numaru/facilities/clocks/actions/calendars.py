"""Making and changing calendars. A change is a version that holds from now or later; what was counted until then stays counted."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from numaru.facilities.clocks import calendars, moves
from numaru.facilities.clocks.events import CalendarChanged
from numaru.facilities.clocks.models import Calendar, CalendarVersion
from numaru.facilities.clocks.permissions import CALENDAR_CHANGE
from numaru.facilities.clocks.recount import lay_again
from numaru.facilities.clocks.rules.writing import Unwritten, hours_of
from numaru.kernel import clock
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Conflict, Invalid
from numaru.values.business_calendar import BusinessCalendar, Version, seconds_of
from numaru.values.masked import telling
from numaru.values.text import Text


def _anywhere(**_: object) -> None:
    return None


def _hours(zone: str, week: list[list[str]], holidays: dict[str, Any], policy: str, exceptions: dict[str, Any]) -> None:
    """Refuses hours that cannot be, and notes that hold personal data: a version is never edited and everybody reads it."""
    try:
        hours_of(zone, week, holidays, policy, exceptions)
    except Unwritten as wrong:
        raise Invalid.because(
            "clocks.hours", wrong.text, Text("칸의 설명대로 적으십시오.", "Write it as the hint says."), field=wrong.field
        ) from None
    notes = " ".join([note for _, note in exceptions.values()] + [name for names in holidays.values() for name in names])
    if telling(notes):
        raise Invalid.because(
            "clocks.notes", Text("메모에 개인정보가 있습니다.", "A note holds personal data."),
            Text("사람 이름이나 번호 없이 적으십시오.", "Write it without people's names or numbers."), field="exceptions",
        )  # fmt: skip


@action(CALENDAR_CHANGE, service=_anywhere)
def make_calendar(
    act: Act, *, key: str, name_ko: str, name_en: str, zone: str, week: list[list[str]], holidays: dict[str, Any], policy: str = "begins",
    exceptions: dict[str, Any] | None = None, country: str = "",
) -> str:  # fmt: skip
    """Make a calendar with its first version and return its key. Refuses a key that is taken or no short name, and what :func:`_hours` refuses."""
    if not key or len(key) > 40 or not all(c.isascii() and (c.islower() or c.isdigit() or c == "-") for c in key) or key == "new":
        raise Invalid.because(
            "clocks.key", Text("‘{k}’은(는) 키가 될 수 없습니다.", "“{k}” cannot be a key.").fill(k=key[:50]),
            Text("영문 소문자, 숫자, 붙임표로 40자 안에서 적으십시오.", "Use small letters, digits and hyphens, 40 at most."), field="key", value=key[:50],
        )  # fmt: skip
    if not name_ko.strip() or not name_en.strip() or len(name_ko) > 60 or len(name_en) > 60:
        raise Invalid.because(
            "clocks.name", Text("이름이 비었거나 60자를 넘습니다.", "A name is missing or longer than 60 characters."),
            Text("두 언어로 짧게 적으십시오.", "Write a short one in both languages."), field="name_ko" if not name_ko.strip() else "name_en",
        )  # fmt: skip
    if Calendar.objects.filter(key=key).exists():
        raise Conflict.because(
            "clocks.key_taken", Text("‘{k}’ 달력이 이미 있습니다.", "There is a calendar “{k}” already.").fill(k=key),
            Text("다른 키를 적으십시오.", "Write another key."), field="key", value=key,
        )  # fmt: skip
    _hours(zone, week, holidays, policy, exceptions or {})
    now = clock.now()
    made = Calendar.objects.create(key=key, name_ko=name_ko.strip(), name_en=name_en.strip(), made_at=now)
    CalendarVersion.objects.create(
        calendar=made, number=1, zone=zone, week=week, holidays=holidays, holiday_policy=policy, country=country, exceptions=exceptions or {},
        made_at=now, made_by=act.actor.staff_id, made_name=act.actor.name[:80], reason=act.reason,
    )  # fmt: skip
    act.record("clocks.calendar", key, after={"zone": zone, "week": week, "policy": policy, "holidays": len(holidays)})
    return key


@action(CALENDAR_CHANGE, reason=True, service=_anywhere)
def change_calendar(
    act: Act, *, key: str, zone: str, week: list[list[str]], holidays: dict[str, Any], policy: str, exceptions: dict[str, Any],
    country: str = "", valid_from: datetime | None = None,
) -> int:  # fmt: skip
    """Give a calendar a new version from ``valid_from`` (now when left out) on, and return its number. Open clocks keep the time they have
    used; their rest is laid on the new hours, at once in the plan's count and by a job in fact. Verdicts are not touched.

    Refuses a moment before now or not after the last version, hours that say what the last version says, and what :func:`_hours` refuses.
    """
    row = calendars.row_of(key)
    _hours(zone, week, holidays, policy, exceptions)
    last = row.versions.select_for_update().order_by("-number")[0]
    now = clock.now()
    begins = (valid_from or now).replace(microsecond=0)
    if begins < now.replace(microsecond=0) or (last.valid_from is not None and begins <= last.valid_from):
        raise Invalid.because(
            "clocks.valid_from", Text("새 판은 지금부터, 그리고 앞 판보다 뒤에만 시작할 수 있습니다.", "A version begins now or later, and after the one before."),
            Text("지난 시간은 그때의 판으로 센 채 남습니다. 앞으로의 때를 고르십시오.", "Past time stays counted as it was. Choose a moment ahead."), field="valid_from",
        )  # fmt: skip
    said = {"zone": zone, "week": week, "holidays": holidays, "holiday_policy": policy, "exceptions": exceptions}
    if all(getattr(last, name) == value for name, value in said.items()):
        raise Conflict.because(
            "clocks.same", Text("앞 판과 다른 것이 없습니다.", "Nothing differs from the version before."), Text("바꿀 것을 고치십시오.", "Change what should change."),
        )  # fmt: skip
    made = CalendarVersion.objects.create(
        calendar=row, number=last.number + 1, valid_from=begins, country=country, reason=act.reason, made_at=now, made_by=act.actor.staff_id,
        made_name=act.actor.name[:80], **said,
    )  # fmt: skip
    changed = {name: value for name, value in said.items() if getattr(last, name) != value and name != "holidays"}
    act.record(
        "clocks.calendar", key, before={"version": last.number}, after={"version": made.number, "from": begins.isoformat(), **changed}
    )
    act.event(CalendarChanged(key, made.number, begins.isoformat()))
    for effect in moves.told(moves.foretold(row.pk, calendars.by_id(row.pk))):
        act.effect(effect)
    act.job(lambda: lay_again.defer(calendar=row.pk, version=made.number))
    return made.number


@action(CALENDAR_CHANGE, service=_anywhere)
def ship(act: Act) -> list[str]:
    """The calendars that every house begins with; those that are there already are left alone. Returns the keys made."""
    made = []
    for one in calendars.shipped(clock.today()):
        if not Calendar.objects.filter(key=one["key"]).exists():
            made.append(make_calendar.within(act, **one))
    if not made:
        act.record("clocks.calendar", "shipped", after={"made": 0})
    return made


def trial(calendar: BusinessCalendar, hours: Any, valid_from: datetime) -> BusinessCalendar:
    """A calendar as it would be with one more version."""
    return BusinessCalendar([*calendar.versions, Version(hours, seconds_of(valid_from))])


def years(on: date) -> tuple[int, int]:
    """The years whose holidays a new version takes over."""
    return on.year - 2, on.year + calendars.YEARS_AHEAD
