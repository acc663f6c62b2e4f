"""Billing a parked account on its own, once its cause is mended: one document in the single-document series."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from numaru.domains.billing import recording, run_tables
from numaru.domains.billing.actions.runs import locked
from numaru.domains.billing.events import ParkedBilled
from numaru.domains.billing.models import BillRun, ChargeTerm, Contract, ContractFact, ParkedAccount
from numaru.domains.billing.permissions import PARKED_BILL
from numaru.domains.billing.policies import DUE_DAYS
from numaru.domains.billing.reads import number_of
from numaru.domains.billing.rules.documents import Document, document
from numaru.domains.billing.rules.lines import Line
from numaru.domains.billing.states import PARKED
from numaru.domains.billing.story import rate_now
from numaru.facilities.catalogue import api as catalogue
from numaru.kernel import bulk, numbering, policies
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Conflict, NotFound
from numaru.ui import formats
from numaru.values.money import Money
from numaru.values.period import Period
from numaru.values.text import LANGUAGES, Text


def _service_of(run: str = "", **_: object) -> str | None:
    return BillRun.objects.filter(number=run).values_list("service__slug", flat=True).first()


@action(PARKED_BILL, service=_service_of)
def bill_parked(act: Act, *, run: str, account: str) -> str:
    """Bill the account that ``run`` parked and return the invoice number, INV-YYYY-0000001; "" when its lines come to nothing.

    What the run knew is billed; where facts were recorded since (an agreed price, say) what is known now. A total below zero becomes an
    invoice that owes the customer money. Refuses an account that is not parked or was billed already, one whose cause still stands, and,
    where charges are in advance, one that is still parked from the month before. Locks the run; publishes ParkedBilled.
    """
    row = locked(run)
    parked = (
        ParkedAccount.objects.select_for_update(of=("self",)).filter(run=row, account_id=_id(account)).select_related("account").first()
    )
    if parked is None:
        raise NotFound.named(Text("보류 계정", "parked account"), account)
    if parked.state != "open" or row.state != "posted":
        raise Conflict.because(
            "parked.done",
            Text("이미 정리한 보류입니다.", "This account is settled already."),
            Text("청구서 {i}을(를) 보십시오.", "See the invoice {i}.").fill(i=parked.invoice or "–"),
            value=parked.invoice,
        )
    assert row.service_id is not None and row.known_at is not None
    settled = recording.settled(row.service_id)
    contracts = list(Contract.objects.filter(account_id=parked.account_id, service_id=row.service_id, created_at__lte=row.known_at))
    changed = ContractFact.objects.filter(contract__in=contracts, recorded_at__gt=row.known_at).exists()
    known_at = settled if changed or parked.reason == "missing_terms" else row.known_at
    lines = _lines(row, parked, contracts, known_at)
    if not lines:
        made = None
    else:
        made = document(lines, credit=True)
        if not isinstance(made, Document) and made.reason is not None:
            raise _still(str(made.reason))
    parked.known_at, parked.resolved_at = known_at, settled
    if not isinstance(made, Document):
        parked.state = "zero"
        number = ""
        act.effect(Text("{a}: 청구할 금액이 없어 보류만 풉니다.", "{a}: nothing to bill, it is only released.").fill(a=account))
    else:
        number = _issue(row, parked, made, settled)
        parked.state, parked.invoice = "billed", number
        total = Text(*(formats.money(Money(made.total, made.currency), lang) for lang in LANGUAGES))
        act.effect(Text("{a}: {t} 청구서 한 건", "{a}: one invoice of {t}").fill(a=account, t=total))
        act.event(ParkedBilled(row.pk, parked.account_id, number))
    parked.save(update_fields=["state", "invoice", "known_at", "resolved_at"])
    act.record("billing.parked", f"{run}/{account}", before={"reason": parked.reason}, after={"state": parked.state, "invoice": number})
    return number


def _id(account: str) -> int:
    digits = account.removeprefix("A-")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 19 else 0


def _still(reason: str) -> Exception:
    what, cure = PARKED[reason]
    return Conflict.because("parked.cause", what, cure, value=reason)


def _lines(row: BillRun, parked: ParkedAccount, contracts: list[Contract], known_at: datetime) -> list[Line]:
    """The account's lines as known at ``known_at``; refuses while the cause still stands."""
    period = Period(row.period_from, row.period_to)
    rated = rate_now(contracts, period, _known_before(row, parked), known_at)
    if rated is None:
        raise _still("missing_terms")
    if parked.account_id in rated.parked:
        raise _still(str(rated.parked[parked.account_id]))
    return [x for x in rated.lines if x.account_id == parked.account_id]


def _known_before(row: BillRun, parked: ParkedAccount) -> datetime | None:
    """Up to when the account was billed in advance for the period: by the run before, or on its own after that."""
    before = row.manifest.get("before")
    if not before or row.service_id is None:
        return None
    earlier = ParkedAccount.objects.filter(run__number=before["run"], account_id=parked.account_id).first()
    if earlier is None:
        return datetime.fromisoformat(before["known_at"])
    advance = ChargeTerm.objects.filter(version__offer__service_id=row.service_id, timing="advance").exists()
    if advance and earlier.state == "open":
        raise _still("parked_before")
    return earlier.known_at or datetime.fromisoformat(before["known_at"])


def _issue(row: BillRun, parked: ParkedAccount, made: Document, at: datetime) -> str:
    """Write the document into the year's own partition, with the next number of the series."""
    card = next(s for s in catalogue.services() if s.id == row.service_id)
    today = at.astimezone(ZoneInfo(card.zone)).date()
    series = f"INV-{today.year}"
    home, fresh = BillRun.objects.get_or_create(
        number=f"{series}/{card.slug}",
        defaults={
            "kind": "single", "series": series, "service_id": card.id, "period_from": today.replace(month=1, day=1),
            "period_to": today.replace(year=today.year + 1, month=1, day=1), "state": "posted", "actor": "system:parked", "created_at": at,
        },
    )  # fmt: skip
    if fresh:
        run_tables.create(home.pk)
        run_tables.drop_parked(home.pk)
        run_tables.add_keys(home.pk)
        run_tables.attach(home.pk)
    ordinal = numbering.take(series)
    due = today + timedelta(days=int(policies.value(DUE_DAYS.key, today, (f"service:{card.slug}",))))
    columns = run_tables.COLUMNS
    bulk.copy_rows("billing_invoice", columns["invoice"], [(
        home.pk, ordinal, parked.account_id, made.currency, row.period_from, row.period_to, at, due, made.total, made.supply, made.tax, len(made.lines),
    )])  # fmt: skip
    bulk.copy_rows("billing_line", columns["line"], [(
        home.pk, ordinal, n, x.contract_id, x.charge_id, x.version_id, x.segment, x.sign, x.period_from, x.period_to, x.quantity, x.price,
        x.num, x.den, x.amount, x.events, str(x.tax_mode),
    ) for n, x in enumerate(made.lines, 1)])  # fmt: skip
    bulk.copy_rows("billing_tax", columns["tax"], [(home.pk, ordinal, str(t.tax_mode), t.rate, t.supply, t.tax) for t in made.taxes])
    bulk.copy_rows("billing_transfer", columns["transfer"], [
        (home.pk, ordinal, t.seq, t.debit, t.credit, t.amount, parked.account_id, made.currency) for t in made.transfers
    ])  # fmt: skip
    return number_of(series, ordinal)
