"""The worker process: runs jobs, hands out the outbox, and puts the jobs of dead workers back into the queue.

Four loops in one process. Jobs: procrastinate, periodic ones with a runner of their own, so that a backlog never delays a tick. Outbox:
one thread; of several workers only one dispatches at a time. Sealer: every
second what was committed gets its place in the audit chain. Rescue: every few seconds jobs whose worker gave no sign of life for
`SILENT` seconds are queued again; their resume keys make that harmless.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

from procrastinate.job_context import JobContext
from procrastinate.manager import JobManager
from procrastinate.worker import Worker

from numaru.config import logs, metrics, world
from numaru.config.supervisor import follow_supervisor

log = logging.getLogger("numaru.worker")
PERIODIC = "periodic"  # the queue of ticks
BEAT = 3.0  # seconds between signs of life
SILENT = 20.0  # seconds of silence after which a worker counts as dead
GRACE = 6.0  # seconds that running jobs have to reach a chunk's end when the worker is asked to stop
SEAL = 1.0  # seconds between passes of the sealer
IDLE = 0.25  # seconds between looks at an empty outbox


class Outbox(threading.Thread):
    """Hands out events as they come. A fault is logged and tried again after a pause; it never ends the thread."""

    def __init__(self) -> None:
        super().__init__(name="outbox", daemon=True)
        self.ending = threading.Event()

    def run(self) -> None:
        from django.db import connection

        from numaru.kernel.outbox import dispatch_once

        pause = IDLE
        while not self.ending.is_set():
            try:
                done = dispatch_once()
                metrics.EVENTS.inc(done)
                pause = 0.0 if done else IDLE
            except Exception:  # the database may be away for a moment
                log.exception("the outbox could not be handed out")
                connection.close()
                pause = 2.0
            self.ending.wait(pause)
        connection.close()


class Sealing(threading.Thread):
    """Seals the log every second and looks at what was opened. A fault is logged and tried again after a pause; it never ends the thread."""

    def __init__(self) -> None:
        super().__init__(name="sealer", daemon=True)
        self.ending = threading.Event()

    def run(self) -> None:
        from django.db import connection

        from numaru.kernel.audit import api as audit

        sealer = audit.Sealer()
        while not self.ending.is_set():
            pause = SEAL
            try:
                sealer.all()
                audit.watch()
            except audit.ChainBroken as broken:
                log.error("nothing is sealed: %s; run ./numaru audit verify", broken)
                pause = 60.0
            except Exception:  # the database may be away for a moment
                log.exception("the log could not be sealed")
                connection.close()
                pause = 2.0
            self.ending.wait(pause)
        connection.close()


async def rescue(manager: JobManager) -> int:
    """Queue again the jobs of workers that went silent; returns how many."""
    stalled = list(await manager.get_stalled_jobs(seconds_since_heartbeat=SILENT))
    for job in stalled:
        log.warning("job %s (%s) of a dead worker is queued again", job.id, job.task_name)
        await manager.retry_job(job)
    return len(stalled)


async def counted(call_next: Callable[[], Awaitable[Any]], context: JobContext, _worker: Worker) -> Any:
    """Around every job: its figures and one line in the log, with the job's name and number and never its arguments."""
    job = context.job
    name = job.task_name
    began = time.monotonic()
    outcome = "failed"
    try:
        result = await call_next()
        outcome = "done"
        return result
    except asyncio.CancelledError:
        outcome = "left"
        raise
    finally:
        seconds = time.monotonic() - began
        metrics.JOBS.labels(name, outcome).inc()
        metrics.JOB_SECONDS.labels(name).observe(seconds)
        log.info("job %s %s %s", name, job.id, outcome, extra={"ms": round(seconds * 1000, 1)})


async def serve(ending: asyncio.Event) -> None:
    """Work until ``ending`` is set; running jobs then have `GRACE` seconds to reach a chunk's end."""
    from procrastinate.contrib.django import app

    # A connector of its own for fetching jobs; the tasks keep the application's, so that what a job defers still joins its transaction.
    runner = app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]
    async with runner.open_async():
        queues = {task.queue for task in runner.tasks.values()} - {PERIODIC}
        common: dict[str, Any] = {
            "install_signal_handlers": False,
            "update_heartbeat_interval": BEAT,
            "stalled_worker_timeout": SILENT,
            "shutdown_graceful_timeout": GRACE,
            "fetch_job_polling_interval": 2.0,
            "delete_jobs": "successful",
            "worker_middleware": [counted],
            **runner.worker_defaults,
        }
        workers = [
            Worker(runner, queues=sorted(queues), name="work", concurrency=_at_once(), **common),
            Worker(runner, queues=[PERIODIC], name="periodic", concurrency=1, **common),
        ]
        runners = [asyncio.create_task(one.run()) for one in workers]

        async def rescuing() -> None:
            while True:
                try:
                    await rescue(runner.job_manager)
                except Exception as error:  # the next round tries again
                    log.warning("stalled jobs could not be looked for: %s", error)
                await asyncio.sleep(BEAT)

        saving = asyncio.create_task(rescuing())
        stop = asyncio.create_task(ending.wait())
        await asyncio.wait([*runners, stop], return_when=asyncio.FIRST_COMPLETED)
        saving.cancel()
        stop.cancel()
        for task in runners:
            task.cancel()
        await asyncio.wait(runners, timeout=GRACE + 1)
        if not ending.is_set():
            faults = [task.exception() for task in runners if task.done() and not task.cancelled()]
            raise RuntimeError(f"the job runner ended by itself: {faults}")
        for one in workers:
            # A job that has not reached a chunk's end is left. Its worker's row goes, so that the rescue of the next worker takes it at once.
            if one.worker_id is not None:
                await runner.job_manager.unregister_worker(one.worker_id)


def _at_once() -> int:
    """Jobs at once: bulk work is one job in chunks, so a few suffice."""
    return int(os.environ.get("NUMARU_WORKER_JOBS", "2"))


def main(argv: list[str]) -> int:
    """Work until SIGTERM or SIGINT."""
    follow_supervisor()
    logs.set_up()
    world.set_up()
    metrics.open_worker_figures()
    outbox, sealing = Outbox(), Sealing()
    outbox.start()
    sealing.start()

    async def run() -> None:
        ending = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, ending.set)
        await serve(ending)
        outbox.ending.set()
        sealing.ending.set()
        outbox.join(3)
        logging.shutdown()
        os._exit(0)  # here and not later: leaving the loop would wait for the threads of jobs that were left

    asyncio.run(run())
    return 1
