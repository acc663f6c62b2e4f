"""The rules over the access log, each with openings that fulfil it and openings that do not; and what a finding does to an account."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from numaru.facilities.parties import api as parties
from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.audit import api as audit
from numaru.kernel.audit.models import AccessFinding, AccessReview, OpeningHold, SearchMiss
from numaru.kernel.audit.reviews import figures
from numaru.kernel.errors import Conflict, NotAllowed, NotFound
from numaru.kernel.models import AuditRecord, OutboxEvent, Staff
from numaru.kernel.vault import api as vault
from numaru.kernel.vault.models import VaultOpening
from tests.kernel.audit.conftest import NOTE

pytestmark = pytest.mark.django_db
OFFICER = Actor("staff", 900, "보호 담당", (("privacy_officer", None),))
MONDAY = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)  # 10:00 in Seoul


@pytest.fixture(autouse=True)
def monday() -> Any:
    with clock.pinned(MONDAY):
        yield


@pytest.fixture
def nuri() -> Staff:
    return Staff.objects.create(login="nuri", name="한누리", created_at=MONDAY - timedelta(days=400), is_active=True)


def opened(staff: Staff, n: int = 1, at: datetime = MONDAY, **more: Any) -> None:
    """``n`` openings of n people, a second apart, ending at ``at``; the account was at work the day before, unless told otherwise."""
    values = {
        "kind": "phone",
        "actor": f"staff:{staff.name}",
        "staff": staff.pk,
        "purpose": "상담",
        "code": "caller",
        "case_ref": "C-1",
    } | more
    VaultOpening.objects.bulk_create(
        VaultOpening(**({"person": 1000 + i} | values), at=at - timedelta(seconds=n - 1 - i)) for i in range(n)
    )


def at_work(staff: Staff) -> None:
    """The account did something on Friday."""
    with clock.pinned(MONDAY - timedelta(days=3)):
        NOTE.do(Actor("staff", staff.pk, staff.name, (("administrator", None),)), key="work")


def look() -> list[tuple[str, str]]:
    audit.Sealer().all()
    audit.watch()
    return list(AccessFinding.objects.order_by("pk").values_list("rule", "severity"))


def test_ordinary_work_raises_nothing(nuri: Staff) -> None:
    at_work(nuri)
    opened(nuri, 29)
    assert look() == []


def test_mass_reading_is_found_and_a_severe_one_holds_the_account_at_once(nuri: Staff) -> None:
    at_work(nuri)
    opened(nuri, 30)
    assert look() == [("mass", "warning")] and not audit.held(nuri.pk)
    row = AccessFinding.objects.get()
    assert row.evidence["count"] == 30 and len(row.evidence["openings"]) == 30
    assert audit.said(row).ko == "60분 안에 30건을 열람했습니다. 기준 30건."
    opened(nuri, 70, MONDAY + timedelta(minutes=2))
    assert look() == [("mass", "warning"), ("mass", "severe")]
    assert audit.held(nuri.pk) and not audit.held(nuri.pk + 1) and not audit.held(None)
    assert AuditRecord.objects.get(object="audit.finding", after__severity="severe").after["held"] is True
    assert OutboxEvent.objects.filter(name="audit.AccessFindingRaised").count() == 2
    look()
    assert AccessFinding.objects.count() == 2  # looked at once


def test_openings_spread_over_the_day_or_approved_in_bulk_are_no_mass_reading(nuri: Staff) -> None:
    at_work(nuri)
    for hour in range(6):
        opened(nuri, 20, MONDAY + timedelta(minutes=61 * hour))
    opened(nuri, 500, bulk="X-0000001")
    assert look() == []


def test_a_peak_inside_a_backlog_is_found_though_it_is_over(nuri: Staff) -> None:
    """The sealer was away for an hour and a half: the window is that of the openings, not of the look."""
    at_work(nuri)
    opened(nuri, 35, MONDAY)
    opened(nuri, 1, MONDAY + timedelta(minutes=90))
    assert look() == [("mass", "warning")]


def test_odd_hours_and_days_off(nuri: Staff) -> None:
    at_work(nuri)
    opened(nuri, 2, datetime(2026, 11, 2, 14, 30, tzinfo=UTC))  # 23:30 in Seoul
    assert look() == [("odd_hours", "notice")]
    opened(nuri, 1, datetime(2026, 11, 7, 3, 0, tzinfo=UTC))  # Saturday noon, with a case
    assert len(look()) == 1
    opened(nuri, 1, datetime(2026, 11, 7, 3, 5, tzinfo=UTC), case_ref="")
    assert look()[1:] == [("day_off", "warning")]
    assert AccessFinding.objects.get(rule="day_off").evidence["count"] == 1


def test_refused_and_empty_openings_are_counted(nuri: Staff) -> None:
    at_work(nuri)
    opened(nuri, 5, outcome="refused")
    opened(nuri, 4, MONDAY + timedelta(minutes=5), outcome="missing")
    assert look() == []
    opened(nuri, 1, MONDAY + timedelta(minutes=6), outcome="refused")
    assert look() == [("failed", "warning")]


def test_the_same_person_again_and_again(nuri: Staff) -> None:
    at_work(nuri)
    for day in range(7):
        opened(nuri, at=MONDAY - timedelta(minutes=10 * day + 10), person=77)
    assert look() == []
    opened(nuri, person=77)
    assert look() == [("repeat", "warning")]
    assert AccessFinding.objects.get().evidence["person"] == 77


def test_a_dormant_account_is_found_although_it_was_busy_within_the_last_day(nuri: Staff) -> None:
    opened(nuri, at=MONDAY - timedelta(hours=1), person=5)
    assert look() == [("dormant", "warning")]
    assert AccessFinding.objects.get().evidence["days"] == 399


def test_a_new_account_is_not_dormant() -> None:
    new = Staff.objects.create(login="new", name="새 사람", created_at=MONDAY - timedelta(days=2))
    opened(new)
    assert look() == []


def test_relatives_are_found_by_blind_tokens_alone(nuri: Staff) -> None:
    at_work(nuri)
    first = parties.register([parties.Person("한가람", "010-7777-1234"), parties.Person("김하늘", "010-1234-2201")])
    opened(nuri, person=first)
    assert look() == []  # nothing is known of relatives: no finding
    given = audit.set_ties.do(OFFICER, staff=nuri.pk, values=["010-7777-1234"], reason="본인 신고")
    assert given >= 1
    opened(nuri, person=first + 1)
    assert look() == []
    opened(nuri, person=first)
    assert look() == [("relatives", "severe")] and audit.held(nuri.pk)
    dump = str(list(AuditRecord.objects.values("before", "after", "reason", "key"))) + str(AccessFinding.objects.values().get())
    assert "77771234" not in dump.replace("-", "")
    assert audit.set_ties.do(OFFICER, staff=nuri.pk, values=[], reason="철회") == 0
    with pytest.raises(NotFound):
        audit.set_ties.do(OFFICER, staff=12345, values=["x"], reason="없음")


def test_searches_for_numbers_that_nobody_has(nuri: Staff) -> None:
    actor = Actor("staff", nuri.pk, nuri.name)
    for _ in range(14):
        audit.missed_search(actor)
    assert look() == []
    audit.missed_search(actor)
    audit.missed_search(Actor.system("x"))
    assert SearchMiss.objects.count() == 15
    assert look() == [("misses", "notice")]


def test_a_held_account_opens_nothing_until_a_privacy_officer_lifts_it(nuri: Staff) -> None:
    me = Actor("staff", nuri.pk, nuri.name, (("privacy_officer", None),))
    person = parties.register([parties.Person("김하늘", "010-1234-2201")])
    assert vault.open_value(me, person, "phone", "상담") == "01012342201"
    at = OpeningHold.objects.create(staff=nuri.pk, finding=_finding(nuri), since=clock.now())
    with pytest.raises(NotAllowed) as refused:
        vault.open_value(me, person, "phone", "상담")
    assert refused.value.findings[0].code == "audit.held"
    with pytest.raises(NotAllowed):
        vault.record_many(me, [person], ["phone"], vault.Purpose("상담"))
    with pytest.raises(NotAllowed):  # nobody lifts their own
        audit.lift.do(me, staff=nuri.pk, reason="괜찮음")
    audit.lift.do(OFFICER, staff=nuri.pk, reason="사유 확인함")
    at.refresh_from_db()
    assert at.lifted_by == 900 and vault.open_value(me, person, "phone", "상담") == "01012342201"
    with pytest.raises(NotFound):
        audit.lift.do(OFFICER, staff=nuri.pk, reason="또")


def _finding(staff: Staff, **more: Any) -> AccessFinding:
    values = {
        "key": "k",
        "rule": "mass",
        "severity": "warning",
        "actor": "staff:한누리",
        "staff": staff.pk,
        "first_at": MONDAY,
        "last_at": MONDAY,
        "at": MONDAY,
    } | more
    return AccessFinding.objects.create(**values, evidence={"count": 30, "limit": 30, "minutes": 60})


def test_findings_are_explained_or_confirmed_once_and_not_by_whom_they_concern(nuri: Staff) -> None:
    first, second = _finding(nuri), _finding(nuri, key="l")
    me = Actor("staff", nuri.pk, nuri.name, (("privacy_officer", None),))
    with pytest.raises(NotAllowed):
        audit.explain.do(me, number=first.number, reason="업무")
    audit.confirm.do(OFFICER, number=first.number, reason="사유 없음")
    assert audit.held(nuri.pk)
    with pytest.raises(Conflict):
        audit.explain.do(OFFICER, number=first.number, reason="다시")
    audit.explain.do(OFFICER, number=second.number, reason="점검 작업")
    assert audit.held(nuri.pk)  # the hold rests on the confirmed one
    assert audit.waiting() == 0
    with pytest.raises(NotFound):
        audit.explain.do(OFFICER, number="F-x", reason="없음")


def test_explaining_a_severe_finding_lifts_its_hold(nuri: Staff) -> None:
    at_work(nuri)
    opened(nuri, 100)
    look()
    assert audit.held(nuri.pk)
    audit.explain.do(OFFICER, number=AccessFinding.objects.get(severity="severe").number, reason="승인된 전수 점검")
    assert not audit.held(nuri.pk)


def test_the_monthly_review_counts_and_is_signed_when_findings_are_decided(nuri: Staff) -> None:
    october = datetime(2026, 10, 12, 3, 0, tzinfo=UTC)
    opened(nuri, 3, october, case_ref="")
    opened(nuri, 1, october, outcome="refused")
    opened(nuri, 9, datetime(2026, 9, 30, 14, 59, tzinfo=UTC))  # still September in Seoul
    month = audit.month_before()
    assert (month.year, month.month) == (2026, 10)
    row = audit.lay_out(month)
    assert {k: row.figures[k] for k in ("opened", "refused", "people", "accounts", "without_case")} == {
        "opened": 3, "refused": 1, "people": 3, "accounts": 1, "without_case": 3,
    }  # fmt: skip
    found = _finding(nuri, at=october)
    with pytest.raises(Conflict):
        audit.sign_review.do(OFFICER, month=month, reason="확인")
    audit.explain.do(OFFICER, number=found.number, reason="점검")
    audit.sign_review.do(OFFICER, month=month, reason="이상 없음")
    assert AccessReview.objects.get().state == "signed"
    with pytest.raises(Conflict):
        audit.sign_review.do(OFFICER, month=month, reason="또")
    opened(nuri, 5, october)
    assert audit.lay_out(month).figures["opened"] == 3 and figures(month)["opened"] == 8  # what was signed stays


def test_a_person_may_know_the_role_and_never_the_name(nuri: Staff) -> None:
    from numaru.kernel.models import StaffGrant

    StaffGrant.objects.create(staff=nuri, role="subscriber_clerk", granted_at=MONDAY)
    opened(nuri, person=7)
    opened(nuri, person=8)
    (seen,) = audit.seen_by_others(7)
    assert (seen.role.ko, seen.kind, seen.code, seen.outcome, seen.at) == ("가입 담당", "phone", "caller", "opened", MONDAY)
    assert "한누리" not in repr(seen)


def test_what_was_looked_at_stands_in_one_row_that_needs_no_sequence(db: None) -> None:
    """An integrity check of a fresh house finds nothing: a row that names itself must not stand before a sequence."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence('audit_watch', 'id')")
        assert cursor.fetchone() == (None,)
