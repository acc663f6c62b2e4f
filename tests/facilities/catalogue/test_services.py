"""Services and offer versions: made once, never changed underneath what rests on them."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.catalogue.actions.entities import describe_entity
from numaru.facilities.catalogue.models import LegalEntity, Offer, OfferVersion, Service
from numaru.kernel.access import Actor
from numaru.kernel.errors import Invalid, NotAllowed, NotFound
from numaru.kernel.models import AuditRecord, OutboxEvent

pytestmark = pytest.mark.django_db
HOUSE = Actor.system("test")


def opened(slug: str = "naru", zone: str = "Asia/Seoul", currency: str = "KRW") -> Service:
    return catalogue.open_service.do(HOUSE, slug=slug, name_ko="나루", name_en="Naru", zone=zone, currency=currency)


def version(digest: str, slug: str = "basic") -> tuple[catalogue.OfferCard, catalogue.ServiceCard, bool]:
    return catalogue.offer_version(slug, service="naru", name_ko="베이직", name_en="Basic", valid_from=date(2026, 1, 1), digest=digest)


def test_a_service_is_opened_once_and_told_once() -> None:
    first = opened()
    assert opened().pk == first.pk and Service.objects.count() == LegalEntity.objects.count() == 1
    assert OutboxEvent.objects.get().payload == {"service_id": first.pk}
    assert AuditRecord.objects.filter(object="catalogue.service", key="naru").count() == 2
    card = catalogue.service("naru")
    assert (card.zone, card.currency, card.name.ko, card.name.en) == ("Asia/Seoul", "KRW", "나루", "Naru")
    assert catalogue.Zones().zone("naru") == "Asia/Seoul" and catalogue.Zones().zone("none") is None


@pytest.mark.parametrize(("zone", "currency"), [("Asia/Tokyo", "KRW"), ("Asia/Seoul", "USD")])
def test_the_days_and_the_money_of_a_service_never_change(zone: str, currency: str) -> None:
    opened()
    with pytest.raises(Invalid) as refused:
        opened(zone=zone, currency=currency)
    assert refused.value.findings[0].code == "catalogue.service_differs"
    assert (catalogue.service("naru").zone, catalogue.service("naru").currency) == ("Asia/Seoul", "KRW")


@pytest.mark.parametrize(
    ("slug", "zone", "currency", "code"),
    [
        ("../../etc", "Asia/Seoul", "KRW", "catalogue.slug"), ("나루", "Asia/Seoul", "KRW", "catalogue.slug"), ("", "Asia/Seoul", "KRW", "catalogue.slug"),
        ("a" * 51, "Asia/Seoul", "KRW", "catalogue.slug"), ("-a", "Asia/Seoul", "KRW", "catalogue.slug"), ("naru\n", "Asia/Seoul", "KRW", "catalogue.slug"),
        ("naru", "Asia/Soul", "KRW", "catalogue.zone"), ("naru", "../etc/passwd", "KRW", "catalogue.zone"), ("naru", "", "KRW", "catalogue.zone"),
        ("naru", "Asia/Seoul", "WON!", "catalogue.currency"), ("naru", "Asia/Seoul", "krw", "catalogue.currency"),
    ],
)  # fmt: skip
def test_what_cannot_name_a_place_a_zone_or_a_currency_is_refused(slug: str, zone: str, currency: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        opened(slug, zone, currency)
    assert [f.code for f in refused.value.findings] == [code]
    assert not Service.objects.exists() and not AuditRecord.objects.exists()


def test_a_clerk_opens_no_service() -> None:
    clerk = Actor("staff", 3, "c", (("billing_clerk", None),))
    with pytest.raises(NotAllowed):
        catalogue.open_service.do(clerk, slug="naru", name_ko="나루", name_en="Naru", zone="Asia/Seoul", currency="KRW")
    assert not Service.objects.exists()


def test_the_same_terms_make_no_new_version_and_others_the_next_one() -> None:
    opened()
    first, owner, fresh = version("d1")
    assert (first.version, fresh, owner.slug) == (1, True, "naru")
    assert version("d1")[0] == first and version("d1")[2] is False
    second, _, fresh = version("d2")
    assert (second.version, fresh) == (2, True)
    assert version("d1")[0].version == 3  # back to the former price is a new version: what was sold in between stays sold
    assert Offer.objects.count() == 1
    assert set(catalogue.offers({first.version_id, second.version_id, -1})) == {first.version_id, second.version_id}


def test_an_unknown_service_has_no_offers() -> None:
    with pytest.raises(NotFound):
        version("d1")
    opened()
    with pytest.raises(Invalid):
        version("d1", slug="Basic Plan")
    assert not Offer.objects.exists()


@pytest.mark.parametrize("statement", ["UPDATE catalogue_offerversion SET number = 9", "DELETE FROM catalogue_offerversion"])
def test_a_version_is_never_changed(statement: str) -> None:
    opened()
    version("d1")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert OfferVersion.objects.get().number == 1


def test_an_issuer_is_described_and_what_does_not_fit_is_refused() -> None:
    def describe(**more: str) -> int:
        return describe_entity.do(HOUSE, **({"slug": "main", "name_ko": "나루미디어", "name_en": "Naru Media"} | more))

    first = describe(registration="123-45-67890")
    assert describe(contact="help@naru.example") == first and LegalEntity.objects.get().registration == ""
    record = AuditRecord.objects.filter(object="catalogue.entity").latest("id")
    assert (record.before["registration"], record.after["contact"]) == ("123-45-67890", "help@naru.example")
    for wrong, field in (({"name_en": " "}, "name_ko"), ({"registration": "9" * 41}, "registration"), ({"slug": "s" * 51}, "slug")):
        with pytest.raises(Invalid) as refused:
            describe(**wrong)
        assert refused.value.findings[0].field == field
    assert LegalEntity.objects.count() == 1
    assert opened().entity_id == first


def test_two_services_do_not_share_an_issuer_that_nobody_described() -> None:
    """A paper of the second service must not carry the name of the first."""
    first, second = (
        opened("naru"),
        catalogue.open_service.do(HOUSE, slug="maru", name_ko="마루", name_en="Maru", zone="Asia/Seoul", currency="KRW"),
    )
    assert LegalEntity.objects.get(pk=second.entity_id).name_ko == "마루" and first.entity_id != second.entity_id
    operator = describe_entity.do(HOUSE, slug="main", name_ko="나루미디어", name_en="Naru Media")
    assert opened("third").entity_id == operator
