"""Why the tables of usage need no class of their own: they know a person only by a random key."""

from __future__ import annotations

from numaru.kernel.retention.api import leave
from numaru.values.text import Text

KEYED = Text(
    "무작위 식별키만 있습니다. ‘이용 기록과 사람의 연결’이 파기되면 익명이 됩니다.",
    "Only a random key stands here; it is anonymous once the link between usage and the person is destroyed (class subscribers.usage).",
)
leave("metering.Intake", KEYED)
leave("metering.ConflictFinding", KEYED)
