"""What a member of staff does with what they are told: read one, read all, and say that they have seen what changed."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import NotFound
from numaru.kernel.models import OutboxEvent
from numaru.kernel.notices.models import LastLook, Notice
from numaru.kernel.notices.permissions import NOTICE_READ
from numaru.values.text import Text

WHAT = Text("알림", "notice")
BELL = 99  # what the bell counts up to


def own(actor: Actor) -> QuerySet[Notice]:
    """Everything that this member of staff was told."""
    return Notice.objects.filter(staff=actor.staff_id or 0)


def unread(actor: Actor) -> QuerySet[Notice]:
    """What they have not read. Served by an index of its own."""
    return own(actor).filter(read_at__isnull=True)


@action(NOTICE_READ)
def read_one(act: Act, *, number: int) -> Notice:
    """Mark one of the own notices as read and return it. Raises NotFound for anybody else's."""
    row = own(act.actor).select_for_update().filter(pk=number).first()
    if row is None:
        raise NotFound.named(WHAT, number)
    if row.read_at is None:
        row.read_at = clock.now()
        row.save(update_fields=["read_at"])
    act.record("notices.notice", str(row.pk), after={"read": True})
    return row


@action(NOTICE_READ)
def read_all(act: Act, *, upto: int) -> int:
    """Mark as read what was told up to the notice ``upto``: what came since the page was made stays. Returns how many."""
    count = unread(act.actor).filter(pk__lte=upto).update(read_at=clock.now())
    act.record("notices.notice", "all", after={"read": count})
    return count


@action(NOTICE_READ)
def look(act: Act, *, upto: int) -> None:
    """Say that what changed was seen up to the event ``upto``. Never goes back, never beyond what there is."""
    last = OutboxEvent.objects.order_by("-id").values_list("id", flat=True).first() or 0
    seen = min(max(0, upto), last)
    staff = act.actor.staff_id or 0
    row = LastLook.objects.select_for_update().filter(pk=staff).first()
    if row is None:
        LastLook.objects.update_or_create(pk=staff, defaults={"upto": seen, "at": clock.now()})
    else:
        row.upto, row.at = max(row.upto, seen), clock.now()
        row.save(update_fields=["upto", "at"])
    act.record("notices.look", str(staff), after={"upto": seen})


def last_look(actor: Actor) -> tuple[int, datetime] | None:
    """Up to which event, and when, this member of staff has looked; None before the first time."""
    row = LastLook.objects.filter(pk=actor.staff_id or 0).first()
    return (row.upto, row.at) if row else None
