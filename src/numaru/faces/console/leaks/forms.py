"""Forms of leak cases. Times are typed on the operator's clock."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.functional import lazystr

from numaru.kernel.leaks import api as leaks
from numaru.ui.forms import spoken
from numaru.values.text import Text

NEEDED = {
    "required": spoken(Text("값을 적으십시오.", "Enter a value.")),
    "invalid_choice": cast("str", lazystr(Text("목록에서 고르십시오.", "Choose one of the list."))),
}
AT = NEEDED | {"invalid": spoken(Text("2026-11-22 09:30처럼 적으십시오.", "Write it like 2026-11-22 09:30."))}
FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"]


def moment(label: Text, hint: Text | None = None, *, required: bool = True) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=spoken(label), help_text=spoken(hint) if hint else "", required=required, input_formats=FORMATS, error_messages=AT,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip


def words(label: Text, hint: Text | None = None, *, required: bool = True, rows: int = 0, length: int = 2000) -> forms.CharField:
    widget: forms.Widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput(attrs={"autocomplete": "off"})
    return forms.CharField(
        label=spoken(label),
        help_text=spoken(hint) if hint else "",
        required=required,
        max_length=length,
        error_messages=NEEDED,
        widget=widget,
    )


def choice(label: Text, pairs: list[tuple[str, Text]], *, required: bool = True) -> forms.ChoiceField:
    return forms.ChoiceField(label=spoken(label), choices=[(k, spoken(t)) for k, t in pairs], required=required, error_messages=NEEDED)


def upload(label: Text, *, required: bool = False) -> forms.FileField:
    return forms.FileField(
        label=spoken(label),
        required=required,
        help_text=spoken(Text("PDF, 그림, CSV, 텍스트, 엑셀. 10MB까지", "PDF, picture, CSV, text or Excel; up to 10 MB")),
        error_messages=NEEDED,
    )


def table(label: Text) -> forms.FileField:
    return forms.FileField(label=spoken(label), required=False, help_text=spoken(Text("CSV 파일", "A CSV file")), error_messages=NEEDED)


class NewCase(forms.Form):
    """Three fields: everything else can follow while the clocks run."""

    kind = choice(Text("무엇인가", "What it is"), list(leaks.KINDS.items()))
    known_at = moment(
        Text("안 때", "Known since"),
        Text("모든 기한이 이때부터 흐르고, 나중에 바꿀 수 없습니다.", "Every deadline runs from here; it can't be changed later."),
    )
    happened = words(
        Text("무슨 일인가", "What happened"),
        Text("아는 만큼 적으십시오. 사람을 알아볼 내용은 적지 마십시오.", "As much as is known; nothing by which a person is known."),
        rows=4,
    )


class Facts(forms.Form):
    """What is known by now, in both languages."""

    kind = choice(Text("무엇인가", "What it is"), list(leaks.KINDS.items()))
    fields_ = forms.MultipleChoiceField(
        label=spoken(Text("유출된 항목", "What leaked")), choices=[(k, spoken(t)) for k, t in leaks.FIELDS.items()], required=False, error_messages=NEEDED,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    happened_from = moment(Text("언제부터", "From"), required=False)
    happened_to = moment(Text("언제까지", "Until"), required=False)
    how_ko = words(Text("경위 (한국어)", "How it happened (Korean)"), required=False, rows=3)
    how_en = words(Text("경위 (영어)", "How it happened (English)"), required=False, rows=3)
    advice_ko = words(Text("이용자가 할 수 있는 일 (한국어)", "What people can do (Korean)"), required=False, rows=3)
    advice_en = words(Text("이용자가 할 수 있는 일 (영어)", "What people can do (English)"), required=False, rows=3)
    measures_ko = words(Text("우리의 조치 (한국어)", "What we do (Korean)"), required=False, rows=3)
    measures_en = words(Text("우리의 조치 (영어)", "What we do (English)"), required=False, rows=3)
    contact_ko = words(Text("문의처 (한국어)", "Contact (Korean)"), required=False, rows=2)
    contact_en = words(Text("문의처 (영어)", "Contact (English)"), required=False, rows=2)


class Affected(forms.Form):
    """One step of finding people; ``remove`` takes people of a second source away again."""

    source = choice(Text("어디에서 찾는가", "Where to look"), list(leaks.SOURCES.items()))
    staff = forms.ChoiceField(label=spoken(Text("직원 계정", "Account of staff")), required=False, error_messages=NEEDED)
    client = forms.ChoiceField(label=spoken(Text("API 이용자", "API client")), required=False, error_messages=NEEDED)
    bulk = words(Text("일괄 열람 번호", "Number of a bulk opening"), required=False, length=20)
    service = forms.ChoiceField(label=spoken(Text("서비스", "Service")), required=False, error_messages=NEEDED)
    since = moment(Text("이때부터", "From"), required=False)
    until = moment(Text("이때까지", "Until"), Text("이때는 들어가지 않습니다.", "Not included."), required=False)
    kinds = forms.MultipleChoiceField(
        label=spoken(Text("항목", "Kinds of data")), choices=[(k, spoken(leaks.FIELDS[k])) for k in ("name", "phone", "email")], required=False,
        error_messages=NEEDED, widget=forms.CheckboxSelectMultiple, help_text=spoken(Text("고르지 않으면 모든 항목입니다.", "None chosen: every kind.")),
    )  # fmt: skip
    numbers = table(Text("가입번호 CSV", "CSV of subscriber numbers"))
    op = choice(Text("앞의 명단과", "With the version before"), [("new", Text("새로 찾기", "Start anew")), *leaks.OPS.items()])

    def __init__(
        self, *args: Any, staff: list[tuple[str, str]], clients: list[tuple[str, str]], services: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        none = ("", "–")
        for name, pairs in (("staff", staff), ("client", clients), ("service", services)):
            self.fields[name].choices = [none, *pairs]  # type: ignore[attr-defined]


class Proof(forms.Form):
    """What became of one dispatch."""

    handover = forms.ChoiceField(label=spoken(Text("통지 넘김", "Hand-over")), error_messages=NEEDED)
    channel = choice(Text("보낸 길", "Channel"), [(k, t) for k, t in leaks.CHANNELS.items() if k != "site"])
    at = moment(Text("보낸 때", "Sent"))
    results = table(Text("결과 CSV", "CSV of results"))
    reference = words(Text("참조 번호", "Reference"), required=False, length=80)
    evidence = upload(Text("증빙 파일", "File of evidence"))

    def __init__(self, *args: Any, handovers: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["handover"].choices = handovers  # type: ignore[attr-defined]
        self.fields["results"].help_text = str(
            Text(
                "가입번호,결과(told·returned·no_contact). 없으면 모두 알린 것으로 기록합니다.",
                "number,result (told, returned, no_contact). Without it everybody counts as told.",
            )
        )


class Public(forms.Form):
    """A public notice on the site."""

    at = moment(Text("올린 때", "Put up"))
    reference = words(Text("공지 주소", "Address of the notice"), length=80)
    evidence = upload(Text("화면 사본", "A copy of the page"))


class Report(forms.Form):
    """A report that was handed in."""

    at = moment(Text("신고한 때", "Handed in"))
    receipt = words(Text("접수번호", "Receipt number"), length=80)
    evidence = upload(Text("접수증", "Receipt"), required=True)


class Reason(forms.Form):
    """Why a thing is done."""

    reason = words(
        Text("사유", "Reason"),
        Text("감사 기록에 남습니다. 개인정보는 적지 마십시오.", "Kept in the audit record. Write nothing personal."),
        length=400,
    )


class Contacts(forms.Form):
    """Which contact values of the people still to be told, and why."""

    fields_wanted = forms.MultipleChoiceField(
        label=spoken(Text("항목", "Kinds of data")), choices=[(k, spoken(leaks.FIELDS[k])) for k in ("name", "phone", "email")],
        initial=["phone"], error_messages=NEEDED, widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    reason = words(
        Text("사유", "Reason"), Text("결재하는 사람이 읽습니다. 개인정보는 적지 마십시오.", "The approver reads it. Write nothing personal."), length=400,
    )  # fmt: skip


class Both(forms.Form):
    """A text in both languages."""

    ko = words(Text("한국어", "Korean"), rows=18, length=20_000)
    en = words(Text("영어", "English"), rows=18, length=20_000)
