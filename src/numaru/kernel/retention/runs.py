"""The nightly walk: class by class, chunk by chunk, what is over is destroyed (MODEL §7: no room destroys on its own).

Each chunk is one transaction that destroys, logs and moves the mark; a kill loses none and repeats none. One walk a class at a time. A class
that fails is told and tried again the next night; the others go on.
"""

from __future__ import annotations

import hashlib
import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import orjson
from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet

from numaru.kernel import clock, faults, numbering
from numaru.kernel.access import Actor
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Conflict, Invalid, NotFound
from numaru.kernel.jobs import Progress, Stopped, resumable
from numaru.kernel.retention import holds, journal
from numaru.kernel.retention.classes import Act as Way
from numaru.kernel.retention.classes import Ref, RetentionClass, classes
from numaru.kernel.retention.models import Destroyed, Destruction, RetentionRun, RetentionTally
from numaru.kernel.retention.permissions import RUN_START
from numaru.kernel.retention.ports import horizon
from numaru.values.text import Text

log = logging.getLogger(__name__)
CHUNK = 2_000  # refs a transaction
KIND = "retention"
LOCK = 0x4E4D_5254
AHEAD = 30  # days that the calendar looks ahead


@dataclass(frozen=True, slots=True)
class Outlook:
    """What stands before one class on a day: due now, due besides within the days ahead, and due but held."""

    klass: RetentionClass
    due: int
    soon: int
    held: int


def outlook(klass: RetentionClass, on: date, ahead: int = AHEAD) -> Outlook:
    """Counts of one class as of ``on``; a held class has nothing due and everything held."""
    span = klass.span(on)
    persons = holds.held_persons(klass.key, on)
    due = klass.count(span.cut(on), persons)
    soon = klass.count(span.cut(on + timedelta(days=ahead)), persons) - due
    if holds.held_class(klass.key, on):
        return Outlook(klass, 0, max(soon, 0), klass.count(span.cut(on), []))
    held = klass.count(span.cut(on), []) - due if persons else 0
    return Outlook(klass, due, max(soon, 0), held)


def tally(klass: RetentionClass, on: date) -> Outlook:
    """Count one class as of ``on`` and keep the figures for the calendar. Counting at 1,000,000 people takes seconds, reading none."""
    found = outlook(klass, on)
    counts = {"due": found.due, "soon": found.soon, "held": found.held, "counted_at": clock.now()}
    RetentionTally.objects.update_or_create(klass=klass.key, defaults=counts)
    return found


def tallies() -> dict[str, RetentionTally]:
    """What was last counted, by class; a class that was never counted is missing."""
    return {row.klass: row for row in RetentionTally.objects.all()}


@action(RUN_START)
def order_count(act: Act) -> None:
    """Have every class counted now; open calendars show the figures as they come."""
    act.record("retention.class", "*", after={"count": "ordered"})

    def defer() -> None:
        from procrastinate.exceptions import AlreadyEnqueued

        from numaru.kernel.retention.jobs import count_classes

        with suppress(AlreadyEnqueued):
            count_classes.configure(lock="retention.count", queueing_lock="retention.count").defer()

    act.job(defer)


@contextmanager
def _alone(klass: str) -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", [LOCK, klass])
        mine = bool(cursor.fetchone()[0])
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", [LOCK, klass])


def execute(key: str, as_of: date, actor: Actor) -> RetentionRun | None:
    """Destroy what of one class is over as of ``as_of``; returns the finished run, or None when another process walks the class.

    A run that was killed is finished first, as of its own day. Raises Invalid for a day that has not come.
    """
    if as_of > clock.today():
        raise Invalid.because(
            "retention.future", Text("오늘보다 뒤의 날로는 파기할 수 없습니다.", "Nothing is destroyed as of a day that has not come."),
            Text("미리 보려면 --dry-run을 쓰십시오.", "Look ahead with --dry-run."), field="as_of",
        )  # fmt: skip
    klass = named(key)
    with _alone(key) as mine:
        if not mine:
            return None
        killed = RetentionRun.objects.filter(klass=key, state="running").first()
        if killed is not None:
            _walk(klass, killed)
            if killed.as_of >= as_of or killed.state != "done":
                return killed
        run = RetentionRun.objects.create(
            klass=key, as_of=as_of, started_at=clock.now(), actor=f"{actor.kind}:{actor.id or actor.name}", due=outlook(klass, as_of).due
        )
        _walk(klass, run)
        return run


def _walk(klass: RetentionClass, run: RetentionRun) -> None:
    progress = Progress(KIND, klass.key, run.actor)
    progress.begin()
    progress.stage("destroy", total=run.due, done=run.destroyed)
    state = "done"
    try:
        if not holds.held_class(klass.key, run.as_of):
            while count := _chunk(klass, run):
                faults.point("retention.chunk")
                if klass.personal:
                    journal.follow()
                progress.advance(count)
                progress.check()
        run.held = tally(klass, run.as_of).held
    except Stopped:
        state = "paused"  # the run stays open; the next walk goes on with it
    except Exception as fault:  # one class that cannot be destroyed must not keep the others
        log.exception("retention class %s could not be destroyed", klass.key)
        state, run.failure = "failed", type(fault).__name__
    faults.point("retention.close")
    if state != "paused":
        close_run.do(Actor.system("retention"), run=run.pk, state=state, held=run.held, failure=run.failure)
        run.refresh_from_db()
    progress.finish(state, destroyed=run.destroyed, held=run.held)


def _chunk(klass: RetentionClass, run: RetentionRun) -> int:
    """Destroy the next refs and move the run's mark, in one transaction; returns how many."""
    with transaction.atomic():
        held = holds.held_persons(klass.key, run.as_of)
        refs = list(klass.due(klass.span(run.as_of).cut(run.as_of), held, run.after, CHUNK))
        if not refs:
            return 0
        rows = klass.destroy(refs)
        if klass.personal:
            write(
                kind="period",
                person=None,
                basis=klass.basis.ko,
                asked_by=run.actor,
                gone=[{"class": klass.key, "refs": refs, "rows": rows}],
            )
        run.destroyed += rows
        run.after = refs[-1]
        run.digest = hashlib.sha256(run.digest.encode() + orjson.dumps(refs)).hexdigest()
        run.save(update_fields=["destroyed", "after", "digest"])
        faults.point("retention.destroyed")
    return len(refs)


def write(
    *, kind: str, person: int | None, basis: str, asked_by: str, gone: list[dict[str, object]], kept: list[dict[str, object]] | None = None,
    request: str = "", approval: str = "", approved_by: str = "",
) -> Destruction:  # fmt: skip
    """Log a destruction as the last thing of the transaction that destroys, and write it down outside as intended; the caller lets the
    journal follow after the commit. Raises JournalDamaged."""
    now, today = clock.now(), clock.today()
    until = horizon()
    sealed = any(classes[str(g["class"])].act == Way.KEY for g in gone)
    row = Destruction(
        number=f"D-{numbering.take('destruction'):07d}", mark=uuid.uuid4(), kind=kind, person=person, basis=basis[:400], request=request,
        approval=approval, asked_by=asked_by, approved_by=approved_by, at=now, gone=gone, kept=kept or [],
        sealed_until=until.keys_until(today) if sealed else None, traces_until=until.traces_until(today), hash="",
    )  # fmt: skip
    row.hash = content_hash(row)
    row.save(force_insert=True)
    remember(row)
    journal.intend(row)
    faults.point("retention.intended")
    return row


def content_hash(row: Destruction) -> str:
    """SHA-256 over everything that the row says."""
    said = {key: value for key, value in journal.line_of(row).items() if key != "hash"}
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()


def remember(row: Destruction) -> None:
    """Note each ref that was destroyed, so that it counts as due again only when something newer came."""
    day = row.at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    Destroyed.objects.bulk_create(
        (Destroyed(klass=str(g["class"]), ref=ref, day=day, destruction=row) for g in row.gone for ref in _refs(g) if isinstance(ref, int)),
        batch_size=5_000,
    )


def _refs(entry: dict[str, object]) -> list[Ref]:
    return list(entry["refs"])  # type: ignore[call-overload,no-any-return]


def last_runs() -> dict[str, RetentionRun]:
    """The latest run of each class. One query."""
    rows = RetentionRun.objects.order_by("klass", "-id").distinct("klass")
    return {run.klass: run for run in rows}


def runs_of(key: str) -> QuerySet[RetentionRun]:
    """The runs of one class, latest first."""
    return RetentionRun.objects.filter(klass=key).order_by("-id")


def named(key: str) -> RetentionClass:
    """A class by its key. Raises NotFound."""
    found = classes.get(key)
    if found is None:
        raise NotFound.named(Text("보유 종류", "retention class"), key)
    return found


@action(RUN_START)
def close_run(act: Act, *, run: int, state: str, held: int = 0, failure: str = "") -> None:
    """End a walk: one audit record with the hash over everything that it destroyed."""
    row = RetentionRun.objects.select_for_update().get(pk=run)
    row.state, row.held, row.failure, row.finished_at = state, held, failure[:200], clock.now()
    row.save(update_fields=["state", "held", "failure", "finished_at"])
    act.record(
        "retention.class", row.klass,
        after={"run": row.pk, "as_of": row.as_of.isoformat(), "state": state, "destroyed": row.destroyed, "held": held, "manifest": row.digest},
    )  # fmt: skip


@action(RUN_START)
def order_run(act: Act, *, klass: str) -> int:
    """Have what of a class is over destroyed now, as the nightly walk would; returns how many refs are due. The plan says the same."""
    found = outlook(named(klass), clock.today())
    if not found.due:
        raise Conflict.because(
            "retention.nothing", Text("지금 파기할 것이 없습니다.", "Nothing is due now."),
            Text("달력에서 다음 날짜를 확인하십시오.", "See the calendar for what comes next."),
        )  # fmt: skip
    act.record("retention.class", klass, after={"ordered": found.due})
    act.effect(Text("{n}건을 파기합니다. 되돌릴 수 없습니다.", "{n} are destroyed. This cannot be undone.").fill(n=f"{found.due:,}"))
    if found.held:
        act.effect(Text("보류된 {n}건은 남습니다.", "{n} that are held stay.").fill(n=f"{found.held:,}"))

    def defer() -> object:
        from numaru.kernel.retention.jobs import walk_class

        return walk_class.configure(lock=f"retention:{klass}").defer(klass=klass)

    act.job(defer)
    return found.due


def _resume(key: str) -> object:
    from numaru.kernel.retention.jobs import walk_class

    return walk_class.configure(lock=f"retention:{key}").defer(klass=key)


resumable.add(KIND, _resume)
