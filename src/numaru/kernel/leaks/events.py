"""What leak cases tell higher rooms."""

from __future__ import annotations

from dataclasses import dataclass

from numaru.kernel.events import Event


@dataclass(frozen=True)
class LeakChanged(Event):
    """Something became true of a case; ``what`` is the kind of its entry in the timeline."""

    name = "leaks.LeakChanged"
    number: str
    what: str

    @property
    def aggregate(self) -> str:
        return f"leak:{self.number}"
