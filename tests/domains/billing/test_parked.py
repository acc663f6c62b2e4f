"""A parked account is billed on its own once its cause is mended: once, with what was known, and the months after it agree."""

from __future__ import annotations

from decimal import Decimal

import pytest

from numaru.domains.billing import api as billing
from numaru.domains.billing import reads
from numaru.domains.billing.models import Invoice, ParkedAccount, Transfer
from numaru.kernel.errors import Conflict, NotAllowed, NotFound
from numaru.kernel.models import AuditRecord, OutboxEvent
from tests.domains.billing.world import CLERK, HOUSE, World, on, used

pytestmark = [pytest.mark.django_db, pytest.mark.pg15]


def account(world: World, who: str) -> str:
    return f"A-{world.contract(who).account_id:07d}"


def test_an_agreed_price_mends_the_cause_and_the_account_gets_one_invoice(naru: World) -> None:
    world = naru
    used(world)
    august = world.bill("2026-08")
    onyu = account(world, "onyu")
    with on("2026-09-02"), pytest.raises(Conflict) as told:
        billing.bill_parked.do(CLERK, run=august.number, account=onyu)
    assert told.value.findings[0].value == "missing_price"
    with on("2026-09-03"):
        world.fact("onyu", "price_agreed", "2026-08-01", charge_key="fee", price=Decimal(3100))
        before = (Invoice.objects.count(), AuditRecord.objects.count(), OutboxEvent.objects.count())
        plan = billing.bill_parked.plan(CLERK, run=august.number, account=onyu)
        assert (Invoice.objects.count(), AuditRecord.objects.count(), OutboxEvent.objects.count()) == before
        number = billing.bill_parked.do(CLERK, run=august.number, account=onyu)
    assert plan.result == number == "INV-2026-0000001"
    page = reads.invoice(number, None)
    assert (page.total.minor, page.tax.minor, page.period.label) == (3100, 282, "2026-08")  # 3,100 ÷ 11 = 281.8 → 282
    assert page.balanced
    with on("2026-09-03"), pytest.raises(Conflict):
        billing.bill_parked.do(CLERK, run=august.number, account=onyu)
    september = world.bill("2026-09")  # onyu's plan is in arrears: nothing was assumed, so the run takes it again
    assert Invoice.objects.filter(run=september, account_id=world.contract("onyu").account_id).get().total == 3100


def test_a_negative_total_becomes_a_credit_and_the_next_month_rests_on_it(naru: World) -> None:
    world = naru
    used(world)
    world.bill("2026-08")
    with on("2026-09-05"):
        world.fact("saebom", "ended", "2026-08-25")
    september = world.bill("2026-09")
    saebom = account(world, "saebom")
    with on("2026-10-02"):
        number = billing.bill_parked.do(CLERK, run=september.number, account=saebom)
    credit = reads.invoice(number, None)
    assert credit.total.minor == -15_000 and credit.balanced
    assert all(t.amount > 0 for t in Transfer.objects.all())
    october = world.bill("2026-10")
    assert not ParkedAccount.objects.filter(run=october, account_id=world.contract("saebom").account_id).exists()
    assert reads.balance([world.contract("saebom").account_id]) == {world.contract("saebom").account_id: 35_000 - 15_000}


def test_while_the_month_before_is_parked_the_next_one_waits_and_nothing_is_taken_back_twice(naru: World) -> None:
    world = naru
    used(world)
    world.bill("2026-08")
    with on("2026-09-05"):
        world.fact("saebom", "ended", "2026-08-25")
    september, october = world.bill("2026-09"), world.bill("2026-10")
    saebom = account(world, "saebom")
    assert ParkedAccount.objects.get(run=october, account_id=world.contract("saebom").account_id).reason == "parked_before"
    with on("2026-11-02"):
        with pytest.raises(Conflict) as told:
            billing.bill_parked.do(CLERK, run=october.number, account=saebom)
        assert told.value.findings[0].value == "parked_before"
        assert billing.bill_parked.do(CLERK, run=september.number, account=saebom) == "INV-2026-0000001"
        assert billing.bill_parked.do(CLERK, run=october.number, account=saebom) == ""  # the difference was taken back already
    assert ParkedAccount.objects.get(run=october, account_id=world.contract("saebom").account_id).state == "zero"
    assert reads.balance([world.contract("saebom").account_id]) == {world.contract("saebom").account_id: 20_000}


def test_who_may_not_and_what_is_not_parked(naru: World) -> None:
    world = naru
    august = world.bill("2026-08")
    from numaru.kernel.access import Actor

    nobody = Actor("staff", 9, "가입 담당", (("subscriber_clerk", None),))
    rows = Invoice.objects.count()
    with pytest.raises(NotAllowed):
        billing.bill_parked.do(nobody, run=august.number, account=account(world, "onyu"))
    with pytest.raises(NotFound):
        billing.bill_parked.do(HOUSE, run=august.number, account=account(world, "haneul"))
    with pytest.raises(NotFound):
        billing.bill_parked.do(HOUSE, run="R1999-01", account=account(world, "onyu"))
    assert Invoice.objects.count() == rows
