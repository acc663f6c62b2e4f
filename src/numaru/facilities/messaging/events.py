"""What messaging tells other rooms. Numbers and codes; nothing personal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from numaru.kernel.events import Event


@dataclass(frozen=True)
class BatchChanged(Event):
    """A batch was started, paused, resumed, stopped or counted. ``state`` is where it stands then."""

    name: ClassVar[str] = "messaging.BatchChanged"
    number: str
    state: str
    about_kind: str = ""
    about_key: str = ""

    @property
    def aggregate(self) -> str:
        return f"messaging.batch:{self.number}"


@dataclass(frozen=True)
class MessagesReported(Event):
    """A set: reports came in for these messages (ids). What they say stands in the messages' events."""

    name: ClassVar[str] = "messaging.MessagesReported"
    carrier: str
    messages: list[int]

    @property
    def aggregate(self) -> str:
        return f"messaging.carrier:{self.carrier}"
