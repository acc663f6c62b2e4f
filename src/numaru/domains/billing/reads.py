"""Reads of billing as values: runs, invoices, what a subscriber owes and why. Every read starts from what the actor may see."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, QuerySet, Sum

from numaru.domains.billing.models import BillRun, ChargeTerm, Contract, ContractFact, Invoice, Line, ParkedAccount, TaxRow, Tier, Transfer
from numaru.domains.billing.rules import terms as rule
from numaru.domains.billing.rules.chart import NAMES, Ledger, credit_for
from numaru.domains.billing.rules.lines import Line as RuleLine
from numaru.domains.subscribers import api as subscribers
from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.metering import api as metering
from numaru.facilities.parties import api as parties
from numaru.kernel.errors import NotFound
from numaru.kernel.models import Work
from numaru.ui.counts import bounded
from numaru.values.money import Money, exponent, round_half_away
from numaru.values.period import Period
from numaru.values.text import Text


def ever_billed() -> bool:
    """Whether any month of any service was billed to the end."""
    return BillRun.objects.filter(kind="period", state="posted").exists()


def visible_runs(services: frozenset[str] | None) -> QuerySet[BillRun]:
    """Period runs of the services that the actor may see (None: all)."""
    rows = BillRun.objects.filter(kind="period").select_related("service")
    return rows if services is None else rows.filter(service__slug__in=services)


def run(number: str, services: frozenset[str] | None) -> BillRun:
    """Raises NotFound for an unknown run and for one of a service out of sight, alike."""
    row = visible_runs(services).filter(number=number).first()
    if row is None:
        raise NotFound.named(Text("청구 실행", "bill run"), number)
    return row


def progress(numbers: Collection[str]) -> dict[str, Work]:
    return {w.key: w for w in Work.objects.filter(kind="billing.run", key__in=numbers)}


@dataclass(frozen=True, slots=True)
class ChargeRow:
    """One charge of a run beside the month before; ``former`` None when there is nothing to compare with."""

    key: str
    name: Text
    now: Money
    former: Money | None
    lines: int

    @property
    def change(self) -> str | None:
        """The change as a percentage with one place, signed; None without a base."""
        if self.former is None or not self.former.minor:
            return None
        tenths = round_half_away((self.now.minor - self.former.minor) * 1000, abs(self.former.minor))
        return f"{'+' if tenths >= 0 else '−'}{abs(tenths) // 10}.{abs(tenths) % 10}%"


def charges_of(row: BillRun) -> list[ChargeRow]:
    """What the run billed by charge, beside the run of the month before, in the order of the offers."""
    assert row.service_id is not None
    before = BillRun.objects.filter(
        service_id=row.service_id, period_from=Period(row.period_from, row.period_to).previous_month().start, kind="period", state="posted"
    ).first()

    def sums(of: BillRun | None) -> dict[tuple[str, str], tuple[int, int]]:
        found: dict[tuple[str, str], tuple[int, int]] = {}
        for entry in (of.summary if of else {}).get("charges", []):
            key = (entry["key"], entry["currency"])
            amount, count = found.get(key, (0, 0))
            found[key] = (amount + int(entry["amount"]), count + int(entry["lines"]))
        return found

    now, former = sums(row), sums(before)
    names: dict[str, tuple[int, Text]] = {}
    for term in ChargeTerm.objects.filter(version__offer__service_id=row.service_id).order_by("id"):
        names.setdefault(term.key, (term.ordinal, Text(term.name_ko, term.name_en)))
    out = []
    for key, currency in sorted(now.keys() | former.keys(), key=lambda k: (names.get(k[0], (99, Text(k[0], k[0])))[0], k)):
        amount, count = now.get((key, currency), (0, 0))
        earlier = former.get((key, currency))
        out.append(
            ChargeRow(
                key,
                names.get(key, (99, Text(key, key)))[1],
                Money(amount, currency),
                Money(earlier[0], currency) if earlier else None,
                count,
            )
        )
    return out


def runs_before(row: BillRun) -> list[BillRun]:
    """The posted runs of the service in the months right before, the latest first, without a gap; at most twelve. One query."""
    start = Period(row.period_from, row.period_to).previous_month()
    found = BillRun.objects.filter(service=row.service, kind="period", state="posted", period_from__lte=start.start)
    out = []
    for run in found.order_by("-period_from").only("period_from", "summary", "totals")[:12]:
        if run.period_from != start.start:
            break
        out.append(run)
        start = start.previous_month()
    return out


def late_usage(row: BillRun) -> int:
    """Events of a posted run's month that were stored after its cut-off: they are on no bill yet."""
    if row.state != "posted" or row.known_at is None or row.service is None:
        return 0
    return metering.late(row.service.slug, Period(row.period_from, row.period_to), row.known_at)


def parse_number(number: str) -> tuple[str, int] | None:
    """(series, ordinal) of an invoice number such as R2026-10-000001; None for anything else."""
    series, dash, digits = number.rpartition("-")
    if not dash or not series or not digits.isascii() or not digits.isdigit() or not 6 <= len(digits) <= 9:
        return None
    return (series, int(digits)) if number == number_of(series, int(digits)) else None


def number_of(series: str, ordinal: int) -> str:
    """The shown number: the series and at least six digits, seven for documents made one by one (INV-2026-0000123)."""
    return f"{series}-{ordinal:0{7 if series.startswith('INV-') else 6}d}"


def visible_invoices(services: frozenset[str] | None) -> QuerySet[Invoice]:
    """Final invoices of the services that the actor may see, with their run."""
    rows = Invoice.objects.select_related("run")
    if services is None:
        return rows
    runs = BillRun.objects.filter(service__slug__in=services, state="posted").values_list("pk", flat=True)
    return rows.filter(run_id__in=list(runs))  # ids: so that only the tables of these runs are looked into


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """A line ready to be shown and explained."""

    number: int
    name: Text
    offer: Text
    version: int
    valid_from: date
    row: RuleLine
    term: rule.Term
    tiers: tuple[rule.Tier, ...]

    @property
    def amount(self) -> Money:
        return Money(self.row.amount, self.row.currency)

    @property
    def period(self) -> Period:
        return Period(self.row.period_from, self.row.period_to)


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One transfer in words."""

    debit: Text
    credit: Text
    amount: Money


@dataclass(frozen=True, slots=True)
class InvoicePage:
    """Everything on one invoice. ``payer`` is masked."""

    number: str
    run: str
    service: catalogue.ServiceCard
    account: str
    payer: parties.MaskedPerson
    subscriber: subscribers.SubscriberCard | None
    period: Period
    issued_at: datetime
    due_on: date
    total: Money
    supply: Money
    tax: Money
    lines: tuple[InvoiceLine, ...]
    taxes: tuple[tuple[str, Any, Money, Money], ...]  # mode, rate, supply, tax
    ledger: tuple[LedgerRow, ...]
    former: Money | None
    before: str  # number of the bill before; empty when this is the first

    @property
    def change(self) -> Money | None:
        return self.total - self.former if self.former is not None else None

    @property
    def balanced(self) -> bool:
        """The receivable that the transfers leave equals the total."""
        receivable = NAMES[Ledger.RECEIVABLE]
        left = sum(r.amount.minor if r.debit == receivable else -r.amount.minor for r in self.ledger)
        return left == self.total.minor


def term_of(row: ChargeTerm) -> rule.Term:
    """A stored charge as the rules know it."""
    return rule.Term(
        row.version_id, row.pk, row.key, row.ordinal, row.kind, row.timing, row.proration, row.price, row.meter or None, row.tax_mode,
        row.tax_rate, row.currency, exponent(row.currency), Text(row.name_ko, row.name_en), Text(row.unit_ko, row.unit_en),
    )  # fmt: skip


def tiers_of(charge_ids: Collection[int]) -> dict[int, tuple[rule.Tier, ...]]:
    """Tiers by charge, in order."""
    found: dict[int, list[rule.Tier]] = {}
    for t in Tier.objects.filter(charge_id__in=charge_ids).order_by("charge_id", "number"):
        found.setdefault(t.charge_id, []).append(rule.Tier(t.charge_id, t.number, t.upper, t.unit_price, t.flat))
    return {k: tuple(v) for k, v in found.items()}


def _rule_line(row: Line, term: rule.Term, invoice: Invoice) -> RuleLine:
    return RuleLine(
        account_id=invoice.account_id, contract_id=row.contract_id, charge_id=row.charge_id, version_id=row.version_id, ordinal=term.ordinal,
        segment=row.segment, sign=row.sign, period_from=row.period_from, period_to=row.period_to, quantity=row.quantity or Decimal(0), price=row.price,
        num=row.num or 1, den=row.den or 1, amount=row.amount, events=row.events or 0, tax_mode=row.tax_mode, tax_rate=term.tax_rate,
        currency=invoice.currency, credit=credit_for(term.kind, term.timing),
    )  # fmt: skip


def invoice(number: str, services: frozenset[str] | None, among: QuerySet[Invoice] | None = None) -> InvoicePage:
    """The invoice with its lines, taxes and ledger. ``among`` narrows to what the reader may see in place of ``services``. Raises NotFound for
    an unknown one and for one out of sight, alike."""
    found = parse_number(number)
    row = (visible_invoices(services) if among is None else among).filter(run__series=found[0], ordinal=found[1]).first() if found else None
    if row is None:
        raise NotFound.named(Text("청구서", "invoice"), number)
    lines = list(Line.objects.filter(run_id=row.run_id, ordinal=row.ordinal).order_by("line"))
    charges = {c.pk: term_of(c) for c in ChargeTerm.objects.filter(pk__in={x.charge_id for x in lines})}
    tiers = tiers_of(charges)
    offers = catalogue.offers({x.version_id for x in lines})
    contracts = {c.pk: c for c in Contract.objects.filter(pk__in={x.contract_id for x in lines})}
    account = row.account
    people = parties.masked({account.payer_id})
    holders = subscribers.cards({c.subscriber_id for c in contracts.values()})
    service_id = next(iter(contracts.values())).service_id if contracts else row.run.service_id
    cards = {s.id: s for s in catalogue.services()}
    former = (
        Invoice.objects.filter(account_id=row.account_id, period_from__lt=row.period_from, run__service=row.run.service)
        .select_related("run")
        .order_by("-period_from", "-issued_at")
        .first()
    )

    def money(minor: int) -> Money:
        return Money(minor, row.currency)

    return InvoicePage(
        number=number_of(found[0], row.ordinal) if found else number,
        run=row.run.number,
        service=cards[service_id],  # type: ignore[index]
        account=account.number,
        payer=people.get(account.payer_id) or parties.MaskedPerson(account.payer_id, "", "", ""),
        subscriber=min(holders.values(), key=lambda s: s.id, default=None),
        period=Period(row.period_from, row.period_to),
        issued_at=row.issued_at,
        due_on=row.due_on,
        total=money(row.total),
        supply=money(row.supply),
        tax=money(row.tax),
        lines=tuple(
            InvoiceLine(
                x.line,
                charges[x.charge_id].name,
                offers[x.version_id].name,
                offers[x.version_id].version,
                offers[x.version_id].valid_from,
                _rule_line(x, charges[x.charge_id], row),
                charges[x.charge_id],
                tiers.get(x.charge_id, ()),
            )
            for x in lines
        ),
        taxes=tuple(
            (t.tax_mode, t.rate, money(t.supply), money(t.tax))
            for t in TaxRow.objects.filter(run_id=row.run_id, ordinal=row.ordinal).order_by("tax_mode", "rate")
        ),
        ledger=tuple(
            LedgerRow(NAMES[Ledger(t.debit)], NAMES[Ledger(t.credit)], money(t.amount))
            for t in Transfer.objects.filter(run_id=row.run_id, ordinal=row.ordinal).order_by("seq")
        ),
        former=money(former.total) if former and former.currency == row.currency else None,
        before=number_of(former.run.series, former.ordinal) if former and former.currency == row.currency else "",
    )


def moved(invoice: InvoicePage) -> list[tuple[Text, Money]]:
    """What makes the difference to the bill before, charge by charge, the largest first; what stayed the same is left out, and so is the tax
    that is added. Two queries; empty for a first bill."""
    found = parse_number(invoice.before)
    if found is None:
        return []
    sums: dict[str, int] = {}
    names: dict[str, Text] = {}
    for line in invoice.lines:
        sums[line.term.charge_key] = sums.get(line.term.charge_key, 0) + line.row.amount
        names[line.term.charge_key] = line.name
    rows = list(Line.objects.filter(run__series=found[0], ordinal=found[1]).values_list("charge_id", "amount"))
    charges = {c.pk: c for c in ChargeTerm.objects.filter(pk__in={charge for charge, _ in rows})}
    for charge, amount in rows:
        term = charges[charge]
        sums[term.key] = sums.get(term.key, 0) - amount
        names.setdefault(term.key, Text(term.name_ko, term.name_en))
    out = [(names[key], Money(minor, invoice.total.currency)) for key, minor in sums.items() if minor]
    return sorted(out, key=lambda row: (-abs(row[1].minor), row[0].ko))


def parked(row: BillRun) -> dict[str, tuple[int, str]]:
    """Open parked accounts of a run by reason: how many, and the currency."""
    rows = ParkedAccount.objects.filter(run=row, state="open").values_list("reason").annotate(n=Count("id"), c=Min("currency"))
    return {reason: (count, currency) for reason, count, currency in rows.order_by("reason")}


def balance(account_ids: Collection[int]) -> dict[int, int]:
    """What each account owes in minor units: the sum of its transfers on the receivable account."""
    owed: dict[int, int] = {}
    for field, sign in (("debit", 1), ("credit", -1)):
        rows = Transfer.objects.filter(account_id__in=account_ids, **{field: int(Ledger.RECEIVABLE)})
        for account, amount in rows.values_list("account_id").annotate(s=Sum("amount")).order_by():
            owed[account] = owed.get(account, 0) + sign * int(amount)
    return owed


def contracts_named(service: str, references: Collection[str]) -> dict[str, int]:
    """Contract ids of a service by the name that an import or a program gave them; unknown ones are left out. One query."""
    rows = Contract.objects.filter(service__slug=service, reference__in=references)
    return dict(rows.values_list("reference", "id"))


def in_force(service_id: int) -> tuple[Text, int]:
    """The contracts of a service of which no end is known, counted to a thousand: what holds it in use."""
    ends = ContractFact.objects.filter(contract=OuterRef("pk"), kind="ended")
    return Text("끝나지 않은 계약", "contracts that have not ended"), bounded(
        Contract.objects.filter(service_id=service_id).exclude(Exists(ends))
    ).n


catalogue.holders.add("billing.contracts", in_force)


def facts_of(contract_ids: Collection[int]) -> dict[int, Sequence[ContractFact]]:
    """All facts by contract, in the order in which they fold."""
    found: dict[int, list[ContractFact]] = {}
    for fact in ContractFact.objects.filter(contract_id__in=contract_ids).order_by("effective_at", "recorded_at", "id"):
        found.setdefault(fact.contract_id, []).append(fact)
    return found  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class RunCard:
    """A run as the terminal and the API see it."""

    number: str
    service: str
    period: str
    state: str
    state_text: Text
    stage_text: Text
    done: int
    total: int
    accounts: int
    invoices: int
    totals: dict[str, int]
    parked: int
    zero: int
    idle: int
    seconds: str
    failure: Text | None
    usage: dict[str, Any]
    manifest: str

    def as_dict(self) -> dict[str, object]:
        """The JSON of ``bill run`` and of the API: totals in major units by currency."""
        return {
            "run_id": self.number,
            "service": self.service,
            "period": self.period,
            "state": self.state,
            "accounts": self.accounts,
            "invoices": self.invoices,
            "totals": {c: Money(minor, c).amount for c, minor in sorted(self.totals.items())},
            "parked": self.parked,
            "zero_accounts": self.zero,
            "idle_accounts": self.idle,
            "usage": self.usage,
            "manifest": self.manifest,
            "seconds": float(self.seconds),
            "failure": {"ko": self.failure.ko, "en": self.failure.en} if self.failure else None,
        }


def _run_card(row: BillRun, work: Work | None) -> RunCard:
    from numaru.domains.billing.states import RUN, STAGES

    return RunCard(
        row.number, row.service.slug if row.service else "", f"{row.period_from:%Y-%m}", row.state, RUN[row.state].word,
        STAGES.get(work.stage if work else "", Text("준비", "Preparing")), work.done if work else 0, work.total if work else 0,
        row.accounts, row.invoices, row.totals, row.parked, row.zero, row.idle, f"{row.seconds}",
        Text(row.failure["ko"], row.failure["en"]) if row.failure else None, row.usage, row.manifest_hash,
    )  # fmt: skip


def run_card(number: str, services: frozenset[str] | None = None) -> RunCard:
    """Raises NotFound."""
    row = run(number, services)
    return _run_card(row, progress([number]).get(number))


def run_cards(service: str | None = None, services: frozenset[str] | None = None) -> list[RunCard]:
    """Runs, the latest period first; at most 200."""
    rows = visible_runs(services)
    if service:
        rows = rows.filter(service__slug=service)
    found = list(rows.order_by("-period_from", "-id")[:200])
    work = progress([r.number for r in found])
    return [_run_card(r, work.get(r.number)) for r in found]


def find_run(service: str, period: str) -> str | None:
    """The number of the live run of a service and month, or None."""
    from numaru.domains.billing.actions.runs import live_run, month

    found = live_run(catalogue.service(service).id, month(period))
    return found.number if found else None


@dataclass(frozen=True, slots=True)
class ParkedRow:
    """A parked account of a run: why, what mends it, and the invoice it got on its own."""

    account: str
    account_id: int
    reason: str
    what: Text
    cure: Text
    state: str
    invoice: str

    def as_dict(self) -> dict[str, object]:
        return {
            "account": self.account, "reason": self.reason, "state": self.state, "invoice": self.invoice or None,
            "message_ko": self.what.ko, "message_en": self.what.en, "remedy_ko": self.cure.ko, "remedy_en": self.cure.en,
        }  # fmt: skip


def parked_rows(number: str, services: frozenset[str] | None = None, limit: int = 1000) -> list[ParkedRow]:
    """The parked accounts of a run, the open ones first, at most ``limit``. Raises NotFound."""
    from numaru.domains.billing.states import PARKED

    rows = ParkedAccount.objects.filter(run=run(number, services)).order_by("resolved_at", "account_id")
    unknown = (Text("알 수 없는 사유", "Unknown reason"), Text("개발팀에 알리십시오.", "Tell the developers."))
    open_first = sorted(rows[:limit], key=lambda r: r.state != "open")
    return [
        ParkedRow(f"A-{r.account_id:07d}", r.account_id, r.reason, *PARKED.get(r.reason, unknown), r.state, r.invoice) for r in open_first
    ]
