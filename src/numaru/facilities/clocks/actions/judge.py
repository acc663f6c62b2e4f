"""What a minute brings: clocks that come near their due time are told of, those past it are breached. Set by set, each once."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from django.db.models import F

from numaru.facilities.clocks.events import Breached, Nearing
from numaru.facilities.clocks.models import RUNNING, Clock, ClockEvent
from numaru.facilities.clocks.permissions import CLOCK_RUN
from numaru.kernel import clock
from numaru.kernel.actions import Act, action
from numaru.kernel.models import OutboxEvent

GRACE = timedelta(minutes=1)  # an answer given in time may still be on its way through the outbox
CHUNK = 1000  # clocks of one event


def _cut() -> datetime:
    """Up to which due time clocks may be judged: an answer given before that has been told. When the worker was away, events that it has not
    handed out yet hold verdicts back; parked ones do not."""
    until = clock.now() - GRACE
    waiting = (
        OutboxEvent.objects.filter(dispatched_at__isnull=True, parked_at__isnull=True)
        .exclude(name__startswith="clocks.")
        .order_by("id")
        .values_list("recorded_at", flat=True)
    )
    return min(until, waiting.first() or until)


def _due() -> object:
    return Clock.objects.filter(RUNNING, enforced=True, stands_at__lte=_cut())


def _near() -> object:
    return Clock.objects.filter(RUNNING, near_told_at__isnull=True, near_at__lte=clock.now(), due_at__gt=clock.now())


def waits() -> bool:
    """Whether there is anything to judge or to warn of."""
    return _due().exists() or _near().exists()  # type: ignore[attr-defined]


@action(CLOCK_RUN)
def judge(act: Act, *, limit: int = CHUNK) -> int:
    """Breach what is past its due time by more than :data:`GRACE`, dated at the due time, and warn of what is near; returns how many clocks.

    At most ``limit`` of each; one event for each kind. A clock that an action holds is left for the next minute.
    """
    now = clock.now()
    late = list(_due().select_for_update(skip_locked=True).order_by("stands_at", "id")[:limit])  # type: ignore[attr-defined]
    ClockEvent.objects.bulk_create(
        ClockEvent(clock=row, what="breach", at=row.due_at, recorded_at=now, actor_kind=act.actor.kind, actor_name=act.actor.name[:80])
        for row in late
    )
    Clock.objects.filter(pk__in=[row.pk for row in late]).update(breached_at=F("due_at"), near_at=None, changed_at=now)
    near = list(_near().select_for_update(skip_locked=True).order_by("near_at", "id")[:limit])  # type: ignore[attr-defined]
    Clock.objects.filter(pk__in=[row.pk for row in near]).update(near_told_at=now)
    for rows, event in ((late, Breached), (near, Nearing)):
        by_kind: dict[str, list[int]] = defaultdict(list)
        for row in rows:
            by_kind[row.kind].append(row.pk)
        for kind, ids in sorted(by_kind.items()):
            act.event(event(kind, ids))
    act.record("clocks.judged", now.isoformat(timespec="minutes"), after={"breached": len(late), "nearing": len(near)})
    return len(late) + len(near)
