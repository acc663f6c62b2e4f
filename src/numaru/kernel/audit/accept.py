"""Going on after a restore: the head outside is ahead of, or another than, what was restored, and a person says that this is right."""

from __future__ import annotations

from django.db import transaction

from numaru.kernel.actions import Act, action
from numaru.kernel.audit import chain
from numaru.kernel.audit import head as heads
from numaru.kernel.audit.permissions import CHAIN_ACCEPT


@action(CHAIN_ACCEPT, reason=True)
def accept_chain(act: Act) -> None:
    """Take the chain as the database has it for the one that counts. The journal outside keeps the head that was there and the reason, and
    every later check counts that it happened."""
    there, now = heads.read(), chain.head()
    act.record(
        "audit.chain", "head", before={"block": there.number if there else 0, "hash": there.hash if there else ""},
        after={"block": now.number if now else 0, "hash": now.hash if now else ""},
    )  # fmt: skip
    if not act.dry:
        transaction.on_commit(lambda: heads.accept(now, act.reason, there))
