"""Looking at what the outbox holds."""

from __future__ import annotations

from typing import Any

from numaru.facilities.messaging.models import HeldMessage
from numaru.facilities.messaging.outbox import Content, opened
from numaru.facilities.messaging.permissions import OUTBOX_OPEN
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import NotFound
from numaru.values.text import Text


def scope(*, key: str, **_: Any) -> str | None:
    """The service whose grant opens it; None for one of the house."""
    return HeldMessage.objects.filter(key=key).values_list("service", flat=True).first() or None


@action(OUTBOX_OPEN, reason=True, service=scope)
def open_held(act: Act, *, key: str) -> Content | None:
    """Everything that a kept message says, the address too. The opening is on record with its reason; a plan opens nothing."""
    row = HeldMessage.objects.filter(key=key).first()
    if row is None:
        raise NotFound.named(Text("메시지", "message"), key[:64])
    act.record("messaging.held", row.key, after={"opened": True, "channel": row.channel, "party": row.party})
    return None if act.dry else opened(row)
