"""Sealed values: unreadable in the tables, bound to their person and kind, opened only with a purpose that stays on record."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from django.db import connection

from numaru.kernel import bulk, clock
from numaru.kernel.access import Actor
from numaru.kernel.vault import api as vault
from numaru.kernel.vault import sealing
from numaru.kernel.vault.models import PersonKey, VaultEntry, VaultOpening

CLERK = Actor("staff", 3, "담당")
KIM, LEE = 900_001, 900_002
NAME, PHONE = "김하늘", "01012342201"


@pytest.fixture
def fresh_keys(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home without keys; what this process knows of keys is forgotten before and after."""
    monkeypatch.delenv("NUMARU_MASTER_KEY", raising=False)
    settings.HOME = tmp_path
    forget()
    yield tmp_path
    forget()


def forget() -> None:
    sealing._master.cache_clear()
    sealing._derived_in.cache_clear()


def seal(people: dict[int, dict[str, str]]) -> None:
    keys, entries = vault.seal_all(people)
    bulk.copy_rows("keys.person_key", ["person", "master", "wrapped"], keys)
    bulk.copy_rows("vault_entry", ["person", "kind", "version", "sealed", "at"], [(*e, clock.now()) for e in entries])


@pytest.fixture
def people(db: None, fresh_keys: Path) -> None:
    seal({KIM: {"name": NAME, "phone": PHONE}, LEE: {"name": NAME}})


def test_what_is_sealed_is_nowhere_in_the_clear_and_equal_values_look_different(people: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT bool_or(position(%s::bytea IN sealed) > 0 OR position(%s::bytea IN sealed) > 0) FROM vault_entry",
            [NAME.encode(), PHONE.encode()],
        )
        assert cursor.fetchone()[0] is False
    first, second = (bytes(e.sealed) for e in VaultEntry.objects.filter(kind="name"))
    assert first != second and len(first) == 12 + len(NAME.encode()) + 16


def test_opening_gives_the_value_and_leaves_who_when_and_why(people: None) -> None:
    assert vault.open_value(CLERK, KIM, "name", " 요금 문의 확인 ", case_ref="C-1") == NAME
    opened = VaultOpening.objects.get()
    assert (opened.person, opened.kind, opened.actor, opened.purpose, opened.case_ref) == (
        KIM,
        "name",
        "staff:담당",
        "요금 문의 확인",
        "C-1",
    )


@pytest.mark.parametrize("purpose", ["", "  ", "\n"])
def test_without_a_purpose_nothing_is_opened(people: None, purpose: str) -> None:
    with pytest.raises(ValueError, match="purpose"):
        vault.open_value(CLERK, KIM, "name", purpose)
    assert not VaultOpening.objects.exists()


def test_a_value_cannot_be_moved_to_another_person_or_kind(people: None) -> None:
    sealed = VaultEntry.objects.get(person=KIM, kind="phone").sealed
    VaultEntry.objects.filter(person=KIM, kind="name").update(sealed=sealed)
    with pytest.raises(InvalidTag):
        vault.open_value(CLERK, KIM, "name", "시험")
    PersonKey.objects.filter(person=LEE).update(wrapped=PersonKey.objects.get(person=KIM).wrapped)
    with pytest.raises(InvalidTag):
        vault.open_value(CLERK, LEE, "name", "시험")


def test_the_newest_version_is_opened_and_a_destroyed_person_is_silent(people: None) -> None:
    assert vault.open_value(CLERK, LEE, "phone", "시험") is None
    PersonKey.objects.filter(person=KIM).delete()
    assert vault.open_value(CLERK, KIM, "name", "시험") is None
    assert not VaultOpening.objects.exists()  # nothing was shown


def test_tokens_are_equal_for_equal_values_of_a_kind_and_tell_nothing_else(fresh_keys: Path) -> None:
    assert vault.token("phone", PHONE) == vault.token("phone", PHONE)
    assert len({vault.token("phone", PHONE), vault.token("phone4", PHONE), vault.token("phone", PHONE[:-1])}) == 3
    assert all(0 <= t < 2**63 for t in vault.tokens([("name", str(n)) for n in range(200)]))
    assert vault.tokens([("a", "1"), ("a", "1")]) == [vault.token("a", "1")]
    before = vault.token("phone", PHONE)
    (fresh_keys / "keys" / "master").unlink()
    forget()
    assert vault.token("phone", PHONE) != before  # another master key, other tokens


def test_the_master_key_is_made_once_for_its_owner_alone(fresh_keys: Path) -> None:
    first = vault.master_id()
    path = fresh_keys / "keys" / "master"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and len(bytes.fromhex(path.read_text())) == 32
    forget()
    assert vault.master_id() == first


@pytest.mark.parametrize("bad", ["", "ab", "zz" * 32, "ab" * 31])
def test_half_a_master_key_is_refused(fresh_keys: Path, bad: str) -> None:
    path = fresh_keys / "keys" / "master"
    path.parent.mkdir()
    path.write_text(bad)
    with pytest.raises(RuntimeError, match="backup"):
        vault.master_id()


def test_the_key_of_the_environment_counts_first(fresh_keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMARU_MASTER_KEY", "ab" * 32)
    assert len(vault.master_id()) == 16 and not (fresh_keys / "keys").exists()
