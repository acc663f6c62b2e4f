"""What retention tells higher rooms."""

from __future__ import annotations

from dataclasses import dataclass

from numaru.kernel.events import Event


@dataclass(frozen=True)
class PersonDestroyed(Event):
    """A person was destroyed on request; ``number`` is that of the destruction."""

    name = "retention.PersonDestroyed"
    number: str

    @property
    def aggregate(self) -> str:
        return f"destruction:{self.number}"
