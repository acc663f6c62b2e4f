"""Console pages of invoices: the list, one invoice with its explanations, and its PDF."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

from numaru.domains.billing import reads
from numaru.domains.billing.models import Account, BillRun, Contract, Invoice
from numaru.domains.billing.permissions import INVOICE_VIEW, RUN_VIEW
from numaru.domains.billing.web import bill_paper, explained
from numaru.domains.subscribers import api as subscribers
from numaru.domains.subscribers.permissions import SUBSCRIBER_VIEW
from numaru.facilities.parties import api as parties
from numaru.ui import lists
from numaru.ui.lists import Choice, Column, Listing, Sort
from numaru.ui.pages import actor_of, page, services_of
from numaru.ui.shell import Crumb
from numaru.ui.states import State
from numaru.values.money import Money
from numaru.values.period import Period
from numaru.values.text import LANGUAGES, Text, language

INVOICES = Text("청구서", "Invoices")
ISSUED = State(Text("확정", "Issued"), "good")
BALANCED, APART = State(Text("대차 일치", "Balanced"), "good"), State(Text("대차 불일치", "Out of balance"), "bad")
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
        Column("number", Text("번호", "Number"), lambda r: r.number, "text", url=lambda r: reverse("billing:invoice", args=[r.number])),
        Column("payer", Text("내는 사람", "Payer"), lambda r: (r.payer and r.payer.name) or (r.holder and r.holder.external_id) or None, "masked"),
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
    filters=(Choice("run", Text("청구 실행", "Bill run"), _runs, _of_run),),
    search=_found,
    placeholder=Text("청구서 번호, 청구 실행, 가입번호", "Invoice, run or subscriber number"),
    prepare=_complete,
)  # fmt: skip


def invoices(request: HttpRequest) -> HttpResponseBase:
    """All final invoices, or those of one run."""
    rows = reads.visible_invoices(services_of(request, INVOICE_VIEW))
    return lists.respond(request, LISTING, rows, "billing/invoices.html", room="billing", place="invoices", crumbs=[Crumb(INVOICES)])


def invoice(request: HttpRequest, number: str) -> HttpResponse:
    """One invoice. ``?why=3`` opens the explanation of line 3, so that it needs no script."""
    found = reads.invoice(number, services_of(request, INVOICE_VIEW))
    lines = explained.explained(found)
    opened = request.GET.get("why", "")
    actor = actor_of(request)
    rows, debit, credit = explained.entries(found)
    context = {
        "invoice": found, "title": bill_paper.title(found), "state": ISSUED, "opened": opened, "few": len(lines) <= FEW,
        "lines": [(x, str(x.line.number) == opened, str(x.line.number) == opened or len(lines) <= FEW) for x in lines],
        "head": explained.amount_head(found), "totals": explained.totals(found), "entries": rows, "debit": debit, "credit": credit,
        "tie": BALANCED if found.balanced and debit == credit else APART, "address": reverse("billing:invoice", args=[found.number]),
        "pdf": f"{reverse('billing:invoice-pdf', args=[found.number])}?lang={language()}",
        "may_person": actor.may(SUBSCRIBER_VIEW, found.service.slug), "may_run": actor.may(RUN_VIEW, found.service.slug) and not found.number.startswith("INV-"),  # documents made one by one have no run
    }  # fmt: skip
    crumbs = [Crumb(INVOICES, reverse("billing:invoices")), Crumb(found.number)]
    return page(request, "billing/invoice.html", context, room="billing", place="invoices", crumbs=crumbs)


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
