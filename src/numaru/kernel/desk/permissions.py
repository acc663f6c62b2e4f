"""What may be done with the own desk beyond keeping views (that is the own account: staff.account.use)."""

from numaru.kernel.access import permission
from numaru.values.text import Text

DOWNLOAD_LONG = permission(
    "desk.download.long", Text("긴 엑셀 파일 만들기", "Make long workbooks"), "billing_clerk", "subscriber_clerk", "auditor"
)
