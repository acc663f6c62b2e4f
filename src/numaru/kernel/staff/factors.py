"""Who must have a second factor, and by when. The factors themselves are allauth's rows (TOTP, passkeys, recovery codes)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from numaru.kernel import clock
from numaru.kernel.models import Staff, holding
from numaru.kernel.staff import policies

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
    return max(staff.created_at + timedelta(days=int(policies.now(policies.MFA_GRACE))), staff.created_at)


def refresh(staff: Staff) -> None:
    """Write the deadline onto the account, where every request sees it without asking further."""
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
