"""What may be done in the subscribers room, and by whom."""

from numaru.kernel.access import permission
from numaru.values.text import Text

SUBSCRIBER_VIEW = permission(
    "subscribers.subscriber.view", Text("가입자 조회", "View subscribers"), "subscriber_clerk", "billing_clerk", "auditor"
)
