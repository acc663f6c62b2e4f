"""The figures of portal accounts, each with its basis. Gates against guessing have the figures of access (kernel/staff/policies.py), but for
an address: telephone networks put thousands of subscribers behind one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numaru.kernel import clock
from numaru.kernel.policies import Shipped, policy, value
from numaru.values.text import Text

OWN = "Operator's own rule"
SAFETY = "개인정보의 안전성 확보조치 기준 제5조·제6조"
HOURS, MINUTES, TRIES = Text("시간", "hours"), Text("분", "minutes"), Text("회", "tries")


def _up_to(most: int) -> Callable[[Any], Text | None]:
    def check(value: Any) -> Text | None:
        return Text("{n} 이하여야 합니다.", "It must be at most {n}.").fill(n=most) if value > most else None

    return check


INVITATION_HOURS = policy(
    "portal.invitation_hours", Text("포털 초대의 유효 시간", "Hours for which an invitation to the portal holds"), 72, OWN, unit=HOURS, least=1,
    check=_up_to(168),
)  # fmt: skip
INVITATION_TRIES = policy(
    "portal.invitation_tries", Text("포털 초대에서 틀릴 수 있는 횟수", "Wrong tries that end an invitation to the portal"), 5,
    SAFETY + ": 일정 횟수 이상 잘못 입력하면 접근 제한", unit=TRIES, least=1, check=_up_to(20),
)  # fmt: skip
ADDRESS_FREE = policy(
    "portal.address_free_tries", Text("포털에서 기다림 없이 틀릴 수 있는 횟수 (주소)", "Wrong tries at the portal without a wait (address)"), 100,
    OWN + ": a telephone network shares one address among thousands.", unit=TRIES, least=1, check=_up_to(10_000),
)  # fmt: skip
ADDRESS_LOCK = policy(
    "portal.address_lock_tries", Text("포털에서 주소가 잠기기까지 틀린 횟수", "Wrong tries at the portal until an address is locked"), 200, OWN,
    unit=TRIES, least=1, check=_up_to(10_000),
)  # fmt: skip
SESSION_IDLE = policy(
    "portal.session_idle_minutes", Text("포털을 쓰지 않으면 끊기는 시간 (분)", "Minutes without use after which a portal session ends"), 120,
    SAFETY + ": 일정 시간 이상 쓰지 않으면 접속 차단", unit=MINUTES, least=5, check=_up_to(1440),
)  # fmt: skip
SESSION_HOURS = policy(
    "portal.session_hours", Text("포털 로그인이 이어지는 최대 시간", "Hours after which a portal session ends at any rate"), 24, OWN, unit=HOURS, least=1,
    check=_up_to(168),
)  # fmt: skip
PASSWORD_LENGTH = policy(
    "portal.password_length", Text("포털 비밀번호의 최소 길이 (자)", "Characters that a portal password has at least"), 10,
    OWN + ": long enough beside the gates; words of the common lists are refused as well.", unit=Text("자", "characters"), least=8, check=_up_to(64),
)  # fmt: skip


def now(which: Shipped) -> int:
    """The value of a policy that holds today."""
    return int(value(which.key, clock.today()))
