"""People: sealed on arrival, found without being opened, opened only on record."""

from __future__ import annotations

import json
import unicodedata
from datetime import date, timedelta

import pytest
from django.core import serializers
from django.db import connection

from numaru.facilities.parties import api as parties
from numaru.facilities.parties.actions.opening import open_sealed
from numaru.facilities.parties.models import Party
from numaru.kernel import clock, ports
from numaru.kernel.access import Actor
from numaru.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from numaru.kernel.models import AuditRecord, OutboxEvent, Policy
from numaru.kernel.vault import api as vault
from numaru.kernel.vault.models import PersonKey, VaultEntry, VaultOpening

pytestmark = pytest.mark.django_db
CLERK = Actor("staff", 3, "담당", (("subscriber_clerk", None),))
WHY = parties.Why("caller")
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
        ("김하", []), ("haneul", []), ("220", []), ("", []), ("   ", []), ("0101234", [0]), ("010-1234", [0]), ("02555", [1]), ("0105", []), ("ㄱㅎ", [0]), ("ㅎㄴ", []),
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
    assert parties.open_contact(CLERK, party=who, kind="name", why=WHY) == "가" * 200
    assert len(Party.objects.get().name_masked) == len(Party.objects.get().email_masked) == 80


def test_what_would_break_a_line_of_the_database_is_only_a_name() -> None:
    who = parties.register([parties.Person("김\\\t\n늘", "", "a\\b@c.kr"), parties.Person("박나래")])
    assert Party.objects.count() == 2 and found("박나래", who) == [1]
    assert parties.open_contact(CLERK, party=who, kind="name", why=WHY) == "김\\\t\n늘"


def outcomes() -> list[tuple[int, str, str]]:
    return list(VaultOpening.objects.order_by("pk").values_list("person", "kind", "outcome"))


def test_opening_needs_the_right_and_a_purpose_and_attempts_in_vain_are_on_record(first: int) -> None:
    for actor in (Actor("staff", 9, "x"), Actor("staff", 9, "x", (("auditor", None),))):
        with pytest.raises(NotAllowed):
            parties.open_contact(actor, party=first, kind="phone", why=WHY)
    for code, words in (("", ""), ("because", ""), ("caller", "010-1234-2201 손님")):
        with pytest.raises(Invalid) as refused:
            parties.open_contact(CLERK, party=first, kind="phone", why=parties.Why(code, words=words))
        assert "1234" not in str(refused.value)
    assert outcomes() == [(first, "phone", "refused")] * 5 and not AuditRecord.objects.exists()
    assert "1234" not in str(list(VaultOpening.objects.values()))
    assert parties.open_contact(CLERK, party=first, kind="phone", why=parties.Why("notice", "C-7", "배송 문의")) == "01012342201"
    opening, record = VaultOpening.objects.latest("pk"), AuditRecord.objects.get()
    assert (opening.person, opening.kind, opening.purpose, opening.actor) == (
        first,
        "phone",
        "고지나 안내 연락 · C-7 · 배송 문의",
        "staff:담당",
    )
    assert (opening.staff, opening.code, opening.case_ref, opening.outcome) == (3, "notice", "C-7", "opened")
    assert (record.object, record.key, record.after) == ("parties.party", str(first), {"opened": "phone", "purpose": "notice"})
    assert "0101234" not in json.dumps(AuditRecord.objects.values("after", "before", "key", "reason").get())


def test_a_plan_opens_nothing_for_it_would_leave_no_trace(first: int) -> None:
    plan = open_sealed.plan(CLERK, party=first, kind="name", reason="확인")
    assert plan.result == "" and len(plan.effects) == 1 and not VaultOpening.objects.exists()


def test_what_is_not_there_cannot_be_opened(first: int) -> None:
    nobody = first - 1_000_000
    for party, kind, error in ((first, "address", Invalid), (first + 2, "name", NotFound), (nobody, "name", NotFound)):
        with pytest.raises(error):
            parties.open_contact(CLERK, party=party, kind=kind, why=WHY)
    assert outcomes() == [(first, "address", "refused"), (first + 2, "name", "missing"), (nobody, "name", "missing")]
    assert not AuditRecord.objects.exists()


def test_after_many_openings_in_an_hour_a_case_is_asked(first: int) -> None:
    Policy.objects.create(key="parties.openings_per_hour", value=2, basis="시험", valid_from=date(2020, 1, 1), recorded_at=clock.now())
    for _ in range(2):
        parties.open_contact(CLERK, party=first, kind="name", why=WHY)
    with pytest.raises(Conflict):
        parties.open_contact(CLERK, party=first, kind="name", why=WHY)
    assert parties.open_contact(CLERK, party=first, kind="name", why=parties.Why("caller", "C-9")) == "김하늘"
    with clock.pinned(clock.now() + timedelta(hours=2)):
        assert parties.open_contact(CLERK, party=first, kind="name", why=WHY) == "김하늘"


def test_a_corrected_value_is_a_new_version_and_is_found_and_shown_anew(first: int) -> None:
    assert parties.correct_contact.do(CLERK, party=first, kind="phone", value="010 9999 8888", reason="고객 요청") == 2
    assert found("01099998888", first) == [0] and found("2201", first) == [] and found("ㄱㅎㄴ", first) == [0]
    assert parties.masked({first})[first].phone == "010-****-8888" and parties.masked({first})[first].name == "김*늘"
    assert parties.open_contact(CLERK, party=first, kind="phone", why=WHY) == "01099998888"
    assert parties.open_contact(CLERK, party=first, kind="phone", why=WHY, version=1) == "01012342201"
    parties.correct_contact.do(CLERK, party=first + 2, kind="name", value=" 새  이름 ", reason="고객 요청")
    assert found("새이름", first) == [2]
    assert "9999" not in str(list(AuditRecord.objects.values())) + str(list(OutboxEvent.objects.values()))


@pytest.mark.parametrize(
    ("kind", "value"), [("phone", "12"), ("phone", "없음"), ("email", "no address"), ("name", "  "), ("name", "가" * 201), ("card", "1")]
)
def test_what_is_no_value_corrects_nothing(first: int, kind: str, value: str) -> None:
    with pytest.raises(Invalid) as refused:
        parties.correct_contact.do(CLERK, party=first, kind=kind, value=value, reason="고객 요청")
    assert value.strip() == "" or kind == "card" or value not in str(refused.value)
    assert VaultEntry.objects.filter(person=first).count() == 3


def test_a_process_that_starts_anew_reads_what_was_sealed(first: int) -> None:
    ports.bind(vault.MasterKeys, vault.ChosenMasters())  # type: ignore[type-abstract]
    assert parties.open_contact(CLERK, party=first, kind="name", why=WHY) == "김하늘"
