"""Persons who are not to be contacted: a mark of the house that stands above every consent."""

from __future__ import annotations

from numaru.facilities.parties.actions.opening import scope_of
from numaru.facilities.parties.events import ContactStopped
from numaru.facilities.parties.models import ContactStop, Party
from numaru.facilities.parties.permissions import STOP_SET
from numaru.kernel import clock
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Conflict, Invalid, NotFound
from numaru.values.text import Text

REASONS: dict[str, Text] = {
    "asked": Text("본인이 원함", "The person asked for it"),
    "complaint": Text("민원이나 신고", "A complaint"),
    "dispute": Text("분쟁 중", "A dispute"),
    "deceased": Text("사망", "Deceased"),
    "wrong": Text("다른 사람의 연락처", "The address is somebody else's"),
    "other": Text("그 밖", "Other"),
}


@action(STOP_SET, reason=True, service=scope_of)
def stop_contact(act: Act, *, party: int, why: str, service: str | None = None) -> None:
    """Nobody of the house writes to or calls this person any more, whatever they consented to."""
    if why not in REASONS:
        raise Invalid.because(
            "consents.stop_reason", Text("까닭을 목록에서 고르십시오.", "Choose a cause of the list."), Text("목록에 없으면 ‘그 밖’입니다.", "Take “other” for none of them."), field="why",
        )  # fmt: skip
    row = Party.objects.select_for_update().filter(pk=party).first()
    if row is None:
        raise NotFound.named(Text("사람", "person"), party)
    if not ContactStop.objects.filter(party=row, lifted_at__isnull=True).exists():
        ContactStop.objects.create(party=row, reason=why, since=clock.now(), set_by=act.actor.staff_id)
        act.event(ContactStopped(party, True))
    act.record("parties.stop", str(party), after={"stopped": why})
    act.effect(
        Text("모든 수단의 연락이 멈춥니다. 법이 요구하는 고지만 예외입니다.", "All contact stops, but for what the law demands to be told.")
    )


@action(STOP_SET, reason=True, service=scope_of)
def lift_stop(act: Act, *, party: int, service: str | None = None) -> None:
    """The person may be contacted again, as far as they consent."""
    row = ContactStop.objects.select_for_update().filter(party=party, lifted_at__isnull=True).first()
    if row is None:
        raise Conflict.because(
            "consents.no_stop", Text("연락 금지가 없습니다.", "There is no stop on contact."), Text("화면을 새로 고치십시오.", "Reload the page."),
        )  # fmt: skip
    row.lifted_at, row.lifted_by = clock.now(), act.actor.staff_id
    row.save(update_fields=["lifted_at", "lifted_by"])
    act.event(ContactStopped(party, False))
    act.record("parties.stop", str(party), before={"stopped": row.reason}, after={"stopped": ""})
    act.effect(Text("동의한 범위에서 다시 연락합니다.", "They are contacted again as far as they consent."))
