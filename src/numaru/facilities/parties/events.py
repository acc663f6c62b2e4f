"""What parties tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from numaru.kernel.events import Event


@dataclass(frozen=True)
class ContactCorrected(Event):
    """A new version of one contact value was sealed. The value is not told."""

    name: ClassVar[str] = "parties.ContactCorrected"
    party: int
    kind: str
    edition: int

    @property
    def aggregate(self) -> str:
        return f"party:{self.party}"
