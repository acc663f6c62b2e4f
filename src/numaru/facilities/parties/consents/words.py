"""What purposes, media, answers, ways and actors are called, by everybody who speaks of consents."""

from __future__ import annotations

from numaru.facilities.parties.rules.consents import MEDIA, PURPOSES
from numaru.values.text import Text

PURPOSE: dict[str, Text] = {
    "service": Text("서비스 이용", "Using the service"),
    "advertising": Text("광고성 정보 수신", "Advertising"),
    "advertising_night": Text("야간 광고 수신 (21시~8시)", "Advertising at night (21:00–08:00)"),
    "third_party": Text("제3자 제공", "Passing on to a third party"),
}
MEDIUM: dict[str, Text] = {
    "": Text("모든 수단", "All ways"),
    "email": Text("이메일", "E-mail"),
    "text": Text("문자", "Text message"),
    "kakao": Text("카카오 알림톡", "Kakao"),
    "push": Text("푸시 알림", "Push"),
    "inapp": Text("앱 안 알림", "In-app"),
    "letter": Text("우편", "Letter"),
    "call": Text("전화", "Call"),
}
KIND: dict[str, Text] = {
    "shown": Text("보여 줌", "Shown"),
    "yes": Text("동의", "Yes"),
    "no": Text("거부", "No"),
    "withdrawn": Text("철회", "Withdrawn"),
    "confirmed": Text("재확인", "Confirmed"),
}
CHANNEL: dict[str, Text] = {
    "portal": Text("포털", "Portal"),
    "call": Text("전화 통화", "Telephone call"),
    "paper": Text("서면", "Paper"),
    "api": Text("API", "API"),
    "link": Text("메시지의 수신거부 링크", "Link of a message"),
    "import": Text("가져오기", "Import"),
    "message": Text("메시지", "Message"),
}
ACTOR: dict[str, Text] = {
    "self": Text("본인", "The person"),
    "guardian": Text("법정대리인", "Guardian"),
    "staff": Text("직원이 받아 적음", "Taken down by staff"),
    "house": Text("자동", "Automatic"),
}
assert set(PURPOSE) == set(PURPOSES) and set(MEDIUM) == {"", *MEDIA}
