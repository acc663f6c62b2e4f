"""What approvals tell higher rooms."""

from __future__ import annotations

from dataclasses import dataclass

from numaru.kernel.events import Event


@dataclass(frozen=True)
class ApprovalAsked(Event):
    """Somebody asked for a second person."""

    name = "approvals.ApprovalAsked"
    number: str
    action: str

    @property
    def aggregate(self) -> str:
        return f"approval:{self.number}"


@dataclass(frozen=True)
class ApprovalDecided(Event):
    """A request was approved, refused, withdrawn or has expired; ``state`` says which."""

    name = "approvals.ApprovalDecided"
    number: str
    action: str
    state: str

    @property
    def aggregate(self) -> str:
        return f"approval:{self.number}"
