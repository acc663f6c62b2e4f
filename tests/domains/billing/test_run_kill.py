"""A run whose process is killed at any point, or that two processes carry at once, makes the same bills as one that was left in peace."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from numaru.domains.billing import api as billing
from numaru.domains.billing import run_lock, run_tables
from numaru.domains.billing.models import BillRun, Invoice, ParkedAccount, RunChunk
from numaru.faces.command.bill import main as bill
from tests.conftest import ROOT
from tests.domains.billing.world import ADMIN, CLERK, FIRST_DAYS, TOTALS, World, at, on, used

POINTS = [
    "freezing:1",
    "frozen:1",
    "rated:1",
    "copied:1",
    "copied:2",
    "chunk:1",
    "chunk:2",
    "written:1",
    "keyed:1",
    "checked:1",
    "posted:1",
]
MONTH = "2026-08"


def process(number: str, home: Path, kill: str = "", chunk: int = 1) -> subprocess.Popen[str]:
    """``carry.py`` on the database of this test."""
    found = connection.settings_dict
    url = f"postgresql://{found['USER']}@/{found['NAME']}?host={found['HOST']}" + (f"&port={found['PORT']}" if found["PORT"] else "")
    told = {k: v for k, v in os.environ.items() if not k.startswith("NUMARU_")}
    told |= {"DATABASE_URL": url, "NUMARU_HOME": str(home), "PYTHONPATH": str(ROOT / "src"), "NUMARU_KILL": kill}
    instant = at(f"{FIRST_DAYS[MONTH]}T09:00").isoformat()
    return subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("carry.py")), number, instant, str(chunk)],
        env=told, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def released(run: BillRun) -> None:
    """Wait until the database has noticed that the process is gone."""
    limit = time.monotonic() + 20
    while run_lock.held(run.pk):
        assert time.monotonic() < limit, "the lock of a dead process is held"
        time.sleep(0.02)


def rows(run: BillRun) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the run but for the run's id."""
    out = {}
    with connection.cursor() as cursor:
        for kind in run_tables.PARENTS:
            columns = ", ".join(run_tables.COLUMNS[kind][1:])
            cursor.execute(f"SELECT {columns} FROM {run_tables.name(kind, run.pk)} ORDER BY 1, 2, 3, 4")
            out[kind] = cursor.fetchall()
    out["parked"] = list(ParkedAccount.objects.filter(run=run).order_by("account_id").values_list("account_id", "reason", "currency"))
    return out


@pytest.fixture
def twin(naru_for_real: World) -> dict[str, list[tuple[Any, ...]]]:
    """The documents of August as an undisturbed run makes them; that run is cancelled, so that August can be billed again."""
    used(naru_for_real)
    run = naru_for_real.bill(MONTH)
    assert run.state == "posted", run.failure
    kept = rows(run)
    with on("2026-09-01"):
        billing.cancel_run.do(ADMIN, number=run.number, reason="시험")
    return kept


@pytest.mark.kill
@pytest.mark.django_db(transaction=True)
def test_a_run_killed_at_every_point_makes_the_same_bills(naru_for_real: World, twin: dict[str, Any], own_home: Path) -> None:
    for point in POINTS:
        number = naru_for_real.start(MONTH).number
        killed = process(number, own_home, kill=point)
        _, told = killed.communicate(timeout=120)
        assert killed.returncode == -signal.SIGKILL, f"{point}: {told}"
        cut = BillRun.objects.get(number=number)
        assert cut.state == ("posted" if point == "posted:1" else "running")
        if point != "posted:1":
            assert not Invoice.objects.filter(run=cut).exists()
        if point == "copied:2":
            assert [c.number for c in RunChunk.objects.filter(run=cut)] == [0]  # the chunk in hand was lost, no other
        released(cut)
        run = naru_for_real.carry(number)
        assert run.state == "posted", (point, run.failure)
        assert rows(run) == twin, point
        assert run.totals == {"KRW": TOTALS[MONTH]} and run.invoices == 4
        with on("2026-09-01"):
            billing.cancel_run.do(ADMIN, number=number, reason="시험")


@pytest.mark.kill
@pytest.mark.django_db(transaction=True)
def test_a_run_killed_again_and_again_gets_there(naru_for_real: World, twin: dict[str, Any], own_home: Path) -> None:
    number = naru_for_real.start(MONTH).number
    for _ in range(3):  # each life writes one chunk and dies
        killed = process(number, own_home, kill="chunk:1")
        killed.communicate(timeout=120)
        assert killed.returncode == -signal.SIGKILL
        released(BillRun.objects.get(number=number))
    assert [c.number for c in RunChunk.objects.filter(run__number=number).order_by("number")] == [0, 1, 2]
    run = naru_for_real.carry(number)
    assert run.state == "posted" and rows(run) == twin


@pytest.mark.django_db(transaction=True)
def test_two_processes_carry_a_run_and_one_does_it(naru_for_real: World, own_home: Path) -> None:
    run = naru_for_real.start(MONTH)
    with run_lock.hold(run.pk) as mine:
        assert mine and run_lock.held(run.pk)
        other = process(run.number, own_home)
        said, told = other.communicate(timeout=120)
        assert said.strip() == "queued", told  # it went away without touching the run
        assert billing.resume_run.do(CLERK, number=run.number, queue=False).state == "queued"
    assert not run_lock.held(run.pk)
    both = [process(run.number, own_home) for _ in range(2)]
    ended = [p.communicate(timeout=120) for p in both]
    assert all(p.returncode == 0 for p in both), ended
    run.refresh_from_db()
    assert run.state == "posted" and run.invoices == Invoice.objects.filter(run=run).count() == 3


@pytest.mark.django_db(transaction=True)
def test_resuming_a_run_that_is_being_carried_changes_nothing(naru_for_real: World, own_home: Path) -> None:
    """Else it would read as waiting, and a cancellation could drop the tables under the worker's hands."""
    run = naru_for_real.start(MONTH)
    BillRun.objects.filter(pk=run.pk).update(state="running")
    with run_lock.hold(run.pk):
        assert billing.resume_run.do(CLERK, number=run.number, queue=False).state == "running"
    assert billing.resume_run.do(CLERK, number=run.number, queue=False).state == "queued"  # its process had died


@pytest.mark.django_db(transaction=True)
def test_the_terminal_takes_over_when_the_process_that_had_the_run_dies(
    naru_for_real: World, own_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The lock of a killed process may live on for a moment; waiting for it must not mean waiting for ever."""
    run = naru_for_real.start(MONTH)
    BillRun.objects.filter(pk=run.pk).update(state="running")
    found = connection.settings_dict
    dying = psycopg.connect(dbname=found["NAME"], user=found["USER"], host=found["HOST"], port=found["PORT"] or None, autocommit=True)
    dying.execute("SELECT pg_advisory_lock(%s::int, %s::int)", [run_lock.LOCK, run.pk])
    timer = threading.Timer(0.3, dying.close)
    timer.start()
    assert bill(["run", "--service", naru_for_real.slug, "--period", MONTH, "--as-of", "2026-09-01", "--json"]) == 0
    timer.join()
    assert json.loads(capsys.readouterr().out)["state"] == "posted"
