"""The states of billing's objects as people see them: word, icon and tone, declared once."""

from __future__ import annotations

from numaru.domains.subscribers.api import PLAN
from numaru.ui.states import State
from numaru.values.text import Text

RUN: dict[str, State] = {
    "queued": State(Text("대기", "Waiting"), "calm"),
    "running": State(Text("확정 중", "Finalising"), "info"),
    "paused": State(Text("일시 정지", "Paused"), "calm", "player-pause"),
    "stopped": State(Text("중지", "Stopped"), "calm", "player-stop"),
    "failed": State(Text("실패", "Failed"), "bad"),
    "posted": State(Text("확정", "Posted"), "good"),
    "cancelled": State(Text("취소", "Cancelled"), "calm", "x"),
}

STAGES: dict[str, Text] = {
    "freeze": Text("대상 확정", "Manifest frozen"),
    "rate": Text("이용량 집계·계산", "Usage and rating"),
    "write": Text("기록", "Writing"),
    "key": Text("색인", "Keys"),
    "check": Text("검산", "Tie-out"),
    "post": Text("확정", "Posting"),
}

CONTRACT: dict[str, State] = PLAN  # the room below shows them too, so they are declared there

FACTS: dict[str, Text] = {
    "started": Text("이용 시작", "start"),
    "changed_to": Text("요금제 변경", "change of plan"),
    "price_agreed": Text("가격 합의", "agreed price"),
    "paused": Text("일시 정지", "pause"),
    "resumed": Text("이용 재개", "resumption"),
    "suspended": Text("이용 정지", "suspension"),
    "ended": Text("해지", "end"),
}

PARKED: dict[str, tuple[Text, Text]] = {
    "missing_terms": (
        Text("요금제 판에 요금이 없습니다", "The offer version has no price terms"),
        Text("요금제를 등록한 뒤 다시 계산하십시오.", "Publish the terms, then bill the account."),
    ),
    "missing_price": (
        Text("가격이 정해지지 않았습니다", "No price is agreed"),
        Text("합의 가격을 기록한 뒤 다시 계산하십시오.", "Record an agreed price, then bill the account."),
    ),
    "missing_tier": (
        Text("이용량에 맞는 구간이 없습니다", "No tier takes the quantity"),
        Text("마지막 구간의 상한을 비우십시오.", "Leave the last tier open."),
    ),
    "missing_amount": (
        Text("금액이 없는 주문이 있습니다", "An order carries no amount"),
        Text("정정 주문을 보낸 뒤 다시 계산하십시오.", "Send a corrected event, then bill the account."),
    ),
    "currency": (
        Text("통화가 서로 다릅니다", "Currencies disagree"),
        Text("이용 기록의 통화를 정정하십시오.", "Correct the currency of the usage."),
    ),
    "overflow": (
        Text("금액이 너무 큽니다", "A figure is too large"),
        Text("이용 기록과 단가를 확인하십시오.", "Look at the usage and the price."),
    ),
    "parked_before": (
        Text("지난달 보류가 따로 정리되었습니다", "It was parked the month before"),
        Text("지난달 보류부터 청구한 뒤 이 달을 청구하십시오.", "Bill the month before on its own first, then this one."),
    ),
    "negative_total": (
        Text("합계가 음수입니다", "The total is negative"),
        Text("보류 청구로 환급 청구서를 내십시오.", "Bill it on its own: it becomes a credit invoice."),
    ),
}
