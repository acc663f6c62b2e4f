"""The dry form of a batch: how many would go by which channel, wait, or be kept back by which rule, and what it is reckoned to cost. Nothing is sent."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

from numaru.facilities.messaging import audiences, judging, law, wording
from numaru.facilities.messaging.models import MessageBatch
from numaru.kernel import clock

SAMPLE = 5
MOST_KEPT = 100_000


def count(batch: MessageBatch, most: int | None = None) -> dict[str, Any]:
    """Judge everybody of a batch as if it were sent at its hour. ``sample``: parties of the first few who would get it."""
    at = max(batch.send_at or clock.now(), clock.now())
    version, standing = wording.version(batch.version_id), law.standing(at)
    about = judging.letter(version, standing, batch.expires_at)
    found: Counter[tuple[str, str, str]] = Counter()
    sample: list[dict[str, Any]] = []
    people, began = 0, time.perf_counter()
    for page in audiences.pages(batch):
        for one in judging.judge(page, tuple(batch.chain), about, standing, at):
            v = one.verdict
            found[v.act, v.channel, v.code] += 1
            if len(sample) < SAMPLE and v.act != "block":
                sample.append({"party": one.party, "channel": v.channel, "language": v.language})
        people += len(page)
        if most is not None and people >= most:
            break
    costs: dict[str, int] = {}
    going: Counter[str] = Counter()
    for (act, channel, _), n in found.items():
        if act != "block":
            going[channel] += n
    unknown = []
    for channel, n in going.items():
        cost = standing.estimate(channel, n)
        if cost is None:
            unknown.append(channel)
        else:
            costs[cost.currency] = costs.get(cost.currency, 0) + cost.minor
    return {
        **judging.by_rule(found), "people": people, "going": dict(going), "costs": costs, "unpriced": sorted(unknown), "sample": sample, "at": at.isoformat(),
        "seconds": round(time.perf_counter() - began, 2),
    }  # fmt: skip
