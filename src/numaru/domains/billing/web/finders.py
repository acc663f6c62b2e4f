"""What billing offers to whoever searches from anywhere: runs, invoices, accounts and contracts, and what one may begin here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from django.db.models import Q, QuerySet
from django.urls import reverse

from numaru.domains.billing import reads
from numaru.domains.billing.models import Account, BillRun, Contract, Invoice
from numaru.domains.billing.permissions import INVOICE_VIEW, RUN_START, RUN_VIEW
from numaru.domains.billing.states import RUN
from numaru.domains.billing.web import run_page
from numaru.domains.subscribers import api as subscribers
from numaru.domains.subscribers.permissions import SUBSCRIBER_VIEW
from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.parties import api as parties
from numaru.kernel.access import Actor
from numaru.kernel.errors import NotAllowed, NotFound
from numaru.ui import formats, peek, search
from numaru.ui.peek import Glance
from numaru.ui.search import Act, Asked, Finder, Hit
from numaru.values.money import Money
from numaru.values.period import Period
from numaru.values.text import Text

LATEST = 60  # runs among which words are looked for
MONTH = re.compile(r"20\d\d-?(0[1-9]|1[0-2])?")
HEAVY = ("manifest", "usage", "summary", "failure")
ACCOUNT, CONTRACT = Text("청구 계정", "Billing accounts"), Text("계약", "Contracts")


# ── runs ─────────────────────────────────────────────────────────────────
def _runs(actor: Actor) -> QuerySet[BillRun]:
    return reads.visible_runs(actor.services(RUN_VIEW)).defer(*HEAVY)


def run_hits(rows: Iterable[BillRun], exact: str = "") -> list[Hit]:
    return [
        Hit(
            run_page.title(row), reverse("billing:run", args=[row.number]), row.number, row.service.name if row.service else "", RUN[row.state],
            "calculator", row.number == exact,
        )
        for row in rows
    ]  # fmt: skip


def find_runs(actor: Actor, asked: Asked, limit: int) -> list[Hit]:
    """By the beginning of a number, by a month (2026-10), or by words of the title or the service among the latest 60 runs."""
    rows = _runs(actor).order_by("-period_from", "-id")
    if asked.is_number:
        return run_hits(rows.filter(number__startswith=asked.number)[:limit], asked.number)
    if MONTH.fullmatch(asked.text):
        return run_hits(rows.filter(number__startswith=f"R{asked.text}")[:limit])
    return run_hits([r for r in rows[:LATEST] if asked.finds(run_page.title(r), *([r.service.name] if r.service else []))][:limit])


def run_lines(actor: Actor, numbers: Sequence[str]) -> dict[str, Hit]:
    return {hit.number: hit for hit in run_hits(_runs(actor).filter(number__in=numbers))}


def run_glance(actor: Actor, number: str) -> Glance:
    """Service, month, invoices, total and what was parked. Raises as the page of the run does."""
    if not actor.may_somewhere(RUN_VIEW):
        raise NotAllowed.for_permission(RUN_VIEW)
    row = reads.run(number, actor.services(RUN_VIEW))
    sums = [Money(minor, currency) for currency, minor in sorted(row.totals.items())]
    facts = (
        (Text("서비스", "Service"), row.service.name if row.service else None),
        (Text("청구서", "Invoices"), row.invoices),
        (Text("합계, 세금 포함", "Total, tax included"), sums[0] if sums else None),
        (Text("보류", "Parked"), row.parked),
        (Text("확정", "Posted"), row.posted_at),
    )
    return Glance(run_page.title(row), row.number, reverse("billing:run", args=[row.number]), RUN[row.state], facts)


# ── invoices ─────────────────────────────────────────────────────────────
def _invoices(actor: Actor, numbers: Sequence[str]) -> list[Invoice]:
    """Those of ``numbers`` that the actor may see, by the number of their run and place in it. At most three queries."""
    found = [n for number in numbers if (n := reads.parse_number(number)) is not None]
    runs = dict(BillRun.objects.filter(series__in={series for series, _ in found}).values_list("series", "pk"))
    wanted = Q(pk__in=[])
    for series, ordinal in found:
        if series in runs:
            wanted |= Q(run_id=runs[series], ordinal=ordinal)
    return list(reads.visible_invoices(actor.services(INVOICE_VIEW)).filter(wanted)) if runs else []


def _title(row: Invoice) -> Text:
    return Text(f"{formats.month(row.period_from, 'ko')} 청구서", f"{formats.month(row.period_from, 'en')} invoice")


def _payers(rows: Sequence[Invoice]) -> dict[int, str]:
    """Masked names of who pays, by account."""
    accounts = dict(Account.objects.filter(pk__in={r.account_id for r in rows}).values_list("pk", "payer_id"))
    people = parties.masked(set(accounts.values()))
    return {account: people[payer].name for account, payer in accounts.items() if payer in people}


def invoice_hits(rows: Sequence[Invoice], exact: str = "") -> list[Hit]:
    names = _payers(rows) if rows else {}
    out = []
    for row in rows:
        number = reads.number_of(row.run.series, row.ordinal)
        note = " · ".join(part for part in (names.get(row.account_id, ""), formats.money(Money(row.total, row.currency))) if part)
        out.append(Hit(_title(row), reverse("billing:invoice", args=[number]), number, note, None, "file-invoice", number == exact))
    return out


def find_invoices(actor: Actor, asked: Asked, limit: int) -> list[Hit]:
    """By the whole number alone."""
    return invoice_hits(_invoices(actor, [asked.number])[:limit], asked.number)


def invoice_lines(actor: Actor, numbers: Sequence[str]) -> dict[str, Hit]:
    return {hit.number: hit for hit in invoice_hits(_invoices(actor, numbers))}


def invoice_glance(actor: Actor, number: str) -> Glance:
    """Payer masked, period, total, due day. Raises as the page of the invoice does."""
    if not actor.may_somewhere(INVOICE_VIEW):
        raise NotAllowed.for_permission(INVOICE_VIEW)
    rows = _invoices(actor, [number])
    if not rows:
        raise NotFound.named(Text("청구서", "invoice"), number)
    row = rows[0]
    facts = (
        (Text("내는 사람", "Payer"), _payers(rows).get(row.account_id) or None),
        (Text("이용 기간", "Period"), Period(row.period_from, row.period_to)),
        (Text("청구 금액, 세금 포함", "Total, tax included"), Money(row.total, row.currency)),
        (Text("납부 기한", "Due"), row.due_on),
    )
    return Glance(_title(row), number, reverse("billing:invoice", args=[number]), None, facts)


# ── accounts and contracts: they have no page of their own, so a hit leads to their subscriber ──
def _contracts(actor: Actor) -> QuerySet[Contract]:
    seen = actor.services(SUBSCRIBER_VIEW)
    rows = Contract.objects.select_related("account").order_by("-id")
    return rows if seen is None else rows.filter(service_id__in=[s.id for s in catalogue.services() if s.slug in seen])


def _own(number: str, letter: str) -> int | None:
    """The id behind A-0000012 or C-0000012."""
    rest = number.removeprefix(f"{letter}-")
    return int(rest) if rest != number and rest.isascii() and rest.isdigit() and len(rest) < 19 else None


def _led(rows: Sequence[Contract], number: str, icon: str) -> list[Hit]:
    cards = subscribers.cards({r.subscriber_id for r in rows})
    people = parties.masked({r.account.payer_id for r in rows})
    out = []
    for row in rows:
        card, payer = cards[row.subscriber_id], people.get(row.account.payer_id)
        shown = row.account.number if icon == "wallet" else row.number
        note = Text("가입자 {n}", "Subscriber {n}").fill(n=card.number)
        url = reverse("subscribers:subscriber", args=[card.number])
        out.append(Hit((payer and payer.name) or card.external_id, url, shown, note, None, icon, shown == number))
    return out


def find_accounts(actor: Actor, asked: Asked, limit: int) -> list[Hit]:
    pk = _own(asked.number, "A")
    if pk is None:
        return []
    return _led(list(_contracts(actor).filter(account_id=pk)[:1]), Account(pk=pk).number, "wallet")


def find_contracts(actor: Actor, asked: Asked, limit: int) -> list[Hit]:
    """By the number, or by the name that an import gave."""
    pk = _own(asked.number, "C")
    rows = _contracts(actor)
    if pk is not None:
        return _led(list(rows.filter(pk=pk)), Contract(pk=pk).number, "file-text")
    services = [s.id for s in catalogue.services()]  # so that the index on service and reference is used
    return _led(list(rows.filter(service_id__in=services, reference=asked.text)[:limit]), "", "file-text")


def _reference(asked: Asked) -> bool:
    return asked.number.startswith("C-") if asked.is_number else len(asked.text) > 2 and " " not in asked.text and not asked.is_hangul


search.finders.add(
    "billing.run",
    Finder(
        Text("청구 실행", "Bill runs"), "calculator", RUN_VIEW,
        lambda asked: asked.number.startswith("R2") if asked.is_number else asked.is_word or MONTH.fullmatch(asked.text) is not None,
        find_runs, None, 20, lambda asked: asked.number.startswith("R2") or MONTH.fullmatch(asked.text) is not None,
    ),
)  # fmt: skip
search.finders.add(
    "billing.invoice",
    Finder(
        Text("청구서", "Invoices"), "file-invoice", INVOICE_VIEW, lambda asked: reads.parse_number(asked.number) is not None, find_invoices,
        lambda asked: search.listed("billing:invoices", q=asked.number), 21, lambda asked: True,
    ),
)  # fmt: skip
search.finders.add(
    "billing.account", Finder(ACCOUNT, "wallet", SUBSCRIBER_VIEW, lambda asked: asked.number.startswith("A-"), find_accounts, None, 30)
)
search.finders.add("billing.contract", Finder(CONTRACT, "file-text", SUBSCRIBER_VIEW, _reference, find_contracts, None, 31))
peek.things.add(
    "billing.run", peek.Thing(Text("청구 실행", "Bill run"), "calculator", RUN_VIEW, "billing:run", lines=run_lines, glance=run_glance)
)
peek.things.add(
    "billing.invoice",
    peek.Thing(Text("청구서", "Invoice"), "file-invoice", INVOICE_VIEW, "billing:invoice", lines=invoice_lines, glance=invoice_glance),
)
search.acts.add(
    "billing.start-run",
    Act(
        Text("청구 실행 시작", "Start a bill run"),
        "player-play",
        "billing:new-run",
        RUN_START,
        "정기청구 월청구 bill billing month",
        order=10,
    ),
)
