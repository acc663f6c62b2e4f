"""Destroying what old rows say: the payload goes, the row's identity, its hash and its place in the chain stay.

The database lets a row be blanked only when a destruction that covers it is on record, and that record is sealed as well: a blank row
without one is found by verify.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from numaru.kernel import clock, policies
from numaru.kernel.actions import Act, action
from numaru.kernel.audit.models import Block, Destruction
from numaru.kernel.audit.permissions import LOG_DESTROY
from numaru.kernel.audit.sources import SOURCES
from numaru.kernel.errors import Invalid
from numaru.values.text import Text

OPENINGS_KEPT = policies.policy(
    "audit.openings_days", Text("열람 기록 보존 기간 (일)", "Days for which openings are kept"), 730,
    "Korean standard for securing personal data: operator access logs 1 year; 2 years with 50,000 people or more or with unique ids.",
)  # fmt: skip
RECORDS_KEPT = policies.policy(
    "audit.records_days", Text("감사 기록 내용 보존 기간 (일)", "Days for which the content of audit records is kept"), 1826,
    "Records of contract, payment and supply are kept 5 years (E-Commerce Act); what was done to them is kept as long.",
)  # fmt: skip
KEPT = {"o": OPENINGS_KEPT.key, "r": RECORDS_KEPT.key}


def horizon(source: str) -> datetime:
    """Before which instant the payloads of ``source`` (o openings, r records) are due."""
    return clock.now() - timedelta(days=int(policies.value(KEPT[source], clock.today())))


def due(source: str, before: datetime | None = None) -> int:
    """How many sealed rows have a payload whose time is over."""
    table = SOURCES[source]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM {table.table} x WHERE x.at < %s AND NOT ({table.is_blank('x')})"
            " AND EXISTS (SELECT 1 FROM audit_seal s WHERE s.source = %s AND s.row = x.id)",
            [before or horizon(source), source],
        )
        return int(cursor.fetchone()[0])


@action(LOG_DESTROY)
def destroy_expired(act: Act, *, source: str, before: datetime | None = None) -> int:
    """Destroy the payloads of ``source`` (o or r) that are older than ``before`` (the policy's horizon without it, never later) and return
    how many. Rows that are not sealed yet stay. Set-based; one transaction."""
    if source not in KEPT:
        raise Invalid.because(
            "audit.source", Text("‘{s}’은(는) 지울 수 있는 기록이 아닙니다.", "“{s}” is not a log that can be destroyed.").fill(s=source),
            Text("o(열람)나 r(감사)을 고르십시오.", "Choose o (openings) or r (records)."), field="source",
        )  # fmt: skip
    table, line = SOURCES[source], horizon(source)
    cut = min(before, line) if before else line
    n = due(source, cut)
    act.effect(Text("기록 {n}건의 내용이 지워지고 지문만 남습니다.", "The content of {n} records goes; their hashes stay.").fill(n=n))
    block = Block.objects.order_by("-number").first()
    if n and block is not None:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT coalesce(max(x.id), 0) FROM {table.table} x WHERE x.at < %s", [cut])
            upto = int(cursor.fetchone()[0])
        Destruction.objects.create(source=source, before=cut, upto=upto, count=n, rule=KEPT[source], at=clock.now())
        blank = ", ".join(f"{name} = {value}" for name, value in table.blank.items())
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {table.table} x SET {blank} WHERE x.at < %s AND x.id <= %s AND NOT ({table.is_blank('x')})"
                " AND EXISTS (SELECT 1 FROM audit_seal s WHERE s.source = %s AND s.row = x.id)",
                [cut, upto, source],
            )
    act.record("audit.log", source, after={"before": cut.isoformat(), "count": n, "rule": KEPT[source]})
    return n
