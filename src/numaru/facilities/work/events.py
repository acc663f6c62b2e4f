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


@dataclass(frozen=True)
class ProcessMoved(Event):
    """A process was started, went on to a step, ended or was cancelled. ``step`` is where it stands then; ``tell`` who started it."""

    name: ClassVar[str] = "work.ProcessMoved"
    number: str
    process: str
    what: str
    step: str = ""
    outcome: str = ""
    by: int | None = None
    tell: int | None = None
    service: str = ""
    about_kind: str = ""
    about_key: str = ""

    @property
    def aggregate(self) -> str:
        return f"work.process:{self.number}"
