"""What was billed, month by month, for the first page: from the runs that are posted. Payments are not known here and not invented."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from numaru.domains.billing.models import BillRun
from numaru.domains.billing.permissions import INVOICE_VIEW, RUN_VIEW
from numaru.ui import formats, today
from numaru.ui.today import Panel, Reader
from numaru.values.money import Money, round_half_away
from numaru.values.text import Text

MONTHS = 12
HEIGHT, WIDTH, GAP = 44, 24, 6  # of a bar of the picture


@dataclass(frozen=True, slots=True)
class Month:
    """The runs of one month together: totals in minor units by currency, invoices, accounts still parked at posting."""

    start: date
    totals: dict[str, int]
    invoices: int
    parked: int

    def money(self, currency: str) -> Money | None:
        """The total in one currency; None where nothing was billed in it."""
        return Money(self.totals[currency], currency) if currency in self.totals else None


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of the picture, in its own units."""

    x: int
    y: int
    height: int
    last: bool
    label: Text

    @property
    def middle(self) -> int:
        return self.x + WIDTH // 2


def months(services: frozenset[str] | None, limit: int = MONTHS) -> list[Month]:
    """The last months with a posted run, the latest first. One question: a row a run."""
    rows = BillRun.objects.filter(kind="period", state="posted")
    if services is not None:
        rows = rows.filter(service__slug__in=services)
    found: dict[date, Month] = {}
    for start, totals, invoices, parked in rows.order_by("-period_from", "id").values_list("period_from", "totals", "invoices", "parked")[
        :500
    ]:
        before = found.get(start) or Month(start, {}, 0, 0)
        if start not in found and len(found) == limit:
            break
        both = {c: before.totals.get(c, 0) + int(totals.get(c, 0)) for c in before.totals.keys() | totals.keys()}
        found[start] = Month(start, both, before.invoices + invoices, before.parked + parked)
    return list(found.values())


def bars(found: list[Month], currency: str) -> list[Bar]:
    """The months of one currency, the oldest at the left, from zero."""
    most = max((m.totals.get(currency, 0) for m in found), default=0)
    out = []
    for n, month in enumerate(reversed(found)):
        height = max(1, round_half_away(max(0, month.totals.get(currency, 0)) * HEIGHT, most)) if most > 0 else 0
        out.append(
            Bar(
                n * (WIDTH + GAP),
                HEIGHT - height,
                height,
                n == len(found) - 1,
                Text(f"{month.start.month}월", formats.MONTHS[month.start.month - 1]),
            )
        )
    return out


def _context(reader: Reader) -> dict[str, Any] | None:
    found = months(reader.services(INVOICE_VIEW))
    if not found:
        return None
    now, before = found[0], found[1] if len(found) > 1 else None
    currencies = sorted(now.totals, key=lambda c: (c != "KRW", c))
    figures = []
    for currency in currencies:
        former = before.money(currency) if before else None
        change = formats.share(now.totals[currency] - former.minor, abs(former.minor), diff=True) if former and former.minor else ""
        figures.append((currency, now.money(currency), former, change))
    main = currencies[0] if currencies else ""
    return {
        "month": now,
        "before": before,
        "figures": figures,
        "main": main,
        "bars": bars(found, main),
        "width": MONTHS * (WIDTH + GAP) - GAP,
        "months": [(m, m.money(main)) for m in found],
        "sees_runs": reader.actor.may_somewhere(RUN_VIEW),
        "said": Text("달마다 청구한 금액, {f}부터 {l}까지", "Billed by month, {f} to {l}").fill(
            f=formats.word(_named(found[-1].start)), l=formats.word(_named(found[0].start))
        ),
    }


def _named(start: date) -> Text:
    return Text(formats.month(start, "ko"), formats.month(start, "en"))


today.panels.add("billing", Panel(20, INVOICE_VIEW, "billing/today/billed.html", _context))
