"""Keys are rotated while people work: nothing is lost when it is killed, nobody is missed by a search in between."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from numaru.faces.command import keys
from numaru.facilities.parties import api as parties
from numaru.kernel import ports
from numaru.kernel.access import Actor
from numaru.kernel.errors import Conflict
from numaru.kernel.jobs import Progress, Stopped, ask
from numaru.kernel.models import AuditRecord, Work
from numaru.kernel.vault import api as vault
from numaru.kernel.vault import masters
from numaru.kernel.vault.models import HouseKey, PersonKey
from tests.conftest import ROOT

HOUSE = Actor.system("test")
WHY = parties.Why("caller")


def behind() -> dict[str, int]:
    """What is still to be renewed, by index; those with nothing are left out."""
    return {key: count for key, count in vault.status().behind.items() if count}


NAMES = ["김하늘", "이노을", "박나래", "최다온", "정새봄"]


@pytest.fixture
def fresh(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name in ("NUMARU_MASTER_KEY", "NUMARU_MASTER_COMMAND"):
        monkeypatch.delenv(name, raising=False)
    settings.HOME = tmp_path
    ports.bind(vault.MasterKeys, vault.ChosenMasters())  # type: ignore[type-abstract]
    yield tmp_path
    ports.bind(vault.MasterKeys, vault.ChosenMasters())  # type: ignore[type-abstract]


@pytest.fixture
def first(db: None, fresh: Path) -> int:
    return parties.register([parties.Person(name, f"010-1234-000{n}") for n, name in enumerate(NAMES)])


def names(first: int) -> list[str]:
    return [parties.open_contact(HOUSE, party=first + n, kind="name", why=WHY) for n in range(len(NAMES))]


def test_after_a_new_master_everything_stands_under_it_and_opens(first: int) -> None:
    old = vault.master_id()
    new = vault.rotate_master.do(HOUSE, reason="해마다 교체")
    assert new != old and names(first) == NAMES
    assert vault.status().wrapped[old] == len(NAMES) + HouseKey.objects.count() and vault.status().idle == ()
    assert vault.rewrap(chunk=2) == len(NAMES) + HouseKey.objects.count()
    assert set(PersonKey.objects.values_list("master", flat=True)) | set(HouseKey.objects.values_list("master", flat=True)) == {new}
    assert names(first) == NAMES and parties.found(parties.search_tokens("김하늘")) == [first]
    assert vault.rewrap() == 0  # again changes nothing
    assert vault.status().idle == (old,)


def test_a_former_master_goes_only_when_nothing_needs_it(first: int, fresh: Path) -> None:
    with pytest.raises(Conflict):
        vault.retire_masters.do(HOUSE, reason="정리", backups_gone=True)
    old = vault.master_id()
    vault.rotate_master.do(HOUSE, reason="교체")
    with pytest.raises(Conflict):  # keys still stand under it
        vault.retire_masters.do(HOUSE, reason="정리", backups_gone=True)
    vault.rewrap()
    with pytest.raises(Conflict):  # a backup may need it
        vault.retire_masters.do(HOUSE, reason="정리", backups_gone=False)
    assert vault.retire_masters.plan(HOUSE, backups_gone=True).result == [old] and old in vault.known_ids()
    assert vault.retire_masters.do(HOUSE, reason="정리", backups_gone=True) == [old]
    assert vault.known_ids() == [vault.master_id()] and names(first) == NAMES
    assert not any(old in (fresh / "keys" / "master").read_text() for _ in "x")


def test_a_rewrap_that_was_stopped_goes_on(first: int) -> None:
    vault.rotate_master.do(HOUSE, reason="교체")

    class Asked(Progress):
        def begin(self) -> None:  # a person asks while it runs
            super().begin()
            ask(self.work.kind, self.work.key, "pause")

    with pytest.raises(Stopped):
        vault.rewrap(Asked(vault.REWRAP, "t"), chunk=2)
    assert PersonKey.objects.filter(master=vault.master_id()).count() == 2 and names(first) == NAMES
    assert vault.rewrap(Progress(vault.REWRAP, "t"), chunk=2) == 3
    work = Work.objects.get(kind=vault.REWRAP)
    assert (work.state, work.done, work.total) == ("done", 3, 3)


def test_who_is_destroyed_meanwhile_stays_destroyed(first: int) -> None:
    vault.rotate_master.do(HOUSE, reason="교체")
    vault.forget([first])
    vault.rewrap()
    assert not PersonKey.objects.filter(person=first).exists()


def test_during_a_rotation_of_the_blind_index_nobody_is_missed(first: int) -> None:
    def found(text: str) -> list[int]:
        return parties.found(parties.search_tokens(text))

    def everybody_is_found() -> None:
        assert [found(name) for name in NAMES] == [[first + n] for n in range(len(NAMES))]
        assert found("0101234") == [first + n for n in reversed(range(len(NAMES)))]

    vault.begin_reindex.do(HOUSE, reason="교체")
    everybody_is_found()
    with pytest.raises(Conflict):
        vault.begin_reindex.do(HOUSE, reason="교체")
    with pytest.raises(Conflict):
        vault.finish_reindex.do(HOUSE)
    late = parties.register([parties.Person("한겨울")])  # written under the new key
    index = vault.asking()[0]
    room = vault.indexes["parties.party"]
    assert room.behind(index.version) == len(NAMES) and room.renew(index, 0, 2) == (2, first + 1)  # a chunk, and no more
    everybody_is_found()
    assert vault.reindex(chunk=2) == len(NAMES) - 2
    assert vault.finish_reindex.do(HOUSE) == 1 and len(vault.asking()) == 1
    everybody_is_found()
    assert found("한겨울") == [late]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT token_version), min(token_version) FROM parties_party")
        assert cursor.fetchone() == (1, 2)


def test_people_from_before_versions_get_what_is_new(first: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE parties_party SET token_version = 0, tokens = ARRAY[1] WHERE id = %s", [first])
    assert parties.found(parties.search_tokens("ㄱㅎ")) == []
    assert behind() == {"parties.party": 1} and vault.reindex() == 1
    assert parties.found(parties.search_tokens("ㄱㅎ")) == [first] and behind() == {}


def test_marks_of_imported_rows_outlive_a_rotation(first: int) -> None:
    before = vault.marks([("name", "김하늘")])
    vault.begin_reindex.do(HOUSE, reason="교체")
    vault.reindex()
    vault.finish_reindex.do(HOUSE)
    vault.rotate_master.do(HOUSE, reason="교체")
    vault.rewrap()
    assert vault.marks([("name", "김하늘")]) == before


def test_the_command_rotates_reindexes_and_tells(first: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert keys.main(["rotate"]) == 1 and "사유" in capsys.readouterr().err
    old = vault.master_id()
    assert keys.main(["rotate", "--reason", "해마다 교체"]) == 0
    assert vault.master_id() != old and "8개" in capsys.readouterr().out
    assert keys.main(["reindex", "--new-key", "--reason", "교체"]) == 0 and "2판으로 5명" in capsys.readouterr().out
    assert keys.main(["status"]) == 0 and vault.master_id() in capsys.readouterr().out
    assert keys.main(["retire", "--reason", "정리"]) == 1 and keys.main(["retire", "--reason", "정리", "--backups-gone"]) == 0
    assert {r.object for r in AuditRecord.objects.filter(action="vault.keys.rotate")} == {"vault.master", "vault.blind_index"}
    masters.masters().retire(frozenset())
    PersonKey.objects.filter(person=first).update(master="0" * 16)
    assert keys.main(["status", "--json"]) == 1  # a key whose master is not here


@pytest.mark.kill
@pytest.mark.slow
@pytest.mark.parametrize("where", ["vault.rewrap:2", "vault.reindex:2"])
@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_and_run_again_nothing_is_lost(fresh: Path, where: str) -> None:
    first = parties.register([parties.Person(name, f"010-1234-000{n}") for n, name in enumerate(NAMES)])
    vault.rotate_master.do(HOUSE, reason="교체")
    vault.begin_reindex.do(HOUSE, reason="교체")
    code = (
        "import django; django.setup()\n"
        "from django.conf import settings; from pathlib import Path\n"
        f"settings.DATABASES['default']['NAME'] = {connection.settings_dict['NAME']!r}\n"
        "from django.db import connection; connection.settings_dict['NAME'] = settings.DATABASES['default']['NAME']\n"
        "from numaru.kernel.vault import api as vault\n"
        "vault.rewrap(chunk=2); vault.reindex(chunk=2)\n"
    )
    env = os.environ | {
        "NUMARU_KILL": where, "NUMARU_HOME": str(fresh), "PYTHONPATH": str(ROOT / "src"), "DJANGO_SETTINGS_MODULE": "numaru.config.settings",
    }  # fmt: skip
    told = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False, timeout=60)
    assert told.returncode == -9, told.stderr
    assert names(first) == NAMES and [parties.found(parties.search_tokens(n)) for n in NAMES] == [[first + n] for n in range(len(NAMES))]
    vault.rewrap()
    vault.reindex()
    vault.finish_reindex.do(HOUSE)
    assert set(vault.status().wrapped) == {vault.master_id()} and behind() == {}
    assert names(first) == NAMES and [parties.found(parties.search_tokens(n)) for n in NAMES] == [[first + n] for n in range(len(NAMES))]
