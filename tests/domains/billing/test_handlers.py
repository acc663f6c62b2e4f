"""What follows a posting: the frozen rows are given back, open pages hear of it, and a repeat does no harm."""

from __future__ import annotations

import pytest

from numaru.domains.billing import handlers, manifest
from numaru.domains.billing.events import RunPosted
from numaru.kernel import live, outbox
from numaru.kernel.models import OutboxEvent
from tests.domains.billing.world import World, used


def test_after_posting_the_frozen_rows_are_given_back_and_can_be_drawn_again(naru: World, monkeypatch: pytest.MonkeyPatch) -> None:
    used(naru)
    run = naru.bill("2026-08")
    folder = manifest.folder(run.number)
    assert (folder / "facts.csv").exists()
    told: list[tuple[str, str]] = []
    send = live.announce
    monkeypatch.setattr(live, "announce", lambda kind, key: (told.append((kind, str(key))), send(kind, key)))
    assert outbox.dispatch_once() > 0
    assert not folder.exists()
    assert ("billing.run", run.number) in told and ("billing.runs", "all") in told
    assert not OutboxEvent.objects.filter(name="billing.RunPosted", dispatched_at__isnull=True).exists()
    handlers.posted(RunPosted(run.pk, run.invoices))  # a repeat after a kill
    assert manifest.frozen(run).rows("facts").exists()  # drawn again, and the hashes of the manifest hold
