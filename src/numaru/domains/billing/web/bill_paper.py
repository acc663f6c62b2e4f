"""The invoice on paper: the same lines and explanations as on the page, as data for the house's document."""

from __future__ import annotations

from typing import Any

from django.utils import translation

from numaru.domains.billing.reads import InvoicePage
from numaru.domains.billing.web import explained
from numaru.facilities.catalogue import api as catalogue
from numaru.ui import formats, paper
from numaru.values.text import Text


def title(invoice: InvoicePage) -> Text:
    """2026년 10월 청구서."""
    return explained.both(lambda lang: f"{formats.month(invoice.period.start, lang)} {'청구서' if lang == 'ko' else 'invoice'}")


def render(invoice: InvoicePage, lang: str) -> bytes:
    """The PDF in ``lang``. The payer stands masked: the page is made without opening the vault. Same invoice, same bytes."""
    with translation.override(lang):
        return paper.render("document", data(invoice, lang))


def data(invoice: InvoicePage, lang: str) -> dict[str, Any]:
    """What the document needs, every figure written in ``lang``, which is in force."""
    issuer = catalogue.entity(invoice.service.entity_id)
    local = formats.local(invoice.issued_at, invoice.service.zone)
    lines = explained.explained(invoice)
    payer = invoice.payer.name or (invoice.subscriber.external_id if invoice.subscriber else invoice.account)
    sender = [issuer.name, issuer.registration, issuer.address, issuer.contact]
    holder = [invoice.subscriber.number] if invoice.subscriber else []
    return {
        "lang": lang,
        "date": local.date().isoformat(),
        "title": str(title(invoice)),
        "number": invoice.number,
        "subtitle": f"{invoice.service.name} · {formats.period(invoice.period, lang)}",
        "from": [str(x) for x in sender if str(x)],
        "to": [str(Text("{n} 님", "{n}").fill(n=payer)), *holder, invoice.account],
        "facts": [
            [str(Text("번호", "Number")), invoice.number],
            [str(Text("확정", "Issued")), formats.day(local.date(), lang)],
            [str(Text("납부 기한", "Due")), formats.day(invoice.due_on, lang)],
            [str(Text("청구 금액", "Amount due")), formats.money(invoice.total, lang)],
        ],
        "head": [str(Text("내용", "Charge")), str(Text("기간과 수량", "Period and quantity")), str(explained.amount_head(invoice))],
        "rows": [
            {"name": str(x.line.name), "note": str(x.line.offer), "detail": str(x.detail), "amount": formats.money(x.line.amount, lang)} for x in lines
        ],
        "totals": [
            *([str(name), formats.money(amount, lang)] for name, amount in explained.totals(invoice)),
            [str(Text("청구 금액", "Amount due")), formats.money(invoice.total, lang)],
        ],
        "why_title": str(Text("왜 이 금액인가요?", "Why this amount?")),
        "why": [
            {
                "title": str(x.line.name),
                "words": str(x.why.sentence),
                "formula": str(x.why.formula),
                "inputs": [
                    [str(Text("요금제", "Offer")), f"{x.line.offer} v{x.line.version}"],
                    *([str(p.label), str(p.value)] for p in x.why.parts),
                ],
            }
            for x in lines
        ],
        "remarks": [],
    }  # fmt: skip
