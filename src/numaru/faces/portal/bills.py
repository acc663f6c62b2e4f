"""요금: the latest bill as the one amount of the page, why it differs, the bills before it, one bill with its lines, its paper."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from numaru.domains.billing import api as billing
from numaru.domains.billing.web import bill_paper, changes, explained
from numaru.faces.portal.frame import Subscription, chosen, page, subscriptions
from numaru.faces.portal.guard import signed_in
from numaru.kernel import clock
from numaru.ui import formats
from numaru.values.money import Money
from numaru.values.period import Period
from numaru.values.text import LANGUAGES, Text, language


def home(request: HttpRequest) -> HttpResponse:
    """The bill of the only subscription; a choice where there are several; a word where there is none."""
    own = subscriptions(signed_in(request).person)
    if len(own) == 1:
        return redirect("portal:bill", own[0].number)
    return page(request, "portal/chooser.html", {"own": own})


def bill(request: HttpRequest, number: str) -> HttpResponse:
    """The latest bill of a subscription and what made it larger or smaller; before the first bill, what the month comes to so far."""
    of, several = chosen(request, number)
    assert of is not None
    person = signed_in(request).person
    found = billing.own.bills(person, of.service.id)
    context: dict[str, object] = {"bills": found, "latest": found[0] if found else None}
    if found:
        one = billing.own.bill(person, of.service.id, found[0].number)
        compared = billing.own.comparison(person, of.service.id, one)
        context |= {
            "title": _month(one.period),
            "issued": formats.local(one.issued_at, of.service.zone).date(),
            "former": _month(compared.former.period) if compared else None,
            "address": reverse("portal:invoice", args=[of.number, one.number]),
            "pdf": _pdf(of, one.number),
            "compared": compared,
            "changes": changes.said(compared) if compared else [],
            "size": _size(compared.difference) if compared else None,
            "grew": bool(compared and compared.difference.minor > 0),
        }
    plans = billing.own.plans(of.card.id)
    context["plans"] = [p for p in plans if p.plan.state != "ended"]
    now = billing.own.standing(of.card.id, plans)
    context |= {"now": now, "this_month": _month(now.period) if now else None}
    return page(request, "portal/bill.html", context, of=of, several=several, place="bill")


def _month(period: Period) -> Text:
    """The month of a period; of the present year without the year."""
    year = clock.today().year
    return explained.both(lambda lang: formats.month(period.start, lang, year=year))


def _size(amount: Money) -> Money:
    return amount if amount.minor >= 0 else -amount


def _pdf(of: Subscription, invoice: str) -> str:
    return f"{reverse('portal:pdf', args=[of.number, invoice])}?lang={language()}"


def invoice(request: HttpRequest, number: str, invoice: str) -> HttpResponse:
    """One bill with its lines, each with its "왜 이 금액인가요?"."""
    of, several = chosen(request, number)
    assert of is not None
    one = billing.own.bill(signed_in(request).person, of.service.id, invoice)
    context = {
        "invoice": one, "title": bill_paper.title(one), "lines": explained.explained(one), "totals": explained.totals(one),
        "issued": formats.local(one.issued_at, of.service.zone).date(), "head": explained.amount_head(one), "pdf": _pdf(of, one.number),
    }  # fmt: skip
    return page(request, "portal/invoice.html", context, of=of, several=several, place="bill")


def pdf(request: HttpRequest, number: str, invoice: str) -> HttpResponse:
    """The bill on paper, in ``?lang=`` or the reader's language. The payer stands masked: the portal opens nothing (docs/decisions/portal-accounts.md)."""
    of, _ = chosen(request, number)
    assert of is not None
    one = billing.own.bill(signed_in(request).person, of.service.id, invoice)
    asked = request.GET.get("lang", "")
    lang = asked if asked in LANGUAGES else language()
    answer = HttpResponse(bill_paper.render(one, lang), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{one.number}-{lang}.pdf"'
    answer["Content-Language"] = lang
    answer["Cache-Control"] = "private, no-store"
    return answer
