"""A backup that is older than a destruction: what it brings back is destroyed again before the house opens."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from numaru.facilities.parties import api as parties
from numaru.kernel.errors import Conflict
from numaru.kernel.retention import api as retention
from numaru.kernel.retention import journal
from numaru.kernel.retention.models import Destruction
from numaru.kernel.vault.models import PersonKey
from tests.conftest import ROOT
from tests.domains.billing import world
from tests.domains.billing.world import HOUSE
from tests.kernel.retention.cast import destroyed, staff


def dump(person: int) -> tuple[list[tuple[object, ...]], ...]:
    """What a backup of the database holds of a person: keys, sealed values, the row with its masked forms and tokens, the link to usage."""
    with connection.cursor() as cursor:
        out = []
        for statement in (
            "SELECT person, master, wrapped FROM person_key WHERE person = %s",
            "SELECT person, kind, version, sealed, at FROM vault_entry WHERE person = %s",
            "SELECT id, name_masked, phone_masked, email_masked, tokens FROM parties_party WHERE id = %s",
            "SELECT party_id, subject_key FROM subscribers_subscriber WHERE party_id = %s",
        ):
            cursor.execute(statement, [person])
            out.append(cursor.fetchall())
    return tuple(out)


def restore(kept: tuple[list[tuple[object, ...]], ...]) -> None:
    """Put the older state back, and take away what the older database did not know yet: the log of the destruction."""
    keys, entries, people, links = kept
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE retention_destroyed DISABLE TRIGGER append_only; DELETE FROM retention_destroyed")
        cursor.execute("ALTER TABLE retention_destroyed ENABLE TRIGGER append_only")
        cursor.execute("ALTER TABLE retention_destruction DISABLE TRIGGER append_only; DELETE FROM retention_destruction")
        cursor.execute("ALTER TABLE retention_destruction ENABLE TRIGGER append_only")
        cursor.execute("DELETE FROM kernel_series WHERE name = 'destruction'")
        cursor.executemany("INSERT INTO person_key (person, master, wrapped) VALUES (%s, %s, %s)", keys)
        cursor.executemany("INSERT INTO vault_entry (person, kind, version, sealed, at) VALUES (%s, %s, %s, %s, %s)", entries)
        for pk, *values in people:
            cursor.execute(
                "UPDATE parties_party SET name_masked=%s, phone_masked=%s, email_masked=%s, tokens=%s WHERE id=%s", [*values, pk]
            )
        cursor.executemany("UPDATE subscribers_subscriber SET subject_key = %s WHERE party_id = %s", [(key, pk) for pk, key in links])


def opened(person: int) -> object:
    return parties.open_contact(HOUSE, party=person, kind="name", why=parties.Why("request"))


@pytest.mark.django_db(transaction=True)
def test_what_was_destroyed_after_the_backup_is_destroyed_again_before_the_house_opens(db: None, tmp_path: Path, settings: object) -> None:
    settings.HOME = tmp_path  # type: ignore[attr-defined]
    person = _alone()
    kept = dump(person)
    with world.on("2026-11-02"):
        made = destroyed(person)
    assert journal.read(journal.place())[0]["number"] == made, "written after the commit, outside the database"
    restore(kept)
    assert opened(person) == "이노을", "the older database knows everything again"
    assert len(retention.unknown()) == 1
    assert retention.replay() == 1
    assert not PersonKey.objects.filter(person=person).exists() and parties.masked({person})[person].name == ""
    row = Destruction.objects.get(number=made)
    assert row.replayed and row.person == person
    assert retention.replay() == 0, "a second replay finds nothing"
    assert len(journal.read(journal.place())) == 1, "and writes nothing twice"
    with world.on("2026-11-03"):
        assert retention.certificate(made).whole
        other = _alone("둘째")
        assert int(destroyed(other)[2:]) == int(made[2:]) + 1, "the number is not given twice"


def _alone(name: str = "이노을") -> int:
    """A person without a contract, registered long ago."""
    with world.on("2026-01-05"), transaction.atomic():
        return parties.register([parties.Person(name, "010-5678-3302", "noeul@naru.kr")])


SCRIPT = """
import django
django.setup()
from datetime import datetime, UTC
from numaru.kernel import clock
from tests.kernel.retention.cast import approve
from numaru.kernel.models import Staff
import sys
with clock.pinned(datetime(2026, 11, 2, 3, tzinfo=UTC)):
    approve(sys.argv[1], Staff.objects.get(pk=int(sys.argv[2])).actor)
"""


@pytest.mark.slow
@pytest.mark.kill
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("point", ["retention.intended:1", "destruction.committed:1"])
def test_a_kill_around_the_commit_and_the_loss_of_the_database_bring_nobody_back(
    db: None, tmp_path: Path, settings: Any, point: str
) -> None:
    """Whether the commit came or not cannot be told from the journal alone; two people had approved, so it is done."""
    settings.HOME = tmp_path
    person = _alone()
    kept = dump(person)
    with world.on("2026-11-02"):
        asked = retention.destroy_person.ask(staff("subscriber_clerk"), reason="전화로 삭제를 요구함", person=person)
        officer = staff("privacy_officer").id
    named = connection.settings_dict
    env = os.environ | {
        "DATABASE_URL": f"postgresql://{named['USER']}@/{named['NAME']}?host={named['HOST']}", "NUMARU_HOME": str(tmp_path),
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "DJANGO_SETTINGS_MODULE": "numaru.config.settings", "NUMARU_KILL": point,
    }  # fmt: skip
    died = subprocess.run([sys.executable, "-c", SCRIPT, asked, str(officer)], env=env, capture_output=True, check=False)
    assert died.returncode == -signal.SIGKILL, died.stderr
    committed = not PersonKey.objects.filter(person=person).exists()
    assert committed == (point == "destruction.committed:1")
    (line,) = journal.read(journal.place())
    assert line["person"] == person and not line["settled"], "written down before the commit"
    if committed:
        restore(kept)  # the database is lost; an older one comes back
    assert opened(person) == "이노을"
    with world.on("2026-11-03"):
        assert retention.replay() == 1
        assert not PersonKey.objects.filter(person=person).exists() and parties.masked({person})[person].name == ""
        assert retention.replay() == 0 and [one["settled"] for one in journal.read(journal.place())] == [True]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("against", ["a hold", "a later destruction"])
def test_what_was_only_intended_is_not_done_against_a_hold_and_not_twice(db: None, tmp_path: Path, settings: Any, against: str) -> None:
    settings.HOME = tmp_path
    person = _alone()
    with world.on("2026-11-02"):
        with pytest.raises(RuntimeError), transaction.atomic():
            destroyed(person)
            raise RuntimeError("the transaction fails after the line was written")
        assert [one["settled"] for one in journal.read(journal.place())] == [False]
        if against == "a hold":
            retention.place_hold.do(staff("privacy_officer"), person=person, until=date(2027, 3, 31), reason="보존 명령")
        else:
            destroyed(person)
        before = Destruction.objects.count()
        assert retention.replay() == 0 and Destruction.objects.count() == before
        assert PersonKey.objects.filter(person=person).exists() == (against == "a hold")
        assert all(one["settled"] for one in journal.read(journal.place())), "settled once and for all"


@pytest.mark.django_db(transaction=True)
def test_a_damaged_journal_lets_nothing_be_destroyed(db: None, tmp_path: Path, settings: Any) -> None:
    settings.HOME = tmp_path
    person = _alone()
    journal.place().parent.mkdir(parents=True)
    journal.place().write_text('{"before": "x"}\n')
    with world.on("2026-11-02"), pytest.raises(Conflict):
        destroyed(person)
    assert PersonKey.objects.filter(person=person).exists()
