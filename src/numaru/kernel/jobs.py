"""Jobs and their progress. The queue is procrastinate's; the object that a person looks at is :class:`~numaru.kernel.models.Work`."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from procrastinate.contrib.django import app
from procrastinate.jobs import JobDeferrer
from procrastinate.tasks import Task

from numaru.kernel import clock, context, live, outbox
from numaru.kernel.events import Event
from numaru.kernel.models import Work
from numaru.kernel.registers import Register

# What a person may resume after its worker died: kind of work → function(key) that queues it again.
resumable: Register[Callable[[str], object]] = Register("resumable work")


def job[**P, R](*, queue: str, name: str, pass_context: bool = False, **options: Any) -> Callable[[Callable[P, R]], Task[P, R, ...]]:
    """Make a function a job: ``@job(queue="bulk", name="billing.run")``.

    A job that a request defers carries the request's id (as ``trace``, which the function does not see), so that the log lines of both can
    be found together. ``options`` are procrastinate's.
    """

    def keep(function: Callable[P, R]) -> Task[P, R, ...]:
        @functools.wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            trace = kwargs.pop("trace", "")
            token = context.current.set(context.Context(str(trace) or context.request_id() or context.new_id(), job=name))
            try:
                return function(*args, **kwargs)
            finally:
                context.current.reset(token)

        task: Task[P, R, ...] = app.task(queue=queue, name=name, pass_context=pass_context, **options)(run)  # type: ignore[call-overload]
        configure = task.configure

        def traced(**given: Any) -> JobDeferrer:
            asked = context.request_id()
            if asked:
                given["task_kwargs"] = {"trace": asked} | (given.get("task_kwargs") or {})
            return configure(**given)

        task.configure = traced  # type: ignore[method-assign]
        return task

    return keep


@dataclass(frozen=True)
class WorkEnded(Event):
    """Long work came to an end or a halt: done, failed, stopped or paused. ``staff`` is whose it is; ``seconds`` since it began."""

    name: ClassVar[str] = "kernel.WorkEnded"
    kind: str
    key: str
    state: str
    staff: int | None
    seconds: float

    @property
    def aggregate(self) -> str:
        return f"work:{self.kind}:{self.key}"[:120]


class Stopped(Exception):
    """A person asked the work to pause or to stop; ``asked`` says which. What was finished stays."""

    def __init__(self, asked: str) -> None:
        super().__init__(asked)
        self.asked = asked


class Progress:
    """Writes where long work stands: at most three times a second, between transactions, and announces it to open pages.

    ``check`` raises :class:`Stopped` when a person asked for a pause or a stop; call it between chunks.
    ``staff`` is the account whose work it is: when its person leaves, the work is handed over.
    """

    def __init__(self, kind: str, key: str, actor: str = "", live_as: str = "", staff: int | None = None) -> None:
        begun = {"asked_at": clock.now(), "actor": actor, "staff": staff}
        self.work, _ = Work.objects.get_or_create(kind=kind, key=key, defaults=begun)
        self._live = live_as or kind
        self._saved = 0.0
        self._stage_at = 0.0
        self.seconds: dict[str, float] = {}  # how long each stage took in this process

    def begin(self) -> None:
        self.work.state, self.work.control, self.work.finished_at = "running", "", None
        self.work.started_at = self.work.started_at or clock.now()
        self._save(force=True)

    def stage(self, name: str, total: int = 0, done: int = 0) -> None:
        now = time.monotonic()
        if self.work.stage and self._stage_at:
            self.seconds[self.work.stage] = round(self.seconds.get(self.work.stage, 0) + now - self._stage_at, 3)
        self._stage_at = now
        self.work.stage, self.work.total, self.work.done = name, total, done
        self._save(force=True)

    def advance(self, by: int, **note: Any) -> None:
        self.work.done += by
        self.work.note |= note
        self._save()

    def note(self, **note: Any) -> None:
        self.work.note |= note
        self._save(force=True)

    def check(self) -> None:
        asked = Work.objects.values_list("control", flat=True).get(pk=self.work.pk)
        if asked in ("pause", "stop"):
            raise Stopped(asked)

    def finish(self, state: str, **result: Any) -> None:
        """End in ``state``: done, paused, stopped or failed."""
        self.work.state, self.work.result = state, self.work.result | result
        self.work.control = ""
        self.work.finished_at = clock.now() if state != "paused" else None
        self._save(force=True, control=True)
        began = self.work.started_at or self.work.asked_at
        seconds = round((clock.now() - began).total_seconds(), 1)
        outbox.publish(WorkEnded(self.work.kind, self.work.key, state, self.work.staff, seconds), self.work.actor)

    def _save(self, force: bool = False, control: bool = False) -> None:
        if not force and time.monotonic() - self._saved < 0.3:
            return
        self._saved = time.monotonic()
        self.work.heartbeat_at = clock.now()
        fields = ["state", "stage", "done", "total", "note", "result", "started_at", "heartbeat_at", "finished_at"]
        self.work.save(update_fields=[*fields, "control"] if control else fields)
        live.announce(self._live, self.work.key)


def ask(kind: str, key: str, control: str) -> bool:
    """Ask running work to pause or stop. Returns False when it is not running."""
    return bool(Work.objects.filter(kind=kind, key=key, state__in=("queued", "running")).update(control=control))
