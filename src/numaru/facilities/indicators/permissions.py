"""What may be done with boards, and by whom. Seeing an indicator needs the permission of the rows behind it."""

from numaru.kernel.access import permission
from numaru.values.text import Text

EVERYBODY = ("billing_clerk", "subscriber_clerk", "privacy_officer", "support_engineer", "auditor")
BOARD_VIEW = permission("indicators.board.view", Text("현황판 보기", "See boards"), *EVERYBODY)
BOARD_KEEP = permission("indicators.board.keep", Text("현황판 만들고 나누기", "Make and share boards"), *EVERYBODY)
TARGET_SET = permission("indicators.target.set", Text("지표 목표 정하기", "Set targets of indicators"), "billing_clerk", "privacy_officer")
DAYS_MEASURE = permission("indicators.days.measure", Text("지표 다시 재기", "Measure indicators again"))
