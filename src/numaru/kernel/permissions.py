"""Who may see how the house itself is doing."""

from numaru.kernel.access import permission
from numaru.values.text import Text

SYSTEM_VIEW = permission("kernel.system.view", Text("시스템 상태 보기", "See the state of the system"), "auditor")
