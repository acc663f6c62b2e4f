"""Progress of long work: what a page sees, and what a person asks of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from numaru.kernel import clock, jobs, live
from numaru.kernel.models import Work

pytestmark = pytest.mark.django_db


def row(key: str = "1") -> Work:
    return Work.objects.get(kind="test", key=key)


def test_work_has_one_object_with_one_address() -> None:
    first = jobs.Progress("test", "1", actor="staff:kim")
    assert jobs.Progress("test", "1").work.pk == first.work.pk
    assert (row().state, row().actor) == ("queued", "staff:kim")
    with pytest.raises(IntegrityError), transaction.atomic():
        Work.objects.create(kind="test", key="1", asked_at=clock.now())


def test_stages_counts_and_the_end_are_kept() -> None:
    with clock.pinned(datetime(2026, 10, 1, tzinfo=UTC)):
        work = jobs.Progress("test", "1")
        work.begin()
        work.stage("write", total=10, done=2)
        work.advance(3, file="a")  # within a third of a second: shown with the next one
        assert (row().state, row().stage, row().total, row().done) == ("running", "write", 10, 2)
        work.note(rows=7)
        assert (row().done, row().note) == (5, {"file": "a", "rows": 7})
        work.finish("done", invoices=4)
    ended = row()
    assert (ended.state, ended.result, ended.finished_at, ended.started_at) == (
        "done",
        {"invoices": 4},
        work.work.finished_at,
        work.work.started_at,
    )
    assert ended.heartbeat_at == datetime(2026, 10, 1, tzinfo=UTC)


@pytest.mark.parametrize("asked", ["pause", "stop"])
def test_what_a_person_asked_is_heard_at_the_next_check(asked: str) -> None:
    work = jobs.Progress("test", "1")
    work.begin()
    work.check()
    assert jobs.ask("test", "1", asked) is True
    work.advance(1)
    work.note(x=1)  # saving progress does not wipe out the wish
    with pytest.raises(jobs.Stopped) as stopped:
        work.check()
    assert stopped.value.asked == asked
    work.finish("paused" if asked == "pause" else "stopped")
    assert row().control == "" and (row().finished_at is None) == (asked == "pause")


def test_a_wish_that_came_before_the_work_began_is_heard() -> None:
    jobs.Progress("test", "1")
    assert jobs.ask("test", "1", "stop")
    later = jobs.Progress("test", "1")
    later.begin()
    with pytest.raises(jobs.Stopped):
        later.check()


def test_nobody_is_asked_when_nothing_runs() -> None:
    assert jobs.ask("test", "none", "stop") is False
    jobs.Progress("test", "1").finish("done")
    assert jobs.ask("test", "1", "stop") is False and row().control == ""


@pytest.mark.django_db(transaction=True)
def test_open_pages_are_told_by_kind_and_id_alone() -> None:
    found = connection.settings_dict
    with psycopg.connect(dbname=found["NAME"], user=found["USER"], host=found["HOST"], port=found["PORT"] or None, autocommit=True) as ear:
        ear.execute(f"LISTEN {live.CHANNEL}")
        work = jobs.Progress("test", "7", live_as="test.thing")
        work.begin()
        work.finish("done", secret="not told")
        live.announce("billing.run", 12)
        told = [json.loads(n.payload) for n in ear.notifies(timeout=5, stop_after=3)]
    assert told == [{"k": "test.thing", "id": "7"}] * 2 + [{"k": "billing.run", "id": "12"}]
