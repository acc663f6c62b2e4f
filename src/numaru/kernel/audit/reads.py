"""Reads of the logs as values: lists for the screens, one record with its proof, and what one person may know about themself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet

from numaru.kernel.access import ROLES
from numaru.kernel.actions import Act, action
from numaru.kernel.approvals.models import ApprovalRequest
from numaru.kernel.audit.models import Block, Seal
from numaru.kernel.audit.permissions import RECORD_VIEW
from numaru.kernel.audit.sources import SOURCES
from numaru.kernel.errors import NotFound
from numaru.kernel.models import AuditRecord, Staff, StaffGrant
from numaru.kernel.vault.models import VaultOpening
from numaru.values.period import Period, start_of_day
from numaru.values.text import Text


@dataclass(frozen=True, slots=True)
class Proof:
    """Where a row stands in the chain. ``whole`` says whether the row still gives the sealed hash, asked now."""

    position: int
    block: int
    sealed_at: datetime
    hash: str
    whole: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """An opening as the person concerned may know it: the role of who opened, never a name; when, which field, for which coded purpose."""

    at: datetime
    role: Text
    kind: str
    code: str
    outcome: str
    bulk: bool


def proof(source: str, row: int) -> Proof | None:
    """None for a row that waits for its seal. Two queries."""
    table = SOURCES[source]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT s.position, s.hash, {table.row_hash('x', 's.position', table.payload_hash('x'))} = s.hash OR ({table.is_blank('x')}"
            f" AND {table.row_hash('x', 's.position', 's.payload')} = s.hash)"
            f" FROM audit_seal s JOIN {table.table} x ON x.id = s.row WHERE s.source = %s AND s.row = %s",
            [source, row],
        )
        found = cursor.fetchone()
    block = Block.objects.filter(first__lte=found[0], last__gte=found[0]).order_by("-first").first() if found else None
    return Proof(found[0], block.number, block.at, bytes(found[1]).hex(), found[2]) if block else None


def records() -> QuerySet[AuditRecord]:
    """All audit records; the screens narrow them."""
    return AuditRecord.objects.all()


def openings() -> QuerySet[VaultOpening]:
    """The whole access log."""
    return VaultOpening.objects.all()


def record(pk: int) -> AuditRecord:
    """Raises NotFound."""
    row = AuditRecord.objects.filter(pk=pk).first()
    if row is None:
        raise NotFound.named(Text("감사 기록", "audit record"), pk)
    return row


def approval_number(pk: int | None) -> str:
    """The number of the request that a second person approved; empty where there was none."""
    found = ApprovalRequest.objects.filter(pk=pk).values_list("number", flat=True).first() if pk else None
    return found or ""


def positions(source: str, rows: list[int]) -> dict[int, int]:
    """Positions in the chain of these rows; those that wait for their seal are left out. One query."""
    return dict(Seal.objects.filter(source=source, row__in=rows).values_list("row", "position"))


def record_at(position: int) -> AuditRecord | None:
    """The audit record that stands at ``position`` of the chain; None for a position that is not sealed or of another log. Two queries."""
    row = Seal.objects.filter(position=position, source="r").values_list("row", flat=True).first()
    return AuditRecord.objects.filter(pk=row).first() if row else None


def staff_named(text: str) -> list[int]:
    """Members of staff whose login or name is ``text``."""
    return list(Staff.objects.filter(Q(login=text.lower()) | Q(name=text)).values_list("pk", flat=True)[:20])


@action(RECORD_VIEW)
def search_by_person(act: Act, *, person: str) -> None:
    """Put on record that somebody read the logs by a person: the number, not who it is."""
    act.record("audit.search", person, after={"by": "person"})


def seen_by_others(person: int, limit: int = 50, before: datetime | None = None) -> list[Seen]:
    """Who saw what of one person, the newest first; with ``before`` only what is older. Two queries."""
    found = VaultOpening.objects.filter(person=person)
    rows = list((found.filter(at__lt=before) if before else found).order_by("-id")[:limit])
    roles: dict[int, str] = {}
    for staff, role in StaffGrant.objects.filter(staff__in={r.staff for r in rows if r.staff}).order_by("-id").values_list("staff", "role"):
        roles[staff] = role
    house, program, gone = Text("시스템", "The house"), Text("연동 프로그램", "A connected program"), Text("직원", "Staff")
    self = Text("본인", "Yourself")

    def who(row: VaultOpening) -> Text:
        if row.staff:
            return ROLES.get(roles.get(row.staff, ""), gone)
        if row.actor.startswith("portal:"):
            return self
        return program if row.client else house if row.actor.startswith("system") else gone

    return [Seen(r.at, who(r), r.kind, r.code, r.outcome, bool(r.bulk)) for r in rows]


def openings_by_day(days: Period) -> dict[date, tuple[int, int]]:
    """Of each day of ``days`` (half-open, the operator's): sealed values opened, and attempts that were refused. Days without any are left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (at AT TIME ZONE %s)::date, count(*) FILTER (WHERE outcome = 'opened'), count(*) FILTER (WHERE outcome <> 'opened')"
            " FROM vault_opening WHERE at >= %s AND at < %s GROUP BY 1",
            [settings.TIME_ZONE, start_of_day(days.start, settings.TIME_ZONE), start_of_day(days.end, settings.TIME_ZONE)],
        )
        return {day: (opened, refused) for day, opened, refused in cursor.fetchall()}
