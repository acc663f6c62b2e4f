"""What messaging asks: carriers that take messages, and where a person can be reached beside e-mail and telephone.

A carrier is handed finished messages and says of each what became of it. Everything it is told is the same over every retry of a message, the
key above all; what comes back later is handed to :func:`numaru.facilities.messaging.api.take_reports`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol, runtime_checkable

from numaru.values.money import Money

CHANNELS = ("email", "sms", "lms", "alimtalk", "push", "inapp", "letter")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a message."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to one address. What is personal is left out of what it prints as."""

    key: str  # idempotency key, the same over every retry of this message
    channel: str  # email | sms | lms | alimtalk | push | inapp | letter
    to: str = field(repr=False)  # e-mail, telephone number, push subscription as JSON, lines of a postal address
    language: str  # ko | en
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(default="", repr=False)
    sender: str = ""  # From address, calling number, Kakao profile
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # e-mail: List-Unsubscribe, Reply-To, Auto-Submitted …
    provider_template: str = ""  # Alimtalk: the code that the provider approved
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    attachments: Sequence[Attachment] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one message. ``refused`` without ``permanent`` was not taken and may be sent again; ``unknown``: nobody can say."""

    key: str
    state: str  # accepted | refused | unknown
    provider_id: str = ""
    code: str = ""  # the provider's own
    permanent: bool = False  # refused for good: the next channel is tried, the address suppressed where the code says so
    cost: Money | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What came back later, by our key or by the carrier's own id."""

    state: str  # delivered | failed | bounced | complained | auto_replied | unsubscribed | returned
    key: str = ""
    provider_id: str = ""
    code: str = ""
    permanent: bool = False
    at: datetime | None = None
    cost: Money | None = None


class CarrierDown(Exception):
    """Nothing of the call was taken. ``retry_after``: seconds, where they are known."""

    def __init__(self, why: str = "", retry_after: float | None = None) -> None:
        super().__init__(why)
        self.retry_after = retry_after


@runtime_checkable
class Carrier(Protocol):
    """Takes messages of a channel. ``most``: messages a call. ``remembers``: it knows keys, so that :meth:`ask` answers and a key is never sent
    twice."""

    name: str
    most: int
    remembers: bool

    def send(self, messages: Sequence[Outgoing]) -> list[Outcome]:
        """One outcome for each message, in any order. Raises CarrierDown when nothing was taken."""
        ...

    def ask(self, keys: Sequence[str]) -> dict[str, Outcome]:
        """What is known of these keys; one that is missing was never taken."""
        ...

    def reports(self, cursor: str) -> tuple[list[Report], str]:
        """What came since ``cursor``, and where to go on; nothing where the carrier calls back instead."""
        ...


@runtime_checkable
class Carriers(Protocol):
    """Which carrier takes a channel."""

    def of(self, channel: str) -> Carrier | None:
        """None: there is none, and the message stays in the house's own outbox."""
        ...


@runtime_checkable
class Addresses(Protocol):
    """Addresses that parties do not keep: push subscriptions, postal addresses."""

    def of(self, channel: str, parties: Sequence[int]) -> dict[int, str]:
        """By party, opened; who is missing has none. The caller has put the opening on record."""
        ...

    def known(self, channel: str, parties: Sequence[int]) -> set[int]:
        """Those of ``parties`` who have one. Nothing is opened."""
        ...


class NoAddresses:
    """Nobody has a push subscription or a postal address: for a house without those channels."""

    def of(self, channel: str, parties: Sequence[int]) -> dict[int, str]:
        return {}

    def known(self, channel: str, parties: Sequence[int]) -> set[int]:
        return set()


@runtime_checkable
class Customers(Protocol):
    """Who bought something of late, for the exception for existing customers."""

    def last_bought(self, parties: Sequence[int]) -> dict[int, date]:
        """The day of the last transaction by party; who is missing never bought."""
        ...


class NoCustomers:
    """Nobody is known to have bought anything: the exception then holds for nobody."""

    def last_bought(self, parties: Sequence[int]) -> dict[int, date]:
        return {}
