"""What "the house is well" consists of: parts that rooms and sub-apps of the kernel register, each with a state, a sentence and a remedy.

    health.parts.add("audit", health.Part(Text("감사 봉인", "Audit sealer"), look, every=10))

``look`` asks the database as it is now, changes nothing and is quick (one or two queries). It may raise: the part is then bad, and the
sentence says that it could not be looked at, never what the error held.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from numaru.kernel.registers import Register
from numaru.values.text import Text

log = logging.getLogger(__name__)
type State = Literal["ok", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look found. ``fact`` holds figures and names of parts, nothing personal, no path and no version; ``remedy`` is set unless ok."""

    state: State
    fact: Text
    remedy: Text | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One part. ``every``: seconds for which an answer holds. ``vital``: when it is bad, /health answers 503.
    ``ready``: a web process without it must get no requests (/health/ready)."""

    title: Text
    look: Callable[[], Seen]
    every: float = 10.0
    vital: bool = False
    ready: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A part as it was seen, with its age in seconds."""

    key: str
    part: Part
    seen: Seen
    age: float


parts: Register[Part] = Register("health parts")
_kept: dict[str, tuple[float, Seen]] = {}


def ok(ko: str, en: str, **values: object) -> Seen:
    return Seen("ok", Text(ko, en).fill(**values))


def warn(fact: Text, remedy: Text) -> Seen:
    return Seen("warn", fact, remedy)


def bad(fact: Text, remedy: Text) -> Seen:
    return Seen("bad", fact, remedy)


def look(*, fresh: bool = False, within: float = 0.0) -> list[Line]:
    """Every part, in the order of the keys; an answer is asked anew when it is older than the part's ``every`` or ``fresh`` is set.
    ``within``: seconds that the reader can live with, where that is longer."""
    out = []
    for key, part in parts:
        at, seen = _kept.get(key, (0.0, None))
        age = time.monotonic() - at
        if seen is None or fresh or age > max(part.every, within):
            seen, age = _look(key, part), 0.0
            _kept[key] = (time.monotonic(), seen)
        out.append(Line(key, part, seen, age))
    return out


def _look(key: str, part: Part) -> Seen:
    try:
        return part.look()
    except Exception as error:  # a part that cannot be looked at must not hide the others
        log.warning("the part %s could not be looked at: %s", key, type(error).__name__)
        return bad(
            Text("확인하지 못했습니다 ({e}).", "It could not be looked at ({e}).").fill(e=type(error).__name__),
            Text("데이터베이스와 서버 기록을 확인하십시오.", "Check the database and the server's log."),
        )


def forget() -> None:
    """Drop kept answers, so that the next look asks."""
    _kept.clear()
