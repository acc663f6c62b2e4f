"""People of retention's tests: Naru Video's cast, staff of the house, and a person who is asked for by two people."""

from __future__ import annotations

import itertools
from typing import Any

from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.approvals import api as approvals
from numaru.kernel.approvals.models import ApprovalRequest
from numaru.kernel.models import Staff, StaffGrant
from numaru.kernel.retention import api as retention
from tests.domains.billing.world import World

_logins = itertools.count(1)


def staff(*roles: str) -> Actor:
    """A new member of staff with these roles for all services."""
    person = Staff.objects.create(login=f"r{next(_logins)}-{Staff.objects.count()}", name="한누리", created_at=clock.now())
    StaffGrant.objects.bulk_create(StaffGrant(staff=person, role=role, granted_at=clock.now()) for role in roles)
    return Staff.objects.get(pk=person.pk).actor


def party(world: World, who: str) -> int:
    return world.subscriber(who).party_id


def leave(world: World, who: str, day: str) -> None:
    """End the contract of ``who`` on ``day``."""
    world.fact(who, "ended", day)


def approve(number: str, actor: Actor) -> Any:
    """Approve a request as it is shown now; returns what the action returned."""
    row = ApprovalRequest.objects.get(number=number)
    _, seen = approvals.preview(row)
    return approvals.approve.do(actor, number=number, seen=seen)


def destroyed(person: int, **arguments: Any) -> str:
    """Destroy a person the way the house does it: one asks, another approves. Returns the number of the destruction."""
    number = retention.destroy_person.ask(staff("subscriber_clerk"), reason="전화로 삭제를 요구함", person=person, **arguments)
    return str(approve(number, staff("privacy_officer")))
