"""What may be done with mail that comes in. The worker takes it; an administrator may have it taken again."""

from numaru.kernel.access import permission
from numaru.values.text import Text

MAIL_TAKE = permission("mail.arrived.take", Text("들어온 메일 처리하기", "Take mail that came in"))
