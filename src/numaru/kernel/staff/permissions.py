"""Who gives, changes, checks and takes access; and what everyone may do with the own account."""

from numaru.kernel.access import ROLES, permission
from numaru.values.text import Text

ACCOUNT_USE = permission("staff.account.use", Text("내 계정 관리", "Manage the own account"), *ROLES)
PERSON_VIEW = permission("staff.person.view", Text("직원과 권한 조회", "View staff and their access"), "privacy_officer", "auditor")
PERSON_ADD = permission("kernel.staff.add", Text("직원 계정 만들기", "Make staff accounts"))
PERSON_LEAVE = permission("staff.person.leave", Text("퇴사자 차단", "Cut off a leaver"), "privacy_officer")
PASSWORD_ISSUE = permission("staff.password.issue", Text("비밀번호 재설정과 잠금 풀기", "Issue a new password, unlock"))
GRANT_CHANGE = permission("staff.grant.change", Text("역할 주고 거두기", "Give and take roles"))
GRANT_APPROVE = permission("staff.grant.approve", Text("역할 변경 결재", "Approve a change of roles"), "privacy_officer")
REVIEW_HOLD = permission("staff.review.hold", Text("접근 권한 점검", "Review access"), "privacy_officer")
CLIENT_ADD = permission("kernel.client.add", Text("API 키 만들기", "Make API keys"))
CLIENT_CHANGE = permission("staff.client.change", Text("API 키 교체와 폐기", "Rotate and revoke API keys"))
