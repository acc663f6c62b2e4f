"""Acts on many rows: frozen, foreseen, done once. Up to :data:`INLINE` rows at once, more as a job in chunks that can be stopped and resumed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from django.db import connection, transaction

from numaru.kernel import bulk, clock, numbering
from numaru.kernel.access import Actor, staff_actor
from numaru.kernel.actions import Act, Second, action, check_reason
from numaru.kernel.desk.acts import BulkAct, Target, acts
from numaru.kernel.desk.models import BulkRow, BulkRun
from numaru.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Refused
from numaru.kernel.faults import point
from numaru.kernel.jobs import Progress, Stopped
from numaru.kernel.staff.permissions import ACCOUNT_USE
from numaru.values.finding import Finding
from numaru.values.text import Text

INLINE = 200  # rows that are foreseen and done while one waits
CHUNK = 50  # rows of one transaction
MOST = 100_000  # rows of one act
WORK = "desk.bulk"
LOCK = 0x4E4D_0010
GONE = Finding(
    "bulk.gone", Text("이 목록에서 볼 수 없는 행입니다.", "This row is not to be seen in the list."),
    Text("목록을 다시 여십시오.", "Open the list again."),
)  # fmt: skip
MOVED = Finding(
    "bulk.moved", Text("미리 본 뒤에 바뀌었습니다.", "It changed after the preview."), Text("다시 골라 미리 보십시오.", "Choose it again and look at the preview."),
)  # fmt: skip


@action(ACCOUNT_USE)
def begin(act: Act, *, key: str, params: Mapping[str, str], rows: Iterable[str], data: Mapping[str, Any], everything: bool = False) -> str:
    """Freeze which rows an act is about and foresee what it does to each: at once for up to 200, else as a job. Returns its number.

    Nothing of the rows is changed. Raises NotAllowed without the act's own permission, Invalid for no rows or more than 100,000, and for a
    missing or telling reason (that of the action itself).
    """
    one = acts.get(key)
    if one is None:
        raise NotFound.named(Text("일괄 작업", "bulk act"), key)
    if not act.actor.may_somewhere(one.permission):
        raise NotAllowed.for_permission(one.permission)
    reason = str(data.get("reason", "")).strip()
    check_reason(reason, needed=True)
    run = BulkRun.objects.create(
        number=f"B-{numbering.take('bulk act'):07d}", act=key, list_key=one.list_key, params=dict(params), data=dict(data), reason=reason,
        staff=act.actor.staff_id, staff_name=act.actor.name[:80], state="planning", total=0, everything=everything, asked_at=clock.now(),
    )  # fmt: skip
    keys = list(islice(rows, MOST + 1))  # first read, then written: both on one connection
    total = bulk.copy_rows(
        "desk_bulkrow", ("run_id", "ordinal", "key", "shown", "outcome", "before", "after", "code", "why"),
        ((run.pk, n, row, "", "", "[]", "[]", "", "[]") for n, row in enumerate(keys, 1)),
    )  # fmt: skip
    if not total or total > MOST:
        raise Invalid.because(
            "bulk.size", Text("한 번에 1행부터 {n}행까지 처리합니다.", "One act is about 1 to {n} rows.").fill(n=f"{MOST:,}"),
            Text("조건을 좁히거나 나누어 하십시오.", "Narrow the filters, or do it in parts."),
        )  # fmt: skip
    run.total = total
    act.record("desk.bulk", run.number, after={"act": key, "rows": total, "all": everything, "params": dict(params)})
    if total <= INLINE:
        _foresee_rows(run, one, act.actor, list(run.rows.order_by("ordinal")))
        run.state = "planned"
    else:
        act.job(lambda: _queue(run.number))
    run.save(update_fields=["total", "state"])
    return run.number


def _queue(number: str) -> None:
    from numaru.kernel.desk.jobs import run_bulk

    run_bulk.configure(lock=f"bulk:{number}").defer(number=number)


def _second(number: str = "", **_: Any) -> Second | None:
    run = BulkRun.objects.filter(number=number).first()
    return acts[run.act].second(run.rows.filter(outcome="will").count()) if run and run.act in acts else None


@action(ACCOUNT_USE, second=_second)
def carry_out(act: Act, *, number: str) -> int:
    """Do what was foreseen and return how many rows it is about. A second press is refused: the act has begun. Rows that were refused in the
    preview are not tried; one that changed since is left alone and says so. More than 200 rows become a job."""
    run = BulkRun.objects.select_for_update().filter(number=number, staff=act.actor.staff_id).first()
    if run is None:
        raise NotFound.named(Text("일괄 작업", "bulk act"), number)
    wanted = run.rows.filter(outcome="will").count()
    if run.state != "planned" or not wanted:
        raise Conflict.because(
            "bulk.state",
            Text("이미 시작했거나 할 것이 없습니다.", "It has begun already, or there is nothing to do."),
            Text("결과를 보십시오.", "Look at what came of it."),
        )
    run.state, run.begun_at = "running", clock.now()
    run.save(update_fields=["state", "begun_at"])
    act.record("desk.bulk", number, before={"state": "planned"}, after={"state": "running", "rows": wanted})
    act.effect(acts[run.act].button.fill(n=f"{wanted:,}"))
    if wanted <= INLINE:
        while work_off(run, acts[run.act], act.actor):
            pass
        finish(run, "done")
    else:
        act.job(lambda: _queue(number))
    return wanted


@action(ACCOUNT_USE)
def drop(act: Act, *, number: str) -> None:
    """Put a foreseen act away without doing it."""
    if not BulkRun.objects.filter(number=number, staff=act.actor.staff_id, state__in=("planned", "planning")).update(state="dropped"):
        raise NotFound.named(Text("일괄 작업", "bulk act"), number)
    act.record("desk.bulk", number, after={"state": "dropped"})


def _aim(one: BulkAct, actor: Actor, rows: Sequence[BulkRow], data: Mapping[str, Any]) -> dict[str, Target]:
    return one.aim(actor, [row.key for row in rows], data)


def _say(row: BulkRow, outcome: str, finding: Finding | None = None) -> None:
    row.outcome = outcome
    row.code = finding.code if finding else ""
    if finding:
        row.why = [f"{finding.message.ko} {finding.remedy.ko}".strip(), f"{finding.message.en} {finding.remedy.en}".strip()]


def _foresee_rows(run: BulkRun, one: BulkAct, actor: Actor, rows: Sequence[BulkRow]) -> None:
    targets = _aim(one, actor, rows, run.data)
    for row in rows:
        target = targets.get(row.key)
        if target is None:
            _say(row, "refused", GONE)
            continue
        row.shown, row.before, row.after = target.shown[:60], list(_pair(target.before)), list(_pair(target.after))
        if target.refusal:
            _say(row, "refused", target.refusal)
            continue
        try:
            one.action.plan(actor, reason=run.reason, **target.arguments)
        except Refused as refused:
            _say(row, "refused", refused.findings[0])
        else:
            _say(row, "will")
    BulkRow.objects.bulk_update(rows, ["shown", "before", "after", "outcome", "code", "why"])


def _pair(text: Text) -> tuple[str, str]:
    return text.ko, text.en


def foresee(run: BulkRun, one: BulkAct, actor: Actor) -> int:
    """Foresee the next chunk of rows that have not been; returns how many. Changes nothing but the rows of the act."""
    with transaction.atomic():
        rows = list(run.rows.filter(outcome="").order_by("ordinal")[:CHUNK])
        if rows:
            _foresee_rows(run, one, actor, rows)
    return len(rows)


def work_off(run: BulkRun, one: BulkAct, actor: Actor) -> int:
    """Do the next chunk of rows; returns how many. A row and the mark that it is done are one transaction: killed anywhere, none is done twice."""
    with transaction.atomic():
        rows = list(run.rows.filter(outcome="will").order_by("ordinal")[:CHUNK])
        targets = _aim(one, actor, rows, run.data) if rows else {}
        for row in rows:
            target = targets.get(row.key)
            if target is None or target.refusal:
                _say(row, "failed", target.refusal if target else GONE)
            elif list(_pair(target.before)) != row.before:
                _say(row, "failed", MOVED)
            else:
                try:
                    one.action.do(actor, reason=run.reason, **target.arguments)
                except Refused as refused:
                    _say(row, "failed", refused.findings[0])
                else:
                    row.outcome = "done"
        if rows:
            BulkRow.objects.bulk_update(rows, ["outcome", "code", "why"])
    point("bulk.chunk")
    return len(rows)


def finish(run: BulkRun, state: str) -> None:
    run.state, run.finished_at = state, clock.now() if state in ("done", "stopped") else None
    run.save(update_fields=["state", "finished_at"])


def execute(number: str) -> None:
    """Go on with an act in a worker: foresee what is left, or do it. Done already means nothing happens. One worker at a time: advisory lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", [LOCK, number])
        if not cursor.fetchone()[0]:
            return
    try:
        _execute(BulkRun.objects.get(number=number))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", [LOCK, number])


def _execute(run: BulkRun) -> None:
    if run.state not in ("planning", "running"):
        return
    one, actor = acts[run.act], staff_actor(run.staff or 0)
    planning = run.state == "planning"
    progress = Progress(WORK, run.number, f"staff:{run.staff_name}", staff=run.staff)
    progress.begin()
    outcomes = counts(run)
    left = outcomes["" if planning else "will"]
    total = run.total if planning else left + outcomes["done"] + outcomes["failed"]
    progress.stage("foresee" if planning else "do", total=total, done=total - left)
    step = foresee if planning else work_off
    try:
        if actor is None:
            raise Stopped("stop")  # the person left: nobody answers for the rest
        while n := step(run, one, actor):
            progress.advance(n)
            progress.check()
    except Stopped:
        finish(run, "dropped" if planning else "stopped")
        progress.finish("stopped")
        return
    finish(run, "planned" if planning else "done")
    progress.finish("done")


def counts(run: BulkRun) -> Counter[str]:
    """How many rows stand at which outcome."""
    found: Counter[str] = Counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT outcome, count(*) FROM desk_bulkrow WHERE run_id = %s GROUP BY outcome", [run.pk])
        found.update(dict(cursor.fetchall()))
    return found
