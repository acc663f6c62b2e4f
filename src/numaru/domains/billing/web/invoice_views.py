"""Console pages of invoices: the list, one invoice with its explanations, and its PDF."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

from numaru.domains.billing import line_use, reads
from numaru.domains.billing.models import Account, BillRun, Contract, Invoice
from numaru.domains.billing.permissions import INVOICE_VIEW, RUN_VIEW
from numaru.domains.billing.rules.terms import ChargeKind
from numaru.domains.billing.web import bill_paper, explained, strip
from numaru.domains.subscribers import api as subscribers
from numaru.domains.subscribers.permissions import SUBSCRIBER_VIEW
from numaru.facilities.parties import api as parties
from numaru.kernel.access import Actor
from numaru.ui import detail, formats, lists
from numaru.ui.detail import Fact
from numaru.ui.lists import Choice, Column, Listing, Sort, Source, sources
from numaru.ui.pages import actor_of, page, seen_by, services_of
from numaru.ui.shell import Crumb
from numaru.ui.states import State
from numaru.values.money import Money, exponent
from numaru.values.period import Period
from numaru.values.text import LANGUAGES, Text, language

INVOICES = Text("청구서", "Invoices")
ISSUED = State(Text("확정", "Issued"), "good")
BALANCED, APART = State(Text("대차 일치", "Balanced"), "good"), State(Text("대차 불일치", "Out of balance"), "bad")
RECORDS = 200  # of use on one page
FIRST = Text("첫 청구서", "First bill")
FEW = 40  # lines whose explanations stand ready on the page; of a longer invoice one is fetched at a time
LATEST = 36  # runs offered as a filter


def _complete(rows: list[Any]) -> None:
    """Number, payer and subscriber of each invoice: five queries for a page."""
    runs = BillRun.objects.in_bulk({r.run_id for r in rows})
    accounts = Account.objects.in_bulk({r.account_id for r in rows})
    people = parties.masked({a.payer_id for a in accounts.values()})
    held: dict[tuple[int, int | None], int] = {}
    for account, service, subscriber in (
        Contract.objects.filter(account_id__in=accounts).order_by("-id").values_list("account_id", "service_id", "subscriber_id")
    ):
        held[account, service] = subscriber
    cards = subscribers.cards(set(held.values()))
    for row in rows:
        run = runs[row.run_id]
        row.number = reads.number_of(run.series, row.ordinal)
        row.payer = people.get(accounts[row.account_id].payer_id)
        row.holder = cards.get(held.get((row.account_id, run.service_id), 0))


def _found(rows: QuerySet[Invoice], text: str) -> QuerySet[Invoice]:
    """By invoice number, by run, or by subscriber."""
    number = reads.parse_number(text.upper())
    if number:
        return rows.filter(run_id__in=list(BillRun.objects.filter(series=number[0]).values_list("pk", flat=True)), ordinal=number[1])
    person = subscribers.parse_number(text)
    if person is not None:
        accounts = Contract.objects.filter(subscriber_id=person).values_list("account_id", "service_id")
        wanted = Q(pk__in=[])
        for account, service in accounts:
            wanted |= Q(account_id=account, run__service_id=service)
        return rows.filter(wanted)
    return rows.filter(run_id__in=list(BillRun.objects.filter(series=text.upper()).values_list("pk", flat=True)))


def _runs(request: HttpRequest) -> list[tuple[str, Text]]:
    """The latest posted runs that the reader may see, and the one that the address names."""
    rows = reads.visible_runs(services_of(request, INVOICE_VIEW)).filter(state="posted")
    wanted = request.GET.get("run", "")
    found = {r.number: r for r in rows.order_by("-period_from", "-id")[:LATEST]}
    if wanted and wanted not in found:
        found |= {r.number: r for r in rows.filter(number=wanted)}
    return [(n, Text(f"{n} {r.service.name_ko}", f"{n} {r.service.name_en}")) for n, r in found.items() if r.service]


def _of_run(rows: QuerySet[Invoice], number: str) -> QuerySet[Invoice]:
    return rows.filter(run_id__in=list(BillRun.objects.filter(number=number).values_list("pk", flat=True)))


LISTING = Listing(
    key="invoices",
    name=INVOICES,
    unit=("건", "invoice", "invoices"),
    columns=(
        Column(
            "payer", Text("내는 사람", "Payer"), lambda r: (r.payer and r.payer.name) or (r.holder and r.holder.external_id) or r.number, "text",
            url=lambda r: reverse("billing:invoice", args=[r.number]),
        ),
        Column("number", Text("번호", "Number"), lambda r: r.number, "id"),
        Column("subscriber", Text("가입번호", "Subscriber"), lambda r: r.holder.number if r.holder else None, "id"),
        Column("period", Text("이용 기간", "Period"), lambda r: Period(r.period_from, r.period_to), "period", short=False),
        Column("total", Text("청구 금액, 세금 포함", "Total, tax included"), lambda r: Money(r.total, r.currency), "money"),
        Column("issued", Text("확정", "Issued"), lambda r: r.issued_at, "when", short=False),
        Column("due", Text("납부 기한", "Due"), lambda r: r.due_on, "date", short=False),
    ),
    sorts=(
        Sort("new", Text("최근 순", "Newest first"), ("pk",), descending=True),
        Sort("number", Text("번호 순", "By number"), ("pk",)),
    ),
    filters=(Choice("run", Text("청구 실행", "Bill run"), _runs, _of_run, cheap=True),),
    search=_found,
    placeholder=Text("청구서 번호, 청구 실행, 가입번호", "Invoice, run or subscriber number"),
    prepare=_complete,
)  # fmt: skip
sources.add(LISTING.key, Source(LISTING, lambda actor: reads.visible_invoices(seen_by(actor, INVOICE_VIEW))))


def invoices(request: HttpRequest) -> HttpResponseBase:
    """All final invoices, or those of one run."""
    rows = reads.visible_invoices(services_of(request, INVOICE_VIEW))
    return lists.respond(request, LISTING, rows, "billing/invoices.html", room="billing", place="invoices", crumbs=[Crumb(INVOICES)])


def invoice(request: HttpRequest, number: str) -> HttpResponse:
    """One invoice. ``?why=3`` opens the explanation of line 3, so that it needs no script."""
    found = reads.invoice(number, services_of(request, INVOICE_VIEW))
    lines = explained.explained(found)
    opened = request.GET.get("why", "")
    address = reverse("billing:invoice", args=[found.number])
    actor = actor_of(request)
    rows, debit, credit = explained.entries(found)
    context = {
        "invoice": found, "title": bill_paper.title(found), "state": ISSUED, "opened": opened, "few": len(lines) <= FEW,
        "lines": [(x, str(x.line.number) == opened, str(x.line.number) == opened or len(lines) <= FEW) for x in lines],
        "head": explained.amount_head(found), "totals": explained.totals(found), "entries": rows, "debit": debit, "credit": credit,
        "tie": BALANCED if found.balanced and debit == credit else APART, "address": address, "facts": _facts(found, actor),
        "strip": strip.of_invoice(found, address, int(opened) if opened.isdecimal() and len(opened) < 6 else None), "moved": reads.moved(found),
        "pdf": f"{reverse('billing:invoice-pdf', args=[found.number])}?lang={language()}",
        "may_person": actor.may(SUBSCRIBER_VIEW, found.service.slug),
    }  # fmt: skip
    crumbs = [Crumb(INVOICES, reverse("billing:invoices")), Crumb(found.number)]
    return page(request, "billing/invoice.html", context, room="billing", place="invoices", crumbs=crumbs)


def _facts(found: reads.InvoicePage, actor: Actor) -> list[Fact]:
    may_person = actor.may(SUBSCRIBER_VIEW, found.service.slug)
    may_run = actor.may(RUN_VIEW, found.service.slug) and not found.number.startswith("INV-")  # documents made one by one have no run
    holder = found.subscriber
    who = found.payer.name or (holder.external_id if holder else found.account)
    before = reverse("billing:invoice", args=[found.before]) if found.before else ""
    return detail.facts(
        Fact(Text("번호", "Number"), found.number),
        Fact(Text("가입자", "Subscriber"), who, reverse("subscribers:subscriber", args=[holder.number]) if holder and may_person else ""),
        Fact(Text("이용 기간", "Period"), found.period),
        Fact(Text("확정", "Issued"), found.issued_at),
        Fact(Text("납부 기한", "Due"), found.due_on),
        Fact(Text("전월 대비", "Against last bill"), found.change if found.change is not None else FIRST, before, diff=True),
        Fact(Text("청구 실행", "Bill run"), found.run, reverse("billing:run", args=[found.run]) if may_run else ""),
    )


def _adds(amount: Decimal | None, currency: str) -> Money | str | None:
    """What a record adds: whole minor units as an amount, parts of one as a price; None where it carries none."""
    if amount is None:
        return None
    minor = amount.scaleb(exponent(currency))
    return Money(int(minor), currency) if minor == minor.to_integral_value() else formats.price(amount, currency)


def line(request: HttpRequest, number: str, line: int) -> HttpResponse:
    """The records of use of one line, each with what it adds; ``?first=`` begins at a later one."""
    found = reads.invoice(number, services_of(request, INVOICE_VIEW))
    use = line_use.use_of(found, line)
    address = reverse("billing:invoice", args=[found.number])
    asked = request.GET.get("first", "")
    first = int(asked) if asked.isdecimal() and 1 <= int(asked[:9]) <= len(use.shares) else 1
    some = use.shares[first - 1 : first - 1 + RECORDS]
    here = reverse("billing:invoice-line", args=[found.number, line])
    amounts = [s.amount for s in use.shares]
    exact = sum((a for a in amounts if a is not None), Decimal(0))
    context = {
        "invoice": found, "title": bill_paper.title(found), "use": use, "line": use.line, "amount": use.line.amount, "address": address,
        "x": next(x for x in explained.explained(found) if x.line.number == line), "whole": strip.of_invoice(found, address, line),
        "rows": [
            (n, s, line_use.instant(s), _adds(s.amount, found.total.currency))
            for n, s in enumerate(some, first)
        ],
        "strip": strip.of_use(some, found.total.currency, first), "counted": use.line.term.kind == ChargeKind.GRADUATED, "unit": use.line.term.unit,
        "exact": formats.price(exact, found.total.currency), "rounded": exact * 10**use.line.term.exponent != use.line.row.amount,
        "agrees": explained.MATCHES if use.agrees else explained.PARTS, "zone": found.service.zone,
        "earlier": f"{here}?first={max(1, first - RECORDS)}" if first > 1 else "",
        "later": f"{here}?first={first + RECORDS}" if first - 1 + RECORDS < len(use.shares) else "", "first": first, "last": first - 1 + len(some),
        "facts": detail.facts(
            Fact(Text("청구서", "Invoice"), found.number, address),
            Fact(Text("이용 기간", "Period"), use.line.period),
            Fact(Text("이용 기록", "Records of use"), Text("{n}건", "{n}").fill(n=f"{len(use.shares):,}")),
            Fact(Text("수량", "Quantity"), explained.quantity(use.line)),
            Fact(Text("요금제", "Offer"), use.line.offer, note=f"v{use.line.version}"),
        ),
    }  # fmt: skip
    crumbs = [Crumb(INVOICES, reverse("billing:invoices")), Crumb(found.number, address), Crumb(use.line.name)]
    return page(request, "billing/line.html", context, room="billing", place="invoices", crumbs=crumbs)


def pdf(request: HttpRequest, number: str) -> HttpResponse:
    """The invoice as PDF in ``?lang=`` (left out: the reader's); made when it is asked for, the same bytes each time."""
    found = reads.invoice(number, services_of(request, INVOICE_VIEW))
    asked = request.GET.get("lang", "")
    lang = asked if asked in LANGUAGES else language()
    answer = HttpResponse(bill_paper.render(found, lang), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{found.number}-{lang}.pdf"'
    answer["Content-Language"] = lang
    answer["Cache-Control"] = "private, no-store"
    return answer
