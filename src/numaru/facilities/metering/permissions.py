"""What may be done in metering, and by whom."""

from numaru.kernel.access import permission
from numaru.values.text import Text

USAGE_WRITE = permission("metering.usage.write", Text("이용량 보내기", "Send usage"), "billing_clerk")
USAGE_STORE = permission("metering.usage.store", Text("이용량 저장", "Store usage"), "billing_clerk")
