"""Going on after a restore: by itself where the backup's own note proves the chain, by a person's word where it does not."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from numaru.kernel.access import Actor
from numaru.kernel.actions import Act, action
from numaru.kernel.audit import chain
from numaru.kernel.audit import head as heads
from numaru.kernel.audit.permissions import CHAIN_ACCEPT
from numaru.kernel.audit.seal import ChainBroken, agree_now
from numaru.values.text import Text

SLACK = timedelta(minutes=1)  # a block carries the time at which its pass began; its commit may fall after the moment that was chosen
REMEDY = Text(
    "./numaru audit verify로 무엇이 다른지 보고 다른 백업으로 되돌리십시오. 지금의 사슬이 맞으면 ./numaru audit accept --reason …으로 이어 받으십시오. 그때까지 봉인하지 않습니다.",
    "See with ./numaru audit verify what differs and restore another backup. If the chain is right as it stands, take it over with "
    "./numaru audit accept --reason …; until then nothing is sealed.",
)


@action(CHAIN_ACCEPT, reason=True)
def accept_chain(act: Act) -> None:
    """Take the chain as the database has it for the one that counts. The journal outside keeps the head that was there and the reason, and
    every later check counts that it happened."""
    _take(act)


@action(CHAIN_ACCEPT, reason=True)
def resume_chain(act: Act) -> None:
    """Take the head outside back to the restored chain, of which it is known to be a later state. Heads of the journal up to there still
    bind: every check compares them."""
    _take(act, resumed=True)


def _take(act: Act, *, resumed: bool = False) -> None:
    there, now = heads.read(), chain.head()
    act.record(
        "audit.chain", "head", before={"block": there.number if there else 0, "hash": there.hash if there else ""},
        after={"block": now.number if now else 0, "hash": now.hash if now else ""} | ({"resumed": True} if resumed else {}),
    )  # fmt: skip
    if not act.dry:
        transaction.on_commit(lambda: heads.accept(now, act.reason, there, resumed=resumed))


def after_restore(source: str, noted: dict[str, Any] | None, until: datetime | None) -> list[Text]:
    """Bring the head outside and the restored chain together, and return what does not agree, in words with the remedy.

    ``noted`` is the head that the backup noted in its sealed contents (None: the chain had no block). For a restore to a point in time,
    ``until`` takes its place. The folder ``audit`` is copied after the snapshot, so its head may be ahead of the database: that is accepted
    when the database ends exactly at the noted head, or at a moment before which the head outside did not exist. A head of another chain, a
    head that an earlier block contradicts, and a chain that does not end at the noted head are left as they are.
    """
    now = chain.head()
    if until is None and (asdict(now) if now else None) != noted:
        return [
            Text("복원한 감사 사슬은 블록 {n}에서 끝나고, 백업은 블록 {m}을(를) 적어 두었거나 그 해시가 다릅니다. {r}",
                 "The restored audit chain ends at block {n}; the backup noted block {m}, or another hash. {r}")
            .fill(n=now.number if now else 0, m=noted["number"] if noted else 0, r=REMEDY)
        ]  # fmt: skip
    try:
        agree_now()
        return []
    except (ChainBroken, ValueError) as broken:
        why = broken
    try:
        there = heads.read()
    except ValueError:
        there = None  # no head can be read from the file: what the contents say stands for it
    later = there is None or (there.number > (now.number if now else 0) and (now is None or there.chain == now.chain))
    if later and (until is None or (there is not None and datetime.fromisoformat(there.at) > until - SLACK)):
        resume_chain.do(Actor.system("restore"), reason=str(Text("복원: {s}", "Restored: {s}").fill(s=source)))
        return []
    return [
        Text(
            "바깥의 머리가 복원한 감사 사슬과 다릅니다 ({w}). {r}", "The head outside differs from the restored audit chain ({w}). {r}"
        ).fill(w=why, r=REMEDY)
    ]
