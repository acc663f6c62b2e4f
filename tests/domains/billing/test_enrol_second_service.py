"""A person who takes a second service: one person, two subscribers, one account."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest

from numaru.domains.billing import api as billing
from numaru.domains.billing.models import Contract
from numaru.domains.subscribers import api as subscribers
from numaru.domains.subscribers.models import Subscriber
from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.parties import api as parties
from numaru.facilities.parties.models import Party
from numaru.kernel.errors import Invalid
from tests.domains.billing.world import HOUSE, PLANS, World, enrolment, on

pytestmark = pytest.mark.django_db


@pytest.fixture
def second(naru: World) -> int:
    """Another service of the same issuer; the version of its plan."""
    with on("2026-07-21"):
        catalogue.open_service.do(
            HOUSE, slug="naru-toon", name_ko="나루 툰", name_en="Naru Toon", zone="Asia/Seoul", currency="KRW", entity="naru-video"
        )
        offer = billing.publish_offer.do(
            HOUSE,
            service="naru-toon",
            slug="basic",
            name_ko="베이직",
            name_en="Basic",
            valid_from=date(2026, 1, 1),
            charges=PLANS["basic"][2],
        )
    return offer.version_id


def joined(second: int, *rows: tuple[str, int | None]) -> billing.Enrolled:
    table = enrolment(*((name, name, second, date(2026, 8, 1), None) for name, _ in rows))
    table = table.append_column("party_id", pa.array([party for _, party in rows], pa.int64()))
    people = [parties.Person(name=f"새사람{n}") for n in range(len(rows))]
    with on("2026-07-22"):
        return billing.enrol.do(HOUSE, service="naru-toon", rows=table, source="test", people=people)


def test_a_known_person_is_taken_and_strangers_between_them_keep_their_own(naru: World, second: int) -> None:
    haneul, noeul = naru.subscriber("haneul"), naru.subscriber("noeul")
    before = Party.objects.count()
    assert joined(second, ("t1", None), ("t2", noeul.party_id), ("t3", None), ("t4", haneul.party_id)).created == 4
    assert Party.objects.count() == before + 2
    cards = subscribers.of_references("naru-toon", ["t1", "t2", "t3", "t4", "nobody"])
    assert set(cards) == {"t1", "t2", "t3", "t4"}
    assert (cards["t2"].party_id, cards["t4"].party_id) == (noeul.party_id, haneul.party_id)
    masked = parties.masked({cards["t1"].party_id, cards["t3"].party_id})
    assert (masked[cards["t1"].party_id].name, masked[cards["t3"].party_id].name) == ("새**0", "새**2")
    accounts = {
        c.reference: c.account_id for c in Contract.objects.filter(reference__in=["t2", "t4", "noeul", "haneul"]).select_related("account")
    }
    assert accounts["t2"] == accounts["noeul"] and accounts["t4"] == accounts["haneul"]
    assert len({s.subject_key for s in Subscriber.objects.filter(party_id=noeul.party_id)}) == 2
    assert billing.contracts_named("naru-toon", ["t2", "nobody"]) == {"t2": Contract.objects.get(reference="t2").pk}


def test_a_set_of_known_people_registers_nobody(naru: World, second: int) -> None:
    before = Party.objects.count()
    assert joined(second, ("t1", naru.subscriber("minsu").party_id)).created == 1
    assert Party.objects.count() == before


def test_a_person_who_is_not_registered_refuses_the_set(naru: World, second: int) -> None:
    before = Subscriber.objects.count(), Party.objects.count(), Contract.objects.count()
    with pytest.raises(Invalid) as refused:
        joined(second, ("t1", naru.subscriber("minsu").party_id), ("t2", 9_999_999))
    assert [(f.code, f.field, f.value) for f in refused.value.findings] == [("enrol.party", "party_id", "9999999")]
    assert before == (Subscriber.objects.count(), Party.objects.count(), Contract.objects.count())
