"""The states of backups and checks as people see them, declared once."""

from __future__ import annotations

from numaru.ui.states import State
from numaru.values.text import Text

RUN: dict[str, State] = {
    "queued": State(Text("대기", "Waiting"), "calm"),
    "running": State(Text("진행 중", "Running"), "info"),
    "good": State(Text("완료", "Done"), "good"),
    "failed": State(Text("실패", "Failed"), "bad"),
}
CHECK: dict[str, State] = {
    "queued": State(Text("대기", "Waiting"), "calm"),
    "running": State(Text("진행 중", "Running"), "info"),
    "good": State(Text("정상", "Normal"), "good"),
    "bad": State(Text("이상 있음", "Something is wrong"), "bad"),
}
KINDS: dict[str, Text] = {
    "full": Text("전체", "Full"),
    "keys": Text("감싼 키", "Wrapped keys"),
    "base": Text("시점 복구용", "For points in time"),
}
VERIFIED: dict[str, Text] = {
    "opened": Text("다시 열어 확인", "Opened again"),
    "read": Text("바이트만 확인", "Bytes only"),
    "": Text("–", "–"),
}
