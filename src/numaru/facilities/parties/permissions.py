"""What may be done with people's data, and by whom."""

from numaru.kernel.access import permission
from numaru.values.text import Text

CONTACT_OPEN = permission(
    "parties.contact.open", Text("개인정보 열람", "Open contact data"), "subscriber_clerk", "billing_clerk", administrator=False
)
