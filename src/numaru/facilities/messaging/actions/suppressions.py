"""Lifting a suppression, and putting one by hand."""

from __future__ import annotations

from numaru.facilities.messaging.models import Suppression
from numaru.facilities.messaging.permissions import SUPPRESSION_LIFT
from numaru.facilities.messaging.suppressing import Hit, suppress
from numaru.kernel import clock
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Conflict, Invalid, NotFound
from numaru.values.text import Text

WHAT = Text("발송 억제", "suppression")


@action(SUPPRESSION_LIFT, reason=True)
def lift_suppression(act: Act, *, suppression: int) -> None:
    """Send to the address again. A complaint is not lifted: its receiver said that they want nothing more."""
    row = Suppression.objects.select_for_update().filter(pk=suppression).first()
    if row is None:
        raise NotFound.named(WHAT, suppression)
    if row.lifted_at is not None:
        raise Conflict.because(
            "messaging.lifted", Text("이미 풀었습니다.", "It was lifted already."), Text("화면을 새로 고치십시오.", "Reload the page.")
        )
    if row.reason == "complaint":
        raise Conflict.because(
            "messaging.complaint", Text("받은 사람이 스팸으로 신고한 주소는 풀 수 없습니다.", "An address whose receiver complained is not lifted."),
            Text("본인이 포털에서 수신에 다시 동의해야 합니다.", "The person must consent anew in the portal, and ask for it."),
        )  # fmt: skip
    row.lifted_at, row.lifted_by, row.lifted_name, row.lifted_reason = clock.now(), act.actor.staff_id, act.actor.name[:80], act.reason
    row.save()
    act.effect(Text("이 주소로 다시 보냅니다.", "Messages go to this address again."))
    act.record("messaging.suppression", str(row.pk), before={"reason": row.reason}, after={"lifted": True})


@action(SUPPRESSION_LIFT, reason=True)
def suppress_by_hand(act: Act, *, party: int, kind: str) -> None:
    """Send nothing more to the e-mail address or telephone number of a person."""
    if kind not in ("email", "phone"):
        raise Invalid.because(
            "messaging.kind",
            Text("전자우편이나 전화번호를 고르십시오.", "Choose e-mail or telephone."),
            Text("둘 가운데 하나입니다.", "One of the two."),
            field="kind",
        )
    if not suppress([Hit(party, kind, "email" if kind == "email" else "sms", "hand", "", None)], clock.now()):
        raise NotFound.named(Text("주소", "address"), kind)
    act.effect(Text("이 주소로 더는 보내지 않습니다.", "Nothing more goes to this address."))
    act.record("messaging.suppression", str(party), after={"kind": kind, "reason": "hand"})
