"""The faces of batches, messages and what happened to them, declared once."""

from __future__ import annotations

from numaru.ui.states import State
from numaru.values.text import Text

BATCH: dict[str, State] = {
    "draft": State(Text("작성 중", "Draft"), "calm", "pencil"),
    "counted": State(Text("셈 끝남", "Counted"), "calm", "calculator"),
    "approved": State(Text("예약됨", "Scheduled"), "calm", "clock"),
    "running": State(Text("발송 중", "Sending"), "info"),
    "paused": State(Text("멈춤", "Paused"), "warn", "player-pause"),
    "stopped": State(Text("중단", "Stopped"), "calm", "x"),
    "done": State(Text("끝남", "Done"), "good"),
}
MESSAGE: dict[str, State] = {
    "queued": State(Text("차례를 기다림", "Queued"), "calm"),
    "waiting": State(Text("때를 기다림", "Waits"), "calm", "hourglass-empty"),
    "blocked": State(Text("보내지 않음", "Not sent"), "warn", "ban"),
    "sending": State(Text("나가는 중", "On its way out"), "info", "send"),
    "accepted": State(Text("보냄", "Sent"), "good", "send"),
    "delivered": State(Text("도착", "Delivered"), "good"),
    "failed": State(Text("실패", "Failed"), "bad"),
    "bounced": State(Text("반송", "Bounced"), "bad", "arrow-back-up"),
    "returned": State(Text("우편 반송", "Letter returned"), "bad", "arrow-back-up"),
    "unknown": State(Text("결과 모름", "Outcome unknown"), "warn", "question-mark"),
    "stopped": State(Text("중단", "Stopped"), "calm", "x"),
}
EVENTS: dict[str, tuple[str, Text]] = {
    "waiting": ("hourglass-empty", Text("때를 기다리기로 함", "Set to wait")),
    "blocked": ("ban", Text("보내지 않기로 함", "Kept back")),
    "sending": ("send", Text("제공자에게 넘김", "Handed to the carrier")),
    "accepted": ("circle-check", Text("제공자가 받음", "Taken by the carrier")),
    "refused": ("x", Text("제공자가 거절", "Refused by the carrier")),
    "unknown": ("question-mark", Text("제공자의 답을 모름", "The carrier’s answer is not known")),
    "down": ("plug-connected-x", Text("제공자에 닿지 못함", "The carrier was away")),
    "not_taken": ("arrow-back-up", Text("제공자가 받은 적 없음", "It had never been taken")),
    "delivered": ("circle-check", Text("도착", "Delivered")),
    "failed": ("alert-octagon", Text("제공자가 실패로 알림", "Reported as failed")),
    "bounced": ("arrow-back-up", Text("반송됨", "Came back")),
    "returned": ("arrow-back-up", Text("우편이 되돌아옴", "The letter came back")),
    "complained": ("flag", Text("받은 사람이 스팸으로 신고", "The receiver complained")),
    "unsubscribed": ("ban", Text("받은 사람이 수신 거부", "The receiver unsubscribed")),
    "auto_replied": ("robot", Text("자동 응답이 옴", "An automatic reply came")),
    "stopped": ("x", Text("발송을 중단함", "The batch was stopped")),
    "overridden": ("user-check", Text("규칙을 무시하고 보내기로 함", "A rule was set aside")),
    "decided_again": ("refresh", Text("다시 보내기로 함", "Decided: again")),
    "decided_failed": ("x", Text("가지 않은 것으로 봄", "Decided: not arrived")),
}
BAD = frozenset({"failed", "bounced", "returned", "complained", "refused"})
WARN = frozenset({"blocked", "unknown", "down", "unsubscribed"})
TEMPLATE: dict[str, State] = {
    "published": State(Text("발행", "Published"), "good"),
    "draft": State(Text("작성 중", "Draft"), "calm", "pencil"),
    "retired": State(Text("지난 판", "Earlier"), "calm", "history"),
    "closed": State(Text("은퇴", "Retired"), "calm", "x"),
}
PURPOSE: dict[str, Text] = {"service": Text("서비스 안내", "Service"), "advertising": Text("광고", "Advertising")}
KIND: dict[str, Text] = {
    "notice": Text("알림 발송", "Notice"),
    "post": Text("업무실이 보냄", "By a room"),
    "one": Text("한 사람", "One person"),
}
SUPPRESSED: dict[str, Text] = {
    "hard": Text("없는 주소", "Address is gone"),
    "soft": Text("여러 번 반송", "Bounced again and again"),
    "complaint": Text("스팸 신고", "Complaint"),
    "hand": Text("직원이 막음", "By hand"),
}
STANDS, LIFTED = State(Text("억제 중", "Suppressed"), "warn", "ban"), State(Text("풀림", "Lifted"), "calm", "circle-check")
