"""Console pages of bill runs: the list, starting one, watching and controlling one, taking one back."""

from __future__ import annotations

from typing import Any

from django.db.models import Min
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from numaru.domains.billing import reads
from numaru.domains.billing.actions.parked import bill_parked
from numaru.domains.billing.actions.runs import cancel_run, halt_run, resume_run, start_run
from numaru.domains.billing.models import BillRun, ContractFact
from numaru.domains.billing.permissions import PARKED_BILL, RUN_CANCEL, RUN_CONTROL, RUN_START, RUN_VIEW
from numaru.domains.billing.states import RUN
from numaru.domains.billing.web import run_page, run_paper
from numaru.domains.billing.web.forms import ReasonForm, StartForm
from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.timeline import api as timeline
from numaru.kernel import clock
from numaru.kernel.errors import NotFound, Refused
from numaru.ui import asking, formats, lists, toasts
from numaru.ui.forms import refuse
from numaru.ui.lists import Choice, Column, Listing, Sort, Source, sources
from numaru.ui.pages import actor_of, page, seen_by, services_of, wants_fragment
from numaru.ui.shell import Crumb
from numaru.ui.states import State
from numaru.ui.toasts import Toast, Undo
from numaru.values.money import Money
from numaru.values.period import Period
from numaru.values.text import LANGUAGES, Text, language

RUNS = Text("청구 실행", "Bill runs")
CONTROLS = {"pause": halt_run, "stop": halt_run, "resume": resume_run}
STOPPABLE, RESUMABLE = ("queued", "running"), ("paused", "stopped", "failed")


def _complete(rows: list[Any]) -> None:
    """The state of each run, with the percentage of those that are at it."""
    works = reads.progress([r.number for r in rows if r.state == "running"])
    for row in rows:
        row.face = RUN[row.state]
        if row.state == "running":
            share = run_page.progress(row, works.get(row.number), run_page.written(row)).percent
            row.face = State(Text(f"{row.face.word.ko} {share}", f"{row.face.word.en} {share}"), row.face.tone, row.face.icon)
        row.sums = [Money(minor, currency) for currency, minor in sorted(row.totals.items())]


def _services(request: HttpRequest) -> list[tuple[str, Text]]:
    seen = services_of(request, RUN_VIEW)
    return [(s.slug, s.name) for s in catalogue.services() if seen is None or s.slug in seen]


LISTING = Listing(
    key="runs",
    live="billing.run:*",
    name=RUNS,
    unit=("건", "run", "runs"),
    columns=(
        Column("month", Text("청구한 달", "Month"), run_page.title, "text", url=lambda r: reverse("billing:run", args=[r.number])),
        Column("service", Text("서비스", "Service"), lambda r: r.service.name),
        Column("number", Text("번호", "Number"), lambda r: r.number, "id"),
        Column("state", Text("상태", "State"), lambda r: r.face, "state"),
        Column("accounts", Text("계정", "Accounts"), lambda r: r.accounts, "count"),
        Column("invoices", Text("청구서", "Invoices"), lambda r: r.invoices, "count"),
        Column("total", Text("합계", "Total"), lambda r: r.sums[0] if r.sums else None, "money"),
        Column("parked", Text("보류", "Parked"), lambda r: r.parked, "count"),
        Column("posted", Text("확정", "Posted"), lambda r: r.posted_at, "when", short=False),
    ),
    sorts=(
        Sort("month", Text("달 순", "By month"), ("period_from", "pk"), descending=True),
        Sort("new", Text("최근 실행 순", "Latest started"), ("pk",), descending=True),
    ),
    filters=(
        Choice("service", Text("서비스", "Service"), _services, lambda rows, slug: rows.filter(service__slug=slug), cheap=True),
        Choice("state", Text("상태", "State"), [(k, s.word) for k, s in RUN.items()], lambda rows, state: rows.filter(state=state), cheap=True),
    ),
    prepare=_complete,
)  # fmt: skip
sources.add(LISTING.key, Source(LISTING, lambda actor: reads.visible_runs(seen_by(actor, RUN_VIEW))))


def runs(request: HttpRequest) -> HttpResponseBase:
    """The list; it refreshes itself while something runs."""
    rows = reads.visible_runs(services_of(request, RUN_VIEW))
    context = {"may_start": actor_of(request).may_somewhere(RUN_START), "here": request.get_full_path()}
    return lists.respond(request, LISTING, rows, "billing/runs.html", context, room="billing", place="runs", crumbs=[Crumb(RUNS)])


def new(request: HttpRequest) -> HttpResponse:
    """GET shows what a run would do (the dry form of the same action), POST starts it."""
    seen = services_of(request, RUN_START)
    cards = [s for s in catalogue.services() if seen is None or s.slug in seen]
    offered = [(s.slug, str(s.name)) for s in cards]
    actor = actor_of(request)
    given = request.POST if request.method == "POST" else request.GET
    slug = given.get("service") or _likely(cards)
    card = next((s for s in cards if s.slug == slug), None)
    data = {"service": slug, "period": given.get("period") or (next_month(card) if card else "")}
    form = StartForm(data, services=offered)
    effects: list[Text] = []
    if form.is_valid():
        asked = {"service": form.cleaned_data["service"], "period": form.cleaned_data["period"].strip()}
        try:
            if request.method == "POST":
                made = start_run.do(actor, **asked)
                toasts.tell(request, Toast(Text("{n} 실행을 시작했습니다", "Run {n} started").fill(n=made.number)))
                return redirect("billing:run", made.number)
            effects = start_run.plan(actor, **asked).effects
        except Refused as refusal:
            refuse(form, refusal)
    crumbs = [Crumb(RUNS, reverse("billing:runs")), Crumb(Text("새 실행", "New run"))]
    context = {"form": form, "effects": effects, "services": cards, "ready": bool(effects)}
    status = 422 if request.method == "POST" else 200
    return page(request, "billing/new_run.html", context, room="billing", place="runs", crumbs=crumbs, fragment="plan", status=status)


def _likely(cards: list[catalogue.ServiceCard]) -> str:
    """The service that was not billed for longest."""
    latest = dict(
        BillRun.objects.filter(kind="period").exclude(state="cancelled").order_by("period_from").values_list("service_id", "period_from")
    )
    waiting = sorted(cards, key=lambda s: (str(latest.get(s.id, "")), s.slug))
    return waiting[0].slug if waiting else ""


def next_month(card: catalogue.ServiceCard) -> str:
    """The month after the last live run of a service; before the first, the month in which its first contract began."""
    last = BillRun.objects.filter(service_id=card.id, kind="period").exclude(state="cancelled").order_by("-period_from").first()
    if last:
        return Period(last.period_from, last.period_to).next_month().label
    first = ContractFact.objects.filter(contract__service_id=card.id, kind="started").aggregate(at=Min("effective_at"))["at"]
    return f"{formats.local(first or clock.now(), card.zone):%Y-%m}"


def run(request: HttpRequest, number: str) -> HttpResponse:
    """One run; the fragment ``live`` is everything that changes while it goes on."""
    row = reads.run(number, services_of(request, RUN_VIEW))
    if (told := _line(request, row)).asked:
        return timeline.answer(request, told)
    return _run(request, row, told=told)


def _line(request: HttpRequest, row: BillRun) -> timeline.TimeLine:
    slug = row.service.slug if row.service else None
    return timeline.line(
        request, [timeline.thing("billing.run", row.number)], address=reverse("billing:run", args=[row.number]), service=slug
    )


def _run(request: HttpRequest, row: BillRun, refusal: Refused | None = None, told: timeline.TimeLine | None = None) -> HttpResponse:
    actor = actor_of(request)
    slug = row.service.slug if row.service else None
    may_control, may_cancel = actor.may(RUN_CONTROL, slug), actor.may(RUN_CANCEL, slug)
    context = run_page.page_of(row) | {
        "face": RUN[row.state],
        "may_halt": may_control and row.state in STOPPABLE,
        "may_resume": may_control and row.state in RESUMABLE,
        "may_cancel": may_cancel and row.state in (*RESUMABLE, "posted"),
        "may_bill": actor.may(PARKED_BILL, slug),
        "failure": Text(row.failure["ko"], row.failure["en"]) if row.state == "failed" and row.failure else None,
        "refused": refusal.findings if refusal else [],
        "oob": wants_fragment(request),
        "line": told or _line(request, row),
    }
    crumbs = [Crumb(RUNS, reverse("billing:runs")), Crumb(row.number)]
    status = refusal.status if refusal else 200
    return page(request, "billing/run.html", context, room="billing", place="runs", crumbs=crumbs, fragment="live", status=status)


def report(request: HttpRequest, number: str) -> HttpResponse:
    """The report of a posted run as PDF in ``?lang=`` (left out: the reader's). A run that is not final has none."""
    row = reads.run(number, services_of(request, RUN_VIEW))
    if row.state != "posted":
        raise NotFound.named(Text("청구 실행 보고서", "report of the bill run"), number)
    asked = request.GET.get("lang", "")
    lang = asked if asked in LANGUAGES else language()
    answer = HttpResponse(run_paper.render(row, lang), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{row.number}-{lang}.pdf"'
    answer["Content-Language"] = lang
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_POST
def control(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """Pause, stop or resume; then back to the run. A refusal is told on its page."""
    row = reads.run(number, services_of(request, RUN_VIEW))
    if verb not in CONTROLS:
        raise NotFound.named(Text("일", "act"), verb)
    try:
        if verb == "resume":
            resume_run.do(actor_of(request), number=row.number)
            undo = Undo(reverse("billing:control-run", args=[row.number, "pause"]))
            toasts.tell(request, Toast(Text("{n} 실행을 재개했습니다", "Run {n} resumed").fill(n=row.number), undo=undo))
        else:
            halt_run.do(actor_of(request), number=row.number, how=verb)
    except Refused as refusal:
        row.refresh_from_db()
        return _run(request, row, refusal)
    return redirect("billing:run", row.number)


def cancel(request: HttpRequest, number: str) -> HttpResponse:
    """GET shows what taking the run back would undo, POST does it with a reason."""
    row = reads.run(number, services_of(request, RUN_CANCEL))
    form = ReasonForm(request.POST if request.method == "POST" else None)
    effects: list[Text] = []
    blocked: Refused | None = None
    try:
        if request.method == "POST" and form.is_valid():
            outcome = asking.carry_out(actor_of(request), cancel_run, number=row.number, reason=form.cleaned_data["reason"])
            if not outcome.number:
                toasts.tell(request, Toast(Text("{n} 실행을 취소했습니다", "Run {n} taken back").fill(n=row.number)))
            return asking.follow(outcome, "billing:run", row.number)
        effects = cancel_run.plan(actor_of(request), number=row.number).effects
    except Refused as refusal:
        blocked = refusal
    crumbs = [
        Crumb(RUNS, reverse("billing:runs")),
        Crumb(row.number, reverse("billing:run", args=[row.number])),
        Crumb(Text("취소", "Cancel")),
    ]
    second = asking.need(actor_of(request), cancel_run, number=row.number)
    context = {
        "run": row, "title": run_page.title(row), "form": form, "effects": effects, "blocked": blocked.findings if blocked else [], "second": second,
    }  # fmt: skip
    status = blocked.status if blocked else 422 if form.is_bound else 200
    return page(request, "billing/cancel_run.html", context, room="billing", place="runs", crumbs=crumbs, status=status)


def parked(request: HttpRequest, number: str, account: str) -> HttpResponse:
    """GET shows the invoice that a parked account would get, or why it gets none yet; POST issues it."""
    row = reads.run(number, services_of(request, PARKED_BILL))
    effects: list[Text] = []
    blocked: Refused | None = None
    try:
        if request.method == "POST":
            made = bill_parked.do(actor_of(request), run=row.number, account=account)
            if made:
                toasts.tell(request, Toast(Text("{a} 계정을 청구했습니다", "Account {a} billed").fill(a=account)))
            return redirect("billing:invoice", made) if made else redirect("billing:run", row.number)
        effects = bill_parked.plan(actor_of(request), run=row.number, account=account).effects
    except Refused as refusal:
        blocked = refusal
    crumbs = [Crumb(RUNS, reverse("billing:runs")), Crumb(row.number, reverse("billing:run", args=[row.number])), Crumb(account)]
    context = {"run": row, "account": account, "effects": effects, "blocked": blocked.findings if blocked else []}
    status = blocked.status if blocked else 200
    return page(request, "billing/bill_parked.html", context, room="billing", place="runs", crumbs=crumbs, status=status)
