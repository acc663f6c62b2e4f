"""What access tells higher rooms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from numaru.kernel.events import Event


@dataclass(frozen=True)
class _OfStaff(Event):
    staff: int

    @property
    def aggregate(self) -> str:
        return f"staff:{self.staff}"


@dataclass(frozen=True)
class StaffJoined(_OfStaff):
    """An account was made."""

    name: ClassVar[str] = "staff.StaffJoined"


@dataclass(frozen=True)
class GrantChanged(_OfStaff):
    """A role was given or ended."""

    name: ClassVar[str] = "staff.GrantChanged"
    role: str
    ended: bool


@dataclass(frozen=True)
class StaffLeft(_OfStaff):
    """A leaver was cut off everywhere."""

    name: ClassVar[str] = "staff.StaffLeft"
