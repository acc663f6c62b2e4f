"""Who may see, handle and approve cases of leak and intrusion."""

from numaru.kernel.access import permission
from numaru.values.text import Text

LEAK_VIEW = permission("leaks.case.view", Text("유출·침해 사고 보기", "See leak cases"), "privacy_officer", "auditor")
LEAK_HANDLE = permission("leaks.case.handle", Text("유출·침해 사고 처리", "Handle leak cases"), "privacy_officer")
LEAK_APPROVE = permission(
    "leaks.case.approve", Text("유출·침해 문안과 종결 승인", "Approve drafts and closing of leak cases"), "privacy_officer"
)
