"""Facts of a contract: what may follow what, back-dating, and that nothing recorded is ever changed."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from numaru.domains.billing import api as billing
from numaru.domains.billing import recording
from numaru.domains.billing.actions.facts import FOLLOWS, LEADS, fold, state_at
from numaru.domains.billing.models import BillRun, ContractFact
from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from numaru.kernel.models import AuditRecord, OutboxEvent
from tests.domains.billing.world import CLERK, D, World, at, company, on, used

pytestmark = pytest.mark.django_db
KINDS = ["started", "changed_to", "price_agreed", "paused", "resumed", "suspended", "ended"]
TO = {  # how a contract that started on 15 August comes into each state
    "pending": [], "active": [], "paused": [("paused", "2026-09-01")], "suspended": [("suspended", "2026-09-01")], "ended": [("ended", "2026-09-01")],
}  # fmt: skip


def arguments(naru: World, kind: str) -> dict[str, Any]:
    if kind in ("started", "changed_to"):
        return {"version": naru.versions["basic"]}
    return {"charge_key": "monthly", "price": D("8000")} if kind == "price_agreed" else {}


@pytest.mark.parametrize("state", list(TO))
def test_what_may_follow_a_state_is_recorded_and_all_else_is_refused(naru: World, state: str) -> None:
    for kind, when in TO[state]:
        naru.fact("haneul", kind, when)
    day = "2026-08-14" if state == "pending" else "2026-09-10"
    contract = naru.contract("haneul")
    assert state_at(contract.pk, at(day)) == state
    for kind in KINDS:
        facts, records = ContractFact.objects.count(), AuditRecord.objects.count()
        if kind in FOLLOWS[state]:
            with transaction.atomic():
                fact = naru.fact("haneul", kind, day, **arguments(naru, kind))
                assert state_at(contract.pk, at(day)) == LEADS.get(kind, state) and fact.source == "record_fact"
                transaction.set_rollback(True)
        else:
            with pytest.raises(Conflict) as refused:
                naru.fact("haneul", kind, day, **arguments(naru, kind))
            assert refused.value.findings[0].code == "contract.state"
        assert (ContractFact.objects.count(), AuditRecord.objects.count()) == (facts, records)


def test_the_first_end_is_final() -> None:
    assert fold(["started", "paused", "resumed", "suspended", "price_agreed", "changed_to"]) == "suspended"
    assert fold(["started", "ended", "resumed", "started"]) == "ended"


def test_a_refusal_speaks_of_states_in_words(naru: World) -> None:
    with pytest.raises(Conflict) as refused:
        naru.fact("haneul", "resumed", "2026-09-01")
    found = refused.value.findings[0]
    assert (
        found.message.ko == "‘이용 중’ 상태의 계약에는 ‘이용 재개’을(를) 기록할 수 없습니다."
        and found.message.en == "“resumption” cannot follow the state “Active”."
    )


def test_a_fact_is_told_and_recorded_without_a_name(naru: World) -> None:
    with on("2026-09-05"):
        plan = billing.record_fact.plan(CLERK, contract=naru.contract("haneul").pk, kind="paused", effective_at=at("2026-09-10"))
        fact = naru.fact("haneul", "paused", "2026-09-10")
    contract = naru.contract("haneul")
    assert plan.effects[0].en == f"{contract.number}: Active → Paused" and plan.effects[0].ko == f"{contract.number}: 이용 중 → 일시 정지"
    assert (fact.recorded_at, fact.effective_at) == (at("2026-09-05T09:00"), at("2026-09-10"))
    assert OutboxEvent.objects.latest("id").payload == {"contract_id": contract.pk, "fact_id": fact.pk, "kind": "paused"}
    record = AuditRecord.objects.latest("id")
    assert (record.key, record.before, record.after["fact"]) == (contract.number, {"state": "active"}, "paused")


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("changed_to", {}), ("changed_to", {"version": 2**40}), ("changed_to", {"version": "foreign"}), ("price_agreed", {}),
        ("price_agreed", {"charge_key": "monthly"}), ("price_agreed", {"charge_key": "none", "price": D(1)}),
        ("price_agreed", {"charge_key": "monthly", "price": D(-1)}), ("price_agreed", {"charge_key": "monthly", "price": D("0.0000001")}),
        ("price_agreed", {"charge_key": "monthly", "price": D("1E12")}), ("price_agreed", {"charge_key": "monthly", "price": Decimal("NaN")}),
    ],
)  # fmt: skip
def test_a_version_of_elsewhere_and_a_price_that_is_none_are_refused(naru: World, kind: str, more: dict[str, Any]) -> None:
    if more.get("version") == "foreign":
        more = {"version": company("naru-toon").versions["basic"]}
    before = ContractFact.objects.count()
    with pytest.raises(Invalid):
        naru.fact("haneul", kind, "2026-09-01", **more)
    assert ContractFact.objects.count() == before


def test_what_a_kind_does_not_need_is_not_kept(naru: World) -> None:
    fact = naru.fact("haneul", "paused", "2026-09-01", version=naru.versions["premium"], charge_key="monthly", price=D(1))
    assert (fact.version_id, fact.charge_key, fact.price) == (None, "", None)


def test_who_may_not_and_what_is_not(naru: World) -> None:
    books = Actor("staff", 9, "x", (("subscriber_clerk", "books"),))
    pk = naru.contract("haneul").pk
    with pytest.raises(NotAllowed):
        billing.record_fact.do(books, contract=pk, kind="ended", effective_at=at("2026-09-01"))
    with pytest.raises(NotAllowed):  # the scope is that of the contract, whatever the caller would like
        billing.record_fact.do(
            Actor("staff", 9, "x", (("subscriber_clerk", "naru-toon"),)), contract=pk, kind="ended", effective_at=at("2026-09-01")
        )
    with pytest.raises(NotFound):
        billing.record_fact.do(CLERK, contract=2**40, kind="ended", effective_at=at("2026-09-01"))
    with pytest.raises(ValueError, match="zone"):
        billing.record_fact.do(CLERK, contract=pk, kind="ended", effective_at=datetime(2026, 9, 1))  # noqa: DTZ001


def hull(naru: World, who: str) -> tuple[date | None, date | None]:
    row = naru.subscriber(who)
    return row.served_from, row.served_to


def test_the_hull_of_days_follows_the_first_start_and_the_first_end(naru: World) -> None:
    assert hull(naru, "haneul") == (date(2026, 8, 15), None)
    naru.fact("haneul", "ended", "2026-10-01")
    assert hull(naru, "haneul") == (date(2026, 8, 15), date(2026, 10, 1))
    naru.fact("haneul", "ended", "2026-09-10")  # an earlier end became known: it is the one that counts
    assert hull(naru, "haneul") == (date(2026, 8, 15), date(2026, 9, 10))
    naru.fact("haneul", "started", "2026-08-01", version=naru.versions["basic"])
    assert hull(naru, "haneul") == (date(2026, 8, 1), date(2026, 9, 10))


@pytest.mark.pg15
def test_a_back_dated_fact_is_billed_as_a_difference(naru: World) -> None:
    """Noeul's plan, 15,000 in advance for September, turns out to have been paused from the 11th on: 10 of 30 days, 5,000."""
    used(naru)
    naru.bill("2026-08")
    with on("2026-09-20"):
        naru.fact("noeul", "paused", "2026-09-11")
    run = naru.bill("2026-09")
    # September is taken back (−15,000) and billed anew (+5,000); October in advance is nothing while paused: −10,000 in all
    from numaru.domains.billing.models import ParkedAccount

    assert ParkedAccount.objects.get(run=run, account_id=naru.contract("noeul").account_id).reason == "negative_total"


TABLES = [
    "billing_contractfact", "billing_chargeterm", "billing_tier", "catalogue_offerversion", "billing_invoice", "billing_line", "billing_tax", "billing_transfer",
]  # fmt: skip


@pytest.mark.pg15
def test_the_database_refuses_to_change_facts_terms_and_documents(naru: World) -> None:
    used(naru)
    run = naru.bill("2026-08")
    for table in [*TABLES, f"billing_invoice_r{run.pk}", f"billing_transfer_r{run.pk}"]:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {table}")
            assert cursor.fetchone()[0] > 0, table
            cursor.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position LIMIT 1", [table]
            )
            column = cursor.fetchone()[0]
            for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
                with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
                    cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_a_run_that_freezes_waits_for_what_is_being_recorded(naru_for_real: World) -> None:
    """Else a fact recorded before the cut-off and committed after it would be known to the run that never read it, and never be billed."""
    naru = naru_for_real
    run = naru.start("2026-08")
    service = run.service_id
    begun, frozen = threading.Event(), threading.Event()
    known: list[datetime] = []

    def freeze() -> None:
        try:
            begun.wait(10)
            known.append(recording.settled(service))  # type: ignore[arg-type]
            frozen.set()
        finally:
            connection.close()

    thread = threading.Thread(target=freeze)
    thread.start()
    with transaction.atomic():
        fact = naru.fact("haneul", "paused", "2026-08-20")
        begun.set()
        assert not frozen.wait(0.3)
    thread.join(10)
    assert known and fact.recorded_at <= known[0] <= clock.now() + timedelta(seconds=1)
    assert BillRun.objects.get().state == "queued" and known[0].tzinfo == UTC
