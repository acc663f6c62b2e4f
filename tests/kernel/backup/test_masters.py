"""Which master keys a house needs and lacks: every key of the ring counts, the former ones too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from numaru.facilities.parties import api as parties
from numaru.kernel import ports
from numaru.kernel.access import Actor
from numaru.kernel.backup import masters
from numaru.kernel.vault import api as vault

HOUSE = Actor.system("test")


@pytest.fixture
def fresh(db: None, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name in ("NUMARU_MASTER_KEY", "NUMARU_MASTER_COMMAND"):
        monkeypatch.delenv(name, raising=False)
    settings.HOME = tmp_path
    ports.bind(vault.MasterKeys, vault.ChosenMasters())  # type: ignore[type-abstract]
    yield tmp_path
    ports.bind(vault.MasterKeys, vault.ChosenMasters())  # type: ignore[type-abstract]


def test_a_former_master_that_is_still_known_is_not_missing(fresh: Path) -> None:
    parties.register([parties.Person("김하늘")])
    old = vault.master_id()
    new = vault.rotate_master.do(HOUSE, reason="해마다 교체")
    parties.register([parties.Person("이노을")])
    assert masters.needed() == {old, new} and set(vault.known_ids()) == {old, new}
    assert masters.missing() == []


def test_what_is_wrapped_under_a_lost_master_is_named(fresh: Path) -> None:
    parties.register([parties.Person("김하늘")])
    old, file = vault.master_id(), fresh / "keys" / "master"
    vault.rotate_master.do(HOUSE, reason="해마다 교체")
    parties.register([parties.Person("이노을")])
    file.write_text(file.read_text().splitlines()[0] + "\n")  # the former key is lost
    ports.bind(vault.MasterKeys, vault.ChosenMasters())  # type: ignore[type-abstract]
    assert masters.missing() == [old]


def test_a_home_without_keys_lacks_them_all_and_is_given_none(fresh: Path) -> None:
    parties.register([parties.Person("김하늘")])
    (fresh / "keys" / "master").unlink()
    assert masters.missing() == sorted(masters.needed()) and masters.needed()
    assert not (fresh / "keys" / "master").exists()
