"""What clocks tell other rooms. Sets of clocks: a handler asks :func:`~numaru.facilities.clocks.reads.of_ids` what they are about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from numaru.kernel.events import Event


@dataclass(frozen=True)
class Nearing(Event):
    """Clocks of one kind have used the share of their target from which they are warned of."""

    name: ClassVar[str] = "clocks.Nearing"
    kind: str
    clocks: list[int]

    @property
    def aggregate(self) -> str:
        return f"clocks.nearing:{self.kind}"


@dataclass(frozen=True)
class Breached(Event):
    """Clocks of one kind ran past their due time."""

    name: ClassVar[str] = "clocks.Breached"
    kind: str
    clocks: list[int]

    @property
    def aggregate(self) -> str:
        return f"clocks.breached:{self.kind}"


@dataclass(frozen=True)
class CalendarChanged(Event):
    """A calendar has a new version ``number``, ``valid_from`` in ISO form; open clocks on it are laid again."""

    name: ClassVar[str] = "clocks.CalendarChanged"
    calendar: str
    number: int
    valid_from: str

    @property
    def aggregate(self) -> str:
        return f"clocks.calendar:{self.calendar}"
