"""What billing tells higher rooms. Bulk verbs publish one set event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from numaru.kernel.events import Event


@dataclass(frozen=True)
class ContractsEnrolled(Event):
    name: ClassVar[str] = "billing.ContractsEnrolled"
    service_id: int
    first_contract: int
    count: int

    @property
    def aggregate(self) -> str:
        return f"service:{self.service_id}"


@dataclass(frozen=True)
class FactRecorded(Event):
    name: ClassVar[str] = "billing.FactRecorded"
    contract_id: int
    fact_id: int
    kind: str

    @property
    def aggregate(self) -> str:
        return f"contract:{self.contract_id}"


@dataclass(frozen=True)
class OfferPublished(Event):
    name: ClassVar[str] = "billing.OfferPublished"
    version_id: int

    @property
    def aggregate(self) -> str:
        return f"offer_version:{self.version_id}"


@dataclass(frozen=True)
class _RunEvent(Event):
    run_id: int

    @property
    def aggregate(self) -> str:
        return f"bill_run:{self.run_id}"


@dataclass(frozen=True)
class RunStarted(_RunEvent):
    name: ClassVar[str] = "billing.RunStarted"


@dataclass(frozen=True)
class RunPosted(_RunEvent):
    """The whole set of a run's invoices became final at once."""

    name: ClassVar[str] = "billing.RunPosted"
    count: int = 0


@dataclass(frozen=True)
class RunCancelled(_RunEvent):
    name: ClassVar[str] = "billing.RunCancelled"


@dataclass(frozen=True)
class ParkedBilled(_RunEvent):
    name: ClassVar[str] = "billing.ParkedBilled"
    account_id: int = 0
    invoice: str = ""
