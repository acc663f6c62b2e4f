"""What can be done to an account, a role or a key from its page: each asks for a reason on a page that foretells its effects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numaru.kernel.actions import Action
from numaru.kernel.staff import api as staff
from numaru.values.text import Text


@dataclass(frozen=True, slots=True)
class Step:
    """One act: its action, the argument that the address gives, its words."""

    action: Action[..., Any]
    argument: str
    title: Text
    button: Text
    said: Text
    danger: bool = False


PERSON: dict[str, Step] = {
    "leave": Step(
        staff.cut_off, "staff", Text("퇴사자 차단", "Cut off a leaver"), Text("지금 차단", "Cut off now"),
        Text("다음 요청부터 바로 막힙니다. 되돌릴 수 없습니다.", "The very next request is refused. It can't be undone."), True,
    ),
    "link": Step(
        staff.issue_link, "staff", Text("비밀번호 링크 만들기", "Make a password link"), Text("링크 만들기", "Make the link"),
        Text("본인에게 직접 전하십시오. 한 번만 쓸 수 있습니다.", "Hand it to the person yourself. It works once."),
    ),
    "unlock": Step(
        staff.unlock, "staff", Text("잠금 풀기", "Unlock"), Text("잠금 풀기", "Unlock"),
        Text("틀린 횟수를 지우고 바로 로그인할 수 있게 합니다.", "Wrong tries are forgotten; signing in is possible at once."),
    ),
    "factors": Step(
        staff.reset_factors, "staff", Text("2단계 인증 재설정", "Reset second factors"), Text("재설정", "Reset"),
        Text("본인인지 먼저 확인하십시오. 다음 로그인 때 다시 등록합니다.", "Make sure who asks. They enrol anew at the next sign-in."), True,
    ),
    "sessions": Step(
        staff.end_sessions_of, "staff", Text("모든 로그인 끊기", "Sign out everywhere"), Text("모두 끊기", "Sign out"),
        Text("다시 로그인할 수는 있습니다.", "They may sign in again."), True,
    ),
}  # fmt: skip
GRANT = Step(
    staff.end_grant, "number", Text("역할 끝내기", "End a role"), Text("역할 끝내기", "End the role"),
    Text("다음 요청부터 그 역할이 없습니다.", "From the next request on the role is gone."), True,
)  # fmt: skip
CLIENT: dict[str, Step] = {
    "rotate": Step(
        staff.rotate, "client", Text("비밀값 교체", "Rotate the secret"), Text("새 비밀값 만들기", "Make a new secret"),
        Text("새 비밀값은 한 번만 보입니다. 이전 것은 정해진 시간 동안 함께 쓸 수 있습니다.", "The new one is shown once; the one before lives on for a set time."),
    ),
    "revoke": Step(
        staff.revoke, "client", Text("API 키 폐기", "Revoke the API key"), Text("폐기", "Revoke"),
        Text("다음 호출부터 바로 거절됩니다. 되돌릴 수 없습니다.", "The very next call is refused. It can't be undone."), True,
    ),
}  # fmt: skip
