"""Large sets are sealed and re-wrapped by a second process: the same rows come of it, and its death costs nothing but time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection, transaction

from numaru.facilities.parties import api as parties
from numaru.facilities.parties.models import Party
from numaru.kernel.access import Actor
from numaru.kernel.vault import api as vault
from numaru.kernel.vault import hands, rotation, sealing
from numaru.kernel.vault.models import PersonKey, VaultEntry
from tests.conftest import ROOT

pytestmark = pytest.mark.django_db
HOUSE = Actor.system("test")
PEOPLE = [parties.Person(f"김{chr(0xAC00 + n)}늘", f"010-1234-{n:04d}", f"u{n}@mail.example") for n in range(60)]


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sealing, "LARGE", 20)
    monkeypatch.setattr(sealing, "BLOCK", 7)
    monkeypatch.setattr(rotation, "LARGE", 20)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    yield
    hands.beside.close()


def everybody(first: int) -> list[tuple[str, str, str]]:
    found = {one.person: one.values for one in vault.read_many(range(first, first + len(PEOPLE)), parties.KINDS)}
    return [(found[first + n]["name"], found[first + n]["phone"], found[first + n]["email"]) for n in range(len(PEOPLE))]


WHOLE = [(p.name, p.phone.replace("-", ""), p.email) for p in PEOPLE]


def test_a_large_set_is_sealed_beside_and_opens_as_its_own(large: None) -> None:
    with transaction.atomic():
        first = parties.register(PEOPLE)
    assert hands.beside._pool is not None, "a second process worked"
    assert everybody(first) == WHOLE
    assert PersonKey.objects.count() == len(PEOPLE) and VaultEntry.objects.count() == 3 * len(PEOPLE)
    sealed = list(VaultEntry.objects.values_list("sealed", flat=True))
    assert len({bytes(s)[:12] for s in sealed}) == len(sealed), "a nonce stands once"
    assert parties.found(parties.search_tokens("010-1234-0059")) == [first + 59]


def test_a_set_of_several_is_one_row_of_ids(large: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("numaru.facilities.parties.actions.people.SET", 25)
    first = parties.register(PEOPLE)
    assert list(Party.objects.order_by("pk").values_list("pk", flat=True)) == list(range(first, first + len(PEOPLE)))
    assert everybody(first) == WHOLE


def test_the_death_of_the_second_process_loses_nobody(large: None) -> None:
    hands.beside.begin(len, b"")
    pool = hands.beside._pool
    assert pool is not None
    (process,) = pool._processes.values()
    os.kill(process.pid or 0, signal.SIGKILL)
    process.join()
    first = parties.register(PEOPLE)
    assert everybody(first) == WHOLE


def test_half_of_a_large_chunk_of_keys_is_wrapped_beside(large: None) -> None:
    first = parties.register(PEOPLE)
    new = vault.rotate_master.do(HOUSE, reason="해마다 교체")
    assert vault.rewrap() >= len(PEOPLE)
    assert set(PersonKey.objects.values_list("master", flat=True)) == {new}
    assert everybody(first) == WHOLE


def test_an_odd_value_is_the_same_line_for_the_database(large: None) -> None:
    who = parties.register([parties.Person("김\t\\N늘", "", "a\\.b@c.kr")])
    with connection.cursor() as cursor:
        cursor.execute("SELECT name_masked, email_masked FROM parties_party WHERE id = %s", [who])
        assert cursor.fetchone() == ("김***늘", "a\\***@c***.kr")


def gone(process: int) -> bool:
    """Whether no such process runs any more; one that waits to be reaped does not run."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_the_second_process_does_not_outlive_the_first() -> None:
    code = (
        "from numaru.kernel.vault import hands\n"
        "hands.os.cpu_count = lambda: 2\n"
        "hands.beside.begin(len, b'').result()\n"
        "print(*hands.beside._pool._processes, flush=True)\n"
        "hands.threading.Event().wait()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": str(ROOT / "src")}
    ) as first:
        assert first.stdout is not None
        second = int(first.stdout.readline())
        assert not gone(second)
        first.kill()
    until = time.monotonic() + 20
    while not gone(second) and time.monotonic() < until:
        time.sleep(0.05)
    assert gone(second), "it holds keys"
