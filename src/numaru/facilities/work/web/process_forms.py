"""Forms of processes."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django import forms

from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.work.actions import processes
from numaru.facilities.work.actions.tasks import TITLE, WORDS
from numaru.facilities.work.rules.process import SIZE, Outcome
from numaru.facilities.work.web.forms import PLAIN, found_kind
from numaru.kernel.access import Actor
from numaru.ui.forms import spoken
from numaru.values.text import Text

EXAMPLE = """key = "quarterly-check"
name_ko = "분기 점검"
name_en = "Quarterly check"
calendar = "office"

[[steps]]
key = "look"
name_ko = "살펴보기"
name_en = "Look at it"
role = "support_engineer"
minutes = 240
hands_ko = "찾은 것"
hands_en = "What was found"
checklist = ["지난 분기와 견준다"]

[[steps.outcomes]]
key = "fine"
name_ko = "이상 없음"
name_en = "Nothing found"
to = "end"

[[steps.outcomes]]
key = "found"
name_ko = "고칠 것 있음"
name_en = "Something to mend"

[[steps]]
key = "mend"
name_ko = "고치기"
name_en = "Mend it"
role = "billing_clerk"
minutes = 480
"""


class Dry(forms.Form):
    """A form that is previewed before it is carried out: what is carried out is what was previewed."""

    @property
    def seen(self) -> str:
        kept = {k: v for k, v in sorted(self.data.items()) if k not in ("csrfmiddlewaretoken", "seen", "go")}
        return hashlib.sha256(json.dumps(kept, ensure_ascii=False).encode()).hexdigest()[:24]

    @property
    def goes(self) -> bool:
        return bool(self.data.get("go")) and self.data.get("seen") == self.seen


class StartForm(Dry):
    """Which process, on what."""

    process = forms.ChoiceField(label=spoken(Text("절차", "Process")))
    title = forms.CharField(
        label=spoken(Text("제목", "Title")), max_length=TITLE, widget=forms.TextInput(PLAIN),
        help_text=spoken(Text("단계마다 할 일의 제목에 붙어 목록에 그대로 보입니다. 개인정보는 적지 마십시오.", "It stands in the title of every step and in lists as it is. Write no personal data.")),
        error_messages={"required": spoken(Text("무엇에 대한 절차인지 짧게 적으십시오.", "Say in a few words what it is for."))},
    )  # fmt: skip
    service = forms.ChoiceField(label=spoken(Text("서비스", "Service")), required=False)
    about = forms.CharField(
        label=spoken(Text("무엇에 관한 것", "About")), required=False, max_length=80, widget=forms.TextInput({**PLAIN, "class": "short"}),
        help_text=spoken(Text("화면에 보이는 번호. 예: R2026-10, S-0000012", "The number shown on its page, like R2026-10 or S-0000012.")),
    )  # fmt: skip
    about_kind = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput())
    details = forms.CharField(
        label=spoken(Text("내용", "Details")), required=False, max_length=WORDS, widget=forms.Textarea({"rows": 4}),
        help_text=spoken(Text("단계마다 보입니다. 봉인해 보관합니다.", "Each step shows it. Kept sealed.")),
    )  # fmt: skip

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        fields: dict[str, Any] = self.fields
        rows = sorted(processes.newest().values(), key=lambda row: row.definition.name_ko)
        fields["process"].choices = [(row.definition.key, str(Text(row.definition.name_ko, row.definition.name_en))) for row in rows]
        fields["service"].choices = [
            ("", str(Text("회사 전체", "The whole house"))),
            *((s.slug, str(s.name)) for s in catalogue.services() if not s.retired),
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("about"):
            found = (data["about_kind"], data["about"]) if data.get("about_kind") else found_kind(self.actor, data["about"])
            if found is None:
                self.add_error(
                    "about", spoken(Text("이 번호를 찾지 못했습니다. 화면에 보이는 번호를 적으십시오.", "Nothing with this number was found. Write it as its page shows it."))
                )  # fmt: skip
            else:
                data["about_kind"], data["about"] = found
        return data


class DefineForm(Dry):
    """What a process says, typed or from a file."""

    source = forms.CharField(
        label=spoken(Text("절차 정의 (TOML)", "Definition (TOML)")), required=False, max_length=SIZE, strip=False, widget=forms.Textarea({"rows": 24, "class": "code", "spellcheck": "false"}),
        help_text=spoken(Text("단계 순서대로 역할, 근무 시간으로 몇 분, 넘길 것, 결과마다 갈 곳을 적습니다. to가 없으면 다음 단계로 갑니다.", "The steps in order: role, business minutes, what is handed over, and where each outcome leads. Without “to” it leads to the next step.")),
    )  # fmt: skip
    file = forms.FileField(
        label=spoken(Text("또는 파일", "Or a file")), required=False, widget=forms.FileInput({"accept": ".toml"}),
        help_text=spoken(Text("고르면 위의 글 대신 파일을 읽어 미리 보입니다.", "Chosen, it is read in place of the text above, and previewed.")),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        file = data.get("file")
        if file is not None:
            try:
                if file.size > SIZE:
                    raise ValueError
                data["source"] = file.read().decode("utf-8-sig")
            except ValueError:
                self.add_error(
                    "file", spoken(Text("60kB 안의 UTF-8 글 파일이어야 합니다.", "It must be a text file in UTF-8 of up to 60 kB."))
                )
        if not self.errors and not str(data.get("source", "")).strip():
            self.add_error("source", spoken(Text("정의를 적거나 파일을 고르십시오.", "Write the definition, or choose a file.")))
        return data


class StepForm(forms.Form):
    """What came of a step, and what is handed over."""

    outcome = forms.ChoiceField(
        label=spoken(Text("결과", "Outcome")), error_messages={"required": spoken(Text("결과 하나를 고르십시오.", "Choose one outcome."))}
    )
    note = forms.CharField(
        label=spoken(Text("넘길 내용", "What is handed over")), required=False, max_length=WORDS, widget=forms.Textarea({"rows": 5}),
        help_text=spoken(Text("다음 단계의 할 일에 보입니다. 봉인해 보관합니다.", "The task of the next step shows it. Kept sealed.")),
    )  # fmt: skip
    reason = forms.CharField(
        label=spoken(Text("남은 항목을 두고 마치는 사유", "Why it is done with points left")), max_length=400, widget=forms.TextInput(PLAIN),
        error_messages={"required": spoken(Text("왜 남겨 두는지 한 줄로 적으십시오.", "Write in one line why they are left."))},
    )  # fmt: skip

    def __init__(self, *args: Any, outcomes: list[tuple[Outcome, Text]], hands: Text, left: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        ways = [(way.key, str(Text("{n} → {t}", "{n} → {t}").fill(n=way.name, t=to))) for way, to in outcomes]
        fields["outcome"].choices = ways if len(ways) == 1 else [("", "–"), *ways]
        if hands.ko:
            fields["note"].required = True
            fields["note"].help_text = spoken(Text("{h}. {t}", "{h}. {t}").fill(h=hands, t=Text("봉인해 보관합니다.", "Kept sealed.")))
            fields["note"].error_messages["required"] = spoken(Text("적을 것: {h}", "Write: {h}").fill(h=hands))
        if not left:
            del self.fields["reason"]
