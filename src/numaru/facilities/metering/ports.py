"""What metering asks of the rooms above it. Both ports only read; config binds them (kernel.ports)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class SubjectDirectory(Protocol):
    """Whose event is it? Answered by subscribers."""

    def subjects(self, service_slug: str, refs: Sequence[str]) -> dict[str, int]:
        """Subject keys by reference (subscriber number or external id); unknown references are left out. A few queries, whatever the count."""
        ...


class ServiceZones(Protocol):
    """In which zone do the days of a service begin? Answered by the catalogue."""

    def zone(self, service_slug: str) -> str | None:
        """The IANA zone of the service, or None when there is no such service."""
        ...
