"""What indicators tell other rooms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from numaru.kernel.events import Event


@dataclass(frozen=True)
class TargetSet(Event):
    """A target of a month was set or taken back (``value`` empty)."""

    name: ClassVar[str] = "indicators.TargetSet"
    indicator: str
    service: str
    month: str
    value: str

    @property
    def aggregate(self) -> str:
        return f"indicators.indicator:{self.indicator}"


@dataclass(frozen=True)
class BoardShared(Event):
    """A board was opened to everybody who may see its indicators, or closed again."""

    name: ClassVar[str] = "indicators.BoardShared"
    number: str
    shared: bool

    @property
    def aggregate(self) -> str:
        return f"indicators.board:{self.number}"
