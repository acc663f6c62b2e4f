"""What audit tells higher rooms."""

from __future__ import annotations

from dataclasses import dataclass

from numaru.kernel.events import Event


@dataclass(frozen=True)
class AccessFindingRaised(Event):
    """Something in the access log asks for an explanation; ``held`` when the account may not open anything meanwhile."""

    name = "audit.AccessFindingRaised"
    number: str
    rule: str
    severity: str
    held: bool

    @property
    def aggregate(self) -> str:
        return f"finding:{self.number}"


@dataclass(frozen=True)
class AccessFindingDecided(Event):
    """A finding was explained or confirmed."""

    name = "audit.AccessFindingDecided"
    number: str
    state: str

    @property
    def aggregate(self) -> str:
        return f"finding:{self.number}"
