"""What an incoming mail turned out to be."""

from __future__ import annotations

from dataclasses import dataclass

from numaru.adapters.carrying import Report
from numaru.values.text import Text

KINDS: dict[str, Text] = {
    "gone": Text("없는 주소", "No such address"),
    "returned": Text("이번만 돌아옴", "Returned this time"),
    "delayed": Text("늦는다는 알림", "Told to be late"),
    "delivered": Text("도착 확인", "Delivered"),
    "relayed": Text("넘겨줌", "Relayed"),
    "complaint": Text("스팸 신고", "Complaint"),
    "challenge": Text("보낸 사람 확인 요구", "Challenge"),
    "automatic": Text("자동 응답", "Automatic reply"),
    "unsubscribe": Text("수신 거부 메일", "Unsubscribe by mail"),
    "receipt": Text("읽음 확인", "Read receipt"),
    "list": Text("메일링 리스트", "Mailing list"),
    "loop": Text("우리에게서 온 것", "Our own mail"),
    "reply": Text("사람의 답장", "Reply"),
}
REPORTED = {
    "gone": ("bounced", True), "returned": ("bounced", False), "delivered": ("delivered", False), "complaint": ("complained", True),
    "challenge": ("auto_replied", False), "automatic": ("auto_replied", False), "unsubscribe": ("unsubscribed", True),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """``key``: the message it belongs to, proved; empty when nobody can say. ``code``: an enhanced status code or the sign that decided."""

    kind: str
    key: str = ""
    code: str = ""

    @property
    def report(self) -> Report | None:
        """What the sender of the message is told; None for what changes nothing there, or belongs to no message of ours."""
        told = REPORTED.get(self.kind)
        return Report(told[0], key=self.key, code=self.code, permanent=told[1]) if told and self.key else None
