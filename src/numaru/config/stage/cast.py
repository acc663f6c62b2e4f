"""The people of the demo company who work in the rooms that exist: one for each role, and two where a second person must approve."""

from __future__ import annotations

from dataclasses import dataclass

from numaru.kernel.access import Actor
from numaru.kernel.staff import api as staff
from numaru.values.text import Text

HOUSE = Actor.system("demo")


@dataclass(frozen=True, slots=True)
class Part:
    """Somebody one may be: who, in which role and language, and what they would do here this morning."""

    key: str
    name: str
    role: str
    language: str
    title: Text
    morning: Text
    icon: str

    @property
    def login(self) -> str:
        return f"face-{self.key}"


CAST = (
    Part("billing", "한누리", "billing_clerk", "ko", Text("청구 담당", "Billing clerk"),
         Text("남은 지난달 청구를 실행하고, 보류된 계정과 파일의 잘못된 행을 봅니다.", "Bills what is left of last month; looks at parked accounts and at rows of a file that failed."), "receipt"),
    Part("clerk", "문가온", "subscriber_clerk", "ko", Text("가입 담당", "Subscriber clerk"),
         Text("가입자를 찾아 목적을 적고 연락처를 열며, 정보주체 요구를 받습니다.", "Finds a subscriber, states a purpose, opens a contact; takes requests of people about their data."), "user-search"),
    Part("operations", "백이든", "administrator", "ko", Text("관리자, 운영 책임", "Administrator, head of operations"),
         Text("결재를 기다리는 일과 백업, 시스템 상태를 봅니다.", "Sees what waits for approval, backups and the state of the system."), "adjustments-horizontal"),
    Part("second", "Dana Yoon", "administrator", "en", Text("관리자, 두 번째 사람", "Administrator, the second person"),
         Text("동료가 올린 결재를 읽고 승인하거나 돌려보냅니다.", "Reads what a colleague asks for, and approves or refuses it."), "user-check"),
    Part("privacy", "차미르", "privacy_officer", "ko", Text("개인정보 보호 담당", "Privacy officer"),
         Text("기한이 가까운 정보주체 요구와 열람 이상을 처리하고, 지난달 열람을 점검합니다.", "Answers a request that is almost due, decides an access finding, signs last month's review."), "shield-lock"),
    Part("privacy-second", "서도담", "privacy_officer", "ko", Text("개인정보 보호 담당, 두 번째 사람", "Privacy officer, the second person"),
         Text("동료가 올린 일괄 열람을 결재합니다.", "Decides the bulk opening that a colleague asked for."), "shield-check"),
    Part("auditor", "Jian Pyo", "auditor", "en", Text("감사", "Auditor"),
         Text("누가 무엇을 왜 했는지 읽습니다. 바꿀 수 있는 것은 없습니다.", "Reads who did what, and why. Can change nothing."), "eye-check"),
    Part("engineer", "진솔찬", "support_engineer", "ko", Text("기술 지원", "Support engineer"),
         Text("정책값과 결재만 보입니다. 사람의 정보가 닫혀 있음을 확인하는 자리입니다.", "Sees policies and approvals alone: the seat from which people's data stay shut."), "tool"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Holder:
    """A subscriber of the video service whose portal one may open as theirs, found by the external id; what they would look at."""

    key: str
    external_id: str
    title: Text
    morning: Text
    icon: str = "device-mobile"


HOLDERS = (
    Holder("holder-guardian", "GUARD-01", Text("가입자, 보호자", "Subscriber and guardian"),
           Text("자녀의 구독까지 한 장에 담긴 청구서를 봅니다.", "Looks at the one bill that holds a child's subscription too.")),
    Holder("holder-price", "RISE-15", Text("가입자, 옛값을 돌려받은 사람", "Subscriber who got the old price back"),
           Text("이번 달 청구가 왜 이 금액인지 봅니다.", "Asks why this month's bill is what it is.")),
    Holder("holder-fault", "CDN-01", Text("가입자, 재생되지 않은 저녁의 사람", "Subscriber of the evening without playback"),
           Text("이용 내역을 보고, 누가 자기 정보를 열어 보았는지 확인합니다.", "Looks at the use, and at who opened their data.")),
)  # fmt: skip


def hire() -> None:
    """Make the accounts of the cast. A part of the load: they are all there, or none."""
    for part in CAST:
        staff.faces.add_face.do(HOUSE, key=part.key, login=part.login, name=part.name, roles=["basic", part.role], language=part.language)
