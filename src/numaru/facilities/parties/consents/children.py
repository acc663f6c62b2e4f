"""Children and who consents for them. As little as the law asks for: the link, how the guardian was checked, until which month."""

from __future__ import annotations

from datetime import date, datetime

from numaru.facilities.parties.actions.opening import scope_of
from numaru.facilities.parties.consents.documents import start_of
from numaru.facilities.parties.models import Guardianship, Party
from numaru.facilities.parties.permissions import GUARDIAN_SET
from numaru.kernel import clock, policies
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Conflict, Invalid, NotFound
from numaru.values.masked import telling
from numaru.values.text import Text

AGE = policies.policy(
    "consents.child_age", Text("법정대리인의 동의가 필요한 나이 (만 나이 미만)", "Age below which a guardian consents"), 14,
    "개인정보 보호법 제22조의2: 만 14세 미만 아동은 법정대리인의 동의", least=1,
)  # fmt: skip
CHECKS: dict[str, Text] = {
    "site": Text("동의 내용 게시와 문자 통지", "Ticked on the site and told by text"),
    "card": Text("신용카드 정보", "Credit card"),
    "phone": Text("휴대전화 본인인증", "Identity by telephone"),
    "paper": Text("서면", "Paper"),
    "email": Text("전자우편", "E-mail"),
    "call": Text("전화 통화", "Telephone call"),
}  # 개인정보 보호법 시행령 제17조의2


def grown(born: date) -> datetime:
    """The first instant of the month after the birthday on which somebody speaks for themselves."""
    age = int(policies.value(AGE.key, clock.today()))
    return start_of(date(born.year + age + born.month // 12, born.month % 12 + 1, 1))


@action(GUARDIAN_SET, reason=True, service=scope_of)
def mark_child(act: Act, *, party: int, born: date, since: date | None = None, service: str | None = None) -> bool:
    """Say that a person is a child, from ``since`` (their registration) on. The date of birth is not kept: only the month from which they speak
    alone. What they consented to alone does not count any more. False for somebody who is old enough."""
    row = Party.objects.select_for_update().filter(pk=party).first()
    if row is None:
        raise NotFound.named(Text("사람", "person"), party)
    until = grown(born)
    if until <= clock.now():
        act.record("parties.guardian", str(party), after={"child": False})
        act.effect(Text("스스로 동의할 수 있는 나이입니다.", "Old enough to consent alone."))
        return False
    begun = start_of(since) if since else row.created_at
    found = Guardianship.objects.filter(child=row, ended_at__isnull=True).first()
    if found is None:
        Guardianship.objects.create(child=row, begun_at=begun, until=until, recorded_at=clock.now())
    act.record("parties.guardian", str(party), after={"child": True, "until": until.date().isoformat()})
    act.effect(
        Text(
            "법정대리인을 확인할 때까지 동의가 필요한 일을 할 수 없습니다.",
            "Until a guardian is checked nothing that needs consent may be done.",
        )
    )
    return True


@action(GUARDIAN_SET, reason=True, service=scope_of)
def check_guardian(act: Act, *, party: int, guardian: int, how: str, evidence: str, service: str | None = None) -> None:
    """Say who consents for a child, how that was checked, and under which reference. Another guardian takes the place of the one before."""
    if how not in CHECKS or not evidence.strip() or len(evidence) > 80 or telling(evidence):
        raise Invalid.because(
            "consents.check", Text("확인 방법과 그 근거의 번호가 필요합니다.", "How it was checked is needed, and its reference."),
            Text("목록에서 고르고, 개인정보 없이 번호만 적으십시오.", "Choose one of the list and write a number, nothing personal."), field="how",
        )  # fmt: skip
    row = Guardianship.objects.select_for_update().filter(child=party, ended_at__isnull=True, until__gt=clock.now()).first()
    if (
        row is None
        or guardian == party
        or Guardianship.objects.filter(child=guardian, ended_at__isnull=True, until__gt=clock.now()).exists()
    ):
        raise Conflict.because(
            "consents.not_child", Text("아동으로 표시되지 않았거나, 법정대리인이 될 수 없는 사람입니다.", "Not marked as a child, or the other cannot be a guardian."),
            Text("아동 표시와 법정대리인의 번호를 확인하십시오.", "Check the mark of the child and who the guardian is."),
        )  # fmt: skip
    if not Party.objects.filter(pk=guardian).exists():
        raise NotFound.named(Text("법정대리인", "guardian"), guardian)
    now = clock.now()
    before = row.guardian_id
    row.ended_at = now
    row.save(update_fields=["ended_at"])
    Guardianship.objects.create(
        child_id=party, guardian_id=guardian, how=how, evidence=evidence.strip(), begun_at=row.begun_at if before is None else now, until=row.until,
        recorded_at=now,
    )  # fmt: skip
    act.record("parties.guardian", str(party), before={"guardian": before}, after={"guardian": guardian, "how": how})
    act.effect(Text("이제 이 사람이 아동의 동의를 대신합니다.", "From now on this person consents for the child."))


@action(GUARDIAN_SET, reason=True, service=scope_of)
def unmark_child(act: Act, *, party: int, service: str | None = None) -> None:
    """It was a mistake: the person never was a child. What they consented to alone counts again."""
    now = clock.now()
    found = Guardianship.objects.filter(child=party, struck_at__isnull=True)
    if not found.exists():
        raise Conflict.because(
            "consents.no_child", Text("아동으로 표시되지 않았습니다.", "Not marked as a child."), Text("화면을 새로 고치십시오.", "Reload the page."),
        )  # fmt: skip
    found.filter(ended_at__isnull=True).update(ended_at=now)
    found.update(struck_at=now)
    act.record("parties.guardian", str(party), before={"child": True}, after={"child": False, "mistake": True})
    act.effect(Text("혼자 동의한 것이 다시 효력을 가집니다.", "What they consented to alone counts again."))
