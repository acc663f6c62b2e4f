"""Console pages of audit: the two logs, one record with its proof, findings with their decision, the monthly reviews."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from numaru.domains.subscribers import api as subscribers
from numaru.faces.console.audit import states
from numaru.faces.console.audit.listing import FINDING_LIST, OPENING_LIST, RECORD_LIST, action_name, person_of
from numaru.faces.console.audit.rooms import FINDINGS, OPENINGS, RECORDS, REVIEWS
from numaru.kernel.access import Actor
from numaru.kernel.audit import api as audit
from numaru.kernel.errors import NotAllowed, NotFound, Refused
from numaru.kernel.models import Staff
from numaru.ui import detail, lists, peek
from numaru.ui.detail import Fact
from numaru.ui.pages import actor_of, page
from numaru.ui.shell import Crumb
from numaru.values.finding import Finding
from numaru.values.text import Text

SHOWN = 50  # openings of a finding on its page


def _reader(request: HttpRequest) -> Actor:
    """Who reads; the logs are the whole house's, so a grant for one service does not suffice."""
    actor = actor_of(request)
    if not actor.may(audit.RECORD_VIEW):
        raise NotAllowed.for_permission(audit.RECORD_VIEW)
    return actor


def _noted(request: HttpRequest, actor: Actor) -> None:
    """Reading the logs by a person is put on record itself."""
    asked = request.GET.get("q", "").strip()
    if person_of(asked) is not None:
        audit.search_by_person.do(actor, person=asked.upper())


def _standing() -> dict[str, Any]:
    checked, (waiting, oldest) = audit.latest(), audit.lag()
    try:
        audit.agree_now()
        broken = False
    except (audit.ChainBroken, ValueError):
        broken = True
    return {"checked": checked, "waiting": waiting, "oldest": int(oldest), "broken": broken or bool(checked and checked.problems)}


def records(request: HttpRequest) -> HttpResponseBase:
    """The audit log, above it how whole it is."""
    actor = _reader(request)
    _noted(request, actor)
    return lists.respond(
        request,
        RECORD_LIST,
        audit.records(),
        "console/audit/records.html",
        _standing(),
        room="shared",
        place="audit",
        crumbs=[Crumb(RECORDS)],
    )


def record(request: HttpRequest, pk: int) -> HttpResponse:
    """One record: before and after, why, who approved it, and its place in the chain."""
    _reader(request)
    row = audit.record(pk)
    keys = list({**row.before, **row.after})
    proof = audit.proof("r", row.pk)
    context = {
        "row": row,
        "about": peek.page_of(row.object, row.key),
        "title": action_name(row.action),
        "values": [(k, _shown(row.before.get(k)), _shown(row.after.get(k))) for k in keys],
        "proof": proof,
        "approval": audit.approval_number(row.approval),
    }
    context["facts"] = detail.facts(
        Fact(Text("누가", "Who"), row.actor_name),
        Fact(Text("언제", "When"), row.at),
        Fact(Text("사유", "Reason"), row.reason),
        Fact(Text("사슬 자리", "Position"), proof.position if proof else Text("봉인 대기", "Waiting")),
    )
    crumbs = [Crumb(RECORDS, reverse("audit:records")), Crumb(str(row.pk))]
    return page(request, "console/audit/record.html", context, room="shared", place="audit", crumbs=crumbs)


def _shown(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def openings(request: HttpRequest) -> HttpResponseBase:
    """The access log: who opened whose what, why, when."""
    actor = _reader(request)
    _noted(request, actor)
    return lists.respond(
        request, OPENING_LIST, audit.openings(), "console/audit/openings.html", room="shared", place="openings", crumbs=[Crumb(OPENINGS)]
    )


def findings(request: HttpRequest) -> HttpResponseBase:
    """What was noticed in the access log, and the rules with their figures."""
    _reader(request)
    audit.figures_ahead()
    context = {
        "rules": [
            (rule.name, [(key, audit.figure(key)) for key in rule.figures], states.SEVERITY[rule.severity]) for _, rule in audit.rules
        ],
        "tied": audit.StaffTie.objects.count(),
        "staff": Staff.objects.filter(is_active=True).count(),
    }
    return lists.respond(
        request, FINDING_LIST, audit.AccessFinding.objects.all(), "console/audit/findings.html", context, room="shared", place="findings",
        crumbs=[Crumb(FINDINGS)],
    )  # fmt: skip


def finding(request: HttpRequest, number: str, refused: list[Finding] | None = None) -> HttpResponse:
    """One finding: what it rests on, whether the account is held, and the decision."""
    actor = _reader(request)
    row = audit.by_number(number)
    rows = list(audit.openings().filter(pk__in=row.evidence.get("openings", [])).order_by("-pk")[:SHOWN])
    cards = subscribers.of_parties({o.person for o in rows})
    hold = audit.OpeningHold.objects.filter(staff=row.staff).order_by("-pk").first() if row.staff else None
    may = actor.may(audit.FINDING_DECIDE) and (row.staff is None or row.staff != actor.staff_id)
    context = {
        "row": row,
        "title": audit.rules[row.rule].name,
        "said": audit.said(row),
        "who": row.actor.partition(":")[2] or row.actor,
        "face": states.FINDING[row.state],
        "severity": states.SEVERITY[row.severity],
        "openings": [(o, cards.get(o.person), states.KINDS.get(o.kind, o.kind), states.OUTCOME[o.outcome]) for o in rows],
        "held": hold is not None and hold.lifted_at is None,
        "hold": hold,
        "decides": may and row.state == "new",
        "lifts": may and row.state != "new" and hold is not None and hold.lifted_at is None,
        "refused": refused or [],
        "reason": request.POST.get("reason", ""),
    }
    crumbs = [Crumb(FINDINGS, reverse("audit:findings")), Crumb(row.number)]
    status = 422 if refused else 200
    return page(request, "console/audit/finding.html", context, room="shared", place="findings", crumbs=crumbs, status=status)


@require_POST
def decide(request: HttpRequest, number: str) -> HttpResponse:
    """Explain or confirm a finding, or lift the hold that rests on it."""
    actor = _reader(request)
    row = audit.by_number(number)
    asked, reason = request.POST.get("as", ""), request.POST.get("reason", "")
    try:
        match asked:
            case "explain":
                audit.explain.do(actor, number=row.number, reason=reason)
            case "confirm":
                audit.confirm.do(actor, number=row.number, reason=reason)
            case "lift" if row.staff is not None:
                audit.lift.do(actor, staff=row.staff, reason=reason)
            case _:
                raise NotFound.named(Text("판단", "decision"), asked)
    except Refused as fault:
        return finding(request, number, fault.findings)
    return redirect("audit:finding", row.number)


def reviews(request: HttpRequest) -> HttpResponse:
    """The months, the newest first. POST lays out the month that has ended."""
    actor = _reader(request)
    month = audit.month_before()
    if request.method == "POST":
        audit.prepare_review.do(actor, month=month)
        return redirect("audit:review", month.year, month.month)
    rows = [(r, states.REVIEW[r.state]) for r in audit.AccessReview.objects.order_by("-month")[:60]]
    context = {"rows": rows, "month": month, "due": all(r.month != month for r, _ in rows) and actor.may(audit.REVIEW_SIGN)}
    return page(request, "console/audit/reviews.html", context, room="shared", place="reviews", crumbs=[Crumb(REVIEWS)])


def review(request: HttpRequest, year: int, month: int) -> HttpResponse:
    """One month: its figures and the signature. POST signs."""
    actor = _reader(request)
    row = audit.AccessReview.objects.filter(month=date(year, month, 1)).first() if 1 <= month <= 12 and 1 <= year <= 9999 else None
    if row is None:
        raise NotFound.named(Text("월간 점검", "review"), f"{year}-{month:02d}")
    refused: list[Finding] = []
    if request.method == "POST":
        try:
            audit.sign_review.do(actor, month=row.month, reason=request.POST.get("reason", ""))
            return redirect("audit:review", year, month)
        except Refused as fault:
            refused = fault.findings
    context = {
        "row": row,
        "face": states.REVIEW[row.state],
        "f": row.figures,
        "signs": row.state == "open" and actor.may(audit.REVIEW_SIGN),
        "refused": refused,
        "reason": request.POST.get("reason", ""),
    }
    crumbs = [Crumb(REVIEWS, reverse("audit:reviews")), Crumb(f"{row.month:%Y-%m}")]
    status = 422 if refused else 200
    return page(request, "console/audit/review.html", context, room="shared", place="reviews", crumbs=crumbs, status=status)
