"""Roles given and ended. A change of a role needs a second person; taking one away does not. Rows end, they are never deleted."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q

from numaru.kernel import clock
from numaru.kernel.access import ROLES
from numaru.kernel.actions import Act, Second, action
from numaru.kernel.errors import Conflict, Invalid, NotFound
from numaru.kernel.models import Staff, StaffGrant, holding
from numaru.kernel.staff import factors
from numaru.kernel.staff.events import GrantChanged
from numaru.kernel.staff.people import known, somebody
from numaru.kernel.staff.permissions import GRANT_APPROVE, GRANT_CHANGE
from numaru.kernel.staff.sessions import renew_all
from numaru.values.text import Text

ADMINISTRATOR = "administrator"


def _second(*, staff: int | None = None, role: str = "", **_: object) -> Second | None:
    if not staff or not Staff.objects.filter(pk=staff, is_active=True).exists():
        return None
    return Second(Text("역할을 주는 일입니다.", "It gives a role."), GRANT_APPROVE, frozenset({staff}), alone=True)


def _last_moment(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(settings.TIME_ZONE))


@action(GRANT_CHANGE, reason=True, second=_second)
def grant(act: Act, *, staff: int, role: str, scope: str = "", until: date | None = None) -> int:
    """Give a role for one service (``scope``, a slug) or for all, until the end of a day or for good; returns the grant's id.

    Needs a second person who is not the one concerned; in a house where nobody else could approve it goes through and the record says that
    nobody did. Refuses a leaver, an unknown role, a day that is past and a grant that holds already.
    """
    known([role])
    person = somebody(staff)
    now = clock.now()
    if not person.is_active:
        raise Conflict.because(
            "access.left",
            Text("차단된 계정입니다.", "This account has been cut off."),
            Text("새 계정을 만드십시오.", "Make a new account."),
        )
    end = _last_moment(until) if until else None
    if end is not None and end <= now:
        raise Invalid.because(
            "access.until", Text("이미 지난 날입니다.", "This day has passed."), Text("오늘이나 그 뒤의 날을 고르십시오.", "Choose today or a later day."), field="until",
        )  # fmt: skip
    close_expired(staff)
    if StaffGrant.objects.filter(staff=person, role=role, service=scope, ended_at__isnull=True).exists():
        raise Conflict.because(
            "access.twice", Text("이미 있는 역할입니다.", "This role is held already."),
            Text("기한을 바꾸려면 먼저 끝내고 다시 주십시오.", "To change its end, end it and give it anew."), field="role",
        )  # fmt: skip
    made = StaffGrant.objects.create(
        staff=person, role=role, service=scope, granted_at=now, granted_by=act.actor.staff_id, granted_name=act.actor.name[:80], reason=act.reason,
        approval=act.approval, until=end,
    )  # fmt: skip
    where = Text("모든 서비스", "all services") if not scope else Text(scope, scope)
    act.effect(Text("{n}에게 ‘{r}’ 역할을 줍니다: {w}", "{n} gets the role “{r}”: {w}").fill(n=person.name, r=ROLES[role], w=where))
    if end:
        act.effect(Text("{d}까지입니다.", "It ends on {d}.").fill(d=str(until)))
    renew_all(person.pk)
    factors.refresh(person)
    act.record(
        "kernel.staff", str(staff),
        after={"role": role, "scope": scope, "until": str(until) if until else None, "alone": act.approval is None},
    )  # fmt: skip
    act.event(GrantChanged(staff, role, False))
    return made.pk


def keeps_an_administrator(staff: int) -> bool:
    """Whether somebody else is an administrator for all services, without an end. Locks their accounts, so that two do not leave at once."""
    others = (
        StaffGrant.objects.filter(holding(), role=ADMINISTRATOR, service="", until__isnull=True, staff__is_active=True).exclude(staff=staff)
    )  # fmt: skip
    return bool(list(Staff.objects.select_for_update().filter(pk__in=others.values("staff")).values_list("pk", flat=True)))


def last_administrator() -> Exception:
    return Conflict.because(
        "access.last_administrator", Text("마지막 관리자입니다.", "This is the last administrator."),
        Text("먼저 다른 직원에게 관리자 역할을 주십시오.", "Make somebody else an administrator first."),
    )  # fmt: skip


@action(GRANT_CHANGE, reason=True)
def end_grant(act: Act, *, number: int) -> None:
    """End a role at once. The next request of the person no longer has it. Refuses one that has ended and the last administrator's."""
    row = StaffGrant.objects.select_for_update().select_related("staff").filter(pk=number).first()
    if row is None or row.ended_at is not None:
        raise NotFound.named(Text("역할", "grant"), number)
    end_row(act, row, act.reason)


def end_row(act: Act, row: StaffGrant, reason: str) -> None:
    """End one grant, as a part of an action. Raises Conflict for the last administrator's."""
    if row.role == ADMINISTRATOR and not row.service and row.staff.is_active and not keeps_an_administrator(row.staff_id):
        raise last_administrator()
    row.ended_at, row.ended_by, row.ended_name, row.ended_reason = clock.now(), act.actor.staff_id, act.actor.name[:80], reason
    row.save(update_fields=["ended_at", "ended_by", "ended_name", "ended_reason"])
    renew_all(row.staff_id)
    act.effect(
        Text("{n}의 ‘{r}’ 역할을 끝냅니다.", "{n} no longer has the role “{r}”.").fill(
            n=row.staff.name, r=ROLES.get(row.role, Text(row.role, row.role))
        )
    )
    act.record("kernel.staff", str(row.staff_id), before={"role": row.role, "scope": row.service}, after={"role": None})
    act.event(GrantChanged(row.staff_id, row.role, True))


def close_expired(staff: int | None = None) -> int:
    """Write the end onto grants whose last moment has passed; they counted for nothing since then. Returns how many."""
    past = StaffGrant.objects.filter(Q(until__lte=clock.now()), ended_at__isnull=True)
    if staff:
        past = past.filter(staff=staff)
    count = 0
    for row in past:
        row.ended_at, row.ended_reason = row.until, "until"
        row.save(update_fields=["ended_at", "ended_reason"])
        count += 1
    return count
