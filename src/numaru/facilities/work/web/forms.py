"""Forms of tasks."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings

from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.work import reads
from numaru.facilities.work.actions.tasks import PRIORITIES, TITLE, WORDS
from numaru.kernel.access import ROLES, Actor
from numaru.ui import peek
from numaru.ui.fields import DayField
from numaru.ui.forms import spoken
from numaru.values.text import Text

PLAIN = {"autocomplete": "off"}
REASON = Text("사유", "Reason")


def receivers() -> list[tuple[str, str]]:
    """Everybody and every role that can have a task, for one choice."""
    people = [(f"staff:{pk}", name) for pk, name in reads.colleagues()]
    roles = [
        (f"role:{key}", str(Text("{r} 역할 누구나", "Anybody who is {r}").fill(r=word))) for key, word in ROLES.items() if key != "basic"
    ]
    return [*people, *roles]


def receiver(value: str) -> dict[str, Any]:
    """The choice of :func:`receivers` as ``staff`` and ``role``."""
    kind, _, key = value.partition(":")
    return {"staff": int(key) if kind == "staff" else None, "role": key if kind == "role" else ""}


class TaskForm(forms.Form):
    """What is to be done, by whom and by when."""

    title = forms.CharField(
        label=spoken(Text("제목", "Title")), max_length=TITLE, widget=forms.TextInput(PLAIN),
        help_text=spoken(Text("목록에 그대로 보입니다. 사람의 이름이나 연락처는 내용에 적으십시오.", "It stands in lists as it is. Names and contacts of people belong into the details.")),
        error_messages={"required": spoken(Text("무엇을 할지 짧게 적으십시오.", "Say in a few words what is to be done."))},
    )  # fmt: skip
    details = forms.CharField(
        label=spoken(Text("내용", "Details")), required=False, max_length=WORDS, widget=forms.Textarea({"rows": 5}),
        help_text=spoken(Text("봉인해 보관합니다.", "Kept sealed.")),
    )  # fmt: skip
    owner = forms.ChoiceField(label=spoken(Text("맡을 사람", "Who is to do it")))
    due_on = DayField(label=spoken(Text("기한", "Due on")), required=False)
    due_time = forms.TimeField(
        label=spoken(Text("시각", "At")), required=False, widget=forms.TimeInput({"type": "time", "class": "short"}, format="%H:%M"),
        help_text=spoken(Text("비우면 그날이 끝날 때까지입니다.", "Left empty, through the end of that day.")),
    )  # fmt: skip
    priority = forms.ChoiceField(label=spoken(Text("우선순위", "Priority")), initial="2")
    service = forms.ChoiceField(label=spoken(Text("서비스", "Service")), required=False)
    about = forms.CharField(
        label=spoken(Text("무엇에 관한 것", "About")), required=False, max_length=80, widget=forms.TextInput({**PLAIN, "class": "short"}),
        help_text=spoken(Text("화면에 보이는 번호. 예: R2026-10, S-0000012", "The number shown on its page, like R2026-10 or S-0000012.")),
    )  # fmt: skip
    about_kind = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput())
    checklist = forms.CharField(
        label=spoken(Text("점검 항목", "Checklist")), required=False, max_length=WORDS, widget=forms.Textarea({"rows": 4}),
        help_text=spoken(Text("한 줄에 하나씩 적습니다.", "One point a line.")),
    )  # fmt: skip

    def __init__(self, *args: Any, actor: Actor, changing: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        fields: dict[str, Any] = self.fields
        fields["priority"].choices = [(str(k), str(t)) for k, t in PRIORITIES.items()]
        fields["service"].choices = [
            ("", str(Text("회사 전체", "The whole house"))),
            *((s.slug, str(s.name)) for s in catalogue.services() if not s.retired),
        ]
        fields["owner"].choices = receivers()
        if changing:
            for name in ("owner", "service", "about", "about_kind"):
                del self.fields[name]
            fields["checklist"].label = spoken(Text("더할 점검 항목", "Points to add"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("due_time") and not data.get("due_on"):
            self.add_error(
                "due_on", spoken(Text("시각만 있고 날짜가 없습니다. 날짜를 적으십시오.", "There is a time and no day. Write the day."))
            )
        if data.get("about") and not data.get("about_kind"):
            found = found_kind(self.actor, data["about"])
            if found is None:
                self.add_error(
                    "about",
                    spoken(
                        Text(
                            "이 번호를 찾지 못했습니다. 화면에 보이는 번호를 적으십시오.",
                            "Nothing with this number was found. Write it as its page shows it.",
                        )
                    ),
                )
            else:
                data["about_kind"], data["about"] = found
        return data

    def due(self) -> dict[str, Any]:
        """The due time as the action takes it."""
        on, at = self.cleaned_data.get("due_on"), self.cleaned_data.get("due_time")
        if on is not None and at is not None:
            return {"due_at": datetime.combine(on, at, ZoneInfo(settings.TIME_ZONE))}
        return {"due_on": on}

    def points(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data.get("checklist", "").splitlines() if line.strip()]


def found_kind(actor: Actor, number: str) -> tuple[str, str] | None:
    """The kind and number of what a person named by its shown number, where they may see it."""
    asked = number.strip().upper()
    for key, thing in peek.things:
        if thing.lines is not None and thing.may(actor):
            hits = thing.lines(actor, [asked])
            if asked in hits:
                return key, asked
    return None


class HandForm(forms.Form):
    """To whom, and where it stands."""

    to = forms.ChoiceField(label=spoken(Text("받을 사람", "To whom")))
    note = forms.CharField(
        label=spoken(Text("어디까지 했는지", "Where it stands")), max_length=WORDS, widget=forms.Textarea({"rows": 4}),
        help_text=spoken(Text("받는 사람이 이어 갈 수 있게 적습니다. 봉인해 보관합니다.", "What the receiver needs to go on. Kept sealed.")),
        error_messages={"required": spoken(Text("어디까지 했는지 적으십시오.", "Write where it stands."))},
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = receivers()  # type: ignore[attr-defined]


class AssignForm(forms.Form):
    """Who has it from now on."""

    to = forms.ChoiceField(label=spoken(Text("맡을 사람", "Who is to have it")))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = receivers()  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=spoken(REASON), max_length=400, widget=forms.TextInput(PLAIN), help_text=spoken(Text("감사 기록에 남습니다. 개인정보는 적지 마십시오.", "It stays in the audit log. Write no personal data.")),
        error_messages={"required": spoken(Text("왜 하는지 한 줄로 적으십시오.", "Write in one line why you do it."))},
    )  # fmt: skip


class FinishForm(forms.Form):
    """What came of it; a reason where points of the checklist are left."""

    note = forms.CharField(
        label=spoken(Text("결과", "What came of it")), required=False, max_length=WORDS, widget=forms.Textarea({"rows": 4}), help_text=spoken(Text("봉인해 보관합니다.", "Kept sealed.")),
    )  # fmt: skip
    reason = forms.CharField(
        label=spoken(Text("남은 항목을 두고 마치는 사유", "Why it is done with points left")), max_length=400, widget=forms.TextInput(PLAIN),
        error_messages={"required": spoken(Text("왜 남겨 두는지 한 줄로 적으십시오.", "Write in one line why they are left."))},
    )  # fmt: skip

    def __init__(self, *args: Any, left: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not left:
            del self.fields["reason"]
