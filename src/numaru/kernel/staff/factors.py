"""Who must have a second factor, and by when. The factors themselves are allauth's rows (TOTP, passkeys, recovery codes)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from numaru.kernel import clock
from numaru.kernel.models import Policy, Staff, StaffGrant, holding
from numaru.kernel.policies import Shipped
from numaru.kernel.staff import policies
from numaru.kernel.staff.sessions import FACE

REAL = ("totp", "webauthn")  # recovery codes alone are no second factor
PRIVILEGED = frozenset({"administrator", "privacy_officer"})


def of(staff: int) -> QuerySet[Any]:
    """The rows of allauth for one person."""
    from allauth.mfa.models import Authenticator

    found: QuerySet[Any] = Authenticator.objects.filter(user_id=staff)
    return found


def has_one(staff: int) -> bool:
    return of(staff).filter(type__in=REAL).exists()


def without(staff: list[int]) -> set[int]:
    """Of these people, those who have no second factor."""
    from allauth.mfa.models import Authenticator

    return set(staff) - set(Authenticator.objects.filter(user_id__in=staff, type__in=REAL).values_list("user_id", flat=True))


def required(staff: Staff) -> bool:
    """Whether the policy asks this person for a second factor. Anything but ``none`` and ``privileged`` reads as ``all``."""
    whom = policies.now(policies.MFA_REQUIRED)
    if whom == "none":
        return False
    return whom != "privileged" or staff.grants.filter(holding(), role__in=PRIVILEGED).exists()


def due(staff: Staff) -> datetime | None:
    """By when this person must have a second factor; None when none is missing. The grace counts from the day of joining: an account that
    loses its last factor later gets no new one."""
    if not required(staff) or has_one(staff.pk):
        return None
    return staff.created_at + timedelta(days=int(policies.now(policies.MFA_GRACE)))


@dataclass(frozen=True, slots=True)
class Standing:
    """What the policies of today ask of the person of a session, read together with the session itself."""

    whom: str
    grace: int
    armed: bool
    privileged: bool

    def due(self, joined: datetime) -> datetime | None:
        """The deadline of somebody who joined then, as :func:`due` has it."""
        if self.armed or self.whom == "none" or (self.whom == "privileged" and not self.privileged):
            return None
        return joined + timedelta(days=self.grace)


def asked_along() -> dict[str, Any]:
    """What a query of sessions asks along, so that a changed policy, role or factor counts at the next request and costs none of its own."""
    from allauth.mfa.models import Authenticator

    def valid(which: Shipped) -> Subquery:
        rows = Policy.objects.filter(key=which.key, scope="operator", valid_from__lte=clock.today())
        return Subquery(rows.order_by("-valid_from", "-id").values("value")[:1])

    return {
        "mfa_whom": valid(policies.MFA_REQUIRED),
        "mfa_grace": valid(policies.MFA_GRACE),
        "mfa_armed": Exists(Authenticator.objects.filter(user_id=OuterRef("staff_id"), type__in=REAL)),
        "mfa_privileged": Exists(StaffGrant.objects.filter(holding(), staff_id=OuterRef("staff_id"), role__in=PRIVILEGED)),
    }


def standing(row: Any) -> Standing:
    """The answer of :func:`asked_along`; what nobody has set is as shipped. Of a face no second factor is asked."""
    whom = policies.MFA_REQUIRED.value if row.mfa_whom is None else row.mfa_whom
    grace = policies.MFA_GRACE.value if row.mfa_grace is None else row.mfa_grace
    return Standing(str(whom), int(grace), bool(row.mfa_armed) or row.how == FACE, bool(row.mfa_privileged))


def refresh_all() -> int:
    """Write the deadline of everybody anew, for pages that show it of others; returns how many there are."""
    everybody = list(Staff.objects.filter(is_active=True))
    for one in everybody:
        refresh(one)
    return len(everybody)


def refresh(staff: Staff) -> None:
    """Write the deadline onto the account, where pages of others read it. What a person may open is decided at each request (Standing)."""
    found = due(staff)
    if found != staff.factor_by:
        staff.factor_by = found
        staff.save(update_fields=["factor_by"])


def overdue(staff: Staff) -> bool:
    """Whether nothing but enrolling is open to this person now."""
    return staff.factor_by is not None and staff.factor_by <= clock.now()


def removable(staff: Staff, kind: str) -> bool:
    """Whether one factor of ``kind`` may go: not the last real one of somebody who must have one."""
    if kind not in REAL:
        return True
    return of(staff.pk).filter(type__in=REAL).count() > 1 or not required(staff)


def remove_all(staff: Staff) -> int:
    """Remove every factor; returns how many real ones there were. A part of an action."""
    rows = of(staff.pk)
    count = int(rows.filter(type__in=REAL).count())
    rows.delete()
    refresh(staff)
    return count
