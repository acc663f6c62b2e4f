"""What a subscriber may read of their own: bills they pay, why one differs from the one before, plans, what was used this month.

Every read starts from the person. A bill is theirs when they pay for the account it was issued to; somebody else's is told as one that does
not exist. The number of a bill gives nothing by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from numaru.domains.billing import reads
from numaru.domains.billing.models import ChargeTerm, Contract, Invoice
from numaru.domains.billing.rules import difference, reference
from numaru.domains.billing.rules.terms import USAGE_KINDS, ChargeKind, Term, Tier
from numaru.domains.billing.story import Plans, billed_until, rate_now, state_of
from numaru.domains.subscribers import api as subscribers
from numaru.facilities.catalogue import api as catalogue
from numaru.kernel import clock
from numaru.values.money import Money
from numaru.values.period import Period
from numaru.values.text import Text

LATEST = 24  # bills that a list shows


@dataclass(frozen=True, slots=True)
class Bill:
    """A bill as a list shows it."""

    number: str
    period: Period
    total: Money
    issued_at: datetime
    due_on: date


@dataclass(frozen=True, slots=True)
class Comparison:
    """A bill beside the one before it. ``changes`` add up to ``difference``."""

    former: Bill
    changes: tuple[difference.Change, ...]
    difference: Money


@dataclass(frozen=True, slots=True)
class Use:
    """What one charge counts this month: the quantity so far, what is free of it (None: nothing is), and the amount so far."""

    name: Text
    unit: Text
    quantity: Decimal
    free: Decimal | None
    amount: Money


@dataclass(frozen=True, slots=True)
class OwnPlan:
    """A contract with the charges of the offer version in force."""

    number: str
    plan: subscribers.PlanSummary
    terms: tuple[Term, ...]
    tiers: dict[int, tuple[Tier, ...]]


@dataclass(frozen=True, slots=True)
class Standing:
    """The running month if it were closed now, by the reference rules. ``total`` is None when it cannot be worked out yet."""

    period: Period
    lines: tuple[subscribers.BillLine, ...]
    total: Money | None
    uses: tuple[Use, ...]


def _invoices(person: int) -> QuerySet[Invoice]:
    return Invoice.objects.filter(account__payer=person).select_related("run")


def bills(person: int, service_id: int, limit: int = LATEST) -> list[Bill]:
    """The final bills of one service that the person pays, the latest month first. One query."""
    rows = _invoices(person).filter(run__service=service_id).order_by("-period_from", "-issued_at")[:limit]
    return [_bill(row) for row in rows]


def _bill(row: Invoice) -> Bill:
    period = Period(row.period_from, row.period_to)
    return Bill(reads.number_of(row.run.series, row.ordinal), period, Money(row.total, row.currency), row.issued_at, row.due_on)


def bill(person: int, service_id: int, number: str) -> reads.InvoicePage:
    """One bill with its lines. Raises NotFound for an unknown one and for somebody else's, alike."""
    return reads.invoice(number, None, _invoices(person).filter(run__service=service_id))


def comparison(person: int, service_id: int, page: reads.InvoicePage) -> Comparison | None:
    """Why ``page`` differs from the bill before it; None for the first one and between currencies."""
    rows = _invoices(person).filter(run__service=service_id, period_from__lt=page.period.start, account_id=int(page.account[2:]))
    row = rows.order_by("-period_from", "-issued_at").first()
    if row is None or row.currency != page.total.currency:
        return None
    former = _bill(row)
    before = bill(person, service_id, former.number)
    changes = difference.compare(_items(page), page.total.minor, _items(before), former.total.minor)
    return Comparison(former, changes, page.total - former.total)


def _items(page: reads.InvoicePage) -> list[difference.Item]:
    return [
        difference.Item(
            x.term.charge_key, x.name, x.offer, x.term.unit, x.term.kind in USAGE_KINDS,
            difference.settles(x.term, x.row.sign, x.row.period_from, page.period), x.period, x.row.quantity,
            None if x.term.kind == ChargeKind.EVENT_PRICED else x.row.price,
            (x.row.num, x.row.den), x.row.amount,
        )
        for x in page.lines
    ]  # fmt: skip


def plans(subscriber_id: int) -> list[OwnPlan]:
    """Every contract, latest first, with what it costs. Seven queries."""
    rows = list(Contract.objects.filter(subscriber_id=subscriber_id).order_by("-id"))
    facts = reads.facts_of([c.pk for c in rows])
    zones = {s.id: ZoneInfo(s.zone) for s in catalogue.services()}
    states = {c.pk: state_of(facts.get(c.pk, ()), clock.now()) for c in rows}
    versions = catalogue.offers({v for _, v in states.values() if v is not None})
    names = catalogue.offer_names({c.offer_id for c in rows})
    terms: dict[int, list[Term]] = {}
    for row in ChargeTerm.objects.filter(version_id__in=versions).order_by("ordinal", "id"):
        terms.setdefault(row.version_id, []).append(reads.term_of(row))
    tiers = reads.tiers_of([t.charge_id for found in terms.values() for t in found])
    out = []
    for c in rows:
        state, version = states[c.pk]
        summary = Plans.summary(
            c, facts.get(c.pk, ()), state, zones[c.service_id], None, versions[version].name if version else names[c.offer_id]
        )
        out.append(OwnPlan(c.number, summary, tuple(terms.get(version or 0, ())), tiers))
    return out


def standing(subscriber_id: int, known: list[OwnPlan] | None = None) -> Standing | None:
    """Where the running month stands: lines and total so far, and what was used. None without a contract or without terms. ``known`` are the
    plans of this subscriber, where the caller has read them."""
    rows = list(Contract.objects.filter(subscriber_id=subscriber_id))
    if not rows:
        return None
    service = next(s for s in catalogue.services() if s.id == rows[0].service_id)
    period = Period.month(f"{clock.today(service.zone):%Y-%m}")
    rated = rate_now(rows, period, billed_until(service.id, period))
    if rated is None:
        return None
    made = reference.documents(rated)
    document = next(iter(made.issued), None)
    terms = {
        t.charge_id: t for found in (plans(subscriber_id) if known is None else known) if found.plan.state != "ended" for t in found.terms
    }
    free = {charge: _free(tiers) for charge, tiers in reads.tiers_of(list(terms)).items()}
    named = terms | {t.pk: reads.term_of(t) for t in ChargeTerm.objects.filter(pk__in={x.charge_id for x in rated.lines} - terms.keys())}
    lines = tuple(
        subscribers.BillLine(named[x.charge_id].name, Money(x.amount, x.currency), Period(x.period_from, x.period_to)) for x in rated.lines
    )
    uses = []
    for charge, term in named.items():
        mine = [x for x in rated.lines if x.charge_id == charge]
        if term.kind in USAGE_KINDS:
            quantity = sum((x.quantity for x in mine), Decimal(0))
            uses.append(Use(term.name, term.unit, quantity, free.get(charge), Money(sum(x.amount for x in mine), service.currency)))
    total = None if rated.parked else Money(document.total if document else 0, service.currency)
    return Standing(period, lines, total, tuple(uses))


def _free(tiers: tuple[Tier, ...]) -> Decimal | None:
    """How much of a graduated charge costs nothing: the reach of its first tiers without a price."""
    reach = None
    for tier in tiers:
        if tier.unit_price or tier.flat or tier.upper is None:
            break
        reach = tier.upper
    return reach
