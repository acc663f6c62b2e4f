"""Who is told what came back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from numaru.adapters.carrying import Report


@runtime_checkable
class ReportTaker(Protocol):
    """Takes reports in the transaction of the caller; the same report twice changes nothing the second time."""

    def take(self, carrier: str, reports: Sequence[Report]) -> None: ...
