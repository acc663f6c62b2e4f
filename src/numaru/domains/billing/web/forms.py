"""Forms of billing."""

from __future__ import annotations

from typing import Any

from django import forms

from numaru.ui.forms import spoken
from numaru.values.text import Text

NEEDED = {"required": spoken(Text("값을 적으십시오.", "Enter a value."))}


class StartForm(forms.Form):
    """Which service, which month. What can be billed is decided by the action, not here."""

    service = forms.ChoiceField(
        label=spoken(Text("서비스", "Service")),
        error_messages=NEEDED,
    )
    period = forms.CharField(
        label=spoken(Text("청구할 달", "Month to bill")),
        help_text=spoken(Text("끝난 달을 2026-10처럼 적습니다.", "A month that has ended, like 2026-10.")),
        error_messages=NEEDED,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, services: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].choices = services  # type: ignore[attr-defined]
        self.fields["service"].error_messages["invalid_choice"] = str(Text("목록에서 고르십시오.", "Choose one of the list."))


class ReasonForm(forms.Form):
    """Why a thing is done, in one line."""

    reason = forms.CharField(
        label=spoken(Text("사유", "Reason")),
        help_text=spoken(Text("감사 기록에 남습니다. 개인정보는 적지 마십시오.", "Kept in the audit record. Write nothing personal.")),
        max_length=200,
        error_messages={"required": spoken(Text("왜 하는지 한 줄로 적으십시오.", "Write in one line why you do it."))},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
