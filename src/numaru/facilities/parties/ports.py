"""What parties ask of the rooms above."""

from __future__ import annotations

from typing import Protocol, runtime_checkable


@runtime_checkable
class PartyScope(Protocol):
    """For which services a party is somebody's: it decides whose grant may open what is sealed of them."""

    def services(self, party: int) -> frozenset[str]:
        """Slugs; empty for a party of no service, which only a grant for all services opens."""
        ...
