"""Putting the people of a batch into the queue: finished rows by COPY, a page a transaction, from where it was left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F, Max

from numaru.facilities.messaging import audiences, moving
from numaru.facilities.messaging.models import Message, MessageBatch
from numaru.kernel import bulk, clock, numbering
from numaru.kernel.faults import point
from numaru.kernel.jobs import Progress
from numaru.kernel.vault.api import seal_texts

COLUMNS = [
    "id", "batch_id", "party", "receiver", "purpose", "step", "channel", "language", "state", "due_at", "tries", "code", "ruling_id", "overrides", "facts",
    "enclosure", "carrier", "provider_id", "digest", "sent_at", "opened_at", "at",
]  # fmt: skip
BLOCK = 5_000  # lines that are made before they are handed to the database


def queue(batch: MessageBatch, people: Sequence[int], at: datetime, facts: Mapping[int, str] | None = None, enclosure: str = "") -> int:
    """Queue messages to ``people`` in their order and return the id of the first; ids are consecutive. A part of the caller's transaction.

    ``facts``: JSON by person, sealed here."""
    first = numbering.ids("messaging_message", len(people))
    due, now = max(at, clock.now()).isoformat(), clock.now().isoformat()
    document = enclosure.translate(bulk.ESCAPES)
    head = f"\t{batch.pk}\t"
    tail = f"\t\\N\t{batch.purpose}\t0\t\t\tqueued\t{due}\t0\t\t\\N\t{{}}\t\\\\x%s\t{document.replace('%', '%%')}\t\t\t\\\\x\t\\N\t\\N\t{now}\n"
    plain = tail % ""

    def lines() -> list[str]:
        out = []
        for start in range(0, len(people), BLOCK):
            part = people[start : start + BLOCK]
            if facts:
                sealed = seal_texts([facts.get(p, "") for p in part], "messaging.Message.facts")
                made = [f"{first + start + n}{head}{p}{tail % own.hex()}" for n, (p, own) in enumerate(zip(part, sealed, strict=True))]
            else:
                made = [f"{first + start + n}{head}{p}{plain}" for n, p in enumerate(part)]
            out.append("".join(made))
        return out

    bulk.copy_lines("messaging_message", COLUMNS, lines())
    moving.tally(Counter({(batch.pk, "", "queued", ""): len(people)}))
    MessageBatch.objects.filter(pk=batch.pk).update(total=F("total") + len(people))
    return first


def fill(batch: MessageBatch, progress: Progress | None = None) -> bool:
    """Queue everybody of a batch, page by page; False when it was paused or stopped meanwhile, and goes on from there when it is called again."""
    after = Message.objects.filter(batch=batch).aggregate(last=Max("party"))["last"] or 0
    at = batch.send_at or clock.now()
    for page in audiences.pages(batch, after):
        with transaction.atomic():
            if not MessageBatch.objects.select_for_update().filter(pk=batch.pk, state="running").exists():
                return False
            queue(batch, page, at)
        point("queued")
        if progress is not None:
            progress.advance(len(page))
    MessageBatch.objects.filter(pk=batch.pk, queued_at__isnull=True).update(queued_at=clock.now())
    batch.refresh_from_db()
    return True
