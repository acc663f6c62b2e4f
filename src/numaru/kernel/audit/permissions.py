"""Who may read the log, decide what it shows, and touch what keeps it."""

from numaru.kernel.access import permission
from numaru.values.text import Text

RECORD_VIEW = permission(
    "audit.record.view", Text("감사 기록과 열람 기록 보기", "Read the audit log and the access log"), "auditor", "privacy_officer"
)
ACCESS_VIEW = permission(
    "audit.access.view",
    Text("한 사람의 열람 내역 보기", "See who opened one person's data"),
    "auditor",
    "privacy_officer",
    "subscriber_clerk",
)
FINDING_DECIDE = permission(
    "audit.finding.decide", Text("열람 이상 판단과 열람 정지", "Decide access findings, hold and release"), "privacy_officer"
)
REVIEW_SIGN = permission("audit.review.sign", Text("월간 열람 점검 확인", "Sign the monthly review of openings"), "privacy_officer")
TIE_SET = permission("audit.tie.set", Text("직원 관계인 등록", "Register relatives of staff"), "privacy_officer")
WATCH_RUN = permission("audit.watch.run", Text("열람 이상 찾기", "Look for anomalies in the access log"))
LOG_DESTROY = permission(
    "audit.log.destroy", Text("보존 기간이 지난 감사 내용 지우기", "Destroy audit payloads whose time is over"), "privacy_officer"
)
CHAIN_ACCEPT = permission("audit.chain.accept", Text("복원 뒤 감사 사슬 이어 받기", "Accept the chain as it stands after a restore"))
