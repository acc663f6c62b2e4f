"""The states of an import as people see them: word, icon and tone, declared once."""

from __future__ import annotations

from numaru.kernel.imports import api as imports
from numaru.ui.states import State
from numaru.values.text import Text

STATES: dict[str, State] = {
    "queued": State(Text("대기", "Waiting"), "calm"),
    "running": State(Text("진행 중", "Running"), "info"),
    "paused": State(Text("일시 정지", "Paused"), "calm", "player-pause"),
    "stopped": State(Text("중지", "Stopped"), "calm", "player-stop"),
    "failed": State(Text("실패", "Failed"), "bad"),
    "done": State(Text("완료", "Done"), "good"),
}
TESTED = State(Text("시험만 함", "Dry run only"), "plum", "flask")


def face(dry: bool, state: str) -> State:
    """How an import is shown; a finished dry run says that nothing was written."""
    return TESTED if dry and state == "done" else STATES[state]


def kind_name(key: str) -> Text:
    """A kind's name; the key itself for one that no room offers any more."""
    kind = imports.kinds.get(key)
    return kind.name if kind else Text(key, key)
