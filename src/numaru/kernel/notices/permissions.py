"""Everybody reads what they are told."""

from numaru.kernel.access import ROLES, permission
from numaru.values.text import Text

NOTICE_READ = permission("notices.notice.read", Text("내 알림과 달라진 것 보기", "Read the own notices and what changed"), *ROLES)
