"""Forms of documents of consent, of their versions, and of the moment for which proof is asked."""

from __future__ import annotations

from typing import Any

from django import forms

from numaru.facilities.parties import api as parties
from numaru.facilities.parties.api import consents
from numaru.ui.fields import DayField
from numaru.ui.forms import spoken
from numaru.values.text import Text

NEEDED = {"required": spoken(Text("이 칸을 채우십시오.", "Fill this in."))}
FORMATS = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"]
REASON = Text("감사 기록에 남습니다. 개인정보는 적지 마십시오.", "Kept in the audit record. Write nothing personal.")


def _line(label: Text, hint: Text | None = None, *, length: int = 200, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=spoken(label), help_text=spoken(hint) if hint else "", max_length=length, required=required, error_messages=NEEDED,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip


class DocumentForm(forms.Form):
    """A document before it has words."""

    purpose = forms.ChoiceField(label=spoken(Text("목적", "Purpose")), error_messages=NEEDED)
    name_ko = _line(Text("이름 (한국어)", "Name in Korean"), length=80)
    name_en = _line(Text("이름 (영어)", "Name in English"), length=80)
    key = _line(
        Text("이름표", "Key"), Text("영문 소문자, 숫자, 붙임표. 나중에 바꾸지 못합니다.", "Small letters, digits, hyphens. It cannot be changed later."), length=40
    )  # fmt: skip
    required = forms.BooleanField(
        label=spoken(Text("서비스를 쓰는 데 꼭 필요한 동의", "The service needs this consent")), required=False,
        help_text=spoken(Text("켜 두면 가입자가 포털에서 끄지 못합니다.", "Subscribers cannot switch it off in the portal.")),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["purpose"].choices = [(key, str(word)) for key, word in consents.PURPOSE.items()]  # type: ignore[attr-defined]


class TextForm(forms.Form):
    """The next version of a document."""

    ko = forms.CharField(label=spoken(Text("본문 (한국어)", "Text in Korean")), widget=forms.Textarea({"rows": 12}), error_messages=NEEDED)
    en = forms.CharField(
        label=spoken(Text("본문 (영어)", "Text in English")), widget=forms.Textarea({"rows": 12, "lang": "en"}), error_messages=NEEDED
    )
    valid_from = DayField(label=spoken(Text("시행일", "In force from")), error_messages=NEEDED)
    material = forms.BooleanField(
        label=spoken(Text("중대한 변경", "A change in substance")), required=False,
        help_text=spoken(Text("동의한 내용이 달라지면 고릅니다. 정책이 정한 목적은 다시 동의를 받습니다.", "What was agreed to changes. For the purposes of the policy people are asked again.")),
    )  # fmt: skip
    note_ko = _line(Text("바뀐 것 (한국어)", "What changed, in Korean"), required=False)
    note_en = _line(Text("바뀐 것 (영어)", "What changed, in English"), required=False)


class ReasonForm(forms.Form):
    """Why."""

    reason = _line(Text("사유", "Reason"), REASON, length=400)


class ProofForm(forms.Form):
    """Which moment, as it is known now or was known then, and what the proof is for."""

    at = forms.DateTimeField(
        label=spoken(Text("때", "Moment")), input_formats=FORMATS,
        error_messages=NEEDED | {"invalid": spoken(Text("2026-11-22 09:30처럼 적으십시오.", "Write it like 2026-11-22 09:30."))},
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}, format="%Y-%m-%dT%H:%M:%S"),
    )  # fmt: skip
    known = forms.ChoiceField(label=spoken(Text("무엇을 기준으로", "From what")), required=False)
    reason = forms.ChoiceField(label=spoken(Text("열람 사유", "Purpose")), error_messages=NEEDED)
    case_ref = forms.CharField(
        label=spoken(Text("관련 번호", "Case")), required=False, max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = [(key, str(word)) for key, word in parties.PURPOSES.items()]  # type: ignore[attr-defined]
        known = (Text("지금까지 기록된 것", "All that is on record now"), Text("그때까지 기록된 것", "What was on record then"))
        self.fields["known"].choices = [("", str(known[0])), ("then", str(known[1]))]  # type: ignore[attr-defined]
