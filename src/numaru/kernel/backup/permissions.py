"""Who sees backups and checks, who may order them, and who takes note of a restored house."""

from numaru.kernel.access import permission
from numaru.values.text import Text

RUN_VIEW = permission("backup.run.view", Text("백업과 무결성 조회", "View backups and integrity"), "auditor", "privacy_officer")
RUN_START = permission("backup.run.start", Text("백업과 무결성 검사 실행", "Run backups and integrity checks"))
RESTORATION_NOTE = permission("backup.restoration.note", Text("되돌린 사실 확인", "Acknowledge a restored house"))
