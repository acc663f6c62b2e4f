"""Enrolling in bulk: new, unchanged and differing rows, one subscriber and one account behind many contracts, all or nothing."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from django.apps import apps
from django.db import connection

from numaru.domains.billing import api as billing
from numaru.domains.billing.models import Account, Contract, ContractFact
from numaru.domains.subscribers.models import Subscriber
from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.parties import api as parties
from numaru.kernel.errors import Invalid, NotAllowed, NotFound
from numaru.kernel.models import AuditRecord, OutboxEvent
from tests.domains.billing.world import CLERK, HOUSE, D, World, company, enrolment, on

pytestmark = pytest.mark.django_db
JUL, AUG, SEP = date(2026, 7, 1), date(2026, 8, 1), date(2026, 9, 1)


def enrol(naru: World, rows: pa.Table, **more: Any) -> billing.Enrolled:
    with on("2026-08-01"):
        return billing.enrol.do(HOUSE, service=naru.slug, rows=rows, source="file.csv", **more)


def everything() -> dict[str, int]:
    return {m._meta.label: m._default_manager.count() for m in apps.get_models() if m.__module__.startswith("numaru.")}


def test_a_row_becomes_a_contract_with_its_first_facts(naru: World) -> None:
    rows = enrolment(("x1", "c1", naru.versions["own"], AUG, SEP), fee=[D("65.6")])
    assert enrol(naru, rows) == billing.Enrolled(1, 0, ())
    contract = naru.contract("c1")
    facts = [
        (f.kind, f.effective_at, f.version_id, f.charge_key, f.price) for f in ContractFact.objects.filter(contract=contract).order_by("id")
    ]
    assert facts == [  # local midnight in Seoul
        ("started", datetime(2026, 7, 31, 15, tzinfo=UTC), naru.versions["own"], "", None),
        ("price_agreed", datetime(2026, 7, 31, 15, tzinfo=UTC), None, "fee", D("65.600000")),
        ("ended", datetime(2026, 8, 31, 15, tzinfo=UTC), None, "", None),
    ]
    assert (
        {f.recorded_at for f in ContractFact.objects.filter(contract=contract)}
        == {contract.created_at}
        == {datetime(2026, 8, 1, tzinfo=UTC)}
    )
    who = contract.subscriber
    assert (who.external_id, who.state, who.served_from, who.served_to) == ("x1", "active", AUG, SEP)
    assert (contract.account.payer_id, contract.account.currency) == (who.party_id, "KRW")
    assert OutboxEvent.objects.filter(name="billing.ContractsEnrolled").latest("id").payload["count"] == 1


def test_the_same_again_changes_nothing_and_another_value_is_only_told(naru: World) -> None:
    first = enrolment(("x1", "c1", naru.versions["own"], AUG, None), ("x2", "c2", naru.versions["own"], AUG, None), fee=[D(1), D(2)])
    enrol(naru, first)
    before = everything()
    assert enrol(naru, first) == billing.Enrolled(0, 2, ())
    changed = enrolment(("x1", "c1", naru.versions["own"], AUG, None), digest="d2", fee=[D(9)])
    assert enrol(naru, changed) == billing.Enrolled(0, 0, (2,))
    after = everything()
    assert after.pop("kernel.AuditRecord") == before.pop("kernel.AuditRecord") + 2 and after == before
    assert not ContractFact.objects.filter(price=9).exists()
    mixed = enrolment(("x1", "c1", naru.versions["own"], AUG, None), ("x3", "c3", naru.versions["own"], AUG, None))
    assert enrol(naru, mixed) == billing.Enrolled(1, 1, ())
    assert AuditRecord.objects.latest("id").after == {"created": 1, "unchanged": 1, "differing": 0, "source": "file.csv"}


def test_two_rows_of_one_subscriber_share_person_and_account(naru: World) -> None:
    rows = enrolment(
        ("x1", "c1", naru.versions["own"], AUG, SEP),
        ("x1", "c2", naru.versions["free"], JUL, None),
        ("x2", "c3", naru.versions["free"], JUL, None),
    )
    people = [parties.Person("김가람"), parties.Person("이름 다름"), parties.Person("박나래")]
    assert enrol(naru, rows, people=people).created == 3
    one, two, three = (naru.contract(c) for c in ("c1", "c2", "c3"))
    assert one.subscriber_id == two.subscriber_id != three.subscriber_id
    assert one.account_id == two.account_id != three.account_id
    assert parties.masked({one.subscriber.party_id})[one.subscriber.party_id].name == "김*람"  # the first row names the person
    assert (one.subscriber.served_from, one.subscriber.served_to) == (JUL, None)


def test_a_known_subscriber_gets_a_second_contract_on_the_same_account(naru: World) -> None:
    haneul, accounts = naru.contract("haneul"), Account.objects.count()
    enrol(naru, enrolment(("haneul", "extra", naru.versions["free"], AUG, None)), people=[parties.Person("다른 이름")])
    extra = naru.contract("extra")
    assert (extra.subscriber_id, extra.account_id, Account.objects.count()) == (haneul.subscriber_id, haneul.account_id, accounts)
    assert parties.masked({haneul.subscriber.party_id})[haneul.subscriber.party_id].name == "김*늘"


def test_the_same_names_in_another_service_are_other_people(naru: World) -> None:
    other = company("naru-toon")
    assert other.contract("haneul").subscriber.party_id != naru.contract("haneul").subscriber.party_id
    assert enrol(naru, enrolment(("haneul", "haneul", naru.versions["basic"], AUG, None), digest="d1")) == billing.Enrolled(0, 1, ())


def test_rows_without_a_reference_are_always_new(naru: World) -> None:
    rows = enrolment(("x1", "", naru.versions["free"], AUG, None), ("x1", "", naru.versions["free"], AUG, None))
    assert enrol(naru, rows).created == 2 and enrol(naru, rows).created == 2
    assert Subscriber.objects.filter(external_id="x1").count() == 1


def test_no_rows_are_no_harm(naru: World) -> None:
    assert enrol(naru, enrolment()) == billing.Enrolled(0, 0, ())


@pytest.mark.parametrize(
    ("rows", "prices", "codes"),
    [
        ([("x1", "c1", "free", AUG, None), ("x2", "c1", "free", AUG, None)], {}, [("enrol.reference", 3)]),
        ([("x1", "c1", "foreign", AUG, None)], {}, [("enrol.version", 2)]),
        ([("x1", "c1", "unknown", AUG, None)], {}, [("enrol.version", 2)]),
        ([("x1", "c1", "free", SEP, AUG)], {}, [("enrol.days", 2)]),
        ([("x1", "c1", "own", AUG, None)], {"fee": [D("-0.01")]}, [("enrol.price", 2)]),
        ([("x1", "c1", "own", AUG, None)], {"monthly": [D(1)]}, [("enrol.charge", 2)]),
        ([("x1", "c1", "free", SEP, AUG), ("x2", "c1", "foreign", AUG, None)], {}, [("enrol.reference", 3), ("enrol.version", 3), ("enrol.days", 2)]),
    ],
)  # fmt: skip
def test_a_broken_row_refuses_the_set_and_nothing_is_half_done(
    naru: World, rows: list[Any], prices: dict[str, list[Decimal | None]], codes: list[tuple[str, int]]
) -> None:
    versions = naru.versions | {"unknown": 2**40, "foreign": company("naru-toon").versions["basic"]}
    before = everything()
    with pytest.raises(Invalid) as refused:
        enrol(naru, enrolment(*((a, b, versions[v], s, e) for a, b, v, s, e in rows), **prices))
    assert [(f.code, f.row) for f in refused.value.findings] == codes
    assert everything() == before


def test_a_contract_of_no_day_is_allowed_and_never_bills(naru: World) -> None:
    assert enrol(naru, enrolment(("x1", "c1", naru.versions["own"], AUG, AUG))).created == 1


@pytest.mark.parametrize("column", ["row", "external_id", "reference", "version_id", "started_on", "ended_on", "digest"])
def test_a_missing_column_is_named(naru: World, column: str) -> None:
    rows = enrolment(("x1", "c1", naru.versions["free"], AUG, None))
    with pytest.raises(Invalid, match=column):
        enrol(naru, rows.drop_columns([column]))
    if column != "ended_on":
        place = rows.column_names.index(column)
        with pytest.raises(Invalid, match=column):
            enrol(naru, rows.set_column(place, column, pa.nulls(1, rows.schema.field(column).type)))
    with pytest.raises(Invalid, match="people"):
        enrol(naru, rows, people=[])


def test_a_plan_counts_the_same_and_leaves_nothing(naru: World) -> None:
    rows = enrolment(("x1", "c1", naru.versions["free"], AUG, None), ("haneul", "haneul", naru.versions["basic"], AUG, None))
    before = everything()
    plan = billing.enrol.plan(HOUSE, service=naru.slug, rows=rows, source="t", people=[parties.Person("김가람"), parties.Person()])
    assert plan.result == billing.Enrolled(1, 1, ()) and plan.effects[0].en == "1 new contracts, 1 unchanged, 0 differing"
    assert everything() == before


def test_odd_names_are_data(naru: World) -> None:
    odd = ['x"; DROP TABLE billing_contract; --', "a,b\nc", "'", "00017", "가입자 1", "\\N", "%s"]
    enrol(naru, enrolment(*((name, name, naru.versions["free"], AUG, None) for name in odd)))
    assert set(Subscriber.objects.filter(external_id__in=odd).values_list("external_id", flat=True)) == set(odd)
    assert {naru.contract(name).subscriber.external_id for name in odd} == set(odd)


def test_nothing_personal_is_in_records_or_events(naru: World) -> None:
    told = json.dumps(
        [*AuditRecord.objects.values("key", "before", "after"), *OutboxEvent.objects.values("payload", "aggregate")], ensure_ascii=False
    )
    assert "김하늘" not in told and "1234" not in told and "haneul" not in told


def test_it_takes_the_same_number_of_statements_whatever_the_number_of_rows(naru: World) -> None:
    from django.test.utils import CaptureQueriesContext

    counts = []
    for n in (1, 300):
        rows = enrolment(*((f"n{n}-{i}", f"n{n}-{i}", naru.versions["free"], AUG, None) for i in range(n)))
        with CaptureQueriesContext(connection) as asked:
            enrol(naru, rows, people=[parties.Person("김가람")] * n)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_who_may_not_enrol_and_a_service_that_is_not(naru: World) -> None:
    from numaru.kernel.access import Actor

    rows = enrolment(("x1", "c1", naru.versions["free"], AUG, None))
    before = everything()
    with pytest.raises(NotAllowed):
        billing.enrol.do(Actor("staff", 9, "x", (("subscriber_clerk", None),)), service=naru.slug, rows=rows, source="t")
    with pytest.raises(NotFound):
        billing.enrol.do(CLERK, service="none", rows=rows, source="t")
    assert everything() == before and not Contract.objects.filter(reference="c1").exists()
    assert catalogue.service(naru.slug)
