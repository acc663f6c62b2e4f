"""How long contracts, bills and payments are kept, and who is still needed because a bill is not made or they pay for somebody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from numaru.domains.billing import reads
from numaru.domains.billing.models import Account, Contract, Invoice, Line
from numaru.facilities.catalogue import api as catalogue
from numaru.kernel import policies
from numaru.kernel.policies import policy
from numaru.kernel.retention.api import Act, Asking, Purpose, Ref, RetentionClass, Section, end_of, keep, leave, purposes
from numaru.values.money import Money
from numaru.values.text import Text

KEY = "billing.records"
LAST_BILL = policy(
    "retention.last_bill_days", Text("계약이 끝난 뒤 마지막 청구를 기다리는 기간 (일)", "Days that an ended contract waits for its last bill"), 45,
    "Operator's own rule: bills are made monthly in arrears.",
)  # fmt: skip


def _pays(person: str, cut: date) -> tuple[str, dict[str, Any]]:
    return (
        (
            f"EXISTS (SELECT 1 FROM billing_account a JOIN billing_contract c ON c.account_id = a.id JOIN subscribers_subscriber s ON s.id = c.subscriber_id"
            f" WHERE a.payer_id = {person} AND (s.served_to IS NULL OR s.served_to > %(pays_cut)s))"
        ),
        {"pays_cut": cut},
    )


def _unbilled(person: str, cut: date) -> tuple[str, dict[str, Any]]:
    """A contract that ended lately and whose last days no posted run of its service has reached."""
    return (
        (
            f"EXISTS (SELECT 1 FROM subscribers_subscriber s WHERE s.party_id = {person} AND s.served_to > %(bill_since)s AND s.served_to > COALESCE("
            "(SELECT max(r.period_to) FROM billing_billrun r WHERE r.service_id = s.service_id AND r.kind = 'period' AND r.state = 'posted'),"
            " '-infinity'::date) AND EXISTS (SELECT 1 FROM billing_contract c WHERE c.subscriber_id = s.id))"
        ),
        {"bill_since": cut - timedelta(days=int(policies.value(LAST_BILL.key, cut)))},
    )


purposes.add("billing.pays", Purpose(Text("다른 사람의 계약을 내고 있음", "pays for a contract that runs"), _pays))
purposes.add("billing.last_bill", Purpose(Text("마지막 청구가 아직 나가지 않음", "the last bill is not made yet"), _unbilled))

# The start of the five years is the end of the contract or the last bill of its account, whichever is later.
OVER = (
    "FROM billing_contract c JOIN billing_account a ON a.id = c.account_id JOIN subscribers_subscriber s ON s.id = c.subscriber_id"
    " WHERE s.served_to <= %(cut)s AND NOT (s.party_id = ANY(%(held)s)) AND NOT (a.payer_id = ANY(%(held)s))"
    " AND NOT EXISTS (SELECT 1 FROM billing_invoice i WHERE i.account_id = c.account_id AND i.issued_at >= %(after_cut)s)"
    " AND NOT EXISTS (SELECT 1 FROM retention_destroyed d WHERE d.klass = %(klass)s AND d.ref = c.id AND d.day >= s.served_to)"
)


def _values(cut: date, held: Sequence[int]) -> dict[str, Any]:
    return {"cut": cut, "after_cut": end_of(cut), "held": list(held), "klass": KEY}


def count(cut: date, held: Sequence[int]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {OVER}", _values(cut, held))
        return int(cursor.fetchone()[0])


def due(cut: date, held: Sequence[int], after: Ref | None, limit: int) -> list[Ref]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT c.id {OVER} AND c.id > %(after)s ORDER BY c.id LIMIT %(limit)s",
            _values(cut, held) | {"after": after or 0, "limit": limit},
        )
        return [pk for (pk,) in cursor.fetchall()]


def anonymise(refs: Sequence[Ref]) -> int:
    """Take the names by which the outside knew these contracts. Amounts, days and numbers stay: the ledger must add up for ever."""
    return Contract.objects.filter(pk__in=refs).update(reference="", digest="")


def _contracts(person: int) -> Any:
    return Contract.objects.filter(subscriber__party_id=person) | Contract.objects.filter(account__payer_id=person)


def refs_of(person: int) -> list[Ref]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.id FROM billing_contract c JOIN billing_account a ON a.id = c.account_id JOIN subscribers_subscriber s ON s.id = c.subscriber_id"
            " WHERE (s.party_id = %(person)s OR a.payer_id = %(person)s) AND NOT EXISTS (SELECT 1 FROM retention_destroyed d"
            " WHERE d.klass = %(klass)s AND d.ref = c.id AND d.day >= s.served_to) ORDER BY c.id",
            {"person": person, "klass": KEY},
        )
        return [pk for (pk,) in cursor.fetchall()]


def started(person: int) -> date | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(s.served_to), max((SELECT max(i.issued_at) FROM billing_invoice i WHERE i.account_id = c.account_id))"
            " FROM billing_contract c JOIN billing_account a ON a.id = c.account_id JOIN subscribers_subscriber s ON s.id = c.subscriber_id"
            " WHERE s.party_id = %(person)s OR a.payer_id = %(person)s",
            {"person": person},
        )
        ended, issued = cursor.fetchone()
    days = [day for day in (ended, issued and issued.astimezone(ZoneInfo(settings.TIME_ZONE)).date()) if day is not None]
    return max(days, default=None)


def export(person: int, asking: Asking) -> list[Section]:
    """Contracts with their facts, and every bill with its lines."""
    contracts = list(_contracts(person).distinct().order_by("id"))
    names = catalogue.offer_names({c.offer_id for c in contracts})
    facts = reads.facts_of([c.pk for c in contracts])
    heads = (
        Text("계약번호", "Contract"),
        Text("요금제", "Offer"),
        Text("외부 번호", "Reference"),
        Text("무엇이", "What"),
        Text("언제부터", "From"),
    )
    told = tuple(
        (c.number, names[c.offer_id].ko, c.reference, fact.kind, fact.effective_at.isoformat(timespec="minutes"))
        for c in contracts
        for fact in facts.get(c.pk, ())
    )
    accounts = set(Account.objects.filter(payer_id=person).values_list("pk", flat=True))
    bills, lines = [], []
    for bill in Invoice.objects.filter(account_id__in=accounts).select_related("run").order_by("issued_at", "ordinal"):
        number = reads.number_of(bill.run.series, bill.ordinal)
        period = f"{bill.period_from} ~ {bill.period_to}"
        bills.append(
            (number, period, bill.issued_at.isoformat(timespec="minutes"), bill.due_on.isoformat(), str(Money(bill.total, bill.currency)))
        )
        for x in Line.objects.filter(run_id=bill.run_id, ordinal=bill.ordinal).order_by("line"):
            quantity = "" if x.quantity is None else f"{x.quantity.normalize():f}"
            lines.append((number, str(x.line), f"{x.period_from} ~ {x.period_to}", quantity, str(Money(x.amount, bill.currency))))
    bill_heads = (
        Text("청구서", "Invoice"),
        Text("기간 [시작, 끝)", "Period [from, to)"),
        Text("확정", "Issued"),
        Text("납부 기한", "Due"),
        Text("금액", "Amount"),
    )
    line_heads = (
        Text("청구서", "Invoice"),
        Text("줄", "Line"),
        Text("기간 [시작, 끝)", "Period [from, to)"),
        Text("수량", "Quantity"),
        Text("금액", "Amount"),
    )
    return [
        Section(Text("계약", "Contracts"), heads, told),
        Section(Text("청구서", "Invoices"), bill_heads, tuple(bills)),
        Section(Text("청구 내용", "Lines of the invoices"), line_heads, tuple(lines)),
    ]


keep(
    RetentionClass(
        KEY, Text("계약·청구·공급 기록", "Contracts, bills and supply"), Text("계약이 끝난 날과 마지막 청구일 가운데 나중", "the end of the contract or the last bill, the later"),
        Text("전자상거래법 시행령 제6조: 계약·청약철회·대금결제·공급 기록 5년. 국세기본법 제85조의3: 장부 5년",
             "E-Commerce Act decree art. 6: contract, withdrawal, payment and supply 5 years; Framework Act on National Taxes art. 85-3: books 5 years"),
        policy("retention.billing_years", Text("계약·청구·공급 기록을 보관하는 기간 (년)", "Years for which contracts, bills and supply are kept"), 5,
               "E-Commerce Act decree art. 6: contract, withdrawal, payment and supply 5 years; tax books 5 years."),
        "years", Act.ANONYMISE,
        ("billing.Account", "billing.Contract", "billing.ContractFact", "billing.ParkedAccount", "billing.Invoice", "billing.Line", "billing.Transfer"),
        count, due, anonymise, refs_of=refs_of, started=started, export=export, by_law=True,
        apart=Text("이름 없이 번호와 금액으로만 남습니다. 청구서에도 이름이 나오지 않습니다.", "Kept as numbers and amounts; the papers bear no name."),
    )
)  # fmt: skip
leave("billing.BillRun", Text("청구를 실행한 직원만 적혀 있습니다.", "Names only the member of staff who ran it; a book of account."))
