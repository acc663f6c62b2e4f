"""Messages of which nobody can say whether they were taken, and reports that are pulled."""

from __future__ import annotations

import logging
from collections import defaultdict

from django.db import transaction

from numaru.facilities.messaging import moving, sending
from numaru.facilities.messaging.actions.reports import take_reports
from numaru.facilities.messaging.models import MessageBatch, ReportCursor
from numaru.facilities.messaging.moving import Row
from numaru.facilities.messaging.outbox import carrier
from numaru.facilities.messaging.ports import Carrier, CarrierDown
from numaru.facilities.messaging.rules.channels import CHANNELS
from numaru.kernel import clock

log = logging.getLogger(__name__)
MOST = 2_000


def ask_again() -> int:
    """Ask carriers that remember about the messages of unknown outcome; returns how many were settled."""
    settled = 0
    for channel in CHANNELS:
        by = carrier(channel)
        if not by.remembers:
            continue
        rows = moving.read(
            "state = 'unknown' AND channel = %(channel)s AND carrier = %(carrier)s",
            {"channel": channel, "carrier": by.name},
            f"ORDER BY id LIMIT {MOST}",
        )
        if rows:
            settled += _settle(by, rows)
    return settled


def _settle(by: Carrier, rows: list[Row]) -> int:
    try:
        known = by.ask([r.key for r in rows])
    except CarrierDown:
        return 0
    of: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        outcome = known.get(row.key)
        if outcome is None or outcome.state != "unknown":
            of[row.batch].append(row)
    for batch in MessageBatch.objects.filter(pk__in=of):
        with transaction.atomic():
            sending.settle(sending.work_of(batch), of[batch.pk], known, asked=True)
            MessageBatch.objects.filter(pk=batch.pk, state="done", messages__state="queued").update(state="running", ended_at=None)
    return sum(len(mine) for mine in of.values())


def pull_reports() -> int:
    """Take the reports of carriers that are asked for them; returns how many. The place is kept with what was taken."""
    carriers = {by.name: by for channel in CHANNELS if (by := carrier(channel)) is not None}
    taken = 0
    for name, by in sorted(carriers.items()):
        row, _ = ReportCursor.objects.get_or_create(carrier=name, defaults={"at": clock.now()})
        try:
            found, cursor = by.reports(row.cursor)
        except CarrierDown as down:
            log.warning("reports of %s could not be pulled: %s", name, type(down).__name__)
            continue
        if not found and cursor == row.cursor:
            continue
        with transaction.atomic():
            taken += take_reports(name, found)
            ReportCursor.objects.filter(pk=row.pk).update(cursor=cursor[:400], at=clock.now())
    return taken
