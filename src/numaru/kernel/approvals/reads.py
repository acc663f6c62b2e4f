"""What a member of staff may see of approvals: what they asked for, what they decided, and what they could decide."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet

from numaru.kernel import clock
from numaru.kernel.access import Actor, permissions
from numaru.kernel.approvals.models import ApprovalRequest
from numaru.kernel.approvals.requests import WHAT
from numaru.kernel.errors import NotFound
from numaru.values.period import Period, start_of_day


def _could(actor: Actor) -> Q:
    """The requests whose permission the actor holds in their scope, whoever asked."""
    found = Q(pk__in=[])
    for name, _ in permissions:
        if not actor.may_somewhere(name):
            continue
        services = actor.services(name)
        found |= Q(approver=name) if services is None else Q(approver=name, service__in=services)
    return found


def visible(actor: Actor) -> QuerySet[ApprovalRequest]:
    """Own requests and those that the actor could be the second person of, open or decided."""
    return ApprovalRequest.objects.filter(Q(asked_by=actor.staff_id or 0) | Q(decided_by=actor.staff_id or 0) | _could(actor))


def waiting(actor: Actor) -> QuerySet[ApprovalRequest]:
    """What waits for this actor's decision. For the number in the pillar: served by the index of open requests."""
    mine = ApprovalRequest.objects.filter(_could(actor), state="pending", expires_at__gt=clock.now()).exclude(asked_by=actor.staff_id or 0)
    return mine.exclude(barred__contains=[actor.staff_id or 0])


def request(actor: Actor, number: str) -> ApprovalRequest:
    """One request. Raises NotFound, also for one that is not the actor's to see."""
    found = visible(actor).filter(number=number).first()
    if found is None:
        raise NotFound.named(WHAT, number)
    return found


def decided_by_day(days: Period) -> dict[date, tuple[Decimal, int]]:
    """Of each day of ``days`` (half-open, the operator's): the hours that the requests decided on it had waited, and how many they were."""
    zone = settings.TIME_ZONE
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (decided_at AT TIME ZONE %s)::date, sum(extract(epoch FROM decided_at - asked_at) / 3600)::numeric(18, 6), count(*)"
            " FROM approvals_approvalrequest WHERE state IN ('approved', 'refused') AND decided_at >= %s AND decided_at < %s GROUP BY 1",
            [zone, start_of_day(days.start, zone), start_of_day(days.end, zone)],
        )
        return {day: (hours, n) for day, hours, n in cursor.fetchall()}
