"""What billing measures for boards: what was billed, on how many invoices, what is parked, what was used. Read from posted runs, set by set."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from django.db import connection

from numaru.domains.billing.permissions import INVOICE_VIEW, RUN_VIEW
from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.indicators.api import Indicator, Measured, indicators
from numaru.facilities.metering import api as metering
from numaru.values.money import Money
from numaru.values.period import Period
from numaru.values.text import Text


def _runs(period: Period) -> list[tuple[str, date, dict[str, int], int]]:
    """Posted runs by the local day on which their invoices were issued: (service, day, totals by currency, invoices)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT v.slug, (r.issued_at AT TIME ZONE v.zone)::date AS day, r.totals, r.invoices FROM billing_billrun r"
            " JOIN catalogue_service v ON v.id = r.service_id WHERE r.state = 'posted' AND r.kind = 'period'"
            " AND (r.issued_at AT TIME ZONE v.zone)::date >= %s AND (r.issued_at AT TIME ZONE v.zone)::date < %s",
            [period.start, period.end],
        )
        import json

        return [(slug, day, totals if isinstance(totals, dict) else json.loads(totals), n) for slug, day, totals, n in cursor.fetchall()]


def _begun() -> dict[str, tuple[date, str]]:
    """service → the local day of its first posted run, and its currency: from then on a day without invoices is a nought."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT v.slug, min((r.issued_at AT TIME ZONE v.zone)::date), min(v.currency) FROM billing_billrun r"
            " JOIN catalogue_service v ON v.id = r.service_id WHERE r.state = 'posted' AND r.kind = 'period' GROUP BY 1"
        )
        return {slug: (day, currency) for slug, day, currency in cursor.fetchall()}


def billed(period: Period) -> Iterator[Measured]:
    """What the invoices issued on the day come to, tax included where the price says so; runs taken back are not among them."""
    sums: dict[tuple[date, str, str], int] = {
        (day, slug, currency): 0 for slug, (first, currency) in _begun().items() for day in period if day >= first
    }
    for slug, day, totals, _ in _runs(period):
        for currency, minor in totals.items():
            sums[day, slug, currency] = sums.get((day, slug, currency), 0) + int(minor)
    for (day, slug, currency), minor in sums.items():
        yield Measured(day, slug, Money(minor, currency).decimal, currency=currency)


def invoices(period: Period) -> Iterator[Measured]:
    """Invoices issued on the day by runs."""
    sums: dict[tuple[date, str], int] = {(day, slug): 0 for slug, (first, _) in _begun().items() for day in period if day >= first}
    for slug, day, _, n in _runs(period):
        sums[day, slug] = sums.get((day, slug), 0) + n
    for (day, slug), n in sums.items():
        yield Measured(day, slug, Decimal(n))


def per_invoice(period: Period) -> Iterator[Measured]:
    """What was billed over the invoices of the day."""
    counts: dict[tuple[date, str], int] = {}
    for slug, day, totals, n in _runs(period):
        if len(totals) == 1:  # an average over two currencies would mean nothing
            counts[day, slug] = counts.get((day, slug), 0) + n
    for m in billed(period):
        if counted := counts.get((m.day, m.service)):
            yield Measured(m.day, m.service, m.number, Decimal(counted), m.currency)


def parked(period: Period) -> Iterator[Measured]:
    """Accounts that stood parked at the end of each day: set aside by then and not yet billed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT v.slug, d.day::date, count(*) FROM generate_series(%s::date, %s::date - 1, interval '1 day') AS d(day)"
            " JOIN billing_parkedaccount p ON true JOIN billing_billrun r ON r.id = p.run_id AND r.state = 'posted'"
            " JOIN catalogue_service v ON v.id = r.service_id"
            " WHERE (p.at AT TIME ZONE v.zone)::date <= d.day AND (p.resolved_at IS NULL OR (p.resolved_at AT TIME ZONE v.zone)::date > d.day)"
            " GROUP BY 1, 2",
            [period.start, period.end],
        )
        found = {(slug, day): n for slug, day, n in cursor.fetchall()}
    for slug, (first, _) in _begun().items():
        for day in period:
            if day >= first:
                yield Measured(day, slug, Decimal(found.get((slug, day), 0)))


def used(period: Period) -> Iterator[Measured]:
    """Usage records accepted for each day. What still waits to be stored is counted when it is."""
    for service in catalogue.services():
        for day, rows in metering.rows_by_day(service.slug, period).items():
            yield Measured(day, service.slug, Decimal(rows))


indicators.add("billing.1-billed", Indicator(
    "billing", Text("청구액", "Billed"), Text("그날 발행한 정기 청구서의 합계, 부가세 포함. 취소한 청구 실행은 빠집니다.",
    "Total of the invoices that runs issued on the day, tax included; runs taken back are left out."), "money", "flow", "up", INVOICE_VIEW, billed))  # fmt: skip
indicators.add("billing.2-invoices", Indicator(
    "billing", Text("발행한 청구서", "Invoices issued"), Text("그날 정기 청구로 발행한 청구서.", "Invoices that runs issued on the day."),
    "count", "flow", "none", INVOICE_VIEW, invoices, ("건", "invoice", "invoices")))  # fmt: skip
indicators.add("billing.3-average", Indicator(
    "billing", Text("청구서당 금액", "Amount per invoice"), Text("청구액을 청구서 수로 나눈 값.", "Billed divided by the invoices."),
    "money", "ratio", "up", INVOICE_VIEW, per_invoice))  # fmt: skip
indicators.add("billing.4-parked", Indicator(
    "billing", Text("보류 계정", "Parked accounts"), Text("하루가 끝날 때 보류 중이던 계정.", "Accounts that stood parked at the end of the day."),
    "count", "stock", "down", RUN_VIEW, parked, ("계정", "account", "accounts")))  # fmt: skip
indicators.add("billing.5-usage", Indicator(
    "billing", Text("이용 기록", "Usage records"), Text("그날 분으로 받아 저장한 이용 기록.", "Usage records of the day that were accepted and stored."),
    "count", "flow", "up", RUN_VIEW, used, ("건", "record", "records")))  # fmt: skip
