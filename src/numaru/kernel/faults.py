"""Faults on order. ``NUMARU_KILL=name:n`` kills this process, without a farewell, when the point ``name`` is reached the n-th time;
``NUMARU_REFUSE=room`` makes every action of that room refuse, whoever asks.

Only the kill tests and ``./numaru capabilities --bite`` set them; without the variables a point costs one look-up.
"""

from __future__ import annotations

import os
import signal
from collections import Counter

_wanted = os.environ.get("NUMARU_KILL", "")
_refused = os.environ.get("NUMARU_REFUSE", "")
_seen: Counter[str] = Counter()


def point(name: str) -> None:
    """A place at which the process may die and nothing may be lost."""
    if not _wanted:
        return
    _seen[name] += 1
    if _wanted == f"{name}:{_seen[name]}":
        os.kill(os.getpid(), signal.SIGKILL)


def refused(action: str) -> bool:
    """Whether the action (its key in the register) belongs to the room that refuses in this process."""
    return bool(_refused) and f".{_refused}." in action
