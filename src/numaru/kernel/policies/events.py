"""What policies tell higher rooms."""

from __future__ import annotations

from dataclasses import dataclass

from numaru.kernel.events import Event


@dataclass(frozen=True)
class PolicyChanged(Event):
    """A figure has a new value from ``valid_from`` (YYYY-MM-DD) on."""

    name = "policies.PolicyChanged"
    key: str
    scope: str
    valid_from: str

    @property
    def aggregate(self) -> str:
        return f"policy:{self.key}"
