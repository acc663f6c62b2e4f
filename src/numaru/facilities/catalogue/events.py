"""What the catalogue tells higher rooms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from numaru.kernel.events import Event


@dataclass(frozen=True)
class ServiceOpened(Event):
    name: ClassVar[str] = "catalogue.ServiceOpened"
    service_id: int

    @property
    def aggregate(self) -> str:
        return f"service:{self.service_id}"
