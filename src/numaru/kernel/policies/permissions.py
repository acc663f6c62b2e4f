"""Who may see, change and approve policies."""

from numaru.kernel.access import permission
from numaru.values.text import Text

POLICY_VIEW = permission(
    "policies.value.view", Text("정책값 보기", "See policies"), "billing_clerk", "privacy_officer", "support_engineer", "auditor"
)
POLICY_CHANGE = permission("policies.value.change", Text("정책값 변경", "Change policies"), "privacy_officer")
POLICY_APPROVE = permission("policies.change.approve", Text("정책값 변경 승인", "Approve changes of policies"), "privacy_officer")
