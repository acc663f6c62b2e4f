"""Forms of the calendar."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.conf import settings

from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.work import reads
from numaru.facilities.work.actions.tasks import TITLE, WORDS
from numaru.facilities.work.actions.windows import KINDS, local
from numaru.facilities.work.models import Window
from numaru.facilities.work.web.forms import PLAIN
from numaru.ui import formats
from numaru.ui.fields import DayField
from numaru.ui.forms import spoken
from numaru.values.text import Text

OFTEN: dict[str, Text] = {
    "": Text("한 번", "Once"),
    "DAILY": Text("날마다", "Every day"),
    "WEEKLY": Text("주마다", "Every week"),
    "MONTHLY": Text("달마다", "Every month"),
    "YEARLY": Text("해마다", "Every year"),
}
AS_IS = "as-is"


def kinds() -> list[tuple[str, str]]:
    return [(key, str(word)) for key, word in KINDS.items()]


def services() -> list[tuple[str, str]]:
    return [("", str(Text("모든 서비스", "All services"))), *((s.slug, str(s.name)) for s in catalogue.services() if not s.retired)]


def _time(label: Text) -> forms.TimeField:
    return forms.TimeField(label=spoken(label), required=False, widget=forms.TimeInput({"type": "time", "class": "short"}, format="%H:%M"))


class WindowForm(forms.Form):
    """What happens when, on which service, how often."""

    kind = forms.ChoiceField(label=spoken(Text("종류", "Kind")))
    title = forms.CharField(
        label=spoken(Text("제목", "Title")), max_length=TITLE, widget=forms.TextInput(PLAIN),
        help_text=spoken(Text("캘린더와 내보낸 일정에 그대로 보입니다. 개인정보는 적지 마십시오.", "It stands in the calendar and in its feed as it is. Write no personal data.")),
        error_messages={"required": spoken(Text("무슨 일정인지 짧게 적으십시오.", "Say in a few words what it is."))},
    )  # fmt: skip
    service = forms.ChoiceField(label=spoken(Text("서비스", "Service")), required=False)
    starts_on = DayField(
        label=spoken(Text("시작하는 날", "From")), error_messages={"required": spoken(Text("날짜를 적으십시오.", "Write the day."))}
    )
    starts_time = _time(Text("시작 시각", "From, time"))
    ends_on = DayField(
        label=spoken(Text("끝나는 날", "To")),
        required=False,
        help_text=spoken(Text("비우면 시작하는 날입니다.", "Left empty, the day it begins.")),
    )
    ends_time = _time(Text("끝 시각", "To, time"))
    often = forms.ChoiceField(label=spoken(Text("되풀이", "Recurs")), required=False)
    until = DayField(label=spoken(Text("언제까지 되풀이", "Recurs until")), required=False)
    staff = forms.ChoiceField(label=spoken(Text("누가", "Who")), required=False)
    details = forms.CharField(
        label=spoken(Text("내용", "Details")), required=False, max_length=WORDS, widget=forms.Textarea({"rows": 4}), help_text=spoken(Text("봉인해 보관하며 내보내지 않습니다.", "Kept sealed, and never in the feed."))
    )  # fmt: skip
    reason = forms.CharField(
        label=spoken(Text("겹친 채 두는 사유", "Why it stays although it clashes")), max_length=400, required=False, widget=forms.TextInput(PLAIN),
        help_text=spoken(Text("감사 기록에 남습니다.", "It stays in the audit log.")),
    )  # fmt: skip

    def __init__(self, *args: Any, asks: bool = False, row: Window | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["kind"].choices = kinds()
        fields["service"].choices = services()
        fields["staff"].choices = [("", "–"), *((str(pk), name) for pk, name in reads.colleagues())]
        self.row = row
        known = row is not None and row.rrule and _simple(row.rrule) is None
        fields["often"].choices = [
            *([(AS_IS, str(Text("지금 규칙 그대로", "As it stands")))] if known else []), *((key, str(word)) for key, word in OFTEN.items())
        ]  # fmt: skip
        if row is not None:
            for name in ("service", "staff"):
                del self.fields[name]
        if not asks:
            del self.fields["reason"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("starts_on") is None or self.errors:
            return data
        begins, ends = data.get("starts_time"), data.get("ends_time")
        last = data.get("ends_on") or data["starts_on"]
        if (begins is None) != (ends is None):
            self.add_error(
                "ends_time",
                spoken(Text("시작과 끝 시각을 둘 다 적거나, 종일이면 둘 다 비우십시오.", "Write both times, or neither for whole days.")),
            )
            return data
        data["all_day"] = begins is None
        data["starts_at"] = local(data["starts_on"], begins or time())
        data["ends_at"] = local(last, ends) if ends is not None else local(last + timedelta(days=1), time())
        if data["ends_at"] <= data["starts_at"]:
            self.add_error("ends_on", spoken(Text("끝이 시작보다 뒤여야 합니다.", "It must end after it begins.")))
        if data.get("often") == AS_IS and self.row is not None:
            data["rrule"] = self.row.rrule
        else:
            until = data.get("until")
            data["rrule"] = f"FREQ={data['often']}" if data.get("often") else ""
            if data["rrule"] and until is not None:
                end = local(until + timedelta(days=1), time()) - timedelta(seconds=1)
                data["rrule"] += f";UNTIL={until:%Y%m%d}" if data["all_day"] else f";UNTIL={_utc(end):%Y%m%dT%H%M%SZ}"
        return data


def _utc(at: datetime) -> datetime:
    from datetime import UTC

    return at.astimezone(UTC)


def _simple(rule: str) -> tuple[str, str] | None:
    """How often and until when, where a rule says nothing else; None where it does."""
    parts = dict(part.split("=", 1) for part in rule.split(";"))
    if set(parts) - {"FREQ", "UNTIL"} or parts.get("FREQ") not in OFTEN:
        return None
    return parts["FREQ"], parts.get("UNTIL", "")[:8]


def initial(row: Window) -> dict[str, Any]:
    """A window as its form begins."""
    starts, ends = formats.local(row.starts_at, settings.TIME_ZONE), formats.local(row.ends_at, settings.TIME_ZONE)
    if row.all_day:
        ends -= timedelta(microseconds=1)
    simple = _simple(row.rrule) if row.rrule else ("", "")
    return {
        "kind": row.kind, "title": row.title, "starts_on": starts.date(), "ends_on": ends.date(), "details": row.details,
        "starts_time": None if row.all_day else starts.time(), "ends_time": None if row.all_day else ends.time(),
        "often": simple[0] if simple else AS_IS, "until": simple[1] if simple else "",
    }  # fmt: skip


class FileForm(forms.Form):
    """A calendar file, and what its events are here."""

    file = forms.FileField(
        label=spoken(Text("캘린더 파일 (.ics)", "Calendar file (.ics)")), widget=forms.FileInput({"accept": ".ics,text/calendar"}),
        help_text=spoken(Text("먼저 읽어 보고, 무엇이 달라지는지 보인 뒤 들입니다. 참석자와 주최자는 읽지 않습니다.", "It is read and compared first; you see what would change. Attendees and organisers are never read.")),
        error_messages={"required": spoken(Text("파일을 고르십시오.", "Choose a file."))},
    )  # fmt: skip
    kind = forms.ChoiceField(label=spoken(Text("새 일정의 종류", "Kind of new windows")), initial="other")
    service = forms.ChoiceField(label=spoken(Text("서비스", "Service")), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = kinds()  # type: ignore[attr-defined]
        self.fields["service"].choices = services()  # type: ignore[attr-defined]
