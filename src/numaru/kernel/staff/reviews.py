"""The periodic review of access: every grant that holds is looked at by a person and kept or ended."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Max, QuerySet

from numaru.kernel import clock, numbering
from numaru.kernel.access import permissions
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from numaru.kernel.models import AuditRecord, StaffGrant, holding
from numaru.kernel.staff import policies
from numaru.kernel.staff.grants import end_row
from numaru.kernel.staff.models import AccessReview, ReviewedGrant
from numaru.kernel.staff.permissions import REVIEW_HOLD
from numaru.values.text import Text

WHAT = Text("접근 점검", "access review")
LOOK_BACK = timedelta(days=400)  # how far the audit is searched for the last use


def last_uses(grants: list[StaffGrant]) -> dict[int, object]:
    """When the person of each grant last did something that this very role allows; by grant. One query over the audit."""
    done = (
        AuditRecord.objects.filter(actor_kind="staff", actor_id__in={g.staff_id for g in grants}, at__gte=clock.now() - LOOK_BACK)
        .values_list("actor_id", "action").annotate(at=Max("at")).order_by()
    )  # fmt: skip
    by_person: dict[int, list[tuple[str, object]]] = {}
    for person, what, at in done:
        by_person.setdefault(person, []).append((what, at))
    found: dict[int, object] = {}
    for one in grants:
        fitting = [at for what, at in by_person.get(one.staff_id, []) if what in permissions and one.role in permissions[what].roles]
        if fitting:
            found[one.pk] = max(fitting)  # type: ignore[type-var]
    return found


@action(REVIEW_HOLD)
def open_review(act: Act) -> str:
    """Open a review of every grant of active staff that holds now; returns its number. Refuses while another is open."""
    if AccessReview.objects.filter(closed_at__isnull=True).exists():
        raise Conflict.because(
            "access.review_open",
            Text("아직 끝나지 않은 점검이 있습니다.", "A review is still open."),
            Text("그 점검을 먼저 마치십시오.", "Finish that one first."),
        )
    held = list(StaffGrant.objects.filter(holding(), staff__is_active=True).select_related("staff").order_by("staff", "id"))
    review = AccessReview.objects.create(
        number=f"AR-{numbering.take('access-review'):04d}", opened_at=clock.now(), opened_name=act.actor.name[:80],
        due_on=clock.today() + timedelta(days=int(policies.now(policies.REVIEW_DUE))),
    )  # fmt: skip
    used = last_uses(held)
    ReviewedGrant.objects.bulk_create(ReviewedGrant(review=review, grant=one, last_used_at=used.get(one.pk)) for one in held)  # type: ignore[misc]
    act.effect(Text("역할 {n}개를 점검합니다.", "{n} grants are to be looked at.").fill(n=len(held)))
    act.record("staff.review", review.number, after={"grants": len(held), "due_on": str(review.due_on)})
    return review.number


@action(REVIEW_HOLD, reason=True)
def decide(act: Act, *, number: str, item: int, keep: bool) -> None:
    """Keep or end one grant of an open review. Nobody decides about the own grants. Refuses one that is decided; the last decision closes
    the review."""
    review = AccessReview.objects.select_for_update().filter(number=number).first()
    if review is None:
        raise NotFound.named(WHAT, number)
    row = ReviewedGrant.objects.select_for_update().filter(review=review, pk=item).select_related("grant__staff").first()
    if row is None or row.decision:
        raise Invalid.because(
            "access.reviewed",
            Text("이미 점검한 역할입니다.", "This grant has been decided."),
            Text("다음 역할을 보십시오.", "Go on to the next."),
        )
    if row.grant.staff_id == act.actor.staff_id:
        raise NotAllowed.because(
            "access.own_grant",
            Text("자기 역할은 점검할 수 없습니다.", "Nobody reviews the own grants."),
            Text("동료에게 부탁하십시오.", "Ask a colleague."),
        )
    if not keep and row.grant.ended_at is None:
        end_row(act, row.grant, act.reason)
    row.decision, row.decided_at = "kept" if keep else "ended", clock.now()
    row.decided_by, row.decided_name = act.actor.staff_id, act.actor.name[:80]
    row.save(update_fields=["decision", "decided_at", "decided_by", "decided_name"])
    act.record("staff.review", number, after={"grant": row.grant_id, "decision": row.decision})
    if not review.items.filter(decision="").exists():
        review.closed_at, review.closed_name = clock.now(), act.actor.name[:80]
        review.save(update_fields=["closed_at", "closed_name"])
        act.record("staff.review", number, after={"closed": True})


def reviews() -> QuerySet[AccessReview]:
    return AccessReview.objects.all()


def review(number: str) -> AccessReview:
    """One review. Raises NotFound."""
    found = AccessReview.objects.filter(number=number).first()
    if found is None:
        raise NotFound.named(WHAT, number)
    return found


def next_due() -> bool:
    """Whether it is time for a new review: none is open and the last began longer ago than the policy says."""
    if AccessReview.objects.filter(closed_at__isnull=True).exists():
        return False
    last = AccessReview.objects.aggregate(at=Max("opened_at"))["at"]
    first = StaffGrant.objects.order_by("granted_at").values_list("granted_at", flat=True).first()
    begin = last or first
    return begin is not None and begin <= clock.now() - timedelta(days=int(policies.now(policies.REVIEW_DAYS)))


def overdue() -> int:
    """How many reviews should have been finished by now."""
    return AccessReview.objects.filter(closed_at__isnull=True, due_on__lt=clock.today()).count()
