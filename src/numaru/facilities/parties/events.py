"""What parties tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from numaru.kernel.events import Event


@dataclass(frozen=True)
class ContactCorrected(Event):
    """A new version of one contact value was sealed. The value is not told."""

    name: ClassVar[str] = "parties.ContactCorrected"
    party: int
    kind: str
    edition: int

    @property
    def aggregate(self) -> str:
        return f"party:{self.party}"


@dataclass(frozen=True)
class ConsentChanged(Event):
    """Somebody said something about a purpose: ``kind`` is yes | no | withdrawn | confirmed, ``medium`` empty for all, ``event`` the line of the
    ledger."""

    name: ClassVar[str] = "parties.ConsentChanged"
    party: int
    purpose: str
    medium: str
    kind: str
    event: int

    @property
    def aggregate(self) -> str:
        return f"party:{self.party}"


@dataclass(frozen=True)
class ConsentsChanged(Event):
    """A set: many said something at once (an import, the house). ``first`` and ``last`` bound the lines of the ledger."""

    name: ClassVar[str] = "parties.ConsentsChanged"
    first: int
    last: int
    count: int

    @property
    def aggregate(self) -> str:
        return f"consents:{self.first}"


@dataclass(frozen=True)
class ConfirmationsDue(Event):
    """A set: these people are to confirm their consent. Their rows are those of ``batch`` (``consents.notices``)."""

    name: ClassVar[str] = "parties.ConfirmationsDue"
    batch: str
    count: int

    @property
    def aggregate(self) -> str:
        return f"consents:{self.batch}"


@dataclass(frozen=True)
class ResultsDue(Event):
    """A set: these people are to be told what became of their consent, refusal or withdrawal. Their rows are those of ``batch``."""

    name: ClassVar[str] = "parties.ResultsDue"
    batch: str
    count: int

    @property
    def aggregate(self) -> str:
        return f"consents:{self.batch}"


@dataclass(frozen=True)
class TextPublished(Event):
    """A version of a document of consent was published."""

    name: ClassVar[str] = "parties.TextPublished"
    document: str
    number: int
    material: bool

    @property
    def aggregate(self) -> str:
        return f"document:{self.document}"


@dataclass(frozen=True)
class ContactStopped(Event):
    """A person is not to be contacted any more, or may be again."""

    name: ClassVar[str] = "parties.ContactStopped"
    party: int
    stopped: bool

    @property
    def aggregate(self) -> str:
        return f"party:{self.party}"
