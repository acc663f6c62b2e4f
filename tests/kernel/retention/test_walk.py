"""The walk over an empty house's people: chunks, faults, who may order it, and kills at every point."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import Any

import pytest
from django.db import connection, transaction

from numaru.facilities.parties import api as parties
from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.errors import Conflict, NotAllowed
from numaru.kernel.models import AuditRecord, Work
from numaru.kernel.retention import api as retention
from numaru.kernel.retention import runs
from numaru.kernel.retention.models import Destruction, RetentionRun
from numaru.kernel.vault.models import PersonKey
from tests.conftest import ROOT
from tests.domains.billing import world
from tests.kernel.retention.cast import staff

HOUSE = Actor.system("test")


@pytest.fixture(autouse=True)
def journal_apart(tmp_path: Any, settings: Any) -> None:
    settings.HOME = tmp_path


def walk(key: str, day: str) -> RetentionRun:
    with world.on(day):
        found = retention.execute(key, clock.today(), HOUSE)
    assert found is not None
    return found


def people(count: int, day: str = "2026-01-05") -> int:
    """So many people without a contract, registered on ``day``; the first id."""
    with world.on(day), transaction.atomic():
        return parties.register([parties.Person(f"사람{n}", f"0101234{n:04d}") for n in range(count)])


def test_the_walk_goes_in_chunks_and_leaves_one_record_with_the_hash_of_all(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "CHUNK", 4)
    people(10)
    run = walk("parties.contact", "2026-11-02")
    assert (run.destroyed, run.state, len(run.digest)) == (10, "done", 64)
    assert [len(d.gone[0]["refs"]) for d in Destruction.objects.order_by("id")] == [4, 4, 2]
    records = AuditRecord.objects.filter(object="retention.class", key="parties.contact")
    assert [r.after["manifest"] for r in records] == [run.digest] and records[0].after["destroyed"] == 10
    assert PersonKey.objects.count() == 0
    work = Work.objects.get(kind="retention", key="parties.contact")
    assert (work.state, work.done, work.result["destroyed"]) == ("done", 10, 10)
    assert retention.follow() >= 0 and [len(e["gone"][0]["refs"]) for e in runs.journal.read(retention.place())] == [4, 4, 2]


def test_one_class_that_fails_does_not_stop_and_says_so(db: None) -> None:
    people(3)
    with connection.cursor() as cursor:  # the database refuses: a guard on the table, as a broken disk or a lock would
        cursor.execute(
            "CREATE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;"
            "CREATE TRIGGER refuse BEFORE UPDATE ON parties_party FOR EACH ROW EXECUTE FUNCTION pg_temp.refuse()"
        )
    run = walk("parties.contact", "2026-11-02")
    assert (run.state, run.destroyed, bool(run.failure)) == ("failed", 0, True)
    assert PersonKey.objects.count() == 3, "keys and rows go together or not at all"
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER refuse ON parties_party")
    assert walk("parties.contact", "2026-11-03").destroyed == 3


def test_who_may_have_it_done_now(db: None) -> None:
    people(2)
    with world.on("2026-11-02"):
        for role in ("subscriber_clerk", "billing_clerk", "auditor", "support_engineer"):
            with pytest.raises(NotAllowed):
                retention.order_run.do(staff(role), klass="parties.contact")
        plan = retention.order_run.plan(staff("privacy_officer"), klass="parties.contact")
        assert plan.result == 2 and "2" in plan.effects[0].ko
        with pytest.raises(Conflict):
            retention.order_run.do(staff("privacy_officer"), klass="kernel.work")
    assert PersonKey.objects.count() == 2, "a plan destroys nothing"


# ── kills ──

SCRIPT = """
import os, sys, django
django.setup()
from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.retention import api, runs
from datetime import datetime, UTC
runs.CHUNK = 3
with clock.pinned(datetime(2026, 11, 2, 3, tzinfo=UTC)):
    api.execute("parties.contact", clock.today(), Actor.system("test"))
"""


@pytest.mark.slow
@pytest.mark.kill
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "point",
    [
        "retention.intended:1",
        "retention.intended:3",
        "retention.destroyed:1",
        "retention.destroyed:3",
        "retention.chunk:1",
        "retention.chunk:2",
        "retention.close:1",
    ],
)
def test_a_kill_anywhere_loses_nothing_and_repeats_nothing(point: str, settings: Any) -> None:
    people(10)
    name = connection.settings_dict["NAME"]
    url = f"postgresql://{connection.settings_dict['USER']}@/{name}?host={connection.settings_dict['HOST']}"
    env = os.environ | {
        "DATABASE_URL": url, "NUMARU_HOME": str(settings.HOME), "PYTHONPATH": str(ROOT / "src"), "DJANGO_SETTINGS_MODULE": "numaru.config.settings",
    }  # fmt: skip
    died = subprocess.run([sys.executable, "-c", SCRIPT], env=env | {"NUMARU_KILL": point}, capture_output=True, check=False)
    assert died.returncode == -signal.SIGKILL, died.stderr
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=env, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert PersonKey.objects.count() == 0
    (run,) = RetentionRun.objects.filter(state="done", destroyed__gt=0)
    refs = [ref for d in Destruction.objects.order_by("id") for ref in d.gone[0]["refs"]]
    assert run.destroyed == 10 and len(refs) == len(set(refs)) == 10
    assert AuditRecord.objects.filter(object="retention.class", after__destroyed=10).count() == 1
    retention.replay()  # what was only intended and never done is settled at the next start
    assert Destruction.objects.filter(replayed=True).count() == 0
    lines = runs.journal.read(retention.place())
    assert len(lines) == Destruction.objects.count() and all(line["settled"] for line in lines)
