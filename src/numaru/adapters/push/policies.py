"""How long a push service keeps what it cannot bring."""

from numaru.kernel.policies import policy
from numaru.values.text import Text

TTL = policy(
    "push.ttl_hours", Text("기기가 꺼져 있을 때 알림을 맡아 두는 시간 (시간)", "Hours for which a push waits for a device that is off"), 24,
    "Operator's own rule: a notice of yesterday is read in the portal; RFC 8030 section 5.2 asks for a TTL.",
)  # fmt: skip
