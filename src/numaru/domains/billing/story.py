"""Billing's answers to the questions of the subscribers room: plans for lists, the story and the bill so far of one subscriber."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from numaru.domains.billing import reads
from numaru.domains.billing.actions.facts import fold
from numaru.domains.billing.models import Account, BillRun, ChargeTerm, Contract, ContractFact, Invoice
from numaru.domains.billing.rules import reference
from numaru.domains.billing.rules.contract_facts import Fact
from numaru.domains.billing.rules.lines import Contract as RuleContract
from numaru.domains.billing.rules.lines import Event, Line
from numaru.domains.billing.rules.terms import USAGE_KINDS, ChargeKind, Tariff, Tier
from numaru.domains.subscribers import api as subscribers
from numaru.domains.subscribers.api import Allowance, BillLine, BillSoFar, PaidTogether, PlanSummary
from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.metering import api as metering
from numaru.kernel import clock
from numaru.ui import formats
from numaru.values.money import Money
from numaru.values.period import Period
from numaru.values.text import LANGUAGES, Text


def state_of(facts: Collection[ContractFact], at: datetime) -> tuple[str, int | None]:
    """The state at ``at`` and the offer version in force, or None before the first."""
    known = [fact for fact in facts if fact.effective_at <= at]
    return fold(f.kind for f in known), next((f.version_id for f in reversed(known) if f.version_id), None)


class Plans:
    """Implements subscribers' PlanDirectory: five queries for any number of subscribers."""

    def plans(self, subscriber_ids: Collection[int]) -> dict[int, PlanSummary]:
        contracts: dict[int, Contract] = {}
        for row in Contract.objects.filter(subscriber_id__in=subscriber_ids).order_by("id"):
            contracts[row.subscriber_id] = row
        facts = reads.facts_of([c.pk for c in contracts.values()])
        names = catalogue.offer_names({c.offer_id for c in contracts.values()})
        states = {c.pk: state_of(facts.get(c.pk, ()), clock.now()) for c in contracts.values()}
        versions = catalogue.offers({v for _, v in states.values() if v is not None})
        last: dict[tuple[int, int | None], Invoice] = {}  # one account may pay for several services
        accounts = {c.account_id for c in contracts.values()}
        for invoice in Invoice.objects.filter(account_id__in=accounts).select_related("run").order_by("period_from", "issued_at"):
            last[invoice.account_id, invoice.run.service_id] = invoice
        zones = {s.id: ZoneInfo(s.zone) for s in catalogue.services()}
        out = {}
        for subscriber, c in contracts.items():
            state, version = states[c.pk]
            bill = last.get((c.account_id, c.service_id))
            out[subscriber] = self.summary(
                c, facts.get(c.pk, ()), state, zones[c.service_id], bill, versions[version].name if version else names[c.offer_id]
            )
        return out

    @staticmethod
    def summary(c: Contract, facts: Collection[ContractFact], state: str, zone: ZoneInfo, bill: Invoice | None, offer: Text) -> PlanSummary:
        days: dict[str, date] = {}
        for fact in facts:  # the first start and the first end are those that count
            days.setdefault(fact.kind, fact.effective_at.astimezone(zone).date())
        return PlanSummary(
            offer, state, days.get("started"), days.get("ended"),
            reads.number_of(bill.run.series, bill.ordinal) if bill else "",
            Money(bill.total, bill.currency) if bill else None,
        )  # fmt: skip


class Story:
    """Implements subscribers' SubscriberStory."""

    def paid_together(self, subscriber_id: int, limit: int) -> PaidTogether:
        """The payer of the subscriber's latest contract, and the other subscribers on the same accounts. Two queries."""
        own = list(Contract.objects.filter(subscriber_id=subscriber_id).order_by("-id").values_list("account_id", "account__payer_id"))
        if not own:
            return PaidTogether(None, ())
        rows = Contract.objects.filter(account_id__in={a for a, _ in own}).exclude(subscriber_id=subscriber_id)
        others = rows.order_by("subscriber_id").values_list("subscriber_id", flat=True).distinct()[:limit]
        return PaidTogether(own[0][1], tuple(others))

    def meters(self, service_id: int) -> dict[str, tuple[Text, Text]]:
        """By the name of the charge that counts it; of several, the latest."""
        rows = ChargeTerm.objects.filter(version__offer__service_id=service_id).exclude(meter="").order_by("id")
        return {t.meter: (Text(t.name_ko, t.name_en), Text(t.unit_ko, t.unit_en)) for t in rows}

    def contracts(self, subscriber_id: int) -> list[PlanSummary]:
        """Every contract of the subscriber, latest first."""
        rows = list(Contract.objects.filter(subscriber_id=subscriber_id).order_by("-id"))
        facts = reads.facts_of([c.pk for c in rows])
        zones = {s.id: ZoneInfo(s.zone) for s in catalogue.services()}
        states = {c.pk: state_of(facts.get(c.pk, ()), clock.now()) for c in rows}
        versions = catalogue.offers({v for _, v in states.values() if v is not None})
        names = catalogue.offer_names({c.offer_id for c in rows})
        out = []
        for c in rows:
            state, version = states[c.pk]
            offer = versions[version].name if version else names[c.offer_id]
            out.append(Plans.summary(c, facts.get(c.pk, ()), state, zones[c.service_id], None, offer))
        return out

    def bill_so_far(self, subscriber_id: int) -> BillSoFar | None:
        """The running month by the reference rules, from the facts and the usage known now. None without a contract."""
        rows = list(Contract.objects.filter(subscriber_id=subscriber_id))
        if not rows:
            return None
        service = next(s for s in catalogue.services() if s.id == rows[0].service_id)
        period = Period.month(f"{clock.today(service.zone):%Y-%m}")
        rated = rate_now(rows, period, billed_until(service.id, period))
        if rated is None:
            return None
        made = reference.documents(rated)
        currency = service.currency
        document = next(iter(made.issued), None)
        terms = {t.pk: t for t in ChargeTerm.objects.filter(pk__in={x.charge_id for x in rated.lines})}
        tiers = reads.tiers_of([pk for pk, t in terms.items() if t.kind == ChargeKind.GRADUATED])
        lines = tuple(_shown(x, terms[x.charge_id], tiers.get(x.charge_id, ())) for x in rated.lines)
        return BillSoFar(period.label, lines, Money(document.total if document else 0, currency))


def _shown(line: Line, term: ChargeTerm, tiers: Collection[Tier]) -> BillLine:
    """A line of the bill so far: what was counted, and of a graduated charge how much of the free tier is used."""
    count = allowance = None
    if term.kind in USAGE_KINDS:
        unit = Text(term.unit_ko, term.unit_en)
        ko, en = (formats.qty(line.quantity, lang) for lang in LANGUAGES)
        count = Text(f"{ko}{unit.ko}", f"{en} {unit.en}".rstrip())
        first = min(tiers, key=lambda t: t.tier_no, default=None)
        if first is not None and first.upper and not first.unit_price and not first.flat:
            allowance = Allowance(line.quantity, first.upper, unit)
    days = Period(line.period_from, line.period_to)
    return BillLine(Text(term.name_ko, term.name_en), Money(line.amount, line.currency), days, count, allowance)


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the reference rates of a few contracts of one service: their owners, facts, terms with tiers, and the events of their subjects."""

    contracts: list[RuleContract]
    facts: list[Fact]
    tariff: Tariff
    events: list[Event]


def inputs(contracts: Collection[Contract], period: Period, events_known: datetime | None = None) -> Inputs | None:
    """Gathered from the tables and the usage files; with ``events_known`` only events stored by then. None when no version has terms."""
    rows = list(contracts)
    service = next(s for s in catalogue.services() if s.id == rows[0].service_id)
    zone = ZoneInfo(service.zone)
    cards = {c.pk: c for c in rows}
    accounts = Account.objects.in_bulk({c.account_id for c in rows})
    subjects = subscribers.subject_keys({c.subscriber_id for c in rows})
    owned = [RuleContract(c.pk, c.account_id, subjects[c.subscriber_id], accounts[c.account_id].currency) for c in rows]
    facts = [
        Fact(
            f.pk, f.contract_id, f.kind, f.effective_at.astimezone(UTC).replace(tzinfo=None), f.effective_at.astimezone(zone).date(),
            f.recorded_at.astimezone(UTC).replace(tzinfo=None), f.version_id, f.charge_key or None, f.price,
        )
        for found in reads.facts_of(cards).values()
        for f in found
    ]  # fmt: skip
    terms = [reads.term_of(t) for t in ChargeTerm.objects.filter(version__offer__service_id=service.id)]
    if not terms:
        return None
    tiers = [t for found in reads.tiers_of([t.charge_id for t in terms]).values() for t in found]
    events = [
        Event(e.source, e.event_id, e.subject, e.meter, e.at, e.day, e.quantity, e.amount, e.currency)
        for e in metering.events_of(service.slug, set(subjects.values()), period, events_known)
    ]
    return Inputs(owned, facts, Tariff.of(terms, tiers), events)


def billed_until(service_id: int, period: Period) -> datetime | None:
    """Up to when what was recorded stands on a bill before ``period``: the cut-off of the run of the month before. While that run is still to
    come it is now, for it will bill all that is known; a service that was never billed has none."""
    posted = BillRun.objects.filter(service_id=service_id, kind="period", state="posted", period_from__lt=period.start)
    last = posted.order_by("-period_from").first()
    if last is None:
        return None
    return last.known_at if last.period_from == period.previous_month().start else clock.now()


def rate_now(
    contracts: list[Contract], period: Period, known_before: datetime | None = None, known_at: datetime | None = None
) -> reference.Rated | None:
    """Rate a few contracts of one service by the reference, from what was known at ``known_at``, else now. None when no version has terms."""
    given = inputs(contracts, period)
    if given is None:
        return None
    now = (
        known_at.astimezone(UTC).replace(tzinfo=None)
        if known_at
        else clock.now().astimezone(UTC).replace(tzinfo=None) + timedelta(microseconds=1)
    )
    before = known_before.astimezone(UTC).replace(tzinfo=None) if known_before else None
    return reference.rate(given.contracts, given.facts, given.tariff, given.events, period, now, before)
