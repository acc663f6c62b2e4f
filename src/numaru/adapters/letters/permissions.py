"""Who prints letters, notes what came back, and writes postal addresses down."""

from numaru.kernel.access import permission
from numaru.values.text import Text

LETTER_VIEW = permission("letters.batch.view", Text("우편 보기", "See letters"), "subscriber_clerk", "billing_clerk", "auditor")
LETTER_PRINT = permission(
    "letters.batch.print",
    Text("우편 인쇄와 반송 처리", "Print letters and note returns"),
    "subscriber_clerk",
    "billing_clerk",
    administrator=False,
)
ADDRESS_SET = permission("letters.address.set", Text("우편 주소 적기", "Write postal addresses down"), "subscriber_clerk")
