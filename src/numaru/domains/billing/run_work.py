"""The work of a run between start and posting: freeze, rate, write in chunks, key, tie out, post.

Every step can be killed and done again: what is finished is found in the database, what is not is computed again from the manifest and
comes out the same, because order and numbers come from the accounts and never from the clock.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from numaru.domains.billing import changes, manifest, recording, run_lock, run_tables
from numaru.domains.billing.actions.runs import KIND, post_run
from numaru.domains.billing.models import BillRun, RunChunk
from numaru.domains.billing.policies import DUE_DAYS
from numaru.domains.billing.rating import Rating, Sample
from numaru.facilities.metering import api as metering
from numaru.kernel import bulk, clock, policies
from numaru.kernel.access import Actor
from numaru.kernel.faults import point
from numaru.kernel.jobs import Progress, Stopped
from numaru.values.text import Text

log = logging.getLogger(__name__)
KINDS = ("invoice", "line", "tax", "transfer")


class Broken(Exception):
    """The run can't go on: a check failed. ``text`` says which, ``code`` names it."""

    def __init__(self, code: str, text: Text) -> None:
        super().__init__(text.en)
        self.code, self.text = code, text


def chunk_size() -> int:
    return int(getattr(settings, "NUMARU_RUN_CHUNK", 20_000))


def carry_out(number: str) -> BillRun:
    """Carry a queued or cut-off run as far as it will go and return it: posted, paused, stopped or failed.

    Does nothing while another process has it, and to a run that is paused, stopped, failed, posted or cancelled.
    """
    run = BillRun.objects.get(number=number, kind="period")
    with run_lock.hold(run.pk) as mine:
        return _guarded(run) if mine else run


def _guarded(run: BillRun) -> BillRun:
    # Only what waits or was cut off goes on: a job left over from before a pause, a stop or a cancellation finds nothing to do.
    if not BillRun.objects.filter(pk=run.pk, state__in=("queued", "running")).update(state="running", failure={}):
        run.refresh_from_db()
        return run
    run.refresh_from_db()
    progress = Progress(KIND, run.number)
    progress.begin()
    began = time.monotonic()
    try:
        with bulk.roomy():
            _work(run, progress)
    except Stopped as asked:
        _spent(run, began)
        state = "paused" if asked.asked == "pause" else "stopped"
        _set(run, state=state)
        progress.finish(state)
    except (Broken, manifest.Drifted) as fault:
        _spent(run, began)
        _set(run, state="failed", failure={"code": fault.code, "ko": fault.text.ko, "en": fault.text.en})
        progress.finish("failed")
    except Exception as fault:
        _spent(run, began)
        message = Text("예상하지 못한 오류로 멈췄습니다: {e}", "It stopped on an unexpected error: {e}").fill(e=type(fault).__name__)
        _set(run, state="failed", failure={"code": "unexpected", "ko": message.ko, "en": message.en})
        progress.finish("failed")
        log.exception("bill run %s failed", run.number)
        raise
    else:
        progress.finish("done")
    run.refresh_from_db()
    return run


def _set(run: BillRun, **values: Any) -> None:
    for key, value in values.items():
        setattr(run, key, value)
    run.save(update_fields=list(values))


def _spent(run: BillRun, began: float) -> None:
    BillRun.objects.filter(pk=run.pk).update(seconds=F("seconds") + Decimal(f"{time.monotonic() - began:.3f}"))


def _work(run: BillRun, progress: Progress) -> None:
    began = time.monotonic()
    _freeze(run, progress)
    with Rating(manifest.frozen(run)) as rating:
        progress.stage("rate", rating.contracts)
        rating.run(lambda done: progress.note(rated=done))
        point("rated")
        progress.check()
        _write(run, rating, progress)
        with ThreadPoolExecutor(1) as pool:  # the reference rates its sample while the database makes keys and ties out
            sample = pool.submit(rating.sample)
            progress.stage("key", rating.counts["invoice"])
            run_tables.add_keys(run.pk)
            point("keyed")
            progress.stage("check", rating.counts["invoice"], rating.counts["invoice"])
            checks = run_tables.tie_out(run.pk)
            outcome = _outcome(run, rating, checks, sample.result())
    outcome["seconds"] = run.seconds + Decimal(f"{time.monotonic() - began:.3f}")
    point("checked")
    progress.stage("post", int(outcome["invoices"]))
    outcome["summary"]["stages"] = progress.seconds
    progress.check()
    post_run.do(Actor.system("bill run"), number=run.number, outcome=outcome)
    run.refresh_from_db()
    point("posted")


def _freeze(run: BillRun, progress: Progress) -> None:
    if run.manifest:
        return
    progress.stage("freeze")
    service = run.service
    assert service is not None
    metering.compact.do(Actor.system("bill run"), service=service.slug)
    known_at = recording.settled(service.pk)
    frozen = manifest.freeze(run, known_at)
    issued = known_at.astimezone(ZoneInfo(service.zone)).date()
    days = int(policies.value(DUE_DAYS.key, issued, (f"service:{service.slug}",)))
    frozen["due_on"] = (issued + timedelta(days=days)).isoformat()
    point("freezing")
    _set(
        run,
        manifest=frozen,
        manifest_hash=manifest.fingerprint(frozen),
        known_at=known_at,
        issued_at=known_at,
        due_on=issued + timedelta(days=days),
    )
    point("frozen")


def _write(run: BillRun, rating: Rating, progress: Progress) -> None:
    """COPY the finished rows, a transaction a chunk; the next chunk's files are made while the database takes the present one."""
    run_tables.create(run.pk)
    total = rating.counts["invoice"]
    size = _chunk_size(run, total)
    counted = rating.chunks(size)
    written = set(RunChunk.objects.filter(run=run).values_list("number", flat=True))
    progress.stage("write", total, sum(RunChunk.objects.filter(run=run).values_list("invoices", flat=True)))
    todo = [n for n in range(-(-total // size)) if n not in written]
    with ThreadPoolExecutor(1) as pool:
        for number, files in _ahead(pool, rating, run, todo, size):
            progress.check()
            with transaction.atomic():
                for kind in KINDS:
                    with files[kind].open("rb") as source:
                        bulk.copy_file(run_tables.name(kind, run.pk), run_tables.COLUMNS[kind], source)
                point("copied")
                counts = counted[number]
                RunChunk.objects.create(
                    run=run, number=number, first=number * size + 1, last=min((number + 1) * size, total), at=clock.now(),
                    invoices=counts["invoice"], lines=counts["line"], taxes=counts["tax"], transfers=counts["transfer"], totals=counts["totals"],
                )  # fmt: skip
            for path in files.values():
                path.unlink()
            point("chunk")
            progress.advance(counts["invoice"])
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f'TRUNCATE "{run_tables.name("parked", run.pk)}"')
        path = rating.export_parked()
        with path.open("rb") as source:
            bulk.copy_file(run_tables.name("parked", run.pk), run_tables.COLUMNS["parked"], source)
    point("written")


def _chunk_size(run: BillRun, total: int) -> int:
    """The size with which the run began to write, else the setting: a run that goes on under another setting must not count anew."""
    for first, last in RunChunk.objects.filter(run=run).order_by("number").values_list("first", "last"):
        if last < total:
            return last - first + 1
        return first - 1 if first > 1 else max(total, 1)
    return chunk_size()


def _ahead(pool: ThreadPoolExecutor, rating: Rating, run: BillRun, todo: list[int], size: int) -> Iterator[tuple[int, dict[str, Path]]]:
    assert run.issued_at is not None and run.due_on is not None
    fixed = (run.pk, run.period_from, run.period_to, run.issued_at, run.due_on)

    def make(n: int) -> dict[str, Path]:
        return rating.export_chunk(n, n * size + 1, (n + 1) * size + 1, *fixed)

    ahead = pool.submit(make, todo[0]) if todo else None
    for i, number in enumerate(todo):
        assert ahead is not None
        files = ahead.result()
        ahead = pool.submit(make, todo[i + 1]) if i + 1 < len(todo) else None
        yield number, files


def _outcome(run: BillRun, rating: Rating, checks: list[run_tables.Check], sample: Sample) -> dict[str, Any]:
    """What the run came to, tied out inside its tables and against the rating; raises Broken on any difference."""
    for check in checks:
        if check.broken:
            raise Broken(
                f"check.{check.key}",
                Text("검산 실패: {c}, 어긋난 행 {n}", "A check failed: {c}, {n} rows").fill(c=check.text, n=check.broken),
            )
    totals = run_tables.totals(run.pk)
    if totals != rating.totals:
        raise Broken("check.totals", Text("계산한 합계와 기록한 합계가 다릅니다.", "The totals computed and written differ."))
    if sample.differing:
        raise Broken(
            "check.sample",
            Text("표본 {n}계정 가운데 {d}계정이 기준 계산과 다릅니다.", "{d} of {n} sampled accounts differ from the reference.").fill(
                n=sample.accounts, d=sample.differing
            ),
        )
    usage = rating.usage()
    if usage["accepted"] != usage["billed"] + sum(usage["unbilled"].values()):
        raise Broken("check.usage", Text("받은 이용 기록과 청구·미청구의 합이 다릅니다.", "Usage accepted is not billed plus unbilled."))
    return {
        "accounts": rating.counts["invoice"] + rating.counts["zero"] + rating.counts["parked"],
        "invoices": rating.counts["invoice"],
        "parked": rating.counts["parked"],
        "zero": rating.counts["zero"],
        "idle": rating.idle,
        "totals": totals,
        "usage": usage,
        "summary": {
            "charges": rating.by_charge(),
            "checks": [{"key": c.key, "broken": 0} for c in checks] + [{"key": "sample", "broken": 0, "of": sample.accounts}],
            "changes": changes.distribution(run),
        },
    }
