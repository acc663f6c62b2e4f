"""How long messages are kept, and what happens to those of a person who is destroyed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Max, Q, QuerySet

from numaru.facilities.messaging.models import HeldMessage, Message, Suppression
from numaru.facilities.messaging.rules.channels import CHANNELS
from numaru.facilities.timeline import api as timeline
from numaru.kernel.policies import policy
from numaru.kernel.retention.api import Act, Asking, Ref, RetentionClass, Section, end_of, keep, leave
from numaru.kernel.retention.house import OWN, Rows
from numaru.values.text import Text

from zoneinfo import ZoneInfo  # isort: skip

STATES = ("queued", "waiting", "sending", "unknown")


class Messages:
    """Messages of one purpose, from their last change on. Those that are still to be sent are none of it."""

    def __init__(self, purpose: str) -> None:
        self.purpose = purpose

    def _over(self, cut: date, held: Sequence[int]) -> QuerySet[Message]:
        return self._ended().filter(at__lt=end_of(cut)).exclude(party__in=list(held))

    def _ended(self) -> QuerySet[Message]:
        return Message.objects.filter(purpose=self.purpose).exclude(state__in=STATES)

    def count(self, cut: date, held: Sequence[int]) -> int:
        return self._over(cut, held).count()

    def due(self, cut: date, held: Sequence[int], after: Ref | None, limit: int) -> list[Ref]:
        rows = self._over(cut, held).filter(pk__gt=int(after or 0)).order_by("pk")
        return list(rows.values_list("pk", flat=True)[:limit])

    def refs_of(self, person: int) -> list[Ref]:
        return list(self._ended().filter(Q(party=person) | Q(receiver=person)).order_by("pk").values_list("pk", flat=True))

    def started(self, person: int) -> date | None:
        last = self._ended().filter(party=person).aggregate(at=Max("at"))["at"]
        return last.astimezone(ZoneInfo(settings.TIME_ZONE)).date() if last else None

    def export(self, person: int, asking: Asking) -> list[Section]:
        found = self._ended().filter(party=person).order_by("pk").select_related("batch")
        rows = tuple(
            (m.number, m.at.isoformat(timespec="seconds"), CHANNELS[m.channel].ko if m.channel else "-", m.batch.title, m.state)
            for m in found
        )
        heads = (Text("번호", "Number"), Text("언제", "When"), Text("채널", "Channel"), Text("무엇", "What"), Text("결과", "Outcome"))
        name = Text("받은 광고", "Advertising received") if self.purpose == "advertising" else Text("받은 안내", "Messages received")
        return [Section(name, heads, rows)]


def destroy(refs: Sequence[Ref]) -> int:
    """Delete messages with their events, what the outbox holds of them, and their lines of time. The figures of their batches stay."""
    timeline.withdraw_all([f"messaging.message:{ref}:" for ref in refs])
    HeldMessage.objects.filter(message__in=refs).delete()
    return int(Message.objects.filter(pk__in=refs).delete()[1].get("messaging.Message", 0))


_service, _advertising = Messages("service"), Messages("advertising")
keep(
    RetentionClass(
        "messaging.service", Text("보낸 안내", "Service messages"), Text("마지막으로 바뀐 날", "the last change"),
        Text("전자상거래법 시행령 제6조에 맞춘 내부 기준: 불만·분쟁 기록과 같은 3년", "own rule, as long as records of complaints and disputes: 3 years"),
        policy("retention.messages_years", Text("보낸 안내를 보관하는 기간 (년)", "Years for which service messages are kept"), 3, "Operator's own rule, as long as complaints and disputes (E-Commerce Act decree art. 6)."),
        "years", Act.DELETE, ("messaging.Message", "messaging.MessageEvent"), _service.count, _service.due, destroy, refs_of=_service.refs_of, started=_service.started, export=_service.export,
    )
)  # fmt: skip
keep(
    RetentionClass(
        "messaging.advertising", Text("보낸 광고", "Advertising sent"), Text("마지막으로 바뀐 날", "the last change"),
        Text("전자상거래법 시행령 제6조: 표시·광고 기록 6개월", "E-Commerce Act decree art. 6: records of advertising 6 months"),
        policy("retention.advertising_months", Text("보낸 광고를 보관하는 기간 (개월)", "Months for which advertising sent is kept"), 6, "E-Commerce Act decree art. 6: records of advertising are kept 6 months."),
        "months", Act.DELETE, ("messaging.Message", "messaging.MessageEvent"), _advertising.count, _advertising.due, destroy, refs_of=_advertising.refs_of, started=_advertising.started,
        export=_advertising.export, by_law=True,
        apart=Text("번호와 봉인된 값으로만 남고, 받는 사람의 이름이나 주소로 찾을 수 없습니다.", "Kept under numbers with sealed values alone; no name and no address finds them."),
    )
)  # fmt: skip


class Held(Rows):
    """What the outbox keeps: for looking at, not for keeping."""

    def refs_of(self, person: int) -> list[Ref]:
        return list(HeldMessage.objects.filter(party=person).order_by("pk").values_list("pk", flat=True))


def _nothing(person: int, asking: Asking) -> Sequence[Section]:
    return []  # the messages themselves are exported with their class


_held: Any = Held(HeldMessage, "at")
keep(
    RetentionClass(
        "messaging.outbox", Text("보낼 편지함", "The outbox"), Text("받은 날", "the day it was taken"), OWN,
        policy("retention.outbox_days", Text("보낼 편지함을 보관하는 기간 (일)", "Days for which the outbox is kept"), 30, "Operator's own rule: it stands in for a carrier and keeps nothing for good."),
        "days", Act.DELETE, ("messaging.HeldMessage",), _held.count, _held.due, _held.delete, refs_of=_held.refs_of, export=_nothing,
    )
)  # fmt: skip
_lifted = Rows(Suppression, "lifted_at")


def _of_person(person: int) -> list[Ref]:
    return list(Suppression.objects.filter(party=person).order_by("pk").values_list("pk", flat=True))


keep(
    RetentionClass(
        "messaging.suppressions", Text("풀린 발송 억제", "Lifted suppressions"), Text("푼 날", "the day it was lifted"), OWN,
        policy("retention.suppressions_months", Text("풀린 발송 억제를 보관하는 기간 (개월)", "Months for which lifted suppressions are kept"), 12, "Operator's own rule."),
        "months", Act.DELETE, ("messaging.Suppression",), _lifted.count, _lifted.due, _lifted.delete, refs_of=_of_person, export=_nothing,
    )
)  # fmt: skip
WORK = Text(
    "직원의 이름과 당사자 번호뿐인 업무 기록입니다. 사람에 관한 것은 메시지와 함께 사라집니다.",
    "Work records with names of staff and numbers of parties; what is about a person goes with their messages.",
)
for label in ("messaging.MessageTemplate", "messaging.TemplateVersion", "messaging.MessageBatch"):
    leave(label, WORK)
