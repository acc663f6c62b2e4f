"""What may be done in the catalogue, and by whom."""

from numaru.kernel.access import permission
from numaru.values.text import Text

SERVICE_OPEN = permission("catalogue.service.open", Text("서비스 등록", "Open a service"))
ENTITY_DESCRIBE = permission("catalogue.entity.describe", Text("법인 정보 기록", "Describe a legal entity"))
RECORD_VIEW = permission(
    "catalogue.record.view", Text("기준 자료 조회", "View master data"), "billing_clerk", "subscriber_clerk", "support_engineer", "auditor"
)
