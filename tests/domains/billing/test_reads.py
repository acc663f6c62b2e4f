"""Reads of billing: only what one may see, in a fixed number of questions, with figures that agree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from numaru.domains.billing import api as billing
from numaru.domains.billing import reads
from numaru.domains.billing.models import Invoice
from numaru.kernel.errors import NotFound
from numaru.values.money import Money
from tests.domains.billing.world import ADMIN, World, on, used

pytestmark = pytest.mark.django_db
HERE, ELSEWHERE = frozenset({"naru-video"}), frozenset({"naru-toon"})


def of(run: Any, naru: World, who: str) -> str:
    row = Invoice.objects.get(run=run, account_id=naru.contract(who).account_id)
    return reads.number_of(run.series, row.ordinal)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("R2026-10-000001", ("R2026-10", 1)), ("R2026-10.2-123456789", ("R2026-10.2", 123456789)), ("INV-2026-0000012", ("INV-2026", 12)),
        ("R2026-10", None), ("R2026-10-00001", None), ("-000001", None), ("R2026-10-0000000001", None), ("R2026-10-00000１", None), ("", None),
        ("R2026-10-000001'", None),
    ],
)  # fmt: skip
def test_an_invoice_number_is_a_series_and_a_place(text: str, found: tuple[str, int] | None) -> None:
    assert reads.parse_number(text) == found
    if found and found[0].startswith("R"):
        assert reads.number_of(*found) == text


def test_what_is_out_of_sight_is_unknown(naru: World) -> None:
    run = naru.bill("2026-08")
    number = of(run, naru, "haneul")
    assert reads.invoice(number, HERE).number == number and reads.run(run.number, HERE).pk == run.pk
    for ask in (lambda s: reads.invoice(number, s), lambda s: reads.run(run.number, s), lambda s: reads.run_card(run.number, s)):
        for services in (ELSEWHERE, frozenset()):
            with pytest.raises(NotFound):
                ask(services)
    assert not reads.visible_invoices(ELSEWHERE).exists() and not reads.run_cards(services=ELSEWHERE)
    for wrong in ("R2026-08-999999", "R2026-09-000001", "x", "R2026-08-000001 OR 1=1"):
        with pytest.raises(NotFound) as refused:
            reads.invoice(wrong, None)
        assert wrong in refused.value.findings[0].message.ko


def test_an_invoice_compares_with_the_one_before(naru: World) -> None:
    used(naru)
    august, september = naru.bill("2026-08"), naru.bill("2026-09")
    first, second = reads.invoice(of(august, naru, "haneul"), None), reads.invoice(of(september, naru, "haneul"), None)
    assert first.former is None and first.change is None
    assert second.former == Money(5_429, "KRW") and second.change == Money(4_471, "KRW")
    line = first.lines[0]
    assert (line.row.num, line.row.den, line.row.price, line.period.days) == (17, 31, 9900, 17)


def test_the_charges_of_a_month_stand_beside_those_of_the_month_before(naru: World) -> None:
    used(naru)
    august, september = naru.bill("2026-08"), naru.bill("2026-09")
    rows = {r.key: (r.now.minor, r.former.minor if r.former else None, r.lines, r.change) for r in reads.charges_of(september)}
    # monthly: August 5,429 + 4 × 15,000 = 65,429, September 9,900 + 15,000 + 15,000 = 39,900: −25,529 ÷ 65,429 = −39.0 %
    assert rows["monthly"] == (39_900, 65_429, 3, "−39.0%")
    assert rows["rentals"] == (1_500, 3_000, 1, "−50.0%")
    assert rows["saves"] == (0, 4_000, 0, "−100.0%")
    assert sum(r.now.minor for r in reads.charges_of(september)) == september.totals["KRW"]
    assert all(r.former is None and r.change is None for r in reads.charges_of(august))
    assert sum(n for n, _ in reads.parked(august).values()) == august.parked


def test_a_page_asks_the_same_number_of_questions_whatever_is_on_it(naru: World) -> None:
    used(naru)
    run = naru.bill("2026-08")
    counts = []
    for who in ("haneul", "noeul"):  # one line; four lines with tiers
        with CaptureQueriesContext(connection) as asked:
            assert reads.invoice(of(run, naru, who), None).lines
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 16


def test_balances_are_sums_of_transfers_and_forget_cancelled_runs(naru: World) -> None:
    run = naru.bill("2026-08")
    haneul, daon = naru.contract("haneul").account_id, naru.contract("daon").account_id
    assert reads.balance([haneul, daon]) == {haneul: 5_429}
    with on("2026-09-02"):
        billing.cancel_run.do(ADMIN, number=run.number, reason="시험")
    assert reads.balance([haneul, daon]) == {} and reads.balance([]) == {}


def test_cards_are_listed_latest_period_first(naru: World, django_assert_max_num_queries: Callable[..., Any]) -> None:
    naru.bill("2026-08")
    naru.bill("2026-09")
    with django_assert_max_num_queries(2):
        assert [c.number for c in reads.run_cards("naru-video")] == ["R2026-09", "R2026-08"]
    assert reads.run_cards("naru-toon") == []
    assert reads.find_run("naru-video", "2026-08") == "R2026-08" and reads.find_run("naru-video", "2026-10") is None
