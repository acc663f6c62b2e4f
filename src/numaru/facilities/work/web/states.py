"""The faces of states, priorities and lines of history."""

from __future__ import annotations

from numaru.ui.states import State
from numaru.values.text import Text

TASK: dict[str, State] = {
    "open": State(Text("시작 전", "Not started"), "calm"),
    "doing": State(Text("하는 중", "Doing"), "info"),
    "waiting": State(Text("기다림", "Waiting"), "calm", "hourglass-empty"),
    "done": State(Text("마침", "Done"), "good"),
    "cancelled": State(Text("취소함", "Cancelled"), "calm", "x"),
}
LATE = State(Text("기한 초과", "Overdue"), "bad")
PROCESS: dict[str, State] = {
    "running": State(Text("진행 중", "Running"), "info", "route"),
    "done": State(Text("끝남", "Ended"), "good"),
    "cancelled": State(Text("취소함", "Cancelled"), "calm", "x"),
}
VERBS: dict[str, Text] = {
    "begin": Text("시작", "Start"),
    "wait": Text("기다리기", "Set aside"),
    "finish": Text("마치기", "Finish"),
    "cancel": Text("취소하기", "Cancel it"),
    "reopen": Text("다시 열기", "Reopen"),
}
EVENTS: dict[str, tuple[str, Text]] = {
    "opened": ("plus", Text("{w} 만듦", "Opened by {w}")),
    "began": ("player-play", Text("{w} 시작", "{w} started")),
    "waits": ("hourglass-empty", Text("{w} 기다리기로 함", "{w} set it aside")),
    "finished": ("circle-check", Text("{w} 마침", "{w} finished it")),
    "cancelled": ("x", Text("{w} 취소", "{w} cancelled it")),
    "reopened": ("rotate-clockwise", Text("{w} 다시 엶", "{w} reopened it")),
    "assigned": ("user-check", Text("{w} 배정: {t}", "{w} assigned it: {t}")),
    "taken": ("user-check", Text("{w} 맡음", "{w} took it")),
    "offered": ("arrows-exchange", Text("{w} 넘김: {t}", "{w} offered it: {t}")),
    "accepted": ("user-check", Text("{w} 넘겨받음", "{w} accepted it")),
    "returned": ("arrow-back-up", Text("{w} 돌려보냄", "{w} gave it back")),
    "withdrawn": ("arrow-back-up", Text("{w} 넘김 거둠", "{w} withdrew the offer")),
    "comment": ("message", Text("{w} 댓글", "{w} commented")),
    "ticked": ("check", Text("{w} 점검 항목 {n} 마침", "{w} ticked point {n}")),
    "unticked": ("circle", Text("{w} 점검 항목 {n} 되돌림", "{w} unticked point {n}")),
    "changed": ("pencil", Text("{w} 고침", "{w} changed it")),
    "left": ("user-minus", Text("퇴사로 넘김, {w}", "Handed on as its person left, {w}")),
}
