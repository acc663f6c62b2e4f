"""How long backups are kept, and after how long a missing one is told."""

from datetime import timedelta

from numaru.kernel.policies import policy
from numaru.values.text import Text

KEEP_DAYS = policy(
    "backup.keep_days", Text("백업 보관 (일)", "Days for which backups are kept"), 90,
    "Operator's own rule: long enough to notice a mistake of the quarter, short enough to forget.",
)  # fmt: skip
KEYS_DAYS = policy(
    "backup.keys_days", Text("키 백업과 시점 복구 기록 보관 (일)", "Days for which backups of keys and point-in-time archives are kept"), 30,
    "Operator's own rule: after these days a destroyed person is unreadable in backups too; destruction certificates name the day.",
)  # fmt: skip
WARN_DAYS = policy(
    "backup.warn_days", Text("백업이 없으면 경고하기까지 (일)", "Days without a good backup until it is told"), 2,
    "Operator's own rule: a nightly backup may fail once unnoticed, not twice.",
)  # fmt: skip
CHECK_DAYS = policy(
    "integrity.check_days", Text("무결성 검사 간격 (일)", "Days between integrity checks"), 1,
    "Operator's own rule; periodic integrity checks of records are asked for by the operation standard.",
)  # fmt: skip
CHECK_STALE = timedelta(hours=12)  # a check that began so long ago was cut off; technical, no basis
