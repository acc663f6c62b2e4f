"""People: sealed on arrival, found without being opened, opened only on record."""

from __future__ import annotations

import json
import unicodedata

import pytest
from django.core import serializers
from django.db import connection

from numaru.facilities.parties import api as parties
from numaru.facilities.parties.models import Party
from numaru.kernel.access import Actor
from numaru.kernel.errors import Invalid, NotAllowed, NotFound
from numaru.kernel.models import AuditRecord, OutboxEvent
from numaru.kernel.vault import sealing
from numaru.kernel.vault.models import PersonKey, VaultEntry, VaultOpening

pytestmark = pytest.mark.django_db
CLERK = Actor("staff", 3, "담당", (("subscriber_clerk", None),))
PEOPLE = [
    parties.Person("김하늘", "+82 10-1234-2201", "Haneul@Naru.kr"), parties.Person("Kim Haneul", "02-555-0199"), parties.Person(), parties.Person("노을", language="en"),
]  # fmt: skip


@pytest.fixture
def first() -> int:
    return parties.register(PEOPLE)


def found(text: str, first: int) -> list[int]:
    """Whose tokens meet those of what was typed, as offsets in PEOPLE."""
    rows = Party.objects.filter(tokens__overlap=parties.search_tokens(text)).order_by("pk")
    return [row.pk - first for row in rows]


def test_people_get_consecutive_ids_and_masked_forms(first: int) -> None:
    shown = parties.masked(set(range(first, first + 4)))
    assert [(shown[first + n].name, shown[first + n].phone, shown[first + n].email) for n in range(4)] == [
        ("김*늘", "010-****-2201", "Ha***@N***.kr"), ("K** H*****", "02-****-0199", ""), ("", "", ""), ("노*", "", ""),
    ]  # fmt: skip
    assert parties.masked({-1}) == {}


def test_nothing_personal_stands_outside_the_vault(first: int) -> None:
    """Every table is written out as text; no name, number or address may be in it."""
    dump = serializers.serialize(
        "json",
        [*Party.objects.all(), *AuditRecord.objects.all(), *OutboxEvent.objects.all(), *VaultOpening.objects.all()],
        ensure_ascii=False,
    )
    for secret in ("김하늘", "하늘", "Haneul", "1234", "5550199", "555-0199", "naru.kr"):
        assert secret.lower() not in dump.lower(), secret
    with connection.cursor() as cursor:
        cursor.execute("SELECT bool_or(position(%s::bytea IN sealed) > 0) FROM vault_entry", ["김하늘".encode()])
        assert cursor.fetchone()[0] is False
    assert PersonKey.objects.count() == 3  # of whom nothing is known nothing is sealed
    assert VaultEntry.objects.count() == 3 + 2 + 1


@pytest.mark.parametrize(
    ("typed", "who"),
    [
        ("김하늘", [0]), (" 김 하늘 ", [0]), (unicodedata.normalize("NFD", "김하늘"), [0]), ("ㄱㅎㄴ", [0]), ("ㄴㅇ", [3]),
        ("010-1234-2201", [0]), ("01012342201", [0]), ("+82 10 1234 2201", [0]), ("2201", [0]), ("0199", [1]), ("025550199", [1]),
        ("haneul@naru.kr", [0]), ("HANEUL@NARU.KR", [0]), ("kim haneul", [1]), ("KimHaneul", [1]),
        ("김하", []), ("haneul", []), ("220", []), ("", []), ("   ", []), ("0101234", []),
    ],
)  # fmt: skip
def test_people_are_found_by_whole_values_however_they_are_typed(first: int, typed: str, who: list[int]) -> None:
    assert found(typed, first) == who


def test_unnamed_people_are_only_ids() -> None:
    start = parties.register_unnamed(3)
    assert list(Party.objects.order_by("pk").values_list("pk", "name_masked", "tokens")) == [(start + n, "", []) for n in range(3)]
    assert not PersonKey.objects.exists()


def test_a_very_long_name_or_address_is_kept_whole_and_shown_short() -> None:
    who = parties.register([parties.Person("가" * 200, "010-1234-2201", "a@b." + "c" * 200)])
    assert parties.open_contact.do(CLERK, party=who, kind="name", reason="확인") == "가" * 200
    assert len(Party.objects.get().name_masked) == len(Party.objects.get().email_masked) == 80


def test_opening_needs_the_right_a_reason_and_leaves_a_record(first: int) -> None:
    for actor in (Actor("staff", 9, "x"), Actor("staff", 9, "x", (("auditor", None),))):
        with pytest.raises(NotAllowed):
            parties.open_contact.do(actor, party=first, kind="phone", reason="확인")
    with pytest.raises(Invalid):
        parties.open_contact.do(CLERK, party=first, kind="phone", reason=" ")
    assert not VaultOpening.objects.exists() and not AuditRecord.objects.exists()
    assert parties.open_contact.do(CLERK, party=first, kind="phone", reason="배송 문의") == "01012342201"
    opening, record = VaultOpening.objects.get(), AuditRecord.objects.get()
    assert (opening.person, opening.kind, opening.purpose, opening.actor) == (first, "phone", "배송 문의", "staff:담당")
    assert (record.object, record.key, record.after, record.reason) == ("parties.party", str(first), {"opened": "phone"}, "배송 문의")
    assert "0101234" not in json.dumps(AuditRecord.objects.values("after", "before", "key").get())


def test_a_plan_opens_nothing_for_it_would_leave_no_trace(first: int) -> None:
    plan = parties.open_contact.plan(CLERK, party=first, kind="name", reason="확인")
    assert plan.result == "" and len(plan.effects) == 1 and not VaultOpening.objects.exists()


def test_what_is_not_there_cannot_be_opened(first: int) -> None:
    for party, kind, error in ((first, "address", Invalid), (first + 2, "name", NotFound), (first - 1_000_000, "name", NotFound)):
        with pytest.raises(error):
            parties.open_contact.do(CLERK, party=party, kind=kind, reason="확인")
    assert not VaultOpening.objects.exists() and not AuditRecord.objects.exists()


def test_a_process_that_starts_anew_reads_what_was_sealed(first: int) -> None:
    sealing._master.cache_clear()
    sealing._derived_in.cache_clear()
    assert parties.open_contact.do(CLERK, party=first, kind="name", reason="확인") == "김하늘"
