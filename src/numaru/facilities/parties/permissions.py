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
