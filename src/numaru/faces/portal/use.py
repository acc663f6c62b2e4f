"""이용: plans and contracts with their dates, what they cost, what was used this month and what of it is included."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.http import HttpRequest, HttpResponse

from numaru.domains.billing import api as billing
from numaru.domains.billing.web import tariff
from numaru.domains.billing.web.explained import both
from numaru.domains.subscribers import api as subscribers
from numaru.faces.portal.frame import chosen, page
from numaru.kernel import clock
from numaru.ui import formats
from numaru.ui.states import State
from numaru.values.text import Text


@dataclass(frozen=True, slots=True)
class Row:
    """A contract as the page draws it: its state and what each charge costs."""

    own: billing.own.OwnPlan
    face: State
    costs: tuple[tuple[Text, Text], ...]


@dataclass(frozen=True, slots=True)
class Meter:
    """One thing that is counted, with the share of what is free (0 to 100; None where nothing is free)."""

    use: billing.own.Use
    filled: int | None

    @property
    def over(self) -> Decimal | None:
        return self.use.quantity - self.use.free if self.use.free is not None and self.use.quantity > self.use.free else None


def use(request: HttpRequest, number: str) -> HttpResponse:
    """What runs, what it costs, and what was used this month so far."""
    of, several = chosen(request, number)
    assert of is not None
    today = clock.today(of.service.zone)
    plans = billing.own.plans(of.card.id)
    rows = [
        Row(p, subscribers.face(p.plan, today), tuple((t.name, tariff.costs(t, p.tiers.get(t.charge_id, ()))) for t in p.terms))
        for p in plans
    ]
    now = billing.own.standing(of.card.id, plans)
    context = {
        "running": [r for r in rows if r.own.plan.state != "ended"], "former": [r for r in rows if r.own.plan.state == "ended"], "now": now,
        "meters": [Meter(u, _filled(u)) for u in now.uses] if now else [], "month": both(lambda lang: formats.month(today, lang, year=today.year)), "nth": today.day,
    }  # fmt: skip
    return page(request, "portal/use.html", context, of=of, several=several, place="use")


def _filled(use: billing.own.Use) -> int | None:
    return min(100, int(use.quantity * 100 / use.free)) if use.free else None
