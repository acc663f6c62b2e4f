"""Invoices that may be sent to whoever pays them."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse

from numaru.domains.billing import reads
from numaru.domains.billing.models import Invoice
from numaru.domains.billing.permissions import INVOICE_VIEW
from numaru.domains.billing.web import bill_paper
from numaru.domains.subscribers import api as subscribers
from numaru.facilities.messaging import api as messaging
from numaru.kernel.access import Actor
from numaru.kernel.errors import NotFound
from numaru.ui import formats
from numaru.values.money import Money
from numaru.values.text import Text

KIND = "billing.invoice"
LATEST = 12


def offered(actor: Actor, party: int) -> Sequence[tuple[str, Text]]:
    """The latest final bills that the person pays, of the services that the actor may see."""
    seen = actor.services(INVOICE_VIEW)
    rows = Invoice.objects.filter(account__payer=party).select_related("run__service")
    if seen is not None:
        rows = rows.filter(run__service__slug__in=seen)
    out = []
    for row in rows.order_by("-period_from", "-issued_at")[:LATEST]:
        number = reads.number_of(row.run.series, row.ordinal)
        total = Money(row.total, row.currency)
        ko = f"{formats.month(row.period_from, 'ko')} 청구서 {number} · {formats.money(total, 'ko')}"
        en = f"{formats.month(row.period_from, 'en')} invoice {number} · {formats.money(total, 'en')}"
        out.append((number, Text(ko, en)))
    return out


def _page(party: int, number: str) -> reads.InvoicePage:
    try:
        return reads.invoice(number, None, Invoice.objects.filter(account__payer=party).select_related("run"))
    except NotFound:
        raise messaging.Missing(number) from None


def made(party: int, number: str, language: str) -> messaging.Attachment:
    """The invoice as a PDF: the same as the portal gives, the payer masked."""
    return messaging.Attachment(f"{number}-{language}.pdf", "application/pdf", bill_paper.render(_page(party, number), language))


def link(party: int, number: str) -> str:
    """Where the person finds it in the portal; empty where they have no subscription of its service."""
    page = _page(party, number)
    mine = [c for c in subscribers.own(party) if c.service_id == page.service.id]
    return reverse("portal:invoice", args=[mine[0].number, number]) if mine else ""


messaging.enclosures.add(KIND, messaging.Enclosure(Text("청구서", "Invoice"), INVOICE_VIEW, offered, made, link))
