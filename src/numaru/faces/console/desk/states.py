"""The states of bulk acts, of their rows, and of long workbooks as people see them."""

from __future__ import annotations

from numaru.ui.states import State
from numaru.values.text import Text

RUN: dict[str, State] = {
    "planning": State(Text("미리 보는 중", "Being foreseen"), "info"),
    "planned": State(Text("확인 대기", "Waiting for you"), "plum", "flask"),
    "running": State(Text("처리 중", "Under way"), "info"),
    "done": State(Text("끝남", "Done"), "good"),
    "stopped": State(Text("중지", "Stopped"), "calm", "player-stop"),
    "dropped": State(Text("하지 않음", "Put away"), "calm", "x"),
}
ROW: dict[str, State] = {
    "": State(Text("아직", "Not yet"), "calm"),
    "will": State(Text("바뀔 것", "Will change"), "plum", "flask"),
    "refused": State(Text("제외", "Left out"), "warn"),
    "done": State(Text("바뀜", "Changed"), "good"),
    "failed": State(Text("못 바꿈", "Not changed"), "bad"),
}
FILE: dict[str, State] = {
    "queued": State(Text("만드는 중", "Being made"), "info"),
    "ready": State(Text("받을 수 있음", "Ready"), "good"),
    "failed": State(Text("만들지 못함", "Not made"), "bad"),
    "deleted": State(Text("지워짐", "Deleted"), "calm", "x"),
}
