"""Sealed values: unreadable in the tables, bound to their person and kind, opened only with a purpose that stays on record."""

from __future__ import annotations

import hmac
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from django.db import connection

from numaru.kernel import ports
from numaru.kernel.access import Actor
from numaru.kernel.errors import Conflict
from numaru.kernel.vault import api as vault
from numaru.kernel.vault import masters, ring
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
    """A process that starts anew knows no keys."""
    ports.bind(vault.MasterKeys, vault.ChosenMasters())  # type: ignore[type-abstract]


def seal(people: dict[int, dict[str, str]]) -> None:
    vault.NewEntries(people.items()).write()


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


def test_tokens_are_equal_for_equal_values_of_a_kind_and_tell_nothing_else(db: None, fresh_keys: Path) -> None:
    assert vault.token("phone", PHONE) == vault.token("phone", PHONE)
    assert len({vault.token("phone", PHONE), vault.token("phone4", PHONE), vault.token("phone", PHONE[:-1])}) == 3
    assert all(0 <= t < 2**63 for t in vault.tokens([("name", str(n)) for n in range(200)]))
    assert vault.tokens([("a", "1"), ("a", "1")]) == [vault.token("a", "1")]
    key = ring.house("blind")[0].key
    known = int.from_bytes(hmac.digest(key, b"phone\0" + PHONE.encode(), "sha256")[:8], "big") >> 1
    assert vault.token("phone", PHONE) == known  # HMAC-SHA256 as others compute it


def test_without_the_master_key_no_token_can_be_made(db: None, fresh_keys: Path) -> None:
    vault.token("phone", PHONE)
    (fresh_keys / "keys" / "master").unlink()
    ring._opened.cache_clear()
    forget()
    with pytest.raises(RuntimeError, match="not known here"):
        vault.token("phone", PHONE)


def test_a_house_that_sealed_before_there_were_house_keys_keeps_its_tokens(db: None, fresh_keys: Path) -> None:
    """Tokens were made under a key derived from the master; people found by them stay found, files imported again change nothing."""
    former = ring.derived(ring.current(), b"blind")
    PersonKey.objects.create(person=KIM, master=vault.master_id(), wrapped=b"x" * 60)
    known = int.from_bytes(hmac.digest(former, b"phone\0" + PHONE.encode(), "sha256")[:8], "big") >> 1
    assert vault.token("phone", PHONE) == known and vault.marks([("phone", PHONE)]) == [known]


def test_a_new_value_is_a_new_version_and_the_old_one_stays(people: None) -> None:
    assert vault.put(KIM, "name", "김새봄") == 2 and vault.latest_version(KIM, "name") == 2
    assert vault.open_value(CLERK, KIM, "name", "시험") == "김새봄"
    assert vault.open_value(CLERK, KIM, "name", "시험", version=1) == NAME
    assert vault.open_value(CLERK, KIM, "name", "시험", version=3) is None
    assert [(o.person, o.values) for o in vault.read_many([KIM, LEE, 1], ["name", "phone"])] == [
        (KIM, {"name": "김새봄", "phone": PHONE}), (LEE, {"name": NAME}),
    ]  # fmt: skip
    first = VaultEntry.objects.get(person=KIM, kind="name", version=1).sealed
    VaultEntry.objects.filter(person=KIM, kind="name", version=2).update(sealed=first)
    with pytest.raises(InvalidTag):  # an old value cannot be passed off as the new one
        vault.open_value(CLERK, KIM, "name", "시험")
    assert vault.put(900_003, "phone", PHONE) == 1  # somebody of whom nothing was known
    assert vault.forget([KIM]) == 1 and vault.latest_version(KIM, "name") is None


def test_attempts_in_vain_are_on_record_beside_the_others(people: None) -> None:
    why = vault.Purpose("시험", "caller", "C-1", "video")
    vault.open_value(CLERK, KIM, "name", why)
    vault.record_failed(CLERK, LEE, "phone", why, "missing")
    assert vault.record_many(CLERK, [KIM, LEE], ["name", "phone"], vault.Purpose("시험", bulk="X-1")) == 4
    assert vault.opened_since(CLERK, timedelta(hours=1)) == 1  # one singly
    latest = vault.of_persons([LEE])
    assert [(o.kind, o.outcome, o.staff, o.code, o.case_ref, o.service, o.bulk) for o in latest][-1] == (
        "phone", "missing", 3, "caller", "C-1", "video", "",
    )  # fmt: skip


def test_free_text_is_sealed_and_bound_to_its_place(db: None, fresh_keys: Path) -> None:
    sealed = vault.seal_text(NAME, "room.Note.words")
    assert NAME.encode() not in sealed and vault.open_text(sealed, "room.Note.words") == NAME
    assert vault.seal_text("", "a") == b"" and vault.open_text(b"", "a") == ""
    assert vault.seal_text(NAME, "a") != vault.seal_text(NAME, "a")
    with pytest.raises(InvalidTag):
        vault.open_text(sealed, "room.Note.other")


# ── master keys ──


def test_a_new_master_wraps_and_the_old_one_still_unwraps(people: None, fresh_keys: Path) -> None:
    old = vault.master_id()
    masters.masters().rotate()
    assert vault.master_id() != old and list(ring.known()) == [vault.master_id(), old]
    assert vault.open_value(CLERK, KIM, "name", "시험") == NAME
    seal({900_004: {"name": "박나래"}})
    assert PersonKey.objects.get(person=900_004).master == vault.master_id()
    path = fresh_keys / "keys" / "master"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and len(path.read_text().split()) == 2


def test_a_command_gives_the_keys(fresh_keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMARU_MASTER_COMMAND", f"echo {'cd' * 32}")
    assert ring.current() == b"\xcd" * 32 and not (fresh_keys / "keys").exists()
    with pytest.raises(Conflict):
        masters.masters().rotate()


@pytest.mark.parametrize(
    ("line", "told"), [("false", "status 1"), ("echo nothing", "hexadecimal"), ("/no/such/program", "could not be started"), ("sleep 9", "no answer"), ("true", "no master key")]
)  # fmt: skip
def test_a_command_that_fails_is_told_without_what_it_said(
    fresh_keys: Path, monkeypatch: pytest.MonkeyPatch, line: str, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(masters, "PATIENCE", 0.3)
    monkeypatch.setenv("NUMARU_MASTER_COMMAND", line)
    with pytest.raises(RuntimeError, match=told) as refused:
        ring.current()
    assert "nothing" not in str(refused.value) and not caplog.records


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
