"""What may be done in the catalogue, and by whom."""

from numaru.kernel.access import permission
from numaru.values.text import Text

SERVICE_OPEN = permission("catalogue.service.open", Text("서비스 등록", "Open a service"))
