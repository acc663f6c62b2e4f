"""Subscribers: found by number or outside name, within the services one may see, and enlisted in bulk without a double."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection

from numaru.domains.subscribers import api as subscribers
from numaru.domains.subscribers import reads
from numaru.domains.subscribers.models import Subscriber, new_subject_key
from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.parties import api as parties
from numaru.kernel.access import Actor
from numaru.kernel.errors import NotFound

pytestmark = pytest.mark.django_db
HOUSE = Actor.system("test")


def staged(*rows: tuple[str, date, date | None]) -> None:
    """A staging table as a higher room fills it: (external id, started, ended), rows from 2."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.staging")
        cursor.execute(
            "CREATE TEMP TABLE staging (row bigint, external_id text, subscriber_id bigint, party_id bigint, started_on date, ended_on date, state text DEFAULT 'new')"
        )
        cursor.executemany(
            "INSERT INTO staging (row, external_id, started_on, ended_on) VALUES (%s, %s, %s, %s)", [(n, *r) for n, r in enumerate(rows, 2)]
        )


@pytest.fixture
def service() -> int:
    return catalogue.open_service.do(HOUSE, slug="naru", name_ko="나루", name_en="Naru", zone="Asia/Seoul", currency="KRW").pk


JAN, FEB, MAR = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)


def test_rows_of_one_name_are_one_subscriber_with_the_person_of_the_first_row(service: int) -> None:
    staged(("a", JAN, None), ("b", JAN, FEB), ("a", FEB, None))
    people = {2: parties.Person("김하늘"), 3: parties.Person("이노을"), 4: parties.Person("박온유")}
    assert subscribers.enlist("staging", service, people) == 2
    a, b = Subscriber.objects.order_by("external_id")
    shown = parties.masked({a.party_id, b.party_id})
    assert (shown[a.party_id].name, shown[b.party_id].name) == ("김*늘", "이*을")
    assert a.subject_key != b.subject_key and min(a.subject_key, b.subject_key) > 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT external_id, subscriber_id FROM staging ORDER BY row")
        assert cursor.fetchall() == [("a", a.pk), ("b", b.pk), ("a", a.pk)]
    staged(("a", JAN, None), ("c", JAN, None))
    assert subscribers.enlist("staging", service, None) == 1
    assert subscribers.enlist("staging", service, None) == 0
    assert Subscriber.objects.count() == 3


def test_the_hull_of_running_days_only_widens(service: int) -> None:
    def hull(*rows: tuple[str, date, date | None]) -> tuple[date | None, date | None]:
        staged(*rows)
        subscribers.enlist("staging", service, None)
        subscribers.serve_staged("staging")
        row = Subscriber.objects.get(external_id="a")
        return row.served_from, row.served_to

    assert hull(("a", FEB, MAR)) == (FEB, MAR)
    assert hull(("a", JAN, FEB)) == (JAN, MAR)
    assert hull(("a", JAN, None), ("a", JAN, FEB)) == (JAN, None)  # one contract without an end leaves it open
    assert hull(("a", JAN, FEB)) == (JAN, None)


@pytest.mark.parametrize(
    ("text", "pk"),
    [("S-0000012", 12), (" s-12 ", 12), ("S-", None), ("12", None), ("S-1x", None), ("S-１２", None), ("S-" + "9" * 30, None), ("", None)],
)
def test_a_shown_number_names_one_row(text: str, pk: int | None) -> None:
    assert subscribers.parse_number(text) == pk


def test_one_of_a_service_out_of_sight_is_unknown_in_the_same_words(service: int) -> None:
    staged(("a", JAN, None))
    subscribers.enlist("staging", service, None)
    number = Subscriber.objects.get().number
    assert (
        subscribers.subscriber(number, frozenset({"naru"})).external_id == "a" == subscribers.subscriber(number.lower(), None).external_id
    )
    for services, asked in ((frozenset({"books"}), number), (frozenset(), number), (None, "S-9999999"), (None, "nonsense")):
        with pytest.raises(NotFound) as refused:
            subscribers.subscriber(asked, services)
        assert refused.value.findings[0].message.en == f"There is no subscriber “{asked}”."


def test_the_directory_knows_every_way_of_writing_in_two_questions(service: int, django_assert_max_num_queries: object) -> None:
    staged(("a", JAN, None), ("S-77", JAN, None))
    subscribers.enlist("staging", service, None)
    a = Subscriber.objects.get(external_id="a")
    odd = Subscriber.objects.get(external_id="S-77")
    ways = [a.number, f"s-{a.pk}", f"S-{a.pk}", "a"]
    with django_assert_max_num_queries(2):  # type: ignore[operator]
        known = reads.Directory().subjects("naru", [*ways, "S-77", "nobody", "S-99999999"])
    assert known == dict.fromkeys(ways, a.subject_key) | {"S-77": odd.subject_key}  # an outside name goes before a number
    assert reads.Directory().subjects("another", ways) == {}
    assert subscribers.subject_keys([a.pk]) == {a.pk: a.subject_key}


def test_keys_say_nothing_and_fit() -> None:
    keys = {new_subject_key() for _ in range(1000)}
    assert len(keys) == 1000 and all(0 <= k < 2**63 for k in keys)
