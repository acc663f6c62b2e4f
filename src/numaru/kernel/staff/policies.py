"""The figures of access, each with its basis. A change is a policy with a reason, never a constant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numaru.kernel import clock
from numaru.kernel.policies import Shipped, policy, value
from numaru.values.text import Text

SAFETY = "개인정보의 안전성 확보조치 기준 제5조(접근 권한의 관리)"
CONTROL = "개인정보의 안전성 확보조치 기준 제6조(접근통제)"
OWN = "Operator's own rule"
DAYS, HOURS, MINUTES, TRIES = Text("일", "days"), Text("시간", "hours"), Text("분", "minutes"), Text("회", "tries")


def _up_to(most: int) -> Callable[[Any], Text | None]:
    """A check that bounds a figure from above: a slip of the hand must not keep a door open for years."""

    def check(value: Any) -> Text | None:
        return Text("{n} 이하여야 합니다.", "It must be at most {n}.").fill(n=most) if value > most else None

    return check


MFA_REQUIRED = policy(
    "access.mfa_required", Text("2단계 인증을 누구에게 요구하는가 (none, privileged, all)", "Who must have a second factor (none, privileged, all)"), "all",
    CONTROL + ": 외부에서 접속할 때 안전한 인증수단", choices=("none", "privileged", "all"),
)  # fmt: skip
MFA_GRACE = policy(
    "access.mfa_grace_days", Text("계정을 만든 뒤 2단계 인증을 미룰 수 있는 날수", "Days after joining for which the second factor may be postponed"), 7,
    OWN + ": a newcomer can look around first.", unit=DAYS, check=_up_to(90),
)  # fmt: skip
ACCOUNT_FREE = policy(
    "access.account_free_tries", Text("기다림 없이 틀릴 수 있는 횟수 (한 곳에서 한 계정)", "Wrong tries without a wait (one account from one place)"), 5,
    SAFETY + ": 일정 횟수 이상 잘못 입력하면 접근 제한", unit=TRIES, least=1, check=_up_to(1000),
)  # fmt: skip
ACCOUNT_LOCK = policy(
    "access.account_lock_tries", Text("잠기기까지 틀린 횟수 (한 곳에서 한 계정)", "Wrong tries until a lock (one account from one place)"), 10,
    SAFETY + ": 일정 횟수 이상 잘못 입력하면 접근 제한", unit=TRIES, least=1, check=_up_to(1000),
)  # fmt: skip
NAME_FREE = policy(
    "access.name_free_tries", Text("기다림 없이 틀릴 수 있는 횟수 (한 계정, 모든 곳)", "Wrong tries without a wait (one account from everywhere)"), 50,
    OWN + ": far above one person's mistakes; guessing from many places ends here.", unit=TRIES, least=1, check=_up_to(10_000),
)  # fmt: skip
NAME_LOCK = policy(
    "access.name_lock_tries", Text("잠기기까지 틀린 횟수 (한 계정, 모든 곳)", "Wrong tries until a lock (one account from everywhere)"), 100,
    OWN + ": whoever only knows a name does not shut its owner out lightly.", unit=TRIES, least=1, check=_up_to(10_000),
)  # fmt: skip
KNOWN_DAYS = policy(
    "access.known_browser_days", Text("로그인했던 브라우저를 알아보는 기간 (일)", "Days for which a browser that signed in is known"), 90, OWN,
    unit=DAYS, least=1, check=_up_to(366),
)  # fmt: skip
ADDRESS_FREE = policy(
    "access.address_free_tries", Text("기다림 없이 틀릴 수 있는 횟수 (주소)", "Wrong tries without a wait (address)"), 30,
    OWN + ": an office shares one address.", unit=TRIES, least=1, check=_up_to(10_000),
)  # fmt: skip
ADDRESS_LOCK = policy(
    "access.address_lock_tries",
    Text("잠기기까지 틀린 횟수 (주소)", "Wrong tries until an address is locked"),
    60,
    OWN,
    unit=TRIES,
    least=1,
    check=_up_to(10_000),
)
LOCK_MINUTES = policy(
    "access.lock_minutes",
    Text("잠긴 채 있는 시간 (분)", "Minutes for which a lock holds"),
    15,
    OWN,
    unit=MINUTES,
    least=1,
    check=_up_to(1440),
)
SESSION_IDLE = policy(
    "access.session_idle_minutes", Text("쓰지 않으면 끊기는 시간 (분)", "Minutes without use after which a session ends"), 60,
    CONTROL + ": 일정 시간 이상 업무처리를 하지 않으면 접속 차단", unit=MINUTES, least=5, check=_up_to(480),
)  # fmt: skip
SESSION_ABSOLUTE = policy(
    "access.session_hours",
    Text("로그인이 이어지는 최대 시간", "Hours after which a session ends at any rate"),
    12,
    OWN,
    unit=HOURS,
    least=1,
    check=_up_to(24),
)
TICKET_HOURS = policy(
    "access.password_link_hours",
    Text("비밀번호 링크의 유효 시간", "Hours for which a link to set a password holds"),
    24,
    OWN,
    unit=HOURS,
    least=1,
    check=_up_to(168),
)
REVIEW_DAYS = policy(
    "access.review_days", Text("접근 권한 점검 주기 (일)", "Days between reviews of access"), 90,
    SAFETY + ": 권한의 부여·변경·말소를 관리하고 주기적으로 점검", unit=DAYS, least=1, check=_up_to(366),
)  # fmt: skip
REVIEW_DUE = policy(
    "access.review_due_days",
    Text("점검을 마칠 때까지의 날수", "Days in which a review is to be finished"),
    14,
    OWN,
    unit=DAYS,
    least=1,
    check=_up_to(90),
)
CLIENT_OVERLAP = policy(
    "access.client_overlap_hours",
    Text("교체한 뒤 이전 API 비밀값이 사는 시간", "Hours for which the previous API secret lives on"),
    24,
    OWN,
    unit=HOURS,
    check=_up_to(720),
)
CLIENT_DAYS = policy(
    "access.client_days",
    Text("API 비밀값의 유효 기간 (일)", "Days for which an API secret holds"),
    365,
    OWN,
    unit=DAYS,
    least=1,
    check=_up_to(1096),
)
HISTORY_DAYS = policy(
    "access.attempt_days", Text("로그인 시도 기록의 보관 기간 (일)", "Days for which attempts to sign in are kept"), 365,
    "개인정보의 안전성 확보조치 기준 제8조: 접속기록 1년 이상 보관", unit=DAYS, least=365, check=_up_to(3660),
)  # fmt: skip


def now(which: Shipped) -> Any:
    """The value of a policy that holds today."""
    return value(which.key, clock.today())
