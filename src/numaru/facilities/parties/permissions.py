"""What may be done with people's data, and by whom."""

from numaru.kernel.access import permission
from numaru.values.text import Text

CONTACT_OPEN = permission(
    "parties.contact.open", Text("개인정보 열람", "Open contact data"), "subscriber_clerk", "billing_clerk", administrator=False
)
CONTACT_CORRECT = permission(
    "parties.contact.correct", Text("개인정보 정정", "Correct contact data"), "subscriber_clerk", administrator=False
)
CONTACT_EXPORT = permission(
    "parties.contact.export",
    Text("개인정보 일괄 열람", "Open contact data in bulk"),
    "subscriber_clerk",
    "privacy_officer",
    administrator=False,
)
EXPORT_APPROVE = permission(
    "parties.export.approve", Text("일괄 열람 결재", "Approve bulk openings"), "privacy_officer", administrator=False
)
PORTAL_MANAGE = permission(
    "parties.portal.manage", Text("포털 계정 초대·종료", "Invite to the portal, end an account"), "subscriber_clerk", administrator=False
)
PORTAL_USE = permission("parties.portal.use", Text("자기 포털 계정 (가입자 본인)", "One's own portal account (the subscriber)"), own=True)
CONSENT_VIEW = permission(
    "parties.consent.view",
    Text("동의의 이력과 증명 보기", "See the history and proof of consents"),
    "subscriber_clerk",
    "privacy_officer",
    "auditor",
    administrator=False,
)
CONSENT_RECORD = permission(
    "parties.consent.record", Text("전화·서면 동의와 철회 기록", "Record consents and withdrawals"), "subscriber_clerk", administrator=False
)
CONSENT_SAY = permission("parties.consent.say", Text("자기 동의와 철회 (가입자 본인)", "One's own consents (the subscriber)"), own=True)
DOCUMENT_VIEW = permission(
    "parties.document.view", Text("동의 문서 보기", "See documents of consent"), "subscriber_clerk", "privacy_officer", "auditor"
)
DOCUMENT_PUBLISH = permission(
    "parties.document.publish", Text("동의 문서 작성과 게시", "Write and publish documents of consent"), "privacy_officer"
)
STOP_SET = permission(
    "parties.stop.set",
    Text("연락 금지 지정과 해제", "Set and lift a stop on contact"),
    "subscriber_clerk",
    "privacy_officer",
    administrator=False,
)
GUARDIAN_SET = permission(
    "parties.guardian.set", Text("법정대리인 확인 기록", "Record the check of a guardian"), "subscriber_clerk", administrator=False
)
