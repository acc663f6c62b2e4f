"""What may be done with imports. Each kind names a permission of its own room besides."""

from numaru.kernel.access import permission
from numaru.values.text import Text

RUN_START = permission("imports.run.start", Text("가져오기", "Import a file"), "billing_clerk", "subscriber_clerk")
RUN_VIEW = permission("imports.run.view", Text("가져오기 조회", "View imports"), "billing_clerk", "subscriber_clerk", "auditor")
