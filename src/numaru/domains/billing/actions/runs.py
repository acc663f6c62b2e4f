"""Starting, pausing, stopping, resuming, cancelling and posting a bill run. The work between start and posting is in ``run_work``."""

from __future__ import annotations

from datetime import date

from django.db import connection
from psycopg import sql

from numaru.domains.billing import run_lock, run_tables
from numaru.domains.billing.events import RunCancelled, RunPosted, RunStarted
from numaru.domains.billing.models import BillRun, ChargeTerm, Contract, ParkedAccount
from numaru.domains.billing.permissions import RUN_CANCEL, RUN_CONTROL, RUN_START
from numaru.domains.billing.policies import CANCEL_FROM
from numaru.domains.billing.states import RUN
from numaru.facilities.catalogue import api as catalogue
from numaru.kernel import clock, numbering
from numaru.kernel import jobs as work
from numaru.kernel.actions import Act, action
from numaru.kernel.approvals.api import above
from numaru.kernel.errors import Conflict, Invalid, NotFound
from numaru.kernel.models import Work
from numaru.ui import formats
from numaru.values.money import Money
from numaru.values.period import Period
from numaru.values.text import LANGUAGES, Text

KIND = "billing.run"


def _service_of(number: str = "", **_: object) -> str | None:
    return BillRun.objects.filter(number=number).values_list("service__slug", flat=True).first()


def locked(number: str) -> BillRun:
    """The run under a row lock. Raises NotFound."""
    row = BillRun.objects.select_for_update(of=("self",)).filter(number=number, kind="period").first()
    if row is None:
        raise NotFound.named(Text("청구 실행", "bill run"), number)
    return row


def month(text: str) -> Period:
    """The period of a run from YYYY-MM; refuses any other form with the remedy."""
    try:
        return Period.month(text)
    except ValueError:
        raise Invalid.because(
            "run.period",
            Text("‘{p}’은(는) 청구할 수 있는 달이 아닙니다.", "“{p}” is not a month that can be billed.").fill(p=text),
            Text("2026-10처럼 연도 네 자리, 달 두 자리로 적으십시오.", "Write the year and the month, like 2026-10."),
            field="period",
            value=text,
        ) from None


def live_run(service_id: int, period: Period) -> BillRun | None:
    """The one run of the service and period that is not cancelled."""
    return BillRun.objects.filter(service_id=service_id, period_from=period.start, kind="period").exclude(state="cancelled").first()


def _later(service_id: int, start: date) -> BillRun | None:
    """The earliest live run of a month after the one that begins on ``start``."""
    rows = BillRun.objects.filter(service_id=service_id, period_from__gt=start, kind="period").exclude(state="cancelled")
    return rows.order_by("period_from").first()


def _has_advance(service_id: int) -> bool:
    return ChargeTerm.objects.filter(version__offer__service_id=service_id, timing="advance").exists()


def _free_number(period: Period) -> str:
    """R2026-10 for the first run of the month, R2026-10.2 for the next, whatever the service."""
    count = BillRun.objects.filter(period_from=period.start, kind="period").count()
    return f"R{period.label}" if count == 0 else f"R{period.label}.{count + 1}"


@action(RUN_START)
def start_run(act: Act, *, service: str, period: str, queue: bool = True) -> BillRun:
    """Make the run of ``service`` for the month ``period`` (YYYY-MM) and queue it; with ``queue=False`` the caller carries it out itself.

    Refuses a month that has not ended, a service without contracts, and a month that has a live run already (the database refuses too).
    Where charges are billed in advance a month rests on the one before, so it also refuses a month before one that has a live run, and one
    whose month before is not finished. Publishes RunStarted.
    """
    span = month(period)
    card = catalogue.service(service)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [0x4E52, 0])
    if span.end > clock.today(card.zone):
        raise Conflict.because(
            "run.open_month",
            Text("{p}은 아직 끝나지 않았습니다.", "{p} has not ended yet.").fill(p=period),
            Text("{d} 이후에 실행하십시오.", "Start it on {d} or later.").fill(d=span.end),
            field="period",
            value=period,
        )
    if found := live_run(card.id, span):
        raise Conflict.because(
            "run.exists",
            Text("{p}은 {n}로 이미 실행했습니다.", "{p} has the run {n} already.").fill(p=period, n=found.number),
            Text("그 실행을 열어 보거나, 취소한 뒤 다시 실행하십시오.", "Open that run, or cancel it and start again."),
            field="period",
            value=found.number,
        )
    if not Contract.objects.filter(service_id=card.id).exists():
        raise Conflict.because(
            "run.no_contract",
            Text("이 서비스에는 계약이 없습니다.", "This service has no contract."),
            Text("가입자를 먼저 들여오십시오.", "Import subscribers first."),
            field="service",
            value=service,
        )
    later, unfinished = _later(card.id, span.start), live_run(card.id, span.previous_month())
    if unfinished and unfinished.state != "posted" and _has_advance(card.id):
        raise Conflict.because(
            "run.order",
            Text("선불 요금이 있어 {n}이 끝나야 실행할 수 있습니다.", "Charges in advance: {n} must be finished first.").fill(
                n=unfinished.number
            ),
            Text("그 실행을 마치거나 취소하십시오.", "Finish or cancel that run."),
            field="period",
            value=unfinished.number,
        )
    if later and _has_advance(card.id):
        raise Conflict.because(
            "run.order",
            Text("선불 요금이 있어 {n}보다 앞선 달은 실행할 수 없습니다.", "Charges in advance: a month before {n} can't be run.").fill(
                n=later.number
            ),
            Text("뒤의 실행을 먼저 취소하십시오.", "Cancel the later run first."),
            field="period",
            value=later.number,
        )
    number = _free_number(span)
    run = BillRun.objects.create(
        number=number, series=number, service_id=card.id, period_from=span.start, period_to=span.end,
        actor=f"{act.actor.kind}:{act.actor.name}", created_at=clock.now(),
    )  # fmt: skip
    Work.objects.create(kind=KIND, key=number, actor=run.actor, staff=act.actor.staff_id, asked_at=clock.now())
    act.record("billing.run", number, after={"service": service, "period": period})
    act.event(RunStarted(run.pk))
    contracts = Contract.objects.filter(service_id=card.id).count()
    act.effect(
        Text("{s} {p} 청구 실행 {n}, 계약 {c}건", "Bill run {n} of {s} for {p}, {c} contracts").fill(
            s=card.name, p=period, n=number, c=f"{contracts:,}"
        )
    )
    if queue and not act.dry:
        act.job(lambda: defer(number))
    return run


def defer(number: str) -> None:
    """Queue the work of a run. Twice does no harm: the work takes a lock and begins where it stopped."""
    from numaru.domains.billing.jobs import bill

    bill.defer(number=number)


@action(RUN_CONTROL, service=_service_of)
def halt_run(act: Act, *, number: str, how: str) -> None:
    """Ask a running run to ``pause`` or ``stop``: it ends after the chunk in hand; what is written stays and is not computed again."""
    if how not in ("pause", "stop"):
        raise Invalid.because(
            "run.how", Text("pause 또는 stop입니다.", "It is pause or stop."), Text("다시 고르십시오.", "Choose again."), field="how"
        )
    run = locked(number)
    if not work.ask(KIND, number, how):
        raise Conflict.because(
            "run.idle",
            Text("지금 진행 중이 아닙니다.", "It is not running now."),
            Text("상태를 다시 확인하십시오.", "Look at its state again."),
            value=run.state,
        )
    act.record("billing.run", number, after={"asked": how})


@action(RUN_CONTROL, service=_service_of)
def resume_run(act: Act, *, number: str, queue: bool = True) -> BillRun:
    """Go on with a paused, stopped, failed or cut-off run where it ended. A run that some process is carrying now is left as it is."""
    run = locked(number)
    if run.state not in ("queued", "running", "paused", "stopped", "failed"):
        raise Conflict.because(
            "run.finished",
            Text("끝난 실행은 재개할 수 없습니다.", "A finished run can't be resumed."),
            Text("새로 실행하십시오.", "Start a new one."),
            value=run.state,
        )
    before = run.state
    if before in ("queued", "running") and run_lock.held(run.pk):
        act.record("billing.run", number, before={"state": before}, after={"state": before})
        return run
    run.state = "queued"
    run.failure = {}
    run.save(update_fields=["state", "failure"])
    Work.objects.filter(kind=KIND, key=number).update(state="queued", control="", finished_at=None, heartbeat_at=clock.now())
    act.record("billing.run", number, before={"state": before}, after={"state": "queued"})
    if queue and not act.dry:
        act.job(lambda: defer(number))
    return run


def _posted_totals(number: str = "", **_: object) -> dict[str, int] | None:
    return BillRun.objects.filter(number=number, state="posted").values_list("totals", flat=True).first()


LARGE = Text("확정한 청구 {a}을(를) 거둡니다.", "Final bills of {a} are taken back.")


@action(RUN_CANCEL, reason=True, service=_service_of, second=above(CANCEL_FROM.key, _posted_totals, LARGE))
def cancel_run(act: Act, *, number: str) -> BillRun:
    """Take a run back. A posted run's tables are detached and kept; an unfinished run's rows are dropped. Its numbers are never reused.

    Refuses a running run (stop it first) and, where charges are billed in advance or an account was billed after it, one that a later
    run rests on. Publishes RunCancelled when invoices had been final.
    """
    run = locked(number)
    if run.state in ("cancelled", "running"):
        raise Conflict.because(
            "run.state",
            Text("‘{s}’ 상태에서는 취소할 수 없습니다.", "A run in the state “{s}” can't be cancelled.").fill(s=RUN[run.state].word),
            Text("진행 중이면 먼저 중지하십시오.", "Stop it first if it is running."),
            value=run.state,
        )
    assert run.service_id is not None
    later = _later(run.service_id, run.period_from)
    if later and run.manifest and _has_advance(run.service_id):
        raise Conflict.because(
            "run.order",
            Text("{n}이 이 실행의 선불 청구를 바탕으로 합니다.", "{n} rests on what this run billed in advance.").fill(n=later.number),
            Text("뒤의 실행부터 취소하십시오.", "Cancel the later runs first."),
            value=later.number,
        )
    billed = ParkedAccount.objects.filter(run=run, state="billed").values_list("invoice", flat=True).first()
    if billed:
        raise Conflict.because(
            "run.parked_billed",
            Text("보류 계정을 {i}로 따로 청구했습니다.", "A parked account was billed as {i}.").fill(i=billed),
            Text("그 청구서를 먼저 정정하십시오.", "Counter that invoice first."),
            value=billed,
        )
    posted = run.state == "posted"
    before = run.state
    if posted:
        run_tables.detach(run.pk)
        act.event(RunCancelled(run.pk))
    else:
        run_tables.drop(run.pk)
    run.state, run.cancelled_at = "cancelled", clock.now()
    run.save(update_fields=["state", "cancelled_at"])
    Work.objects.filter(kind=KIND, key=number).update(state="stopped", control="", finished_at=clock.now())
    act.record(
        "billing.run", number, before={"state": before, "invoices": run.invoices, "totals": run.totals}, after={"state": "cancelled"}
    )
    for currency, minor in sorted(run.totals.items()):
        total = Text(*(formats.money(Money(minor, currency), lang) for lang in LANGUAGES))
        act.effect(Text("청구서 {n}건({t})을 거둡니다.", "{n} invoices of {t} are taken back.").fill(n=f"{run.invoices:,}", t=total))
    return run


@action(RUN_CONTROL, service=_service_of)
def post_run(act: Act, *, number: str, outcome: dict[str, object]) -> BillRun:
    """Make the whole set of a run final in one short transaction: attach its tables, take its number range, write one audit record and
    one set event. ``outcome`` holds what the work counted (invoices, totals, parked, zero, idle, usage, summary, seconds). Refuses a run
    that is not running."""
    run = locked(number)
    if run.state == "posted":
        act.record("billing.run", number)
        return run
    if run.state != "running":
        raise Conflict.because(
            "run.state",
            Text("‘{s}’ 상태에서는 확정할 수 없습니다.", "A run in the state “{s}” can't be posted.").fill(s=RUN[run.state].word),
            Text("상태를 다시 확인하십시오.", "Look at its state again."),
            value=run.state,
        )
    for key, value in outcome.items():
        setattr(run, key, value)
    numbering.reserve(run.series, 1, run.invoices, f"run:{run.number}")
    run_tables.attach(run.pk)
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "INSERT INTO billing_parkedaccount (run_id, account_id, reason, currency, state, invoice, at)"
                " SELECT {run}, account_id, reason, currency, 'open', '', %s FROM {parked} ORDER BY account_id"
            ).format(run=sql.Literal(run.pk), parked=run_tables.table("parked", run.pk)),
            [clock.now()],
        )
        cursor.execute(sql.SQL("DROP TABLE {}").format(run_tables.table("parked", run.pk)))
    run.state, run.posted_at = "posted", clock.now()
    run.save()
    Work.objects.filter(kind=KIND, key=number).update(state="done", control="", finished_at=clock.now())  # true even if the worker dies now
    act.record("billing.run", number, after={"invoices": run.invoices, "totals": run.totals, "manifest": run.manifest_hash})
    act.event(RunPosted(run.pk, run.invoices))
    return run
