"""A backup that is older than a destruction: what it brings back is destroyed again before the house opens."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection, transaction

from numaru.facilities.parties import api as parties
from numaru.kernel.retention import api as retention
from numaru.kernel.retention import journal
from numaru.kernel.retention.models import Destruction
from numaru.kernel.vault.models import PersonKey
from tests.domains.billing import world
from tests.domains.billing.world import HOUSE
from tests.kernel.retention.cast import destroyed


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
