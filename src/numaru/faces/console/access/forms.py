"""Forms of access: a joiner, a role, an API key, a reason."""

from __future__ import annotations

from typing import Any

from django import forms

from numaru.facilities.catalogue import api as catalogue
from numaru.kernel.access import ROLES
from numaru.ui.fields import DayField
from numaru.ui.forms import spoken
from numaru.values.text import Text

REASON = Text("사유", "Reason")


def _reason() -> forms.CharField:
    return forms.CharField(
        max_length=400, label=spoken(REASON), help_text=spoken(Text("기록에 남습니다.", "It stays on record.")),
        error_messages={"required": spoken(Text("왜 하는지 한 줄로 적으십시오.", "Say why, in one line."))},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip


def _roles() -> list[tuple[str, str]]:
    """Nothing is chosen beforehand: a role is never given by leaving a field as it was."""
    return [("", str(Text("역할을 고르십시오", "Choose a role"))), *((key, str(text)) for key, text in ROLES.items())]


def _role() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=spoken(Text("역할", "Role")), error_messages={"required": spoken(Text("역할을 고르십시오.", "Choose a role."))}
    )


def _services() -> list[tuple[str, str]]:
    return [("", str(Text("모든 서비스", "All services"))), *((s.slug, str(s.name)) for s in catalogue.services())]


class Joiner(forms.Form):
    """A new account. It begins with the basic role."""

    login = forms.CharField(
        max_length=80, label=spoken(Text("아이디", "Log-in name")),
        error_messages={"required": spoken(Text("아이디를 입력하십시오.", "Type a log-in name."))},
        widget=forms.TextInput(attrs={"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    name = forms.CharField(
        max_length=80, label=spoken(Text("이름", "Name")), error_messages={"required": spoken(Text("이름을 입력하십시오.", "Type the name."))},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    language = forms.ChoiceField(label=spoken(Text("언어", "Language")), choices=[("ko", "한국어"), ("en", "English")])


class NewGrant(forms.Form):
    """A role for somebody, for all services or one, for good or until a day."""

    role = _role()
    scope = forms.ChoiceField(label=spoken(Text("서비스", "Service")), required=False)
    until = DayField(
        label=spoken(Text("마지막 날", "Last day")), required=False, help_text=spoken(Text("비우면 기한이 없습니다.", "Empty: for good.")),
    )  # fmt: skip
    reason = _reason()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = _roles()  # type: ignore[attr-defined]
        self.fields["scope"].choices = _services()  # type: ignore[attr-defined]


class NewClient(forms.Form):
    """A key for a program: one role, for all services or one."""

    name = forms.CharField(
        max_length=80, label=spoken(Text("이름", "Name")), help_text=spoken(Text("어느 프로그램인지 적으십시오.", "Say which program it is for.")),
        error_messages={"required": spoken(Text("이름을 입력하십시오.", "Type a name."))}, widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    role = _role()
    scope = forms.ChoiceField(label=spoken(Text("서비스", "Service")), required=False)
    reason = _reason()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = _roles()  # type: ignore[attr-defined]
        self.fields["scope"].choices = _services()  # type: ignore[attr-defined]


class Reason(forms.Form):
    """Only why."""

    reason = _reason()
