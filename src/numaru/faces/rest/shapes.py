"""The shapes of the API's answers, as its description promises them. Only what stands here leaves the house: a field more is cut off."""

from __future__ import annotations

from typing import Any

from ninja import Schema
from pydantic import ConfigDict, Field

NUMBER = r"^[A-Za-z0-9-]{1,40}$"  # how a shown number is written
SLUG = r"^[-a-zA-Z0-9_]{1,50}$"
MONTH = r"^[0-9]{4}-(0[1-9]|1[0-2])$"
DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


class Amount(Schema):
    """Exact decimal text in major units, and the ISO 4217 code."""

    amount: str = Field(pattern=r"^-?[0-9]+(\.[0-9]+)?$", examples=["13900"])
    currency: str = Field(pattern=r"^[A-Z]{3}$")


class Both(Schema):
    """One sentence in both languages."""

    ko: str
    en: str


class Days(Schema):
    """A half-open period: the day ``to`` is outside."""

    from_: str = Field(pattern=DAY, alias="from")
    to: str = Field(pattern=DAY)


class RunStart(Schema):
    """A bill run to start. Nothing else may be said."""

    model_config = ConfigDict(extra="forbid", strict=True)
    service: str = Field(pattern=SLUG)
    period: str = Field(pattern=MONTH, examples=["2026-10"])


class Run(Schema):
    """A bill run: state, counts, totals in major units by currency."""

    run_id: str
    service: str
    period: str = Field(pattern=MONTH)
    state: str
    accounts: int
    invoices: int
    totals: dict[str, str]
    parked: int
    zero_accounts: int
    idle_accounts: int
    usage: dict[str, Any]
    manifest: str
    seconds: float
    failure: Both | None


class Runs(Schema):
    """At most 200 runs, the latest period first."""

    items: list[Run]


class InvoiceLine(Schema):
    """One line: what was charged, for which days, how the amount came about. ``price`` is a decimal text; the share is a fraction."""

    line: int
    charge: str
    name_ko: str
    name_en: str
    from_: str = Field(pattern=DAY, alias="from")
    to: str = Field(pattern=DAY)
    quantity: str
    price: str | None
    numerator: int
    denominator: int
    events: int
    amount: Amount


class InvoiceTransfer(Schema):
    """One movement between two accounts of the ledger."""

    debit: str
    credit: str
    amount: Amount


class InvoiceAnswer(Schema):
    """One final invoice."""

    number: str
    run: str
    service: str
    account: str
    subscriber: str | None
    period: Days
    issued_at: str
    due_on: str = Field(pattern=DAY)
    total: Amount
    supply: Amount
    tax: Amount
    lines: list[InvoiceLine]
    transfers: list[InvoiceTransfer]


class PlanAnswer(Schema):
    """What a subscriber uses and last paid for."""

    offer_ko: str
    offer_en: str
    state: str
    last_invoice: str | None
    last_total: Amount | None


class SubscriberAnswer(Schema):
    """One subscriber; nothing personal."""

    number: str
    external_id: str
    state: str
    served_from: str | None
    served_to: str | None
    plan: PlanAnswer | None


class Opening(Schema):
    """Somebody saw, or tried to see, one field of the person: by role, never by name."""

    at: str
    role: Both
    field: str
    purpose: str
    outcome: str
    bulk: bool


class AccessLog(Schema):
    """Who saw the personal data of one subscriber, the newest first."""

    number: str
    items: list[Opening]


class FindingAnswer(Schema):
    """One thing that is wrong and what to do about it, in both languages."""

    code: str
    row: int | None = None
    field: str | None = None
    value: str | None = None
    message_ko: str
    message_en: str
    remedy_ko: str
    remedy_en: str


class Problem(Schema):
    """A refused call (RFC 9457). The first finding speaks for it; ``findings`` has them all."""

    type: str
    title: str
    status: int
    code: str
    message_ko: str
    message_en: str
    field: str | None
    remedy: str
    remedy_ko: str
    remedy_en: str
    findings: list[FindingAnswer]


class UsageFinding(Schema):
    """Why one event was not taken; ``index`` is its place in the batch, from 1."""

    index: int | None
    code: str
    field: str | None
    value: str | None
    message_ko: str
    message_en: str
    remedy: str
    remedy_ko: str
    remedy_en: str


class UsageAnswer(Schema):
    """What became of a batch: the four counts add up to the events sent."""

    accepted: int
    duplicates: int
    conflicts: int
    refused: int
    findings: list[UsageFinding]
