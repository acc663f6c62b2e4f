"""Forms of calendars: hours as people write them, and the try-out."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings

from numaru.facilities.clocks import calendars
from numaru.facilities.clocks.actions.calendars import years
from numaru.facilities.clocks.models import Calendar, CalendarVersion
from numaru.facilities.clocks.rules import writing
from numaru.facilities.clocks.rules.writing import Unwritten
from numaru.facilities.clocks.web.states import DAYS, POLICIES
from numaru.kernel import clock
from numaru.ui.fields import DayField
from numaru.ui.forms import spoken
from numaru.values.business_calendar import known_zone
from numaru.values.text import Text, language

PLAIN = {"autocomplete": "off"}
NONE = Text("없음", "None")
LARGEST = 1_000_000  # bytes of a calendar file


def holidays_in(data: bytes) -> dict[str, list[str]]:
    """The whole days of an iCalendar file with their names. Raises ValueError for a file that is none."""
    from datetime import date, timedelta

    import icalendar

    out: dict[str, list[str]] = {}
    for event in icalendar.Calendar.from_ical(data).walk("VEVENT"):
        start = event.decoded("DTSTART")
        if isinstance(start, datetime) or not isinstance(start, date):
            continue
        end = event.decoded("DTEND", start + timedelta(days=1))
        name = " ".join(str(event.get("SUMMARY", "")).split())[:80] or "–"
        for n in range(min(366, max(1, (end - start).days))):
            out[(start + timedelta(days=n)).isoformat()] = [name, name]
    return out


class CalendarForm(forms.Form):
    """A version of a calendar. ``cleaned_data["said"]`` are the arguments of the action."""

    zone = forms.CharField(
        label=spoken(Text("시간대", "Time zone")),
        max_length=60,
        initial="Asia/Seoul",
        widget=forms.TextInput({**PLAIN, "class": "short"}),
        help_text=spoken(Text("예: Asia/Seoul, Europe/Berlin", "Like Asia/Seoul or Europe/Berlin.")),
    )
    policy = forms.ChoiceField(label=spoken(Text("휴일 규칙", "Rule for holidays")))
    country = forms.ChoiceField(label=spoken(Text("공휴일을 받을 나라", "Public holidays of")), required=False)
    take = forms.BooleanField(
        label=spoken(Text("공휴일을 지금 자료로 받기", "Take the public holidays over now")),
        required=False,
        help_text=spoken(
            Text(
                "아래 휴일에 더합니다. 자료가 뒤에 바뀌어도 이 판은 그대로입니다.",
                "Added to the holidays below. This version stays as it is when the tables change later.",
            )
        ),
    )
    holidays = forms.CharField(
        label=spoken(Text("휴일", "Holidays")),
        required=False,
        max_length=60_000,
        widget=forms.Textarea({"rows": 8, "spellcheck": "false"}),
        help_text=spoken(
            Text("한 줄에 하루: 2026-12-25 기독탄신일 / Christmas Day", "A day a line: 2026-12-25 기독탄신일 / Christmas Day")
        ),
    )
    file = forms.FileField(
        label=spoken(Text("휴일 파일 (iCalendar)", "File of holidays (iCalendar)")),
        required=False,
        help_text=spoken(
            Text(
                "종일 일정만 휴일에 더합니다. 이미 있는 날은 그대로 둡니다.",
                "Whole days are added to the holidays; days that are there stay as they are.",
            )
        ),
    )
    exceptions = forms.CharField(label=spoken(Text("예외", "Exceptions")), required=False, max_length=20_000, widget=forms.Textarea({"rows": 4, "spellcheck": "false"}),
                                 help_text=spoken(Text("한 줄에 하루: 2026-12-31 09:00–13:00 종무식, 2027-01-02 휴무. 휴일보다 앞섭니다.", "A day a line: 2026-12-31 09:00–13:00 year end, or 2027-01-02 closed. They come before holidays.")))  # fmt: skip

    def __init__(self, *args: Any, row: Calendar | None = None, last: CalendarVersion | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row, self.last = row, last
        week = last.week if last else [["09:00–12:00", "13:00–18:00"]] * 5 + [[], []]
        days = {}
        for n, name in enumerate(DAYS):
            hint = (
                spoken(
                    Text(
                        "쉼표로 나눕니다. 22:00–03:00은 시작한 날에 속합니다. 비우면 닫습니다.",
                        "Divide by commas. 22:00–03:00 belongs to the day it begins. Empty is closed.",
                    )
                )
                if n == 0
                else ""
            )
            days[f"day{n}"] = forms.CharField(
                label=spoken(name),
                required=False,
                max_length=200,
                initial=", ".join(week[n]),
                widget=forms.TextInput(PLAIN),
                help_text=hint,
            )
        head = {}
        if row is None:
            need = {"required": spoken(Text("적으십시오.", "Write it."))}
            head["name_ko"] = forms.CharField(
                label=spoken(Text("이름 (한국어)", "Name (Korean)")), max_length=60, widget=forms.TextInput(PLAIN), error_messages=need
            )
            head["name_en"] = forms.CharField(
                label=spoken(Text("이름 (영어)", "Name (English)")), max_length=60, widget=forms.TextInput(PLAIN), error_messages=need
            )
            head["key"] = forms.CharField(label=spoken(Text("키", "Key")), max_length=40, widget=forms.TextInput({**PLAIN, "class": "short"}), error_messages=need,
                                          help_text=spoken(Text("영문 소문자. 정책에서 이 달력을 가리킬 때 씁니다.", "Small letters. Policies name the calendar by it.")))  # fmt: skip
        tail: dict[str, forms.Field] = {}
        if row is not None:
            tail["from_day"] = DayField(
                label=spoken(Text("적용 시작일", "Valid from")),
                required=False,
                help_text=spoken(Text("비우면 지금부터입니다.", "Left empty: from now on.")),
            )
            tail["from_time"] = forms.TimeField(
                label=spoken(Text("시각", "At")), required=False, widget=forms.TimeInput({"type": "time", "class": "short"}, format="%H:%M")
            )
            tail["reason"] = forms.CharField(label=spoken(Text("사유", "Reason")), max_length=400, widget=forms.TextInput(PLAIN),
                                             error_messages={"required": spoken(Text("왜 바꾸는지 한 줄로 적으십시오.", "Write in one line why it changes."))})  # fmt: skip
        self.fields = {**head, **days, **self.fields, **tail}
        self.fields["policy"].choices = [(k, str(t)) for k, t in POLICIES.items()]  # type: ignore[attr-defined]
        self.fields["country"].choices = [("", str(NONE)), *((k, str(t)) for k, t in calendars.COUNTRIES.items())]  # type: ignore[attr-defined]
        if last is not None:
            self.initial = {
                "zone": last.zone, "policy": last.holiday_policy, "country": last.country, "holidays": writing.holidays_typed(last.holidays),
                "exceptions": writing.exceptions_typed(last.exceptions, language()),
            }  # fmt: skip
        else:
            self.initial = {"zone": settings.TIME_ZONE, "policy": "begins", "country": "KR", "take": True}

    @property
    def seen(self) -> str:
        """A fingerprint of what was typed, so that what is applied is what was previewed."""
        kept = {k: v for k, v in sorted(self.data.items()) if k not in ("csrfmiddlewaretoken", "seen", "go")}
        kept["file"] = ""
        return hashlib.sha256(json.dumps(kept, ensure_ascii=False).encode()).hexdigest()[:24]

    def clean_zone(self) -> str:
        zone = str(self.cleaned_data["zone"]).strip()
        if not known_zone(zone):
            raise forms.ValidationError(str(writing.WORDS["zone"].fill(v=zone)))
        return zone

    def _read(self, field: str, read: Any) -> Any:
        try:
            return read(self.cleaned_data.get(field, ""))
        except Unwritten as wrong:
            self.add_error(field, str(wrong.text))
            return None

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        week = [self._read(f"day{n}", lambda text: writing.week_of([text])[0]) for n in range(7)]
        holidays, exceptions = self._read("holidays", writing.holidays_of), self._read("exceptions", writing.exceptions_of)
        if holidays is not None:
            if data.get("take") and data.get("country"):
                holidays = {**holidays, **calendars.public_holidays(data["country"], *years(clock.today()))}
            if data.get("file") is not None:
                holidays = {**self._filed(data["file"]), **holidays}
        if not self.errors and not any(week):
            self.add_error("day0", str(writing.WORDS["empty"]))
        data["said"] = {
            "zone": data.get("zone"), "week": week, "holidays": dict(sorted((holidays or {}).items())), "policy": data.get("policy"),
            "exceptions": exceptions or {}, "country": data.get("country", ""),
        }  # fmt: skip
        return data

    def _filed(self, file: Any) -> dict[str, list[str]]:
        try:
            if file.size > LARGEST:
                raise ValueError
            return holidays_in(file.read())
        except (ValueError, KeyError, TypeError, AttributeError):
            self.add_error("file", str(Text("iCalendar 파일로 읽지 못했습니다.", "It could not be read as an iCalendar file.")))
            return {}

    def valid_from(self) -> datetime | None:
        """The chosen moment on the operator's clock; None for now."""
        day = self.cleaned_data.get("from_day")
        return datetime.combine(day, self.cleaned_data.get("from_time") or time(), ZoneInfo(settings.TIME_ZONE)) if day else None


class TryForm(forms.Form):
    """A start and a target, to see when it would be due."""

    day = DayField(label=spoken(Text("시작일", "Starts on")), required=False)
    at = forms.TimeField(
        label=spoken(Text("시각", "At")), required=False, widget=forms.TimeInput({"type": "time", "class": "short"}, format="%H:%M")
    )
    hours = forms.IntegerField(label=spoken(Text("시간", "Hours")), required=False, min_value=0, max_value=5000, initial=8)
    minutes = forms.IntegerField(label=spoken(Text("분", "Minutes")), required=False, min_value=0, max_value=59)

    def asked(self, zone: str) -> tuple[datetime, int]:
        """The start in the calendar's zone, and the target in seconds. What is left out: now."""
        data, here = self.cleaned_data, clock.now().astimezone(ZoneInfo(zone)).replace(second=0, microsecond=0)
        day, at = data.get("day") or here.date(), data.get("at")
        start = (
            datetime.combine(day, at, ZoneInfo(zone))
            if at is not None
            else (here if day == here.date() else datetime.combine(day, time(9), ZoneInfo(zone)))
        )
        return start, (data.get("hours") or 0) * 3600 + (data.get("minutes") or 0) * 60
