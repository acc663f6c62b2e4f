"""Jobs of dead workers are queued again; the outbox is handed out whatever happens to one event."""

from __future__ import annotations

import os

import psycopg
import pytest
from django.db import connection
from procrastinate import App, PsycopgConnector

from numaru.config import worker
from tests.config.running import apart


def _seed(beats_ago: float | None, status: str = "doing") -> int:
    """A job in ``status`` whose worker gave its last sign of life ``beats_ago`` seconds ago; None: its worker's row is gone."""
    with connection.cursor() as cursor:
        number = None
        if beats_ago is not None:
            cursor.execute(
                "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - make_interval(secs => %s)) RETURNING id", [beats_ago]
            )
            number = cursor.fetchone()[0]
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status, worker_id) VALUES ('default', 'test.none', %s, %s) RETURNING id",
            [status, number],
        )
        return int(cursor.fetchone()[0])


def _state(job: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM procrastinate_jobs WHERE id = %s", [job])
        return str(cursor.fetchone()[0])


def _rescue() -> int:
    async def run() -> int:
        where = psycopg.conninfo.make_conninfo(os.environ["DATABASE_URL"], dbname=str(connection.settings_dict["NAME"]))
        app = App(connector=PsycopgConnector(conninfo=where))
        async with app.open_async():
            return await worker.rescue(app.job_manager)

    return apart(run())


@pytest.mark.django_db(transaction=True)
def test_jobs_of_silent_workers_are_queued_again_and_no_others() -> None:
    silent = _seed(worker.SILENT + 5)
    gone = _seed(None)
    alive = _seed(1.0)
    finished = _seed(worker.SILENT + 5, "succeeded")
    assert _rescue() == 2
    assert [_state(job) for job in (silent, gone, alive, finished)] == ["todo", "todo", "doing", "succeeded"]
    assert _rescue() == 0
