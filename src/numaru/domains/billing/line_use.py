"""The way from a line of a final invoice down to the records of use it counted, as the bill knew them then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from numaru.domains.billing.models import BillRun, Contract, ParkedAccount
from numaru.domains.billing.reads import InvoiceLine, InvoicePage
from numaru.domains.billing.rules.amounts import carried_amount, graduated_amount, unit_amount
from numaru.domains.billing.rules.contract_facts import naive_utc, segments
from numaru.domains.billing.rules.shares import Share, events_of, shares
from numaru.domains.billing.rules.terms import ChargeKind, from_micro, micro
from numaru.domains.billing.story import inputs
from numaru.kernel.errors import NotFound
from numaru.values.text import Text


@dataclass(frozen=True, slots=True)
class LineUse:
    """The records of a line with what each adds. ``agrees``: they are as many, and come to the quantity and the amount that the line says."""

    line: InvoiceLine
    shares: list[Share]
    quantity: Decimal
    agrees: bool


def line_of(invoice: InvoicePage, number: int) -> InvoiceLine:
    """Raises NotFound for a line that the invoice has not, and for one that no record of use is on."""
    line = next((x for x in invoice.lines if x.number == number and x.row.events), None)
    if line is None:
        raise NotFound.named(Text("이용 기록이 있는 항목", "line with records of use"), number)
    return line


def use_of(invoice: InvoicePage, number: int) -> LineUse:
    """What line ``number`` counted: facts and files as they were known when the bill was made. Raises NotFound, and Conflict when a usage
    file is gone."""
    line = line_of(invoice, number)
    contract = Contract.objects.get(pk=line.row.contract_id)
    facts_known, files_known = _known(invoice)
    contracts = Contract.objects.filter(subscriber_id=contract.subscriber_id, service_id=contract.service_id, created_at__lte=facts_known)
    given = inputs(contracts, invoice.period, files_known)
    if given is None:
        return LineUse(line, [], Decimal(0), False)
    known = naive_utc(facts_known)
    standing = [(c, segments([f for f in given.facts if f.contract_id == c.contract_id], known)) for c in given.contracts]
    found = shares(line.row, line.term, line.tiers, events_of(line.row, standing, given.tariff, given.events))
    quantity = from_micro(sum(micro(s.event.quantity) for s in found))
    agrees = len(found) == line.row.events and quantity == line.row.quantity and _amount(line, found, quantity) == line.row.amount
    return LineUse(line, found, quantity, agrees)


def _amount(line: InvoiceLine, found: list[Share], quantity: Decimal) -> int | None:
    """The amount of the line from these records alone, rounded once."""
    row, exponent = line.row, line.term.exponent
    if line.term.kind == ChargeKind.GRADUATED:
        stepped = graduated_amount(quantity, line.tiers, exponent)
        return None if stepped is None else row.sign * stepped
    if line.term.kind == ChargeKind.PER_UNIT:
        return row.sign * unit_amount(quantity, row.price, exponent) if row.price is not None else None
    return row.sign * carried_amount(from_micro(sum(micro(s.event.amount) for s in found if s.event.amount is not None)), exponent)


def _known(invoice: InvoicePage) -> tuple[datetime, datetime]:
    """Up to when the bill knew contract facts, and up to when it knew usage files."""
    run = BillRun.objects.get(number=invoice.run)
    if run.known_at is not None:
        return run.known_at, run.known_at
    single = ParkedAccount.objects.filter(invoice=invoice.number).values_list("known_at", flat=True).first()
    return single or invoice.issued_at, invoice.issued_at


def instant(share: Share) -> datetime:
    """The instant of the event, aware."""
    return share.event.at.replace(tzinfo=UTC)
