"""The monthly review of the access log: its figures are laid out, a privacy officer looks at them and signs (an operator's duty)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from numaru.kernel import clock
from numaru.kernel.actions import Act, action
from numaru.kernel.audit.models import AccessFinding, AccessReview
from numaru.kernel.audit.permissions import REVIEW_SIGN
from numaru.kernel.errors import Conflict, NotFound
from numaru.values.text import Text


def _span(month: date) -> tuple[datetime, datetime]:
    zone = ZoneInfo(settings.TIME_ZONE)
    after = (month.replace(day=28) + timedelta(days=4)).replace(day=1)
    return datetime.combine(month, time(), zone), datetime.combine(after, time(), zone)


def figures(month: date) -> dict[str, Any]:
    """Of a month: openings by outcome, people concerned, accounts, the ten that opened most, purposes, bulk openings, findings by state."""
    start, end = _span(month)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE outcome = 'opened'), count(*) FILTER (WHERE outcome = 'refused'), count(*) FILTER (WHERE outcome = 'missing'),"
            " count(DISTINCT person), count(DISTINCT actor), count(*) FILTER (WHERE bulk <> ''), count(DISTINCT bulk) FILTER (WHERE bulk <> ''),"
            " count(*) FILTER (WHERE case_ref = '' AND bulk = '') FROM vault_opening WHERE at >= %s AND at < %s",
            [start, end],
        )
        names = ("opened", "refused", "missing", "people", "accounts", "bulk_values", "bulk_openings", "without_case")
        found: dict[str, Any] = dict(zip(names, cursor.fetchone(), strict=True))
        cursor.execute(
            "SELECT actor, count(*), count(DISTINCT person) FROM vault_opening WHERE at >= %s AND at < %s GROUP BY actor ORDER BY 2 DESC, 1 LIMIT 10",
            [start, end],
        )
        found["most"] = [list(row) for row in cursor.fetchall()]
        cursor.execute(
            "SELECT coalesce(nullif(code, ''), '-'), count(*) FROM vault_opening WHERE at >= %s AND at < %s GROUP BY 1 ORDER BY 2 DESC, 1",
            [start, end],
        )
        found["purposes"] = [list(row) for row in cursor.fetchall()]
    rows = AccessFinding.objects.filter(at__gte=start, at__lt=end).values_list("state", flat=True)
    found["findings"] = {state: sum(1 for s in rows if s == state) for state in ("new", "explained", "confirmed")}
    return found


def lay_out(month: date) -> AccessReview:
    """The review of ``month`` (its first day): made when there is none yet; the figures of one that nobody signed are counted anew."""
    row, _ = AccessReview.objects.get_or_create(month=month, defaults={"figures": figures(month), "made_at": clock.now()})
    if row.state == "open":
        row.figures, row.made_at = figures(month), clock.now()
        row.save(update_fields=["figures", "made_at"])
    return row


def month_before() -> date:
    """The first day of the month before this one."""
    return (clock.today().replace(day=1) - timedelta(days=1)).replace(day=1)


@action(REVIEW_SIGN)
def prepare_review(act: Act, *, month: date) -> AccessReview:
    """Lay out the review of a month, or count the figures of one that nobody signed anew."""
    row = lay_out(month)
    act.record("audit.review", f"{month:%Y-%m}", after={"state": row.state, "opened": row.figures["opened"]})
    return row


@action(REVIEW_SIGN, reason=True)
def sign_review(act: Act, *, month: date) -> None:
    """Sign the review of a month that is over; the reason says what was looked at. Refused while findings of the month wait for a decision."""
    row = AccessReview.objects.select_for_update().filter(month=month).first()
    if row is None:
        raise NotFound.named(Text("월간 점검", "review"), f"{month:%Y-%m}")
    if row.state == "signed":
        raise Conflict.because(
            "audit.signed", Text("이미 확인한 점검입니다.", "This review was signed already."), Text("기록을 보십시오.", "See the record.")
        )
    if month > month_before():
        raise Conflict.because(
            "audit.month",
            Text("아직 끝나지 않은 달입니다.", "The month is not over."),
            Text("다음 달에 확인하십시오.", "Sign it next month."),
        )
    row.figures = figures(month)
    waiting = row.figures["findings"]["new"]
    if waiting:
        raise Conflict.because(
            "audit.findings_wait", Text("이 달의 열람 이상 {n}건을 아직 판단하지 않았습니다.", "{n} findings of this month wait for a decision.").fill(n=waiting),
            Text("먼저 판단하십시오.", "Decide them first."),
        )  # fmt: skip
    row.state, row.note, row.signed_by, row.signed_name, row.signed_at = (
        "signed",
        act.reason,
        act.actor.staff_id,
        act.actor.name,
        clock.now(),
    )
    row.save()
    act.record(
        "audit.review", f"{month:%Y-%m}", after={"state": "signed", "opened": row.figures["opened"], "people": row.figures["people"]}
    )
