"""Who may see what is kept, stop its destruction, destroy a person and answer what people ask about their data."""

from numaru.kernel.access import permission
from numaru.values.text import Text

CALENDAR_VIEW = permission(
    "retention.calendar.view", Text("보유 기간 조회", "View what is kept and until when"), "privacy_officer", "auditor"
)
RUN_START = permission("retention.run.start", Text("보유 기간 만료분 파기", "Destroy what is over"), "privacy_officer")
HOLD_PLACE = permission("retention.hold.place", Text("파기 보류", "Hold from destruction"), "privacy_officer")
PERSON_DESTROY = permission(
    "retention.person.destroy", Text("개인정보 파기 요청", "Ask to destroy a person"), "privacy_officer", "subscriber_clerk"
)
PERSON_APPROVE = permission("retention.person.approve", Text("개인정보 파기 승인", "Approve destroying a person"), "privacy_officer")
REQUEST_HANDLE = permission(
    "retention.request.handle", Text("정보주체 요구 처리", "Handle what people ask about their data"), "privacy_officer", "subscriber_clerk"
)
PACKAGE_MAKE = permission(
    "retention.package.make", Text("열람 자료 만들기", "Make a person's package"), "privacy_officer", administrator=False
)
REQUEST_RAISE = permission(
    "retention.request.raise", Text("자기 정보에 대한 요구 (가입자 본인)", "Ask about one's own data (the subscriber)"), own=True
)
