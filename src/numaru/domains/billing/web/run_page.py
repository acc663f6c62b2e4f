"""What the page of one bill run shows: how far it is, what it billed beside the month before, what it set aside, and what was checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from numaru.domains.billing import reads, run_tables
from numaru.domains.billing.changes import run_before
from numaru.domains.billing.models import BillRun, Contract, ParkedAccount, RunChunk
from numaru.domains.billing.rules.expected import Band, changes, expected
from numaru.domains.billing.rules.usage import Unbilled
from numaru.domains.billing.states import PARKED, STAGES
from numaru.domains.billing.web import run_charts
from numaru.domains.subscribers import api as subscribers
from numaru.kernel import clock
from numaru.kernel.models import Work
from numaru.ui import formats
from numaru.ui.progress import Figure, Progress, Station
from numaru.ui.states import State
from numaru.values.money import Money, round_half_away
from numaru.values.period import Period
from numaru.values.text import Text

ORDER = ("freeze", "rate", "write", "check", "post")
INSIDE = {"key": "write"}  # stages that people see as a part of another
OUTSIDE, INSIDE_RANGE = State(Text("범위 밖", "Out of range"), "bad"), State(Text("범위 안", "In range"), "good")
BALANCED = State(Text("일치", "Balanced"), "good")
UNBILLED = {
    Unbilled.NO_CONTRACT: Text("계약이 없는 가입자", "No contract"),
    Unbilled.NOT_RUNNING: Text("멈췄거나 끝난 계약", "Contract not running"),
    Unbilled.NO_CHARGE: Text("요금이 없는 계량 항목", "No charge for the meter"),
    Unbilled.PARKED: Text("보류된 계정", "Account parked"),
}
NAMED = 8  # parked accounts named for each reason
SCALE = 200  # the comparison's picture reaches to ±20.0 %


def title(row: BillRun) -> Text:
    """2026년 10월 정기청구."""
    return Text(f"{formats.month(row.period_from, 'ko')} 정기청구", f"{formats.month(row.period_from, 'en')} bill run")


@dataclass(frozen=True, slots=True)
class Written:
    """The invoices that stand written in the run's own tables, their sum by currency, and how many are written a second."""

    invoices: int
    totals: dict[str, int]
    rate: int | None


def written(row: BillRun) -> Written:
    """From the chunks, or from the run itself once it is final."""
    if row.state == "posted":
        rate = round_half_away(row.invoices * 1000, int(row.seconds * 1000)) if row.seconds and row.invoices else None
        return Written(row.invoices, row.totals, rate)
    chunks = list(RunChunk.objects.filter(run=row).order_by("at").values_list("invoices", "totals", "at"))
    totals: dict[str, int] = {}
    for _, amounts, _ in chunks:
        for currency, minor in amounts.items():
            totals[currency] = totals.get(currency, 0) + int(minor)
    count = sum(n for n, _, _ in chunks)
    rate = None
    if len(chunks) > 1:
        millis = int((chunks[-1][2] - chunks[0][2]).total_seconds() * 1000)
        rate = round_half_away((count - chunks[0][0]) * 1000, millis) if millis else None
    return Written(count, totals, rate)


def progress(row: BillRun, work: Work | None, so_far: Written) -> Progress:
    """How far the run is. The percentage is that of the contracts rated and then of the invoices written, never of time."""
    stage = INSIDE.get(work.stage, work.stage) if work else ""
    rating = stage in ("", "freeze", "rate")
    total = row.invoices if row.state == "posted" else work.total if work else 0
    done = 0 if rating else so_far.invoices
    figures = [Figure(Text("금액", "Amount"), Money(minor, c)) for c, minor in sorted(so_far.totals.items())][:3]
    if so_far.rate:
        figures.insert(0, Figure(Text("초당", "Per second"), so_far.rate))
    if row.state == "running" and stage == "write" and so_far.rate and total > done:
        left = formats.duration((total - done) / so_far.rate)
        figures.insert(0, Figure(Text("남은 시간", "Time left"), left))
    if row.state == "posted":
        figures.insert(0, Figure(Text("걸린 시간", "Took"), formats.duration(float(row.seconds))))
        figures.append(Figure(Text("보류", "Parked"), row.parked))
    noun = Text("계약 계산", "contracts rated") if rating else Text("청구서 기록", "invoices written")
    return Progress(done, total, noun, stations(row, work, stage), figures, said=Text("기록한 청구서", "Invoices written"))


def stations(row: BillRun, work: Work | None, stage: str) -> list[Station]:
    """The line of stations; the one in hand is bad when the run failed there."""
    at = len(ORDER) if row.state == "posted" else ORDER.index(stage) if stage in ORDER else 0
    notes = _notes(row, work)
    out = []
    for n, key in enumerate(ORDER):
        state: Any = "done" if n < at else "wait"
        if n == at and row.state not in ("queued", "cancelled"):
            state = "bad" if row.state == "failed" else "now"
        out.append(Station(STAGES[key], notes[key], state))
    return out


def _notes(row: BillRun, work: Work | None) -> dict[str, Text]:
    nothing = Text("", "")
    events = sum(int(f["rows"]) for f in row.manifest.get("usage", []))
    contracts = work.total if work and work.stage == "rate" else 0
    accounts = row.accounts + row.idle
    final = (
        row.invoices
        if row.state == "posted"
        else work.total
        if work and INSIDE.get(work.stage, work.stage) in ("write", "check", "post")
        else 0
    )

    def n(ko: str, one: str, many: str, value: int) -> Text:
        return Text(ko, one if value == 1 else many).fill(n=f"{value:,}") if value else nothing

    posted = Text(formats.when(row.posted_at, "ko"), formats.when(row.posted_at, "en")) if row.posted_at else nothing
    return {
        "freeze": n("{n} 계정", "{n} account", "{n} accounts", accounts)
        if row.state == "posted"
        else n("계약 {n}건", "{n} contract", "{n} contracts", contracts),
        "rate": n("이용 기록 {n}건", "{n} record of use", "{n} records of use", events),
        "write": n("청구서 {n}건", "{n} invoice", "{n} invoices", final),
        "check": Text("원장·합계 대사", "ledger and totals"),
        "post": posted,
    }


@dataclass(frozen=True, slots=True)
class Compared:
    """A charge, or the sum, beside the month before; ``tenths`` of a percent, ``x`` of the dot in a picture 140 wide."""

    name: Text
    former: Money | None
    now: Money
    tenths: int | None
    sum: bool = False
    band: Band | None = None  # what was to be expected

    @property
    def change(self) -> str:
        return formats.UNKNOWN if self.tenths is None else percent(self.tenths)

    @property
    def x(self) -> str:
        return f"{_place(self.tenths or 0):.1f}"

    @property
    def band_x(self) -> str:
        return f"{_place(self.band.low if self.band else 0):.1f}"

    @property
    def band_width(self) -> str:
        return f"{max(_place(self.band.high) - _place(self.band.low), 2.0):.1f}" if self.band else "0"

    @property
    def out(self) -> bool:
        return self.band is not None and self.tenths is not None and not self.band.holds(self.tenths)

    @property
    def face(self) -> State | None:
        """Inside or outside what was to be expected; None when nobody knows."""
        return None if self.band is None or self.tenths is None else OUTSIDE if self.out else INSIDE_RANGE

    @property
    def said(self) -> Text:
        """The row's picture in words."""
        change = Text("{n} {c}", "{n} {c}").fill(n=self.name, c=self.change)
        if self.band is None:
            return change
        return Text("{t}, 예상 {l}~{h}", "{t}, expected {l} to {h}").fill(t=change, l=percent(self.band.low), h=percent(self.band.high))

    @property
    def beyond(self) -> bool:
        return self.tenths is not None and abs(self.tenths) > SCALE


def percent(tenths: int) -> str:
    """Tenths of a percent as a signed percentage: +8.1%."""
    return f"{formats.sign(tenths < 0, tenths > 0, True)}{abs(tenths) // 10:,}.{abs(tenths) % 10}%"


def _place(tenths: int) -> float:
    """Where a change stands in the picture, held inside it."""
    return 70 + max(-SCALE, min(SCALE, tenths)) * 63 / SCALE


def tenths(now: Money, former: Money | None) -> int | None:
    """The change in tenths of a percent, half away from zero; None without a base."""
    return round_half_away((now.minor - former.minor) * 1000, abs(former.minor)) if former and former.minor else None


def compared(row: BillRun, before: BillRun | None) -> list[Compared]:
    """Each charge of the run and of the month before, then what both billed in all."""
    earlier_runs = reads.runs_before(row) if before else []
    by_charge = [_charges(r.summary) for r in earlier_runs]

    def band(amounts: list[int | None]) -> Band | None:
        return expected(changes(amounts))

    out = [
        Compared(r.name, r.former, r.now, tenths(r.now, r.former), band=band([c.get((r.key, r.now.currency)) for c in by_charge]))
        for r in reads.charges_of(row)
    ]
    earlier = before.totals if before else {}
    for currency in sorted(row.totals.keys() | earlier.keys()):
        now = Money(row.totals.get(currency, 0), currency)
        former = Money(earlier[currency], currency) if currency in earlier else None
        lines = sum(r.now.minor for r in out if r.now.currency == currency and not r.sum)
        if now.minor != lines:
            out.append(Compared(Text("따로 붙는 세금", "Tax added"), None, Money(now.minor - lines, currency), None))
        whole = band([int(r.totals[currency]) if currency in r.totals else None for r in earlier_runs])
        out.append(Compared(Text("합계, 세금 포함", "Total, tax included"), former, now, tenths(now, former), True, whole))
    return out


def _charges(summary: dict[str, Any]) -> dict[tuple[str, str], int]:
    """What a run billed by charge and currency."""
    found: dict[tuple[str, str], int] = {}
    for entry in summary.get("charges", []):
        key = (entry["key"], entry["currency"])
        found[key] = found.get(key, 0) + int(entry["amount"])
    return found


def judged(rows: Sequence[Compared]) -> tuple[str, list[Compared]]:
    """How the run stands to what was to be expected: "" when nobody knows, else "in" or "out" with the rows that are out."""
    out = [r for r in rows if r.out]
    return ("out", out) if out else ("in", []) if any(r.band for r in rows) else ("", [])


@dataclass(frozen=True, slots=True)
class Aside:
    """Accounts that were set aside for one reason: how many, why, the cure, and the first of them."""

    count: int
    why: Text
    cure: Text
    accounts: Sequence[tuple[str, str]]  # number of the account, of its subscriber

    @property
    def more(self) -> int:
        return self.count - len(self.accounts)


def aside(row: BillRun) -> list[Aside]:
    """Open parked accounts by reason, the most frequent first. Four queries, whatever their number."""
    counts = reads.parked(row)
    if not counts:
        return []
    named: dict[str, list[int]] = {reason: [] for reason in counts}
    for reason, account in ParkedAccount.objects.filter(run=row, state="open").order_by("id").values_list("reason", "account_id")[:500]:
        if len(named[reason]) < NAMED:
            named[reason].append(account)
    wanted = [a for accounts in named.values() for a in accounts]
    holders = dict(
        Contract.objects.filter(account_id__in=wanted, service=row.service).order_by("-id").values_list("account_id", "subscriber_id")
    )
    cards = subscribers.cards(set(holders.values()))
    unknown = (Text("알 수 없는 까닭", "An unknown reason"), Text("담당자에게 알리십시오.", "Tell the person in charge."))
    out = []
    for reason, (count, _) in sorted(counts.items(), key=lambda item: (-item[1][0], item[0])):
        why, cure = PARKED.get(reason, unknown)
        out.append(Aside(count, why, cure, [(f"A-{a:07d}", cards[holders[a]].number) for a in named[reason] if a in holders]))
    return out


def checks(row: BillRun) -> list[tuple[Text, State]]:
    """The checks that the run passed before it was posted."""
    names = {c[0]: c[1] for c in run_tables.CHECKS}
    out = []
    for check in row.summary.get("checks", []):
        if check["key"] == "sample":
            said = Text("{n} 계정 일치", "{n} accounts agree").fill(n=f"{check['of']:,}")
            out.append((Text("표본을 기준 계산으로 다시 계산", "Sample rated again by the reference"), State(said, "good")))
        else:
            out.append((names.get(check["key"], Text(check["key"], check["key"])), BALANCED))
    return out


@dataclass(frozen=True, slots=True)
class Usage:
    """Where the accepted records of use went: accepted = billed + those of the reasons."""

    accepted: int
    billed: int
    unbilled: list[tuple[Text, int]]


def usage(row: BillRun) -> Usage | None:
    if not row.usage.get("accepted"):
        return None
    reasons = [(UNBILLED[Unbilled(k)], int(v)) for k, v in sorted(row.usage["unbilled"].items()) if v]
    return Usage(int(row.usage["accepted"]), int(row.usage["billed"]), reasons)


def started(row: BillRun) -> Text:
    """Who began it, and when."""
    who = row.actor.partition(":")[2] or row.actor
    return Text("{a} {w} 시작", "started {a} by {w}").fill(a=Text(_when(row.created_at, "ko"), _when(row.created_at, "en")), w=who)


def _when(at: datetime, lang: str) -> str:
    return formats.when(at, lang, year=clock.today().year)


def page_of(row: BillRun) -> dict[str, Any]:
    """Everything that changes while the run goes on."""
    work = reads.progress([row.number]).get(row.number)
    so_far = written(row)
    final = row.state == "posted"
    before = run_before(row) if final else None
    return {
        "run": row,
        "title": title(row),
        "started": started(row),
        "progress": progress(row, work, so_far),
        "written": so_far,
        "asked": work.control if work else "",
        "compared": (rows := compared(row, before) if final else []),
        "judged": (verdict := judged(rows))[0],
        "out_of_range": verdict[1],
        "before": before,
        "changes": run_charts.changes(row) if final else [],
        "aside": (parked := aside(row)),
        "open": sum(a.count for a in parked),
        "checks": checks(row),
        "usage": usage(row),
        "late": reads.late_usage(row) if final else 0,
        "period": Period(row.period_from, row.period_to),
        "address": reverse("billing:run", args=[row.number]),
    }
