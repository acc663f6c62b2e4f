"""What work tells other rooms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from numaru.kernel.events import Event


@dataclass(frozen=True)
class TaskChanged(Event):
    """A task was opened, moved, given to somebody or closed. ``what`` is the kind of its history; ``to`` and ``role`` who is told of it."""

    name: ClassVar[str] = "work.TaskChanged"
    number: str
    what: str
    state: str
    by: int | None = None
    to: int | None = None
    role: str = ""
    service: str = ""
    about_kind: str = ""
    about_key: str = ""

    @property
    def aggregate(self) -> str:
        return f"work.task:{self.number}"
