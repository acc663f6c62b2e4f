"""States of messages and batches, and what may follow what."""

from __future__ import annotations

# ── a message ────────────────────────────────────────────────────────────────────────────────────────────────────────
OPEN = frozenset({"queued", "waiting", "sending", "unknown"})  # something is still to be done with it
TAKEN = frozenset({"accepted", "delivered", "bounced", "failed", "returned"})  # a carrier took it once
FINAL = frozenset({"delivered", "bounced", "failed", "returned", "blocked", "stopped"})
MESSAGE = ("queued", "waiting", "blocked", "sending", "accepted", "delivered", "failed", "bounced", "returned", "unknown", "stopped")
# What of its events stands on a person's line of time: the first outcome, and later on what somebody should know.
OUTCOMES = ("accepted", "refused", "unknown", "delivered", "failed", "bounced", "returned", "blocked", "decided_failed")
LATER = ("failed", "bounced", "returned", "complained", "unsubscribed")
RANK = {"accepted": 0, "delivered": 1, "failed": 2, "bounced": 3, "returned": 3}  # a report never leads back


def reported(state: str, report: str) -> str:
    """The state of a message after a report; the same state where the report changes none.

    Reports come late, twice and out of order: the outcome does not depend on it. A bounce outranks a delivery (a relay says "delivered" and the
    receiver's server sends it back); nothing leads back.

    >>> reported("accepted", "delivered"), reported("bounced", "delivered"), reported("delivered", "bounced"), reported("delivered", "auto_replied")
    ('delivered', 'bounced', 'bounced', 'delivered')
    """
    if report not in RANK or (state not in RANK and state not in ("sending", "unknown")):
        return state
    return report if state not in RANK or RANK[report] > RANK[state] else state


# ── a batch ──────────────────────────────────────────────────────────────────────────────────────────────────────────
FOLLOWS: dict[str, dict[str, str]] = {  # verb → state before → state after
    "count": {"draft": "draft", "counted": "draft"},
    "counted": {"draft": "counted"},
    "start": {"counted": "running"},
    "plan": {"counted": "approved"},  # to begin at its hour
    "begin": {"approved": "running"},
    "pause": {"running": "paused", "approved": "paused"},
    "resume": {"paused": "running"},
    "stop": {"draft": "stopped", "counted": "stopped", "approved": "stopped", "running": "stopped", "paused": "stopped"},
    "finish": {"running": "done"},
    "change": {"draft": "draft", "counted": "draft"},
}
BATCH = ("draft", "counted", "approved", "running", "paused", "stopped", "done")


def after(verb: str, state: str) -> str | None:
    """The state after ``verb``; None where it may not be done."""
    return FOLLOWS[verb].get(state)


def verbs(state: str) -> list[str]:
    return [verb for verb, moves in FOLLOWS.items() if state in moves]


# ── tries and fallback ───────────────────────────────────────────────────────────────────────────────────────────────
BACKOFF = (60, 300, 1_800, 7_200)  # seconds before the second, third … try of one channel


def next_try(tries: int, most: int) -> int | None:
    """Seconds until the next try of a channel that refused for now; None when it is given up.

    >>> next_try(1, 5), next_try(4, 5), next_try(5, 5)
    (60, 7200, None)
    """
    return None if tries >= most else BACKOFF[min(tries, len(BACKOFF)) - 1]


def falls_back(state: str, step: int, steps: int) -> bool:
    """Whether the next channel of the chain is tried: only after the one before failed for good, never while its message may still arrive. A carrier
    that says "failed" or sends the message back has given it up.

    >>> falls_back("failed", 0, 2), falls_back("bounced", 0, 2), falls_back("accepted", 0, 2), falls_back("unknown", 0, 2), falls_back("failed", 1, 2)
    (True, True, False, False, False)
    """
    return state in ("failed", "bounced") and step + 1 < steps
