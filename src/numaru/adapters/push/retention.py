"""How long subscriptions to pushes are kept: as long as their browser is used, and no longer than the person is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Max, QuerySet

from numaru.adapters.push.models import PushDevice
from numaru.kernel.policies import policy
from numaru.kernel.retention.api import Act, Asking, Ref, RetentionClass, Section, end_of, keep
from numaru.kernel.retention.house import OWN
from numaru.values.text import Text


def _over(cut: date, held: Sequence[int]) -> QuerySet[PushDevice]:
    return PushDevice.objects.filter(used_at__lt=end_of(cut)).exclude(party__in=list(held))


def count(cut: date, held: Sequence[int]) -> int:
    return _over(cut, held).count()


def due(cut: date, held: Sequence[int], after: Ref | None, limit: int) -> list[Ref]:
    return list(_over(cut, held).filter(pk__gt=int(after or 0)).order_by("pk").values_list("pk", flat=True)[:limit])


def destroy(refs: Sequence[Ref]) -> int:
    return PushDevice.objects.filter(pk__in=refs).delete()[0]


def refs_of(person: int) -> list[Ref]:
    return list(PushDevice.objects.filter(party=person).order_by("pk").values_list("pk", flat=True))


def started(person: int) -> date | None:
    last = PushDevice.objects.filter(party=person).aggregate(at=Max("used_at"))["at"]
    return last.astimezone(ZoneInfo(settings.TIME_ZONE)).date() if last else None


def export(person: int, asking: Asking) -> list[Section]:
    rows = PushDevice.objects.filter(party=person).defer("content").order_by("pk")
    heads = (Text("기기", "Device"), Text("등록", "Since"), Text("마지막 사용", "Last used"))
    return [
        Section(
            Text("알림을 받는 기기", "Devices that take pushes"), heads,
            tuple((r.device or "-", r.made_at.isoformat(timespec="seconds"), r.used_at.isoformat(timespec="seconds")) for r in rows),
        )
    ]  # fmt: skip


keep(
    RetentionClass(
        "push.devices", Text("알림을 받는 기기", "Devices that take pushes"), Text("마지막으로 등록하거나 확인한 날", "the day it was subscribed or seen last"), OWN,
        policy("retention.push_months", Text("알림을 받는 기기를 보관하는 기간 (개월)", "Months for which devices that take pushes are kept"), 12,
               "Operator's own rule: a browser that did not come back for a year is given up."),
        "months", Act.DELETE, ("push.PushDevice",), count, due, destroy, refs_of=refs_of, started=started, export=export,
    )
)  # fmt: skip
