"""Pages of access reviews: the list, and one with a decision for each grant."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from numaru.faces.console.access import states
from numaru.faces.console.access.rooms import REVIEWS
from numaru.faces.console.access.views import need
from numaru.kernel import clock
from numaru.kernel.errors import Refused
from numaru.kernel.staff import api as staff
from numaru.ui import lists
from numaru.ui.lists import Column, Listing, Sort
from numaru.ui.pages import actor_of, page
from numaru.ui.shell import Crumb
from numaru.ui.states import State
from numaru.values.text import Text

may = staff.permissions


def face(review: Any) -> State:
    if review.closed_at:
        return states.CLOSED
    return states.OVERDUE if review.due_on < clock.today() else states.OPEN


def _faces(rows: list[Any]) -> None:
    for row in rows:
        row.face = face(row)


LISTING = Listing(
    key="reviews",
    name=REVIEWS,
    unit=("건", "review", "reviews"),
    columns=(
        Column("number", Text("번호", "Number"), lambda r: r.number, url=lambda r: reverse("access:review", args=[r.number])),
        Column("state", Text("상태", "State"), lambda r: r.face, "state"),
        Column("opened", Text("시작", "Opened"), lambda r: r.opened_at, "when"),
        Column("due", Text("기한", "Due"), lambda r: r.due_on, "date"),
        Column("closed", Text("마친 때", "Finished"), lambda r: r.closed_at, "when"),
        Column("by", Text("마친 사람", "Finished by"), lambda r: r.closed_name or "–"),
    ),
    sorts=(Sort("new", Text("최근 순", "Newest first"), ("pk",), descending=True),),
    prepare=_faces,
)


def reviews(request: HttpRequest) -> HttpResponseBase:
    """Every review."""
    need(request, may.REVIEW_HOLD)
    context = {"may_open": not staff.reviews().filter(closed_at__isnull=True).exists()}
    return lists.respond(
        request,
        LISTING,
        staff.reviews(),
        "console/access/reviews.html",
        context,
        room="shared",
        place="access-reviews",
        crumbs=[Crumb(REVIEWS)],
    )


@require_POST
def open_review(request: HttpRequest) -> HttpResponse:
    """Open a review now and go to it."""
    return redirect("access:review", staff.open_review.do(actor_of(request)))


def review(request: HttpRequest, number: str, refused: Refused | None = None) -> HttpResponse:
    """One review: what waits for a decision first."""
    need(request, may.REVIEW_HOLD)
    row = staff.review(number)
    items = staff.reviewed(row.pk)
    for item in items:
        item.face = states.DECIDED[item.decision]  # type: ignore[attr-defined]
        item.mine = item.grant.staff_id == actor_of(request).staff_id  # type: ignore[attr-defined]
    left = sum(1 for item in items if not item.decision)
    context = {
        "review": row, "face": face(row), "items": items, "left": left, "done": len(items) - left, "refused": refused.findings if refused else [],
    }  # fmt: skip
    crumbs = [Crumb(REVIEWS, reverse("access:reviews")), Crumb(number)]
    status = refused.status if refused else 200
    return page(request, "console/access/review.html", context, room="shared", place="access-reviews", crumbs=crumbs, status=status)


@require_POST
def decide(request: HttpRequest, number: str, item: int) -> HttpResponse:
    """Keep or end one grant and go back to the review."""
    keep = request.POST.get("decision") == "keep"
    reason = request.POST.get("reason", "") or str(Text("접근 점검에서 유지", "kept at the review") if keep else "")
    try:
        staff.decide.do(actor_of(request), number=number, item=item, keep=keep, reason=reason)
    except Refused as refused:
        return review(request, number, refused)
    return redirect("access:review", number)
