"""States and severities of audit as people see them: word, icon and tone, declared once."""

from __future__ import annotations

from numaru.ui.states import State
from numaru.values.text import Text

FINDING: dict[str, State] = {
    "new": State(Text("판단 대기", "To decide"), "warn"),
    "explained": State(Text("소명됨", "Explained"), "good"),
    "confirmed": State(Text("확인됨", "Confirmed"), "bad"),
}
SEVERITY: dict[str, State] = {
    "notice": State(Text("참고", "Notice"), "calm", "info-circle"),
    "warning": State(Text("주의", "Warning"), "warn"),
    "severe": State(Text("심각", "Severe"), "bad"),
}
OUTCOME: dict[str, State] = {
    "opened": State(Text("열람", "Opened"), "info", "eye"),
    "refused": State(Text("거절", "Refused"), "bad", "lock"),
    "missing": State(Text("값 없음", "Nothing there"), "calm", "eye-off"),
}
REVIEW: dict[str, State] = {"open": State(Text("확인 전", "To sign"), "warn"), "signed": State(Text("확인함", "Signed"), "good")}
KINDS = {"name": Text("이름", "Name"), "phone": Text("휴대전화", "Phone"), "email": Text("전자우편", "E-mail")}
