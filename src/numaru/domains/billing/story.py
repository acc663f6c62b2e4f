"""Billing's answers to the questions of the subscribers room: plans for lists, the story and the bill so far of one subscriber."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.urls import reverse

from numaru.domains.billing import reads
from numaru.domains.billing.actions.facts import fold
from numaru.domains.billing.models import Account, BillRun, ChargeTerm, Contract, ContractFact, Invoice
from numaru.domains.billing.rules import reference
from numaru.domains.billing.rules.contract_facts import Fact
from numaru.domains.billing.rules.lines import Contract as RuleContract
from numaru.domains.billing.rules.lines import Event
from numaru.domains.billing.rules.terms import Tariff
from numaru.domains.subscribers import api as subscribers
from numaru.domains.subscribers.api import BillLine, BillSoFar, Happening, PlanSummary
from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.metering import api as metering
from numaru.kernel import clock
from numaru.values.money import Money
from numaru.values.period import Period
from numaru.values.text import Text

SAID: dict[str, tuple[str, Text]] = {
    "started": ("player-play", Text("이용을 시작했습니다", "The contract started")),
    "changed_to": ("arrows-exchange", Text("요금제를 바꿨습니다", "The plan changed")),
    "price_agreed": ("tag", Text("개별 가격을 정했습니다", "A price of its own was agreed")),
    "paused": ("player-pause", Text("이용을 멈췄습니다", "The contract was paused")),
    "resumed": ("player-play", Text("이용을 다시 시작했습니다", "The contract was resumed")),
    "suspended": ("alert-triangle", Text("이용을 정지했습니다", "The contract was suspended")),
    "ended": ("x", Text("해지했습니다", "The contract ended")),
}


def _state(facts: Collection[ContractFact], at: datetime) -> tuple[str, int | None]:
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
        states = {c.pk: _state(facts.get(c.pk, ()), clock.now()) for c in contracts.values()}
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
            out[subscriber] = self._summary(
                c, facts.get(c.pk, ()), state, zones[c.service_id], bill, versions[version].name if version else names[c.offer_id]
            )
        return out

    @staticmethod
    def _summary(
        c: Contract, facts: Collection[ContractFact], state: str, zone: ZoneInfo, bill: Invoice | None, offer: Text
    ) -> PlanSummary:
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

    def happenings(self, subscriber_id: int, limit: int) -> list[Happening]:
        """Contract facts and invoices, newest first."""
        contracts = list(Contract.objects.filter(subscriber_id=subscriber_id))
        out: list[Happening] = []
        facts = reads.facts_of([c.pk for c in contracts])
        versions = {f.version_id for fs in facts.values() for f in fs if f.version_id}
        cards = catalogue.offers(versions)
        for c in contracts:
            for fact in facts.get(c.pk, ()):
                icon, said = SAID[fact.kind]
                why = cards[fact.version_id].name if fact.version_id else None
                amount = None
                if fact.price is not None:
                    why = Text(fact.charge_key, fact.charge_key)
                out.append(
                    Happening(fact.effective_at, "contract", icon, said, why, amount, tone="bad" if fact.kind == "suspended" else "")
                )
        account_ids = {c.account_id for c in contracts}
        services = {c.service_id for c in contracts}
        for bill in (
            Invoice.objects.filter(account_id__in=account_ids, run__service_id__in=services)
            .select_related("run")
            .order_by("-issued_at")[:limit]
        ):
            number = reads.number_of(bill.run.series, bill.ordinal)
            label = f"{bill.period_from:%Y-%m}"
            out.append(
                Happening(
                    bill.issued_at, "bill", "file-invoice", Text("{m} 청구서 확정", "Invoice for {m} issued").fill(m=label), Text(number, number),
                    Money(bill.total, bill.currency), reverse("billing:invoice", args=[number]),
                )
            )  # fmt: skip
        return sorted(out, key=lambda h: h.at, reverse=True)[:limit]

    def contracts(self, subscriber_id: int) -> list[PlanSummary]:
        """Every contract of the subscriber, latest first."""
        rows = list(Contract.objects.filter(subscriber_id=subscriber_id).order_by("-id"))
        facts = reads.facts_of([c.pk for c in rows])
        zones = {s.id: ZoneInfo(s.zone) for s in catalogue.services()}
        states = {c.pk: _state(facts.get(c.pk, ()), clock.now()) for c in rows}
        versions = catalogue.offers({v for _, v in states.values() if v is not None})
        names = catalogue.offer_names({c.offer_id for c in rows})
        out = []
        for c in rows:
            state, version = states[c.pk]
            offer = versions[version].name if version else names[c.offer_id]
            out.append(Plans._summary(c, facts.get(c.pk, ()), state, zones[c.service_id], None, offer))
        return out

    def bill_so_far(self, subscriber_id: int) -> BillSoFar | None:
        """The running month by the reference rules, from the facts and the usage known now. None without a contract."""
        rows = list(Contract.objects.filter(subscriber_id=subscriber_id))
        if not rows:
            return None
        service = next(s for s in catalogue.services() if s.id == rows[0].service_id)
        period = Period.month(f"{clock.today(service.zone):%Y-%m}")
        before = BillRun.objects.filter(
            service_id=service.id, period_from=period.previous_month().start, kind="period", state="posted"
        ).first()
        rated = rate_now(rows, period, before.known_at if before else None)
        if rated is None:
            return None
        made = reference.documents(rated)
        currency = service.currency
        document = next(iter(made.issued), None)
        names = {t.pk: Text(t.name_ko, t.name_en) for t in ChargeTerm.objects.filter(pk__in={x.charge_id for x in rated.lines})}
        lines = tuple(BillLine(names[x.charge_id], Money(x.amount, x.currency), Period(x.period_from, x.period_to)) for x in rated.lines)
        return BillSoFar(period.label, lines, Money(document.total if document else 0, currency))


def rate_now(
    contracts: list[Contract], period: Period, known_before: datetime | None = None, known_at: datetime | None = None
) -> reference.Rated | None:
    """Rate a few contracts of one service by the reference, from what was known at ``known_at``, else now. None when no version has terms."""
    service = next(s for s in catalogue.services() if s.id == contracts[0].service_id)
    zone = ZoneInfo(service.zone)
    cards = {c.pk: c for c in contracts}
    accounts = Account.objects.in_bulk({c.account_id for c in contracts})
    subjects = subscribers.subject_keys({c.subscriber_id for c in contracts})
    owned = [RuleContract(c.pk, c.account_id, subjects[c.subscriber_id], accounts[c.account_id].currency) for c in contracts]
    facts = [
        Fact(
            f.pk, f.contract_id, f.kind, f.effective_at.astimezone(UTC).replace(tzinfo=None), f.effective_at.astimezone(zone).date(),
            f.recorded_at.astimezone(UTC).replace(tzinfo=None), f.version_id, f.charge_key or None, f.price,
        )
        for rows in reads.facts_of(cards).values()
        for f in rows
    ]  # fmt: skip
    terms = [reads.term_of(t) for t in ChargeTerm.objects.filter(version__offer__service_id=service.id)]
    if not terms:
        return None
    tiers = [t for rows in reads.tiers_of([t.charge_id for t in terms]).values() for t in rows]
    events = [
        Event(e.source, e.event_id, e.subject, e.meter, e.at, e.day, e.quantity, e.amount, e.currency)
        for e in metering.events_of(service.slug, set(subjects.values()), period)
    ]
    now = (
        known_at.astimezone(UTC).replace(tzinfo=None)
        if known_at
        else clock.now().astimezone(UTC).replace(tzinfo=None) + timedelta(microseconds=1)
    )
    before = known_before.astimezone(UTC).replace(tzinfo=None) if known_before else None
    return reference.rate(owned, facts, Tariff.of(terms, tiers), events, period, now, before)
