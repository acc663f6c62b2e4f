"""Seeded kill points. ``NUMARU_KILL=name:n`` kills this process, without a farewell, when the point ``name`` is reached the n-th time.

Only the kill tests set it; without the variable a point costs one look-up.
"""

from __future__ import annotations

import os
import signal
from collections import Counter

_wanted = os.environ.get("NUMARU_KILL", "")
_seen: Counter[str] = Counter()


def point(name: str) -> None:
    """A place at which the process may die and nothing may be lost."""
    if not _wanted:
        return
    _seen[name] += 1
    if _wanted == f"{name}:{_seen[name]}":
        os.kill(os.getpid(), signal.SIGKILL)
