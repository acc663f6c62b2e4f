"""Who is told what: a request waits for a decision, a request was decided, long work has ended."""

from __future__ import annotations

from django.db.models import Prefetch

from numaru.kernel import live
from numaru.kernel.access import Actor
from numaru.kernel.approvals import api as approvals
from numaru.kernel.approvals.events import ApprovalAsked, ApprovalDecided
from numaru.kernel.approvals.models import ApprovalRequest
from numaru.kernel.backup.events import BackupEnded
from numaru.kernel.events import handles
from numaru.kernel.jobs import WorkEnded
from numaru.kernel.models import AuditRecord, Staff, StaffGrant, holding
from numaru.kernel.notices.posting import settle, tell

LONG = 10.0  # seconds from which on somebody has left and is told (SCREENS §8)
ASKED, DECIDED = "approval.asked", "approval.decided"


def deciders(row: ApprovalRequest) -> list[int]:
    """Everybody who could be the second person of a request. One look at who is here and what they hold."""
    grants = Prefetch("grants", StaffGrant.objects.filter(holding()))
    people = Staff.objects.filter(is_active=True).exclude(pk=row.asked_by).prefetch_related(grants)
    actors = (Actor("staff", one.pk, one.name, tuple((g.role, g.service or None) for g in one.grants.all())) for one in people)
    return [actor.id for actor in actors if actor.id is not None and approvals.may_decide(actor, row)]


@handles(ApprovalAsked)
def asked(event: ApprovalAsked) -> None:
    """Whoever could decide is told, while the request waits."""
    row = ApprovalRequest.objects.filter(number=event.number, state="pending").first()
    if row is not None:
        tell(deciders(row), ASKED, row.number, needs=True, about={"action": row.action})


@handles(ApprovalDecided)
def decided(event: ApprovalDecided) -> None:
    """Nobody is asked any more; who asked is told the decision of somebody else."""
    settle(ASKED, event.number)
    row = ApprovalRequest.objects.filter(number=event.number).first()
    if row is not None and row.state != "withdrawn" and row.decided_by != row.asked_by:
        tell([row.asked_by], DECIDED, row.number, needs=row.state == "refused", about={"action": row.action, "state": event.state})


@handles(WorkEnded)
def ended(event: WorkEnded) -> None:
    """Whose long work is done or has failed is told; open pages look again."""
    live.announce("work", event.kind)
    if event.staff is not None and event.seconds > LONG and event.state in ("done", "failed"):
        tell(
            [event.staff],
            f"work.{event.state}",
            f"{event.kind} {event.key}"[:120],
            needs=event.state == "failed",
            about={"kind": event.kind, "key": event.key},
        )


@handles(BackupEnded)
def backed_up(event: BackupEnded) -> None:
    """Who asked for a backup is told that it is there, or failed."""
    who = (
        AuditRecord.objects.filter(object="backup.run", key=str(event.run), actor_kind="staff")
        .order_by("id")
        .values_list("actor_id", flat=True)
    )
    staff = who.first()
    if staff is not None and event.seconds > LONG:
        state = "done" if event.state == "good" else "failed"
        tell([staff], f"work.{state}", f"backup {event.run}", needs=state == "failed", about={"kind": "backup", "key": str(event.run)})
