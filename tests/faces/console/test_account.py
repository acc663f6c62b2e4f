"""The door with a second factor, and the own account: enrolling, codes that work once, recovery codes, sessions, passwords, the grace."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client

from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.models import AuditRecord, Policy, Staff
from numaru.kernel.policies.api import shipped, trouble
from numaru.kernel.staff import api as staff
from numaru.kernel.staff.models import SignInAttempt, StaffSession
from numaru.kernel.staff.sessions import key_hash

pytestmark = pytest.mark.django_db
SECRET = "한옥마루 창가 자리"
LONG = "새로 정한 아주 긴 비밀번호"
HOUSE = Actor.system("test")


@pytest.fixture
def nuri() -> Staff:
    return staff.add_staff.do(HOUSE, login="nuri", name="한누리", roles=["administrator"], password=SECRET).staff


def code(secret: str, step: int = 0) -> str:
    """The code of an authenticator that holds ``secret`` (blanks allowed), ``step`` half-minutes from now."""
    return format_hotp_value(hotp_value(secret.replace(" ", ""), int(time.time()) // 30 + step))


def sign_in(client: Client, password: str = SECRET, login: str = "nuri", **more: str) -> Any:
    return client.post("/sign-in/", {"username": login, "password": password, **more})


def enrol(client: Client) -> tuple[str, list[str]]:
    """Enrol an authenticator through the page; returns its key and the recovery codes that were shown."""
    page = client.get("/account/authenticator/").content.decode()
    secret = re.search(r'class="secret">([A-Z2-7 ]+)<', page)[1]  # type: ignore[index]
    assert "data:image/svg+xml;base64," in page
    answer = client.post("/account/authenticator/", {"code": code(secret)})
    assert answer.status_code == 302, answer.content.decode()
    shown = client.get(answer["Location"]).content.decode()
    return secret, re.findall(r"<li><code>(\d{8})</code></li>", shown)


def test_an_authenticator_is_enrolled_and_then_asked_for_with_a_code_that_works_once(client: Client, nuri: Staff) -> None:
    assert sign_in(client)["Location"] == "/"
    secret, codes = enrol(client)
    assert len(codes) == 10
    nuri.refresh_from_db()
    assert nuri.factor_by is None
    assert AuditRecord.objects.filter(after__factor="totp", actor_id=nuri.pk).exists()
    assert secret.replace(" ", "") not in str(list(Authenticator.objects.values()))
    again = Client()
    answer = sign_in(again, next="/account/")
    assert answer["Location"] == "/sign-in/second/" and "_auth_user_id" not in again.session
    assert again.get("/account/").status_code == 302  # half way in is not in
    wrong = again.post("/sign-in/second/", {"code": "000000"})
    assert wrong.status_code == 422 and "코드가 맞지 않습니다" in wrong.content.decode()
    used = code(secret, 1)
    answer = again.post("/sign-in/second/", {"code": used})
    assert (answer.status_code, answer["Location"]) == (302, "/account/")
    third = Client()
    sign_in(third)
    assert third.post("/sign-in/second/", {"code": used}).status_code == 422, "a code works once, whatever the process"
    assert EmailAddress.objects.count() == 0


def test_a_recovery_code_lets_in_once_and_codes_are_shown_once(client: Client, nuri: Staff) -> None:
    sign_in(client)
    _, codes = enrol(client)
    assert not re.findall(r"<li><code>\d{8}", client.get("/account/recovery-codes/").content.decode())
    first, second = Client(), Client()
    sign_in(first)
    assert first.post("/sign-in/second/", {"code": codes[0]}).status_code == 302
    sign_in(second)
    assert second.post("/sign-in/second/", {"code": codes[0]}).status_code == 422
    assert second.post("/sign-in/second/", {"code": codes[1]}).status_code == 302


def test_within_the_grace_a_line_asks_for_a_second_factor_and_after_it_nothing_else_is_open(client: Client, nuri: Staff) -> None:
    assert sign_in(client, next="/access/staff/")["Location"] == "/access/staff/"
    page = client.get("/access/staff/")
    assert page.status_code == 200 and "7일 안에 2단계 인증을 등록하십시오" in page.content.decode()
    way = re.search(r'href="(/account/start/\?next=/access/staff/)"', page.content.decode())
    assert way is not None and "나중에 하기" in client.get(way[1]).content.decode()
    assert "7일 안에" not in client.get("/account/").content.decode(), "the own account says it in its own place"
    assert client.post("/account/start/", {"next": "/access/staff/"})["Location"] == "/access/staff/"
    with clock.pinned(clock.now() + timedelta(days=6, hours=1)):
        assert "하루 안에 2단계 인증을" in client.get("/access/staff/").content.decode()
    Staff.objects.update(created_at=clock.now() - timedelta(days=7, seconds=1))
    assert client.get("/access/staff/")["Location"].startswith("/account/start/")
    assert client.post("/access/staff/add/")["Location"].startswith("/account/start/")
    must = client.get("/account/start/")
    assert "나중에 하기" not in must.content.decode()
    client.post("/account/start/", {"next": "/access/staff/"})
    assert client.get("/access/staff/").status_code == 302
    enrol(client)
    page = client.get("/access/staff/")
    assert page.status_code == 200 and "2단계 인증을 등록하십시오" not in page.content.decode()


def _policy(key: str, value: object, days: int = 0) -> None:
    Policy.objects.create(key=key, value=value, basis="t", valid_from=clock.today() + timedelta(days=days), recorded_at=clock.now())


def test_a_changed_policy_reaches_who_is_signed_in_at_the_next_request(client: Client, nuri: Staff) -> None:
    sign_in(client)
    assert client.get("/access/staff/").status_code == 200
    _policy("access.mfa_grace_days", 0)
    assert client.get("/access/staff/")["Location"].startswith("/account/start/")
    _policy("access.mfa_required", "none")
    page = client.get("/access/staff/")
    assert page.status_code == 200 and "2단계 인증을 등록하십시오" not in page.content.decode()
    _policy("access.mfa_required", "privileged", days=1)
    assert client.get("/access/staff/").status_code == 200
    with clock.pinned(clock.now() + timedelta(days=1)):
        assert client.get("/access/staff/").status_code == 302, "a value from tomorrow on counts tomorrow"
    clerk = staff.add_staff.do(HOUSE, login="clerk", name="점원", roles=["auditor"], password=SECRET).staff
    _policy("access.mfa_required", "privileged")
    other = Client()
    sign_in(other, login="clerk")
    assert other.get("/account/start/").status_code == 302 and other.get("/audit/").status_code == 200
    staff.grant.do(HOUSE, staff=clerk.pk, role="privacy_officer", reason="t")
    assert other.get("/audit/")["Location"].startswith("/account/start/"), "a role that needs one counts at once as well"


def test_figures_of_access_have_bounds() -> None:
    assert shipped["access.mfa_required"].choices == ("none", "privileged", "all")
    assert trouble(shipped["access.mfa_required"], "everybody") is not None
    figures = [one for key, one in shipped if key.startswith("access.") and one.kind == "int"]
    assert len(figures) > 10
    for one in figures:
        assert one.unit is not None and trouble(one, -1) is not None and trouble(one, 10**9) is not None, one.key


@pytest.mark.parametrize(
    ("whom", "role", "asked"),
    [("none", "administrator", False), ("privileged", "administrator", True), ("privileged", "auditor", False), ("all", "auditor", True)],
)
def test_who_must_have_a_second_factor_is_a_policy(client: Client, whom: str, role: str, asked: bool) -> None:
    Policy.objects.create(key="access.mfa_required", value=whom, basis="t", valid_from=clock.today(), recorded_at=clock.now())
    made = staff.add_staff.do(HOUSE, login="nuri", name="한누리", roles=[role], password=SECRET).staff
    assert (made.factor_by is not None) is asked
    sign_in(client)
    Staff.objects.update(created_at=clock.now() - timedelta(days=8))
    assert client.get("/").headers.get("Location", "").startswith("/account/start/") is asked


def test_the_last_factor_of_somebody_who_must_have_one_stays(client: Client, nuri: Staff) -> None:
    sign_in(client)
    enrol(client)
    assert "마지막 2단계 인증입니다" in client.get("/account/authenticator/remove/").content.decode()
    client.post("/account/authenticator/remove/")
    assert Authenticator.objects.filter(type="totp").count() == 1


def test_dangerous_changes_ask_again_after_ten_minutes(client: Client, nuri: Staff) -> None:
    sign_in(client)
    session = client.session
    session["_started"] = time.time() - 601
    session.save()
    answer = client.get("/account/authenticator/")
    assert answer.status_code == 302 and answer["Location"].startswith("/account/confirm/")
    assert client.post(answer["Location"], {"password": "not it at all"}).status_code == 422
    assert client.post(answer["Location"], {"password": SECRET})["Location"] == "/account/authenticator/"
    assert client.get("/account/authenticator/").status_code == 200


def test_a_password_chosen_by_somebody_else_is_changed_first(client: Client) -> None:
    boss = staff.add_staff.do(HOUSE, login="boss", name="한누리", roles=["administrator"]).staff
    made = staff.add_staff.do(boss.actor, login="new", name="새봄")
    sign_in(client, made.password, "new")
    assert client.get("/access/staff/")["Location"] == client.get("/account/")["Location"] == "/account/password/"
    form = {"current": made.password, "password": "short", "again": "short"}
    assert client.post("/account/password/", form).status_code == 422
    form |= {"password": LONG, "again": LONG + "!"}
    assert client.post("/account/password/", form).status_code == 422
    form |= {"again": LONG}
    other = Client()
    other.force_login(made.staff)
    assert client.post("/account/password/", form).status_code == 302
    assert client.get("/account/").status_code == 200, "the one who changed it stays in"
    assert other.get("/account/").status_code == 302, "every other session has ended"
    assert sign_in(Client(), made.password, "new").status_code == 422 and sign_in(Client(), LONG, "new").status_code == 302


def test_a_link_sets_a_password_once(client: Client, nuri: Staff) -> None:
    boss = staff.add_staff.do(HOUSE, login="boss", name="관리", roles=["administrator"]).staff
    client.force_login(nuri)
    old = staff.issue_link.do(boss.actor, staff=nuri.pk, reason="잊음")
    new = staff.issue_link.do(boss.actor, staff=nuri.pk, reason="잊음")
    visitor = Client()
    assert visitor.get(f"/sign-in/new-password/{old.secret}/").status_code == 404, "an earlier link dies"
    page = visitor.get(f"/sign-in/new-password/{new.secret}/")
    assert page.status_code == 200 and page["Referrer-Policy"] == "no-referrer"
    words = {"password": "새로 정한 긴 비밀번호", "again": "새로 정한 긴 비밀번호"}
    assert visitor.post(f"/sign-in/new-password/{new.secret}/", words)["Location"] == "/sign-in/"
    assert visitor.post(f"/sign-in/new-password/{new.secret}/", words).status_code == 404
    assert visitor.get("/account/").status_code == 302 and client.get("/account/").status_code == 302
    assert sign_in(visitor, words["password"]).status_code == 302
    assert new.secret not in str(list(AuditRecord.objects.values()))
    with clock.pinned(clock.now() - timedelta(hours=25)):
        dead = staff.issue_link.do(boss.actor, staff=nuri.pk, reason="잊음")
    assert Client().get(f"/sign-in/new-password/{dead.secret}/").status_code == 404


# ── sessions ──


def test_a_session_key_given_beforehand_is_not_the_one_that_is_signed_in(client: Client, nuri: Staff) -> None:
    client.get("/sign-in/")
    planted = client.session
    planted["x"] = 1
    planted.save()
    client.cookies["sessionid"] = planted.session_key
    sign_in(client)
    assert client.cookies["sessionid"].value != planted.session_key
    thief = Client()
    thief.cookies["sessionid"] = planted.session_key
    assert thief.get("/account/").status_code == 302


def test_signing_out_kills_the_session_on_the_server(client: Client, nuri: Staff) -> None:
    sign_in(client)
    kept = client.cookies["sessionid"].value
    client.post("/sign-out/")
    thief = Client()
    thief.cookies["sessionid"] = kept
    assert thief.get("/account/").status_code == 302
    assert not StaffSession.objects.filter(key_hash=key_hash(kept)).exists()


def test_who_reads_the_table_of_sessions_cannot_come_in(client: Client, nuri: Staff) -> None:
    sign_in(client)
    row = StaffSession.objects.get(staff=nuri)
    for stolen in (row.key_hash, row.data):
        thief = Client()
        thief.cookies["sessionid"] = stolen
        assert thief.get("/account/").status_code == 302
    assert "127.0.0.1" not in str(list(StaffSession.objects.values()))


def test_sessions_end_when_idle_and_after_the_longest_time(client: Client, nuri: Staff) -> None:
    sign_in(client, HTTP_USER_AGENT="x")
    row = StaffSession.objects.get(staff=nuri)
    assert timedelta(minutes=59) < row.expires_at - row.seen_at <= timedelta(minutes=60)
    StaffSession.objects.filter(pk=row.pk).update(
        seen_at=row.seen_at - timedelta(minutes=2), expires_at=row.expires_at - timedelta(minutes=2)
    )
    assert client.get("/account/").status_code == 200
    used = StaffSession.objects.get(pk=row.pk)
    assert used.expires_at > row.expires_at - timedelta(seconds=30), "use puts the idle end off"
    StaffSession.objects.filter(pk=row.pk).update(
        started_at=row.started_at - timedelta(hours=11, minutes=50), seen_at=used.seen_at - timedelta(minutes=2)
    )
    assert client.get("/account/").status_code == 200
    assert StaffSession.objects.get(pk=row.pk).expires_at < used.seen_at + timedelta(minutes=11), "but not past the absolute end"
    StaffSession.objects.filter(pk=row.pk).update(expires_at=used.seen_at - timedelta(seconds=1))
    assert client.get("/account/").status_code == 302


def test_one_ends_ones_own_sessions_but_nobody_elses(client: Client, nuri: Staff) -> None:
    other, stranger = Client(), staff.add_staff.do(HOUSE, login="x", name="남").staff
    client.force_login(nuri)
    other.force_login(nuri)
    foreign = Client()
    foreign.force_login(stranger)
    theirs, mine = StaffSession.objects.get(staff=stranger), StaffSession.objects.filter(staff=nuri).order_by("-id")[0]
    assert client.post(f"/account/sessions/{theirs.pk}/end/").status_code == 404
    assert foreign.get("/account/").status_code == 200
    client.post(f"/account/sessions/{mine.pk}/end/")
    assert other.get("/account/").status_code == 302 and client.get("/account/").status_code == 200
    other.force_login(nuri)
    client.post("/account/sessions/end/")
    assert other.get("/account/").status_code == 302 and client.get("/account/").status_code == 200


def test_a_change_of_grants_gives_the_session_a_new_key(client: Client, nuri: Staff) -> None:
    person = staff.add_staff.do(HOUSE, login="x", name="남").staff
    client.force_login(person)
    before = client.cookies["sessionid"].value
    staff.grant.do(HOUSE, staff=person.pk, role="auditor", reason="감사")
    assert client.get("/account/").status_code == 200
    assert client.cookies["sessionid"].value != before
    thief = Client()
    thief.cookies["sessionid"] = before
    assert thief.get("/account/").status_code == 302


def test_cookies_are_bound_to_the_house(client: Client, nuri: Staff) -> None:
    cookie = sign_in(client).cookies["sessionid"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and not cookie["max-age"] and cookie["path"] == "/" and not cookie["domain"]


# ── what is closed ──


@pytest.mark.parametrize(
    "path", ["/accounts/signup/", "/account/signup/", "/account/email/", "/account/password/reset/", "/sign-up/", "/accounts/login/"]
)
def test_nobody_signs_up_and_no_mail_is_sent(client: Client, nuri: Staff, path: str) -> None:
    sign_in(client)
    assert client.get(path).status_code == 404


def test_attempts_are_kept_without_an_address(client: Client, nuri: Staff) -> None:
    sign_in(client, "wrong one here")
    sign_in(client)
    rows = list(SignInAttempt.objects.order_by("id").values())
    assert [(r["how"], r["outcome"], r["staff_id"]) for r in rows] == [("password", "wrong", nuri.pk), ("password", "ok", nuri.pk)]
    assert "127.0.0.1" not in str(rows) and rows[0]["address"] == rows[1]["address"]
    with clock.pinned(clock.now() + timedelta(days=1)):
        assert staff.throttle.address_mark("127.0.0.1") != rows[0]["address"], "another day, another mark"
