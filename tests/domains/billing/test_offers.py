"""Publishing an offer: every fault is told at once, the same terms make nothing new, terms are never edited."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from numaru.domains.billing import api as billing
from numaru.domains.billing.actions.offers import terms_digest
from numaru.domains.billing.models import ChargeTerm, Tier
from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.catalogue.models import Offer
from numaru.kernel.errors import Invalid, NotFound
from numaru.kernel.models import AuditRecord, OutboxEvent
from tests.domains.billing.world import CLERK, HOUSE, PLANS, D

pytestmark = pytest.mark.django_db
MONTHLY = billing.ChargeSpec("monthly", "월정액", "Monthly fee", "recurring", D("9900"))
SAVES = PLANS["premium"][2][2]


@pytest.fixture(autouse=True)
def naru() -> None:
    catalogue.open_service.do(HOUSE, slug="naru", name_ko="나루", name_en="Naru", zone="Asia/Seoul", currency="KRW")


def publish(*charges: billing.ChargeSpec, slug: str = "basic", service: str = "naru") -> catalogue.OfferCard:
    return billing.publish_offer.do(
        CLERK, service=service, slug=slug, name_ko="베이직", name_en="Basic", valid_from=date(2026, 1, 1), charges=charges
    )


def test_terms_are_kept_in_order_with_their_tiers_and_told_once() -> None:
    card = publish(MONTHLY, SAVES)
    terms = list(ChargeTerm.objects.order_by("ordinal").values_list("key", "ordinal", "kind", "price", "tax_rate", "currency"))
    assert terms == [
        ("monthly", 1, "recurring", D("9900.000000"), D("0.100000"), "KRW"),
        ("saves", 2, "graduated", None, D("0.100000"), "KRW"),
    ]
    assert list(Tier.objects.order_by("number").values_list("number", "upper", "unit_price")) == [
        (1, D(10), D(0)),
        (2, D(20), D(300)),
        (3, None, D(200)),
    ]
    told = OutboxEvent.objects.get(name="billing.OfferPublished")
    assert told.payload == {"version_id": card.version_id}
    assert AuditRecord.objects.get(object="billing.offer").after["charges"] == ["monthly", "saves"]


def test_the_same_terms_in_other_writing_make_nothing_new() -> None:
    first = publish(MONTHLY)
    assert publish(replace(MONTHLY, price=D("9900.00"))) == first
    assert publish(replace(MONTHLY, price=D("9.9E+3"))) == first
    assert OutboxEvent.objects.filter(name="billing.OfferPublished").count() == ChargeTerm.objects.count() == 1
    assert publish(replace(MONTHLY, price=D("9900.000001"))).version == 2
    assert terms_digest([MONTHLY, SAVES]) != terms_digest([SAVES, MONTHLY])  # the order of charges is the order of the bill


def test_without_tax_the_rate_is_nothing() -> None:
    publish(replace(MONTHLY, tax_mode="none", tax_rate=D("0.1")))
    assert ChargeTerm.objects.get().tax_rate == 0


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"kind": "sometimes"}, "kind"), ({"timing": "later"}, "timing"), ({"timing": "advance", "kind": "one_off"}, "timing"),
        ({"proration": "lunar"}, "proration"), ({"kind": "event_priced", "meter": ""}, "meter"), ({"tax_mode": "maybe"}, "tax"),
        ({"tax_rate": D("1")}, "tax"), ({"tax_rate": D("-0.1")}, "tax"), ({"tax_rate": D("0.0000001")}, "tax"), ({"tax_rate": D("NaN")}, "tax"),
        ({"price": D("-1")}, "price"), ({"price": D("0.0000001")}, "price"), ({"price": D("1E12")}, "price"), ({"price": D("Infinity")}, "price"),
        ({"kind": "per_unit", "meter": "m", "price": None}, "price"), ({"key": ""}, "length"), ({"key": "k" * 41}, "length"), ({"name_ko": "가" * 121}, "length"),
    ],
)  # fmt: skip
def test_each_fault_is_a_finding_with_its_field_and_nothing_is_made(wrong: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        publish(replace(MONTHLY, **wrong))
    assert [f.code for f in refused.value.findings] == [f"offer.{code}"]
    found = refused.value.findings[0]
    assert found.field and found.field.startswith("charges.") and found.remedy.ko and found.remedy.en
    assert (
        not Offer.objects.exists() and not ChargeTerm.objects.exists() and not AuditRecord.objects.filter(object="billing.offer").exists()
    )


@pytest.mark.parametrize(
    "tiers",
    [
        (), ((10, 1),), ((10, 1), (10, 2), (None, 3)), ((20, 1), (10, 2), (None, 3)), ((None, 1), (None, 2)), ((D("0.0000001"), 1), (None, 2)),
        ((0, 1), (None, 2)), ((10, -1), (None, 2)),
    ],
)  # fmt: skip
def test_tiers_rise_from_zero_and_the_last_is_open(tiers: tuple[tuple[Any, int], ...]) -> None:
    steps = tuple(billing.TierSpec(None if upper is None else D(upper), D(price)) for upper, price in tiers)
    with pytest.raises(Invalid):
        publish(replace(SAVES, tiers=steps))
    with pytest.raises(Invalid):
        publish(replace(SAVES, tiers=(billing.TierSpec(None, D(1), flat=D("-5")),)))


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        publish(replace(MONTHLY, kind="x", price=D(-1)), replace(MONTHLY, tax_mode="x"))
    assert [f.code for f in refused.value.findings] == ["offer.kind", "offer.price", "offer.tax", "offer.key"]
    with pytest.raises(Invalid) as empty:
        publish()
    assert [f.code for f in empty.value.findings] == ["offer.empty"]
    with pytest.raises(NotFound):
        publish(MONTHLY, service="none")


def test_a_plan_publishes_nothing() -> None:
    plan = billing.publish_offer.plan(
        CLERK, service="naru", slug="basic", name_ko="가", name_en="a", valid_from=date(2026, 1, 1), charges=[MONTHLY]
    )
    assert [e.en for e in plan.effects] == ["Version 1 of the offer “basic” is new."] and not Offer.objects.exists()
