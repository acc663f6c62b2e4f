"""A bill run from start to end on Naru Video: what is billed, what is not, and what a run refuses. Figures by hand: ``world``."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Max, Sum

from numaru.domains.billing import api as billing
from numaru.domains.billing import manifest, reads, run_tables, run_work
from numaru.domains.billing.actions.runs import post_run
from numaru.domains.billing.models import BillRun, Invoice, Line, ParkedAccount, RunChunk, TaxRow, Transfer
from numaru.domains.billing.rules.chart import Ledger
from numaru.facilities.catalogue import api as catalogue
from numaru.kernel import jobs
from numaru.kernel.errors import Conflict, Invalid, NotFound
from numaru.kernel.models import AuditRecord, NumberRange, OutboxEvent, Work
from tests.domains.billing.world import ADMIN, CLERK, HOUSE, TOTALS, D, World, at, company, enrolment, on, used

pytestmark = pytest.mark.django_db


def bills(run: BillRun) -> dict[str, int]:
    """Totals by the cast's names."""
    return {reads.invoice(n, None).subscriber.external_id: t for n, t in numbered(run)}  # type: ignore[union-attr]


def numbered(run: BillRun) -> list[tuple[str, int]]:
    rows = Invoice.objects.filter(run=run).order_by("ordinal").values_list("ordinal", "total")
    return [(reads.number_of(run.series, ordinal), total) for ordinal, total in rows]


def parked(run: BillRun, naru: World) -> dict[str, str]:
    names = {naru.contract(who).account_id: who for who in ("haneul", "noeul", "minsu", "onyu", "daon", "saebom", "gyeoul")}
    return {names[p.account_id]: p.reason for p in ParkedAccount.objects.filter(run=run)}


def documents(run: BillRun) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of a run without the run's own id and times."""
    with connection.cursor() as cursor:
        out = {}
        for kind in run_tables.PARENTS:
            columns = [c for c in run_tables.COLUMNS[kind] if c not in ("run_id", "issued_at", "due_on")]
            cursor.execute(f"SELECT {', '.join(columns)} FROM {run_tables.name(kind, run.pk)} ORDER BY 1, 2, 3, 4")
            out[kind] = cursor.fetchall()
    return out


def receivable(run: BillRun) -> int:
    moved = Transfer.objects.filter(run=run)
    debit = moved.filter(debit=Ledger.RECEIVABLE).aggregate(s=Sum("amount"))["s"] or 0
    credit = moved.filter(credit=Ledger.RECEIVABLE).aggregate(s=Sum("amount"))["s"] or 0
    return debit - credit


@pytest.mark.pg15
def test_three_months_come_to_the_won_that_was_reckoned_by_hand(naru: World) -> None:
    used(naru)
    august = naru.bill("2026-08")
    assert august.state == "posted", august.failure
    assert bills(august) == {"haneul": 5_429, "noeul": 39_000, "minsu": 9_600, "saebom": 35_000}
    assert parked(august, naru) == {"onyu": "missing_price"}
    assert (august.accounts, august.invoices, august.parked, august.zero, august.idle) == (6, 4, 1, 1, 1)
    # six of the eight events of August are billed; premium has no rentals, and Gyeoul's contract had ended
    assert august.usage == {"accepted": 8, "billed": 6, "unbilled": {"no_charge": 1, "not_running": 1}}

    with on("2026-09-05"):
        naru.fact("saebom", "ended", "2026-08-25")
    september = naru.bill("2026-09")
    assert bills(september) == {"haneul": 9_900, "noeul": 15_000, "minsu": 1_500}
    assert parked(september, naru) == {"onyu": "missing_price", "saebom": "negative_total"}
    assert (september.accounts, september.invoices, september.parked, september.zero, september.idle) == (6, 3, 2, 1, 1)

    october = naru.bill("2026-10")
    assert bills(october) == {"haneul": 9_900, "noeul": 15_000}
    # Saebom's credit of September was not settled, so what October would assume does not hold: the account waits with it
    assert parked(october, naru) == {"onyu": "missing_price", "saebom": "parked_before"}
    assert (october.accounts, october.invoices, october.parked, october.zero, october.idle) == (5, 2, 2, 1, 2)

    for run in (august, september, october):
        assert run.totals == {"KRW": TOTALS[f"{run.period_from:%Y-%m}"]}
        assert receivable(run) == run.totals["KRW"] == Invoice.objects.filter(run=run).aggregate(s=Sum("total"))["s"]
        # the series of the run has no gap and nobody else can take a number of it
        assert [n for n, _ in numbered(run)] == [f"{run.number}-{i:06d}" for i in range(1, run.invoices + 1)]
        with pytest.raises(IntegrityError), transaction.atomic():
            NumberRange.objects.create(series=run.series, taken=(run.invoices, run.invoices + 2), owner="another")
        assert run.due_on == date.fromordinal(run.period_to.toordinal() + 14)
        assert [c["broken"] for c in run.summary["checks"]] == [0] * 8
    # what everybody owes now is the sum of what was billed
    owed = reads.balance([naru.contract(w).account_id for w in ("haneul", "noeul", "minsu", "saebom", "onyu")])
    assert sum(owed.values()) == sum(TOTALS.values())
    assert owed[naru.contract("haneul").account_id] == 5_429 + 9_900 + 9_900


@pytest.mark.pg15
def test_an_invoice_holds_its_lines_its_tax_and_its_ledger(naru: World) -> None:
    used(naru)
    run = naru.bill("2026-08")
    noeul = next(p for n, _ in numbered(run) if (p := reads.invoice(n, None)).subscriber.external_id == "noeul")  # type: ignore[union-attr]
    assert [(x.name.en, f"{x.period.start}", x.amount.minor) for x in noeul.lines] == [
        ("Monthly fee", "2026-08-01", 15_000), ("Monthly fee", "2026-09-01", 15_000), ("Joining fee", "2026-08-01", 5_000), ("Saves", "2026-08-01", 4_000),
    ]  # fmt: skip
    assert (noeul.payer.name, noeul.payer.phone) == ("이*을", "010-****-3302")
    # 39,000 ÷ 11 = 3,545.45 → 3,545 tax; each line's own share is posted to its ledger account
    assert (noeul.total.minor, noeul.supply.minor, noeul.tax.minor) == (39_000, 35_455, 3_545)
    assert TaxRow.objects.get(run=run, ordinal=reads.parse_number(noeul.number)[1]).tax == 3_545  # type: ignore[index]
    by_account: dict[str, int] = {}
    for row in noeul.ledger:
        by_account[row.credit.en] = by_account.get(row.credit.en, 0) + row.amount.minor
    assert by_account["VAT payable"] == 3_545 and noeul.balanced
    assert sum(by_account.values()) == 39_000 and set(by_account) == {"Deferred revenue", "One-off revenue", "Usage revenue", "VAT payable"}


def test_a_posted_run_speaks_once_and_a_second_call_changes_nothing(naru: World) -> None:
    run = naru.bill("2026-08")
    before = (documents(run), OutboxEvent.objects.count(), AuditRecord.objects.count(), BillRun.objects.filter(pk=run.pk).values().get())
    assert naru.carry(run.number).state == "posted"
    assert before == (
        documents(run),
        OutboxEvent.objects.count(),
        AuditRecord.objects.count(),
        BillRun.objects.filter(pk=run.pk).values().get(),
    )
    posted = OutboxEvent.objects.get(name="billing.RunPosted")
    assert posted.payload == {"run_id": run.pk, "count": run.invoices} and posted.aggregate == f"bill_run:{run.pk}"
    assert AuditRecord.objects.get(object="billing.run", after__has_key="manifest").after["manifest"] == run.manifest_hash
    assert Work.objects.get(kind="billing.run", key=run.number).state == "done"


def test_the_same_manifest_makes_the_same_bills(naru: World) -> None:
    used(naru)
    first = naru.bill("2026-08")
    kept = documents(first)
    with on("2026-09-01"):
        billing.cancel_run.do(ADMIN, number=first.number, reason="시험")
    second = naru.bill("2026-08")
    assert second.number == "R2026-08.2" and documents(second) == kept
    assert second.manifest["rows"] == first.manifest["rows"]


def test_a_month_is_billed_once(naru: World) -> None:
    run = naru.bill("2026-08")
    with pytest.raises(Conflict) as refused:
        naru.start("2026-08")
    assert refused.value.findings[0].code == "run.exists" and run.number in str(refused.value)
    with pytest.raises(IntegrityError), transaction.atomic():  # and if code forgot it, the database would not
        BillRun.objects.create(number="X", series="X", service_id=run.service_id, period_from=run.period_from, period_to=run.period_to,
                               actor="x", created_at=at("2026-09-01"))  # fmt: skip


@pytest.mark.parametrize(
    ("period", "day", "code"),
    [("2026-08", "2026-08-31T23:59", "run.open_month"), ("2026-13", "2026-12-01", "run.period"), ("08/2026", "2026-12-01", "run.period")],
)
def test_a_month_that_cannot_be_billed_is_refused_and_nothing_is_left(naru: World, period: str, day: str, code: str) -> None:
    with on(day), pytest.raises((Conflict, Invalid)) as refused:
        billing.start_run.do(CLERK, service=naru.slug, period=period)
    assert [f.code for f in refused.value.findings] == [code]
    assert not BillRun.objects.exists() and not Work.objects.exists()


def test_a_service_without_contracts_or_unknown_is_refused(naru: World) -> None:
    catalogue.open_service.do(HOUSE, slug="empty", name_ko="빈 곳", name_en="Empty", zone="Asia/Seoul", currency="KRW")
    with on("2026-09-01"), pytest.raises(Conflict) as refused:
        billing.start_run.do(CLERK, service="empty", period="2026-08")
    assert refused.value.findings[0].code == "run.no_contract"
    with on("2026-09-01"), pytest.raises(NotFound):
        billing.start_run.do(CLERK, service="nowhere", period="2026-08")


def test_the_plan_of_a_start_says_what_it_would_do_and_leaves_nothing(naru: World) -> None:
    with on("2026-09-01"):
        plan = billing.start_run.plan(CLERK, service=naru.slug, period="2026-08")
    assert plan.effects[0].en == "Bill run R2026-08 of Naru Video for 2026-08, 7 contracts"
    assert plan.effects[0].ko == "나루 비디오 2026-08 청구 실행 R2026-08, 계약 7건"
    assert not BillRun.objects.exists() and not OutboxEvent.objects.filter(name="billing.RunStarted").exists()


# ── the order of months where charges are in advance ──


def test_a_month_waits_for_the_one_before_to_be_finished(naru: World) -> None:
    """Else September would be billed in full by September's run and once more, in advance, by August's."""
    august = naru.start("2026-08")
    with pytest.raises(Conflict) as refused:
        naru.start("2026-09")
    assert refused.value.findings[0].code == "run.order" and refused.value.findings[0].value == august.number
    naru.carry(august.number)
    assert naru.bill("2026-09").totals == {"KRW": 9_900 + 15_000 + 15_000}  # Saebom is with us still, and minsu used nothing


def test_a_month_before_a_live_one_is_refused_even_if_that_is_not_posted(naru: World) -> None:
    later = naru.start("2026-09")
    with pytest.raises(Conflict) as refused:
        naru.start("2026-08")
    assert refused.value.findings[0].value == later.number


def test_what_a_later_month_rests_on_cannot_be_cancelled(naru: World) -> None:
    august, september = naru.bill("2026-08"), naru.bill("2026-09")
    with on("2026-10-02"), pytest.raises(Conflict) as refused:
        billing.cancel_run.do(ADMIN, number=august.number, reason="틀린 요금")
    assert refused.value.findings[0].value == september.number
    assert Invoice.objects.filter(run=august).count() == august.invoices
    with on("2026-10-02"):
        billing.cancel_run.do(ADMIN, number=september.number, reason="틀린 요금")
        billing.cancel_run.do(ADMIN, number=august.number, reason="틀린 요금")
    assert not Invoice.objects.exists()


def test_without_advance_months_may_be_billed_in_any_order(naru: World) -> None:
    with on("2026-07-20"):
        catalogue.open_service.do(HOUSE, slug="books", name_ko="책", name_en="Books", zone="Asia/Seoul", currency="KRW")
        charge = billing.ChargeSpec("monthly", "월정액", "Monthly fee", "recurring", D(5000))
        offer = billing.publish_offer.do(
            HOUSE, service="books", slug="plain", name_ko="책", name_en="Books", valid_from=date(2026, 1, 1), charges=[charge]
        )
        billing.enrol.do(HOUSE, service="books", rows=enrolment(("a", "a", offer.version_id, date(2026, 1, 1), None)), source="t")
    with on("2026-10-01"):
        for period in ("2026-09", "2026-08"):
            run = billing.carry_out(billing.start_run.do(CLERK, service="books", period=period, queue=False).number)
            assert (run.state, run.totals) == ("posted", {"KRW": 5000})


# ── pause, stop, resume, cancel ──


@pytest.fixture
def small_chunks(settings: Any) -> None:
    settings.NUMARU_RUN_CHUNK = 1


def halt_at(monkeypatch: pytest.MonkeyPatch, point: str, number: str, how: str) -> None:
    """Somebody presses the button when the work has just passed ``point``."""

    def passed(name: str) -> None:
        if name == point:
            billing.halt_run.do(CLERK, number=number, how=how)
            monkeypatch.setattr(run_work, "point", lambda _: None)

    monkeypatch.setattr(run_work, "point", passed)


@pytest.mark.parametrize(("how", "state"), [("pause", "paused"), ("stop", "stopped")])
def test_a_halted_run_keeps_its_chunks_and_goes_on_where_it_ended(
    naru: World, small_chunks: None, monkeypatch: pytest.MonkeyPatch, settings: Any, how: str, state: str
) -> None:
    used(naru)
    number = naru.start("2026-08").number
    halt_at(monkeypatch, "chunk", number, how)
    run = naru.carry(number)
    assert run.state == state and not Invoice.objects.exists()
    assert [c.number for c in RunChunk.objects.filter(run=run)] == [0]
    assert Work.objects.get(key=number).control == ""
    assert naru.carry(number).state == state  # a job left in the queue does not undo what a person asked

    settings.NUMARU_RUN_CHUNK = 3  # the setting may have changed meanwhile; the run counts on as it began
    billing.resume_run.do(CLERK, number=number, queue=False)
    run = naru.carry(number)
    assert run.state == "posted", run.failure
    assert run.totals == {"KRW": TOTALS["2026-08"]} and [c.number for c in RunChunk.objects.order_by("number")] == [0, 1, 2, 3]


def test_a_pause_asked_before_the_work_began_is_heeded(naru: World) -> None:
    number = naru.start("2026-08").number
    billing.halt_run.do(CLERK, number=number, how="pause")
    assert naru.carry(number).state == "paused"


def test_what_is_not_running_cannot_be_halted_and_what_is_over_not_resumed(naru: World) -> None:
    run = naru.bill("2026-08")
    with pytest.raises(Conflict) as idle:
        billing.halt_run.do(CLERK, number=run.number, how="pause")
    with pytest.raises(Conflict) as over:
        billing.resume_run.do(CLERK, number=run.number)
    assert (idle.value.findings[0].code, over.value.findings[0].code) == ("run.idle", "run.finished")
    with pytest.raises(Invalid):
        billing.halt_run.do(CLERK, number=run.number, how="explode")


def test_a_cancelled_run_is_detached_kept_and_still_cannot_be_changed(naru: World) -> None:
    run = naru.bill("2026-08")
    kept = documents(run)
    with on("2026-09-02"):
        plan = billing.cancel_run.plan(ADMIN, number=run.number)
        assert plan.effects[0].en == "3 invoices of ₩75,429 are taken back."
        assert Invoice.objects.filter(run=run).count() == 3
        billing.cancel_run.do(ADMIN, number=run.number, reason="요금 오류")
    assert not Invoice.objects.exists() and not Line.objects.exists() and not Transfer.objects.exists()
    assert documents(run) == kept
    for kind in run_tables.PARENTS:
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {run_tables.name(kind, run.pk)}")
    record = AuditRecord.objects.filter(object="billing.run", key=run.number).latest("id")
    assert (record.reason, record.before["state"], record.after) == ("요금 오류", "posted", {"state": "cancelled"})
    assert OutboxEvent.objects.filter(name="billing.RunCancelled").count() == 1
    with pytest.raises(NotFound):
        reads.invoice(f"{run.number}-000001", None)


def test_an_unfinished_run_is_cancelled_without_a_trace_of_its_rows(
    naru: World, small_chunks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = naru.start("2026-08").number
    halt_at(monkeypatch, "chunk", number, "stop")
    run = naru.carry(number)
    billing.cancel_run.do(ADMIN, number=number, reason="시험")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relname = %s", [run_tables.name("invoice", run.pk)])
        assert cursor.fetchone()[0] == 0
    assert naru.carry(number).state == "cancelled"  # a job still in the queue finds nothing to do
    assert not OutboxEvent.objects.filter(name="billing.RunCancelled").exists()


def test_a_running_run_is_not_cancelled_and_only_a_running_one_is_posted(naru: World) -> None:
    run = naru.start("2026-08")
    with pytest.raises(Conflict) as early:
        post_run.do(CLERK, number=run.number, outcome={"invoices": 0})
    assert early.value.findings[0].code == "run.state"
    BillRun.objects.filter(pk=run.pk).update(state="running")
    with pytest.raises(Conflict) as busy:
        billing.cancel_run.do(ADMIN, number=run.number, reason="시험")
    assert busy.value.findings[0].message.ko == "‘확정 중’ 상태에서는 취소할 수 없습니다."
    with pytest.raises(Invalid):
        billing.cancel_run.do(ADMIN, number=run.number)


# ── the manifest ──


def test_frozen_rows_that_are_gone_are_drawn_again_as_they_were(naru: World, monkeypatch: pytest.MonkeyPatch) -> None:
    number = naru.start("2026-08").number
    halt_at(monkeypatch, "frozen", number, "pause")
    run = naru.carry(number)
    frozen = manifest.folder(number)
    kept = {p.name: p.read_bytes() for p in frozen.glob("*.csv")}
    assert set(kept) == {"contracts.csv", "facts.csv", "terms.csv", "tiers.csv"}
    with on("2026-09-02"):  # the world moves on; the run does not
        naru.fact("noeul", "price_agreed", "2026-08-01", charge_key="monthly", price=D(1))
    (frozen / "facts.csv").unlink()
    (frozen / "terms.csv").write_text("spoilt")
    billing.resume_run.do(CLERK, number=number, queue=False)
    done = naru.carry(number)
    assert done.state == "posted" and done.totals == {"KRW": 5_429 + 35_000 + 35_000}
    assert {p.name: p.read_bytes() for p in frozen.glob("*.csv")} == kept and done.manifest_hash == run.manifest_hash


def test_a_usage_file_that_was_changed_or_is_gone_stops_the_run_in_words(
    naru: World, monkeypatch: pytest.MonkeyPatch, own_home: Any
) -> None:
    used(naru)
    number = naru.start("2026-08").number
    halt_at(monkeypatch, "frozen", number, "pause")
    run = naru.carry(number)
    path = own_home / run.manifest["usage"][0]["path"]
    content = path.read_bytes()
    path.write_bytes(content[:-9] + b"x" + content[-8:])
    for said in ("이용 기록 파일이 달라졌습니다", "이용 기록 파일이 없습니다"):
        billing.resume_run.do(CLERK, number=number, queue=False)
        run = naru.carry(number)
        assert run.state == "failed" and run.failure["code"] == "drifted"
        assert run.failure["ko"].startswith(said) and run.manifest["usage"][0]["path"] in run.failure["en"]
        path.unlink(missing_ok=True)
    path.write_bytes(content)
    billing.resume_run.do(CLERK, number=number, queue=False)
    assert naru.carry(number).totals == {"KRW": TOTALS["2026-08"]}


def test_a_row_lost_on_the_way_stops_the_run_before_anybody_sees_a_bill(naru: World, monkeypatch: pytest.MonkeyPatch) -> None:
    number = naru.start("2026-08").number
    run = BillRun.objects.get(number=number)

    def lose(name: str) -> None:
        if name == "keyed":
            with connection.cursor() as cursor:
                cursor.execute(f"DELETE FROM {run_tables.name('line', run.pk)} WHERE ordinal = 1 AND line = 1")

    monkeypatch.setattr(run_work, "point", lose)
    run = naru.carry(number)
    assert (run.state, run.failure["code"]) == ("failed", "check.lines")
    assert not Invoice.objects.exists() and Work.objects.get(key=number).state == "failed"


def test_as_of_bills_what_was_known_then(naru: World) -> None:
    with on("2026-09-03"):
        naru.fact("haneul", "paused", "2026-08-20")
    run = naru.bill("2026-08")  # on 1 September nobody knew
    assert bills(run)["haneul"] == 5_429 and run.known_at == at("2026-09-01T09:00")


def test_runs_of_two_services_stand_apart(naru: World) -> None:
    other = company("naru-toon")
    first, second = naru.bill("2026-08"), other.bill("2026-08")
    assert (first.number, second.number) == ("R2026-08", "R2026-08.2")
    assert second.invoices == 3 and Invoice.objects.count() == 6
    assert reads.visible_runs(frozenset({"naru-toon"})).get() == second
    with pytest.raises(NotFound):
        reads.invoice(f"{first.number}-000001", frozenset({"naru-toon"}))
    assert Invoice.objects.filter(run=first).aggregate(m=Max("ordinal"))["m"] == 3


def test_ask_does_nothing_for_work_that_is_over(naru: World) -> None:
    run = naru.bill("2026-08")
    assert jobs.ask("billing.run", run.number, "pause") is False


def test_usage_that_comes_after_the_cut_off_is_counted_and_billed_by_running_again(naru: World) -> None:
    used(naru)
    august = naru.bill("2026-08")
    assert reads.late_usage(august) == 0
    with on("2026-09-10"):
        naru.use(("minsu", "rental", "2026-08-25T12:00", "2", None), ("minsu", "rental", "2026-09-02T12:00", "1", None))
    assert reads.late_usage(august) == 1  # the other one is September's
    assert bills(august)["minsu"] == 9_600
    with on("2026-09-11"):
        billing.cancel_run.do(ADMIN, number=august.number, reason="late usage")
        again = billing.start_run.do(CLERK, service=naru.slug, period="2026-08", queue=False)
        assert bills(billing.carry_out(again.number))["minsu"] == 9_600 + 3_000
