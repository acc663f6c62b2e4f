"""The form of a change: typed as people write the value, checked against the kind of the shipped one."""

from __future__ import annotations

from typing import Any

from django import forms

from numaru.kernel import clock
from numaru.kernel.policies import api as policies
from numaru.ui.fields import DayField
from numaru.ui.forms import spoken
from numaru.values.text import Text

NEEDED = {"required": spoken(Text("값을 적으십시오.", "Enter a value."))}


def _line(label: Text, hint: Text | None = None, *, required: bool = True, length: int = 400) -> forms.CharField:
    return forms.CharField(
        label=spoken(label), help_text=spoken(hint) if hint else "", required=required, max_length=length, error_messages=NEEDED,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip


class ChangeForm(forms.Form):
    """``cleaned_data["value"]`` is the value as the action takes it."""

    value = forms.CharField(label=spoken(Text("새 값", "New value")), error_messages=NEEDED, max_length=4000)
    scope = forms.ChoiceField(label=spoken(Text("적용 범위", "Scope")), error_messages=NEEDED)
    valid_from = DayField(
        label=spoken(Text("적용 시작", "Valid from")),
        help_text=spoken(
            Text(
                "이 날부터 적용됩니다. 그 앞의 날은 지금까지의 값으로 셉니다.", "It holds from this day on; earlier days keep their value."
            )
        ),
        error_messages=NEEDED,
    )
    past = _line(
        Text("지난 날인 까닭", "Why it begins in the past"),
        Text("오늘보다 앞선 날을 정했을 때만 적습니다.", "Only for a day that is past."), required=False,
    )  # fmt: skip
    basis = _line(Text("근거", "Basis"), Text("법이나 계약의 조항입니다.", "The clause of the law or the contract."))
    source = _line(
        Text("출처", "Source"),
        Text(
            "그 조항을 어디서 확인했는지입니다. 문서 이름, 주소, 자문한 사람.", "Where it was read: a document, an address, whose advice."
        ),
    )
    reason = _line(
        Text("사유", "Reason"), Text("감사 기록에 남습니다. 개인정보는 적지 마십시오.", "Kept in the audit record. Write nothing personal.")
    )

    def __init__(self, *args: Any, one: policies.Shipped, scopes: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.one = one
        kind = policies.KINDS[one.kind]
        field = self.fields["value"]
        if one.choices:
            field.widget = forms.Select(choices=[(c, c) for c in one.choices])
        elif one.kind == "bool":
            field.widget = forms.Select(choices=[(str(w), str(w)) for w in (Text("예", "yes"), Text("아니요", "no"))])
        elif kind.lines:
            field.widget = forms.Textarea(attrs={"rows": 5, "spellcheck": "false"})
        else:
            field.widget = forms.TextInput(attrs={"autocomplete": "off"})
        field.help_text = f"{kind.hint} {one.unit or ''}".strip() if not one.choices else ""
        self.fields["scope"].choices = scopes  # type: ignore[attr-defined]
        self.fields["scope"].error_messages["invalid_choice"] = str(Text("목록에서 고르십시오.", "Choose one of the list."))
        self.fields["valid_from"].initial = clock.today

    def clean_value(self) -> Any:
        try:
            found = policies.KINDS[self.one.kind].parse(self.cleaned_data["value"])
        except policies.Unreadable as wrong:
            raise forms.ValidationError(str(wrong.text)) from None
        trouble = policies.trouble(self.one, found)
        if trouble is not None:
            raise forms.ValidationError(str(trouble))
        return found
