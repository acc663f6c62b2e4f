"""What the faces call the states, stages and figures of an import: declared once for the terminal and the console."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

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
STAGES: dict[str, Text] = {"read": Text("읽기", "Reading"), "check": Text("확인", "Checking"), "apply": Text("들이기", "Importing")}
CREATED: dict[str, Text] = {
    "subscribers_created": Text("새 가입자", "New subscribers"),
    "contracts_created": Text("새 계약", "New contracts"),
    "offer_versions_created": Text("새 요금제 판", "New offer versions"),
    "service_created": Text("새 서비스", "New services"),
}


def face(card: imports.ImportCard) -> State:
    """How the state of an import is shown; a finished dry run says that nothing was written."""
    return TESTED if card.dry and card.state == "done" else STATES[card.state]


def created(result: Mapping[str, Any]) -> list[tuple[Text, int]]:
    """What was, or would be, new, without what is 0."""
    return [(text, int(result[key])) for key, text in CREATED.items() if result.get(key)]


def kind_name(key: str) -> Text:
    """A kind's name; the key itself for one that no room offers any more."""
    kind = imports.kinds.get(key)
    return kind.name if kind else Text(key, key)


def seconds(card: imports.ImportCard) -> float:
    """How long the import took; 0 for one that has not ended."""
    begun, ended = card.started_at, card.finished_at
    return round((ended - begun).total_seconds(), 2) if isinstance(begun, datetime) and isinstance(ended, datetime) else 0.0
