"""The states of accounts, keys and reviews as people see them."""

from __future__ import annotations

from numaru.ui.states import State
from numaru.values.text import Text

ACTIVE = State(Text("사용 중", "Active"), "good")
LOCKED = State(Text("잠김", "Locked"), "bad", "lock")
BARE = State(Text("2단계 인증 없음", "No second factor"), "warn")
LEFT = State(Text("차단됨", "Cut off"), "calm", "user-minus")
LIVE = State(Text("사용 중", "Live"), "good")
EXPIRED = State(Text("기한 지남", "Expired"), "warn")
REVOKED = State(Text("폐기됨", "Revoked"), "calm", "circle-x")
OPEN = State(Text("진행 중", "Open"), "info")
OVERDUE = State(Text("기한 지남", "Overdue"), "bad")
CLOSED = State(Text("마침", "Finished"), "good")
KEPT = State(Text("유지", "Kept"), "good")
ENDED = State(Text("끝냄", "Ended"), "calm", "circle-x")
WAITS = State(Text("점검할 것", "To decide"), "info")
DECIDED = {"kept": KEPT, "ended": ENDED, "": WAITS}
