"""Import kind ``usage``: each event once, subscribers made from the day of their first event, and what will not be billed said aloud."""

from __future__ import annotations

import random
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from numaru.domains.billing.models import Contract
from numaru.domains.subscribers.models import Subscriber
from numaru.facilities.catalogue.models import Service
from numaru.facilities.metering import api as metering
from numaru.facilities.metering.models import UsageFile
from numaru.kernel.errors import Invalid
from numaru.kernel.imports import api as imports
from numaru.kernel.jobs import WorkEnded
from numaru.kernel.models import OutboxEvent
from numaru.values.period import Period
from tests.domains.billing.imported import bring, figures, findings, told

pytestmark = pytest.mark.django_db
HEAD = """
[import]
kind = "usage"
[service]
slug = "shop"
zone = "America/New_York"
currency = "USD"
"""
CREATE = """
[offer]
slug = "orders"
[[offer.charges]]
key = "orders"
kind = "event_priced"
meter = "order"
[subscribers]
create = true
"""
FIELDS = """
[identity]
source = "till"
[fields.event_id]
column = "id"
[fields.subject]
column = "who"
[fields.at]
column = "at"
[fields.meter]
column = "what"
[fields.quantity]
column = "n"
[fields.amount]
column = "amount"
[fields.currency]
column = "cur"
"""
MAKING = HEAD + CREATE + FIELDS
KNOWN = HEAD + FIELDS
TOP = "id,who,at,what,n,amount,cur\n"
ROWS = [
    "e1,a,2026-10-05,order,1,10.00,USD",
    "e2,b,2026-10-03 23:30:00,order,2,20.50,",
    "e3,a,2026-10-02,order,1,5,USD",
    "e4,b,2026-10-04,order,1,0,USD",
]


@pytest.fixture(autouse=True)
def at_home(own_home: Path) -> None:
    """Usage files of a test lie in its own folder."""


def counts() -> tuple[int, ...]:
    """Rows of everything an import could make; that work has ended is told by an event of its own."""
    told = OutboxEvent.objects.exclude(name=WorkEnded.name)
    return (*(m.objects.count() for m in (Service, Subscriber, Contract, UsageFile)), told.count())


def events(who: str) -> list[metering.UsageEvent]:
    key = Subscriber.objects.get(external_id=who).subject_key
    return metering.events_of("shop", [key], Period(date(2026, 1, 1), date(2027, 1, 1)))


def lines(*rows: str) -> str:
    return TOP + "".join(f"{row}\n" for row in rows)


def test_missing_subscribers_begin_on_the_day_of_their_first_event(tmp_path: Path) -> None:
    dry = bring(tmp_path, lines(*ROWS), MAKING, dry=True)
    assert set(counts()) == {0} and not (tmp_path / "usage").exists()
    card = bring(tmp_path, lines(*ROWS), MAKING)
    assert figures(card) == figures(dry) == ("done", 4, 4, 0, 0)
    assert {k: v for k, v in card.result.items() if k != "files"} == {k: v for k, v in dry.result.items() if k != "files"}
    served = dict(Subscriber.objects.values_list("external_id", "served_from"))
    assert served == {"a": date(2026, 10, 2), "b": date(2026, 10, 3)}
    first = events("b")[0]  # half past eleven in New York is the next day in UTC, and still the third
    assert (first.at, first.day, first.amount, first.currency) == (
        datetime(2026, 10, 4, 3, 30),  # noqa: DTZ001 (naive UTC, as usage is kept)
        date(2026, 10, 3),
        Decimal("20.500000"),
        "USD",
    )
    assert events("a")[0].at == datetime(2026, 10, 2, 4)  # a date is the start of that day there  # noqa: DTZ001


def test_the_order_of_the_file_decides_nothing(tmp_path: Path) -> None:
    bring(tmp_path, lines(*ROWS), MAKING)
    before = counts()
    for seed in range(3):
        mixed = ROWS[:]
        random.Random(seed).shuffle(mixed)
        assert figures(bring(tmp_path, lines(*mixed), MAKING)) == ("done", 4, 0, 4, 0)
        other = bring(tmp_path, lines(*mixed), MAKING.replace('"shop"', f'"shop-{seed}"'))
        assert figures(other) == ("done", 4, 4, 0, 0)
        served = dict(Subscriber.objects.filter(service__slug=f"shop-{seed}").values_list("external_id", "served_from"))
        assert served == {"a": date(2026, 10, 2), "b": date(2026, 10, 3)}
    assert counts()[0] == before[0] + 3 and Subscriber.objects.filter(service__slug="shop").count() == 2


def test_without_permission_to_make_them_strangers_are_findings(tmp_path: Path) -> None:
    bring(tmp_path, lines(*ROWS), MAKING)
    number = Subscriber.objects.get(external_id="a").number
    card = bring(
        tmp_path, lines("e5,c,2026-10-06,order,1,1,USD", f"e6,{number},2026-10-06,order,1,1,USD", "e7,c,2026-10-06,order,1,1,USD"), KNOWN
    )
    assert figures(card) == ("done", 3, 1, 0, 2)
    assert told(card) == [(2, "who", "usage.unknown_subscriber"), (4, "who", "usage.unknown_subscriber")] and findings(card)[0].value == "c"
    assert [e.event_id for e in events("a")] == ["e3", "e1", "e6"]


def test_what_looks_like_a_number_of_ours_makes_nobody(tmp_path: Path) -> None:
    card = bring(tmp_path, lines("e1,S-0009999,2026-10-05,order,1,1,USD", f"e2,{'x' * 81},2026-10-05,order,1,1,USD", ROWS[2]), MAKING)
    assert figures(card) == ("done", 3, 1, 0, 2) and [code for _, _, code in told(card)] == ["usage.unknown_subscriber"] * 2
    assert list(Subscriber.objects.values_list("external_id", flat=True)) == ["a"]


def test_a_conflict_is_told_and_the_first_one_stands(tmp_path: Path) -> None:
    bring(tmp_path, lines(*ROWS), MAKING)
    card = bring(
        tmp_path, lines("e1,a,2026-10-05,order,1,11.00,USD", "e4,b,2026-10-04,order,1,0,USD", "e9,b,2026-10-04,order,1,3,USD"), MAKING
    )
    assert figures(card) == ("done", 3, 1, 1, 1) and told(card) == [(2, "id", "usage.conflict")]
    assert (findings(card)[0].value, card.result["conflicts"]) == ("e1", 1)
    assert [e.amount for e in events("a")] == [Decimal(5), Decimal(10)]


def test_another_currency_and_a_long_meter_are_findings(tmp_path: Path) -> None:
    card = bring(tmp_path, lines(*ROWS, "e5,a,2026-10-06,order,1,1,KRW", f"e6,a,2026-10-06,{'m' * 61},1,1,USD"), MAKING)
    assert figures(card) == ("done", 6, 4, 0, 2)
    assert told(card) == [(6, "cur", "usage.currency"), (7, "what", "import.too_long")]


def test_what_no_contract_will_bill_is_kept_and_said(tmp_path: Path) -> None:
    bring(tmp_path, lines(*ROWS), MAKING)
    card = bring(
        tmp_path,
        lines("f1,a,2026-10-01,order,1,1,USD", "f2,a,2026-10-07,order,1,1,USD", "f3,b,2026-10-07,play,1,,", "f4,b,2026-10-08,play,2,,"),
        KNOWN,
    )
    assert figures(card) == ("done", 4, 4, 0, 0)
    assert told(card) == [(2, "at", "usage.outside_contract"), (4, "what", "usage.no_charge")]
    early, other = findings(card)
    assert early.value == "a" and "1 events" in early.message.en and other.value == "b" and "2 events" in other.message.en


def test_enrolment_and_events_stand_or_fall_together(tmp_path: Path) -> None:
    (tmp_path / "usage").write_text("a file where the folder should be")
    with pytest.raises(OSError):
        bring(tmp_path, lines(*ROWS), MAKING)
    assert set(counts()) == {0} and imports.runs()[0][1].state == "failed"
    (tmp_path / "usage").unlink()
    assert figures(bring(tmp_path, lines(*ROWS), MAKING)) == ("done", 4, 4, 0, 0)


def test_a_service_that_is_not_there_refuses_the_whole_file(tmp_path: Path) -> None:
    card = bring(tmp_path, lines(*ROWS), KNOWN)
    assert figures(card)[0] == "failed" and [code for _, _, code in told(card)] == ["not_found"] and set(counts()) == {0}


@pytest.mark.parametrize(
    "change", [("create = true", "create = false"), (CREATE, "[subscribers]\ncreate = true\n"), ("[subscribers]\ncreate = true\n", "")]
)
def test_making_subscribers_needs_an_offer_and_an_offer_needs_that(change: tuple[str, str]) -> None:
    with pytest.raises(Invalid) as refused:
        imports.read_mapping(MAKING.replace(*change), "m")
    assert [f.code for f in refused.value.findings] == ["mapping.subscribers"]


def test_an_unknown_key_beside_create_is_told() -> None:
    with pytest.raises(Invalid) as refused:
        imports.read_mapping(MAKING.replace("create = true", "create = true\nmake = true"), "m")
    assert [(f.code, f.field) for f in refused.value.findings] == [("mapping.unknown_key", "subscribers.make")]
