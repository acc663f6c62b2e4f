"""Joiners, movers and leavers: roles by two people, an end for every grant, everything cut at once; reviews; API keys that rotate."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from numaru.kernel import clock
from numaru.kernel.access import Actor, authenticate_client
from numaru.kernel.actions import NeedsSecond
from numaru.kernel.approvals import api as approvals
from numaru.kernel.errors import Conflict, NotAllowed, NotFound
from numaru.kernel.models import ApiClient, AuditRecord, Staff, StaffGrant, Work
from numaru.kernel.staff import api as staff
from numaru.kernel.staff import grants, reviews
from numaru.kernel.staff.models import StaffSession

pytestmark = pytest.mark.django_db
HOUSE = Actor.system("test")


def made(login: str, *roles: str) -> Staff:
    return staff.add_staff.do(HOUSE, login=login, name=login.title(), roles=list(roles) or ["basic"]).staff


@pytest.fixture
def boss() -> Staff:
    return made("boss", "administrator")


@pytest.fixture
def peer() -> Staff:
    return made("peer", "administrator")


def actor(person: Staff) -> Actor:
    return Staff.objects.get(pk=person.pk).actor


def test_staff_make_accounts_with_the_basic_role_alone(boss: Staff) -> None:
    with pytest.raises(NotAllowed):
        staff.add_staff.do(boss.actor, login="x", name="X", roles=["administrator"])
    joiner = staff.add_staff.do(boss.actor, login="x", name="X").staff
    assert actor(joiner).grants == (("basic", None),) and joiner.password_given
    assert not actor(joiner).may_somewhere("subscribers.subscriber.view")


def test_a_role_needs_a_second_person_who_is_not_the_one_concerned(boss: Staff, peer: Staff) -> None:
    joiner = made("x")
    with pytest.raises(NeedsSecond):
        staff.grant.do(boss.actor, staff=joiner.pk, role="auditor", reason="감사 지원")
    number = staff.grant.ask(boss.actor, staff=joiner.pk, role="auditor", reason="감사 지원")
    row = approvals.request(peer.actor, number)
    plan, seen = approvals.preview(row)
    assert "X" in plan.effects[0].ko and "감사" in plan.effects[0].ko
    with pytest.raises(NotAllowed):
        approvals.approve.do(boss.actor, number=number, seen=seen)
    approvals.approve.do(peer.actor, number=number, seen=seen)
    held = StaffGrant.objects.get(staff=joiner, role="auditor")
    assert (held.granted_name, held.reason) == ("Boss", "감사 지원") and staff.approvers([held])[row.pk][1] == "Peer"
    made("dpo", "privacy_officer")
    mine = staff.grant.ask(boss.actor, staff=peer.pk, role="auditor", reason="r")
    assert not approvals.may_decide(peer.actor, approvals.request(boss.actor, mine)), "the one concerned decides nothing"


def test_where_nobody_else_could_approve_it_goes_through_and_the_record_says_so(boss: Staff) -> None:
    joiner = made("x")
    staff.grant.do(boss.actor, staff=joiner.pk, role="auditor", reason="혼자")
    assert AuditRecord.objects.get(after__role="auditor").after["alone"] is True


def test_where_only_two_are_left_the_one_concerned_is_the_second_person(boss: Staff, peer: Staff) -> None:
    """Nobody gives a role alone as long as there are two: with nobody else left the one concerned stands behind it."""
    with pytest.raises(NeedsSecond):
        staff.grant.do(boss.actor, staff=peer.pk, role="auditor", reason="둘뿐")
    number = staff.grant.ask(boss.actor, staff=peer.pk, role="auditor", reason="둘뿐")
    _, seen = approvals.preview(approvals.request(peer.actor, number))
    approvals.approve.do(peer.actor, number=number, seen=seen)
    assert StaffGrant.objects.filter(staff=peer, role="auditor").exists()


def test_a_grant_with_a_last_day_counts_until_then_and_can_be_given_anew(boss: Staff) -> None:
    joiner, today = made("x"), clock.today()
    staff.grant.do(HOUSE, staff=joiner.pk, role="auditor", until=today, reason="하루")
    assert ("auditor", None) in actor(joiner).grants
    with pytest.raises(Conflict):
        staff.grant.do(HOUSE, staff=joiner.pk, role="auditor", reason="또")
    with clock.pinned(clock.now() + timedelta(days=1)):
        assert ("auditor", None) not in actor(joiner).grants
        staff.grant.do(HOUSE, staff=joiner.pk, role="auditor", reason="다시")
        assert ("auditor", None) in actor(joiner).grants
    ended = StaffGrant.objects.filter(staff=joiner, role="auditor").order_by("id")[0]
    assert ended.ended_at == ended.until and ended.ended_reason == "until"
    assert staff.grants(joiner.pk)[-1].pk in {ended.pk, StaffGrant.objects.filter(staff=joiner)[0].pk}


def test_an_expired_administrator_is_nobodys_second_person(boss: Staff) -> None:
    short = made("short")
    staff.grant.do(HOUSE, staff=short.pk, role="administrator", until=clock.today(), reason="하루")
    assert approvals.somebody_else(boss.actor, "staff.grant.approve", None)
    with clock.pinned(clock.now() + timedelta(days=2)):
        assert not approvals.somebody_else(boss.actor, "staff.grant.approve", None)


def test_the_last_administrator_stays(boss: Staff) -> None:
    only = StaffGrant.objects.get(staff=boss)
    with pytest.raises(Conflict):
        staff.end_grant.do(HOUSE, number=only.pk, reason="r")
    officer = made("dpo", "privacy_officer")
    with pytest.raises(Conflict):
        staff.cut_off.do(officer.actor, staff=boss.pk, reason="r")
    with pytest.raises(Conflict):
        staff.cut_off.do(boss.actor, staff=boss.pk, reason="r")
    made("video")
    StaffGrant.objects.filter(staff__login="video").update(role="administrator", service="video")
    with pytest.raises(Conflict):
        staff.end_grant.do(HOUSE, number=only.pk, reason="one for a single service is not enough")
    made("peer", "administrator")
    staff.end_grant.do(HOUSE, number=only.pk, reason="r")
    assert StaffGrant.objects.get(pk=only.pk).ended_at is not None


def test_a_leaver_is_cut_off_everywhere_at_once(boss: Staff, peer: Staff, django_capture_on_commit_callbacks: Any) -> None:
    leaver = made("leaver", "administrator")
    browser = Client()
    browser.force_login(leaver)
    assert browser.get("/access/staff/").status_code == 200
    asked = staff.make_client.ask(leaver.actor, name="shop", roles=["auditor"], reason="가게")
    row = approvals.request(peer.actor, asked)
    approvals.approve.do(peer.actor, number=asked, seen=approvals.preview(row)[1])
    token = staff.rotate.do(leaver.actor, client=ApiClient.objects.get().pk, reason="받기").token
    assert authenticate_client(token) is not None
    pending = staff.grant.ask(leaver.actor, staff=made("x").pk, role="auditor", reason="r")
    ticket = staff.issue_link.do(boss.actor, staff=leaver.pk, reason="r")
    staff.add_staff.do(HOUSE, login="namesake", name="Leaver")
    Work.objects.create(kind="t", key="1", state="running", actor="staff:Leaver", staff=leaver.pk, asked_at=clock.now())
    Work.objects.create(
        kind="u", key="1", state="running", actor="staff:Leaver", staff=Staff.objects.get(login="namesake").pk, asked_at=clock.now()
    )
    foretold = staff.cut_off.plan(boss.actor, staff=leaver.pk)
    assert leaver.is_active and len(foretold.effects) == 1 + len(list(staff.departures))
    with django_capture_on_commit_callbacks(execute=True) as told:
        stopped = staff.cut_off.do(boss.actor, staff=leaver.pk, reason="퇴사")
    assert told and stopped == foretold.result
    assert {key for key, count in stopped.items() if count == 1} == {"grants", "approvals", "clients", "sessions", "tickets", "works"}
    assert browser.get("/access/staff/").status_code == 302, "the very next request is refused"
    assert authenticate_client(token) is None
    assert staff.ticket_holder(ticket.secret) is None
    assert approvals.request(leaver.actor, pending).state == "withdrawn"
    assert (Work.objects.get(kind="t").actor, Work.objects.get(kind="t").staff) == (
        "staff:Boss",
        boss.pk,
    ) and not StaffSession.objects.filter(staff=leaver).exists()
    assert Work.objects.get(kind="u").actor == "staff:Leaver", "work of a namesake stays theirs"
    assert Staff.objects.get(pk=leaver.pk).has_usable_password() is False and StaffGrant.objects.filter(staff=leaver).count() == 1
    assert Client().post("/sign-in/", {"username": "leaver", "password": "x"}).status_code == 422
    with pytest.raises(Conflict):
        staff.cut_off.do(boss.actor, staff=leaver.pk, reason="r")
    with pytest.raises(Conflict):
        staff.grant.do(HOUSE, staff=leaver.pk, role="auditor", reason="r")


def test_lost_factors_are_reset_by_two(boss: Staff, peer: Staff) -> None:
    from allauth.mfa.totp.internal.auth import TOTP

    person = made("x")
    TOTP.activate(person, "JBSWY3DPEHPK3PXP")
    with pytest.raises(NeedsSecond):
        staff.reset_factors.do(boss.actor, staff=person.pk, reason="분실")
    number = staff.reset_factors.ask(boss.actor, staff=person.pk, reason="분실")
    row = approvals.request(peer.actor, number)
    assert approvals.approve.do(peer.actor, number=number, seen=approvals.preview(row)[1]) == 1
    assert not staff.own_factors(person.pk) and Staff.objects.get(pk=person.pk).factor_by is not None


# ── API keys ──


def test_two_secrets_live_during_a_rotation_and_a_third_never(boss: Staff) -> None:
    first = staff.make_client.do(HOUSE, name="shop", roles=["auditor"], scope="video")
    second = staff.rotate.do(boss.actor, client=first.client.pk, reason="정기")
    assert authenticate_client(first.token) == authenticate_client(second.token) is not None
    third = staff.rotate.do(boss.actor, client=first.client.pk, reason="정기")
    assert [authenticate_client(t.token) is not None for t in (first, second, third)] == [False, True, True]
    with clock.pinned(clock.now() + timedelta(hours=24, seconds=1)):
        assert authenticate_client(second.token) is None and authenticate_client(third.token) is not None
    at_once = staff.rotate.do(boss.actor, client=first.client.pk, at_once=True, reason="유출")
    assert authenticate_client(third.token) is None and authenticate_client(at_once.token) is not None
    with clock.pinned(clock.now() + timedelta(days=366)):
        assert authenticate_client(at_once.token) is None
    staff.revoke.do(boss.actor, client=first.client.pk, reason="끝")
    assert authenticate_client(at_once.token) is None
    with pytest.raises(NotFound):
        staff.rotate.do(boss.actor, client=first.client.pk, reason="r")
    kept = str(list(ApiClient.objects.values()))
    assert not any(t.token in kept for t in (first, second, third, at_once)) and at_once.token.startswith(ApiClient.objects.get().prefix)


def test_last_used_is_written_at_most_once_a_minute(boss: Staff, django_assert_num_queries: Any) -> None:
    token = staff.make_client.do(HOUSE, name="shop", roles=["auditor"]).token
    now = clock.now()
    with clock.pinned(now), django_assert_num_queries(2):
        authenticate_client(token)
    with clock.pinned(now + timedelta(seconds=59)), django_assert_num_queries(1):
        authenticate_client(token)
    with clock.pinned(now + timedelta(seconds=61)), django_assert_num_queries(2):
        authenticate_client(token)


# ── reviews ──


def test_a_review_lists_each_grant_with_its_last_use_and_closes_with_the_last_decision(boss: Staff, peer: Staff) -> None:
    joiner = made("x", "auditor")
    staff.end_sessions_of.do(boss.actor, staff=joiner.pk, reason="r")
    number = staff.open_review.do(boss.actor)
    with pytest.raises(Conflict):
        staff.open_review.do(peer.actor)
    items = {i.grant.staff.login: i for i in staff.reviewed(staff.review(number).pk)}
    assert set(items) == {"boss", "peer", "x"}
    assert items["boss"].last_used_at is not None and items["x"].last_used_at is None
    with pytest.raises(NotAllowed):
        staff.decide.do(boss.actor, number=number, item=items["boss"].pk, keep=True, reason="r")
    staff.decide.do(boss.actor, number=number, item=items["x"].pk, keep=False, reason="쓰지 않음")
    assert actor(joiner).grants == ()
    staff.decide.do(boss.actor, number=number, item=items["peer"].pk, keep=True, reason="계속")
    with clock.pinned(clock.now() + timedelta(days=15)):
        assert staff.overdue() == 1
    staff.decide.do(peer.actor, number=number, item=items["boss"].pk, keep=True, reason="계속")
    assert staff.review(number).closed_name == "Peer" and staff.overdue() == 0
    assert not reviews.next_due()
    with clock.pinned(clock.now() + timedelta(days=91)):
        assert reviews.next_due()


def test_expired_grants_are_closed_by_the_hour(boss: Staff) -> None:
    joiner = made("x")
    staff.grant.do(HOUSE, staff=joiner.pk, role="auditor", until=clock.today(), reason="하루")
    assert grants.close_expired() == 0
    with clock.pinned(clock.now() + timedelta(days=1)):
        assert grants.close_expired() == 1 == StaffGrant.objects.filter(ended_reason="until").count()
