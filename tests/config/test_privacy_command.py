"""`./numaru privacy …` through the launcher, and `up` on a database that is older than the journal of destructions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.config.running import call, up
from tests.conftest import ROOT

PLANT = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from datetime import UTC, datetime
from django.db import transaction
from numaru.facilities.parties import api as parties
from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.retention import api as retention
from tests.kernel.retention.test_replay import dump, restore
with clock.pinned(datetime(2026, 1, 5, tzinfo=UTC)), transaction.atomic():
    person = parties.register([parties.Person("이노을", "010-5678-3302", "noeul@naru.kr")])
kept = dump(person)
retention.destroy_person.do(Actor.system("test"), person=person, reason="삭제 요구")
restore(kept)
"""
COUNT = """
from numaru.kernel.retention.models import Destruction
from numaru.kernel.vault.models import PersonKey
print("left", PersonKey.objects.count(), "replayed", Destruction.objects.filter(replayed=True).count())
"""


@pytest.mark.slow
def test_what_an_older_database_brought_back_is_destroyed_before_the_house_opens(home: Path) -> None:
    counted = call("privacy", "retention", "--dry-run", "--json", home=home)
    assert counted.returncode == 0, counted.stderr
    told = json.loads(counted.stdout)
    assert told["dry_run"] and {"parties.contact", "leaks.cases"} <= {row["class"] for row in told["classes"]}
    planted = call("manage", "shell", "-c", PLANT, home=home)
    assert planted.returncode == 0, planted.stderr
    assert (home / "destroyed" / "journal").exists()
    assert "left 1 replayed 0" in call("manage", "shell", "-c", COUNT, home=home).stdout
    with up(home, "--empty") as house:
        house.said(r"1 destructions were done again")
        house.healthy()
        assert house.stop() == 0
    assert "left 0 replayed 1" in call("manage", "shell", "-c", COUNT, home=home).stdout
    again = call("privacy", "replay", "--json", home=home)
    assert again.returncode == 0 and json.loads(again.stdout) == {"replayed": 0}
    with (home / "destroyed" / "journal").open("r+b") as file:  # a damaged journal keeps the house shut, in words
        file.seek(20)
        file.write(b"#")
    shut = call("up", "--port", "0", "--empty", home=home)
    assert shut.returncode == 1 and "journal of destructions is damaged" in shut.stderr and "Traceback" not in shut.stderr
