"""What screens show of staff and their access."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from numaru.kernel.approvals.models import ApprovalRequest
from numaru.kernel.errors import NotFound
from numaru.kernel.models import ApiClient, AuditRecord, Staff, StaffGrant, holding
from numaru.kernel.staff import factors, throttle
from numaru.kernel.staff.models import ReviewedGrant, SignInAttempt, StaffSession
from numaru.kernel.staff.people import WHAT
from numaru.kernel.staff.sessions import key_hash, machine_now

HISTORY = 100


@dataclass(frozen=True, slots=True)
class SessionCard:
    """One session as its person or an administrator sees it. ``mine``: the one that asks."""

    id: int
    how: str
    device: str
    started_at: datetime
    seen_at: datetime
    mine: bool


@dataclass(frozen=True, slots=True)
class Factor:
    """One second factor. ``left``: unused recovery codes."""

    id: int
    kind: str
    name: str
    created_at: datetime
    last_used_at: datetime | None
    left: int = 0


def staff_rows() -> QuerySet[Staff]:
    return Staff.objects.all()


def holders(role: str) -> set[int]:
    """Who has a role now, for any service."""
    return set(StaffGrant.objects.filter(holding(), role=role).values_list("staff", flat=True))


def with_factor(rows: QuerySet[Staff], yes: bool) -> QuerySet[Staff]:
    """Narrow to the active people who have, or lack, a second factor."""
    have = Q(authenticator__type__in=factors.REAL)
    return rows.filter(have).distinct() if yes else rows.filter(is_active=True).exclude(have)


def person(staff: int) -> Staff:
    """One account. Raises NotFound."""
    found = Staff.objects.filter(pk=staff).first()
    if found is None:
        raise NotFound.named(WHAT, staff)
    return found


def sessions(staff: int, own_key: str | None = None) -> list[SessionCard]:
    """The sessions that live, the latest used first."""
    own = key_hash(own_key) if own_key else ""
    rows = StaffSession.objects.filter(staff=staff, expires_at__gt=machine_now()).order_by("-seen_at", "-id")
    return [SessionCard(r.pk, r.how, r.device, r.started_at, r.seen_at, r.key_hash == own) for r in rows]


def own_factors(staff: int) -> list[Factor]:
    """The second factors of a person, the oldest first; names of passkeys were typed by that person."""
    out = []
    for row in factors.of(staff).order_by("id"):
        wrapped = row.wrap()
        left = len(wrapped.get_unused_codes()) if row.type == "recovery_codes" else 0
        name = wrapped.name if row.type == "webauthn" else ""
        out.append(Factor(row.pk, row.type, name, row.created_at, row.last_used_at, left))
    return out


def grants(staff: int) -> list[StaffGrant]:
    """Every grant that a person has or had, those that hold first, then the latest ended."""
    rows = list(StaffGrant.objects.filter(staff=staff).order_by("-id"))
    return sorted(rows, key=lambda g: (g.ended_at is not None, -g.pk))


def approvers(grants: list[StaffGrant]) -> dict[int, tuple[str, str]]:
    """Request id → (number, who approved) for grants that a second person stood behind."""
    asked = {g.approval for g in grants if g.approval}
    return {r.pk: (r.number, r.decided_name) for r in ApprovalRequest.objects.filter(pk__in=asked)}


def history(staff: int) -> list[AuditRecord]:
    """What was done to an account, the latest first."""
    return list(AuditRecord.objects.filter(object="kernel.staff", key=str(staff)).order_by("-id")[:HISTORY])


def attempts(staff: int, limit: int = 10) -> list[SignInAttempt]:
    """The latest tries to sign in to an account."""
    return list(SignInAttempt.objects.filter(staff=staff).order_by("-id")[:limit])


def pending(staff: int) -> list[ApprovalRequest]:
    """Role changes of this person that wait for a second person."""
    return list(
        ApprovalRequest.objects.filter(state="pending", action="numaru.kernel.staff.grants.grant", arguments__staff=staff).order_by("id")
    )


def locked(staff: Staff) -> bool:
    return bool(throttle.locked({staff.pk: staff.login}))


def client_rows() -> QuerySet[ApiClient]:
    return ApiClient.objects.select_related("owner")


def client(number: int) -> ApiClient:
    """One API client. Raises NotFound."""
    from numaru.kernel.staff.clients import WHAT as KEY

    found = client_rows().filter(pk=number).first()
    if found is None:
        raise NotFound.named(KEY, number)
    return found


def reviewed(review: int) -> list[ReviewedGrant]:
    """The grants of a review with their people, those that wait first."""
    rows = ReviewedGrant.objects.filter(review=review).select_related("grant__staff").order_by("id")
    return sorted(rows, key=lambda r: (bool(r.decision), r.grant.staff.name, r.pk))


def several() -> bool:
    """Whether more than one person can come in."""
    return Staff.objects.filter(is_active=True)[:2].count() > 1
