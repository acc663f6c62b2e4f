"""What backups tell."""

from __future__ import annotations

from dataclasses import dataclass

from numaru.kernel.events import Event


@dataclass(frozen=True)
class BackupEnded(Event):
    """A backup was made or failed; ``state`` says which, ``run`` is the row that was asked for."""

    name = "backup.BackupEnded"
    run: int
    state: str
    seconds: float

    @property
    def aggregate(self) -> str:
        return f"backup:{self.run}"
