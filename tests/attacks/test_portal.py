"""The portal attacked: by nobody, by staff of every role, by another subscriber; guessed passwords and invitations, foreign forms, planted keys.

Knowing a number gives nothing: what is another's is told exactly as what does not exist.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import hashers
from django.test import Client, override_settings
from django.urls import reverse

from numaru.domains.billing import api as billing
from numaru.domains.subscribers import api as subscribers
from numaru.facilities.parties import api as parties
from numaru.facilities.parties.models import PortalAccount, PortalInvitation, PortalSession
from numaru.kernel import clock, policies
from numaru.kernel.access import ROLES, Actor
from numaru.kernel.errors import NotAllowed
from numaru.kernel.retention.models import SubjectRequest
from numaru.kernel.staff.models import SignInAttempt, SignInGate
from tests.attacks.conftest import SignIn, written
from tests.attacks.routes import PORTAL, ROUTES
from tests.attacks.test_markup import PAYLOADS, QUERY, look
from tests.attacks.test_queries import INJECTIONS, NONSENSE
from tests.attacks.test_reach import address, text
from tests.domains.billing.world import HOUSE, SLUG, World
from tests.screens import subscriber

ALL = sorted(name for name, route in ROUTES.items() if route.may == PORTAL)
READ = [name for name in ALL if not ROUTES[name].post]
POSTED = [name for name in ALL if ROUTES[name].post]
NUMBERED = [name for name in READ if ROUTES[name].args.__name__ in ("_who", "_bill")]
PASSWORD = "대청마루 끝 바람 소리"
PHONE, NAME = "010-1234-2201", "김하늘"
CLERK = Actor("staff", 5, "가입 담당", (("subscriber_clerk", None),))


def account(house: World, who: str = "haneul", password: str = PASSWORD) -> PortalAccount:
    """An account in use, with a password."""
    pk = parties.accounts.open_account.do(HOUSE, party=house.subscriber(who).party_id)
    row = PortalAccount.objects.get(pk=pk)
    row.password = hashers.make_password(password)
    row.save()
    return row


def invited(house: World, who: str = "haneul") -> str:
    return str(parties.accounts.invite.do(CLERK, party=house.subscriber(who).party_id, how="call", service=SLUG).code)


def enter(client: Client, who: str, password: str) -> Any:
    return client.post("/my/sign-in/", {"who": who, "password": password})


def start(client: Client, code: str, **more: str) -> Any:
    return client.post("/my/start/", {"code": code, "name": NAME, "contact": PHONE, "password": PASSWORD} | more)


def inside(client: Client) -> bool:
    return bool(client.get("/my/me/").status_code == 200)


# ── who reaches what ──


@pytest.mark.parametrize("name", ALL)
def test_neither_nobody_nor_staff_of_any_role_reaches_the_portal(name: str, house: World, sign_in: SignIn) -> None:
    path, route, before = address(name, house), ROUTES[name], None
    for client in (Client(), sign_in(*ROLES)):
        before = written()
        for method in ("get", "post", "put", "delete", "patch", "head", "options"):
            answer = getattr(client, method)(path)
            assert answer.status_code == 302 and answer["Location"].startswith("/my/sign-in/"), (method, answer.status_code)
            secret = route.secret(house)
            assert not secret or secret not in text(answer)
        assert written() == before


@pytest.mark.parametrize("name", READ)
def test_a_subscriber_reads_what_is_theirs(name: str, house: World) -> None:
    route = ROUTES[name]
    answer = subscriber(house, "haneul").get(address(name, house))
    assert answer.status_code == route.status
    assert route.secret(house) in text(answer)


@pytest.mark.parametrize("name", NUMBERED)
def test_somebody_elses_and_what_does_not_exist_are_told_alike(name: str, house: World) -> None:
    path = address(name, house)
    stranger = subscriber(house, "noeul")
    mine = house.subscriber("haneul").number
    hidden, missing = stranger.get(path), stranger.get(path.replace(mine, "S-9999999"))
    assert hidden.status_code == missing.status_code == 404
    assert ROUTES[name].secret(house) not in text(hidden).replace(path, "")

    def blank(answer: Any) -> str:
        return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"|value="/my/[^"]*"', "", text(answer))

    assert blank(hidden) == blank(missing)


def test_anothers_bill_under_ones_own_number_is_not_found(house: World) -> None:
    """Numbers of bills follow each other: each of the house's is tried under the number that is the reader's own."""
    client, mine = subscriber(house, "noeul"), house.subscriber("noeul").number
    own = {b.number for b in billing.own.bills(house.subscriber("noeul").party_id, house.contract("noeul").service_id)}
    for series in ("R2026-08", "R2026-09"):
        for n in range(1, 8):
            number = f"{series}-{n:06d}"
            for tail in ("/", "/pdf"):
                status = client.get(f"/my/{mine}/bills/{number}{tail}").status_code
                assert status == (200 if number in own else 404), (number, tail)
    assert own


def test_a_portal_session_opens_nothing_of_the_console_nor_of_the_api(house: World) -> None:
    client = subscriber(house, "haneul")
    for path in ("/", "/subscribers/", "/billing/invoices/R2026-09-000001/", "/account/"):
        assert client.get(path).status_code == 302 and client.get(path)["Location"].startswith("/sign-in/")
    assert client.get("/api/v1/invoices/R2026-09-000001").status_code == 401
    key = client.cookies[settings.PORTAL_COOKIE_NAME].value
    forged = Client()
    forged.cookies[settings.SESSION_COOKIE_NAME] = key
    assert forged.get("/subscribers/").status_code == 302
    client.logout()


def test_the_key_of_a_staff_session_is_nobody_here(house: World, sign_in: SignIn) -> None:
    staff = sign_in(*ROLES)
    forged = Client()
    forged.cookies[settings.PORTAL_COOKIE_NAME] = staff.cookies[settings.SESSION_COOKIE_NAME].value
    assert not inside(forged)


def test_a_subscriber_has_no_permission_but_their_own(house: World) -> None:
    from numaru.kernel.access import permissions

    actor = Actor("portal", 1, "x", (), house.subscriber("haneul").party_id)
    for name, one in permissions:
        assert actor.may(name) == actor.may(name, SLUG) == actor.may_somewhere(name) == one.own, name
        assert not one.own or not one.roles
        assert not one.own or not any(Actor("staff", 1, "x", ((role, None),)).may(name) for role in ROLES), name
        assert actor.services(name) == frozenset()


def test_sessions_and_requests_of_others_are_told_as_missing(house: World) -> None:
    mine, other = subscriber(house, "haneul"), subscriber(house, "noeul")
    theirs = PortalSession.objects.get(account__party=house.subscriber("noeul").party_id)
    assert mine.post(f"/my/me/sessions/{theirs.pk}/end/").status_code == 404
    assert PortalSession.objects.filter(pk=theirs.pk).exists()
    assert other.post("/my/me/requests/", {"kind": "access"}).status_code == 302
    asked = SubjectRequest.objects.get(person=house.subscriber("noeul").party_id)
    assert mine.post(f"/my/me/requests/{asked.number}/withdraw/").status_code == 404
    asked.refresh_from_db()
    assert asked.state == "verified"


def test_nobody_but_the_house_comes_in_without_a_password(house: World) -> None:
    with pytest.raises(NotAllowed):
        subscribers.portal_session_for(house.subscriber("haneul").number, as_house=CLERK)
    assert not PortalAccount.objects.exists()


# ── guessing ──


def test_every_cause_of_a_wrong_sign_in_is_told_alike(house: World) -> None:
    account(house)
    account(house, "noeul")
    PortalAccount.objects.filter(party=house.subscriber("noeul").party_id).update(state="ended")
    told = set()
    for who, password in (
        (PHONE, "틀린 비밀번호"),
        ("010-9999-9999", PASSWORD),
        ("haneul@naru.kr", "x"),
        ("nobody", "x"),
        ("010-5678-3302", PASSWORD),
    ):
        answer = enter(Client(), who, password)
        assert answer.status_code == 422
        told.add(re.sub(r'value="[^"]*"', "", text(answer)))
    assert len(told) == 1


def test_an_unknown_number_costs_the_same_work_as_a_known_one(house: World, monkeypatch: pytest.MonkeyPatch) -> None:
    account(house)
    done: list[str] = []
    hasher = type(hashers.get_hasher())
    for what in ("encode", "verify"):
        real = getattr(hasher, what)
        monkeypatch.setattr(hasher, what, lambda self, *a, real=real, **k: (done.append("hash"), real(self, *a, **k))[1])
    counts = {}
    for who in (PHONE, "haneul@naru.kr", "010-9999-9999", "nobody"):
        done.clear()
        enter(Client(), who, "틀린 비밀번호")
        counts[who] = len(done)
    assert set(counts.values()) == {1}, counts


def test_guessing_shuts_the_number_there_and_its_owner_elsewhere_comes_in(house: World) -> None:
    account(house)
    for _ in range(12):
        assert enter(Client(REMOTE_ADDR="10.1.0.1"), PHONE, "틀린 비밀번호").status_code == 422
    assert enter(Client(REMOTE_ADDR="10.1.0.1"), PHONE, PASSWORD).status_code == 422, "even the right word waits there"
    assert enter(Client(REMOTE_ADDR="10.2.0.1"), PHONE, PASSWORD).status_code == 302


def test_guessing_from_many_places_ends_at_the_number_known_or_not(house: World) -> None:
    account(house)
    free = int(policies.value("access.name_free_tries", clock.today()))
    for who in (PHONE, "010-9999-9999"):
        for turn in range(free + 2):
            enter(Client(REMOTE_ADDR=f"10.3.{turn}.1"), who, "틀린 비밀번호")
    late = [text(enter(Client(REMOTE_ADDR="10.200.0.1"), who, PASSWORD)) for who in (PHONE, "010-9999-9999")]
    assert all("초 뒤에" in answer for answer in late)


def test_what_is_tried_stands_nowhere_in_the_clear(house: World) -> None:
    account(house)
    enter(Client(), PHONE, "틀린 비밀번호")
    assert "2201" not in " ".join([*SignInGate.objects.values_list("key", flat=True), *SignInAttempt.objects.values_list("how", flat=True)])
    assert account(house).password.startswith("argon2$argon2id$")
    session = PortalSession.objects.create(
        account=account(house), key_hash="x", started_at=clock.now(), seen_at=clock.now(), expires_at=clock.now()
    )
    assert "password" not in {f.name for f in session._meta.fields}


# ── invitations ──


def test_an_invitation_works_once_for_its_person_alone(house: World) -> None:
    code = invited(house)
    for more in ({"name": "이노을"}, {"contact": "010-5678-3302"}, {"contact": "2201"}, {"code": "0000-0000-0000"}):
        assert start(Client(), **({"code": code} | more)).status_code == 422
    client = Client()
    assert start(client, code.lower().replace("-", " ")).status_code == 302 and inside(client)
    assert start(Client(), code).status_code == 422, "it is used"
    assert enter(Client(), PHONE, PASSWORD).status_code == 302 and enter(Client(), "Haneul@Naru.KR", PASSWORD).status_code == 302


def test_five_wrong_tries_end_an_invitation_wherever_they_come_from(house: World) -> None:
    code = invited(house)
    for turn in range(5):
        assert start(Client(REMOTE_ADDR=f"10.4.{turn}.1"), code, contact=f"010-0000-000{turn}").status_code == 422
    assert start(Client(REMOTE_ADDR="10.5.0.1"), code).status_code == 422
    assert PortalInvitation.objects.get().tries == 5 and not PortalAccount.objects.exists()


def test_an_invitation_ends_with_its_hours_and_with_a_newer_one(house: World) -> None:
    from datetime import timedelta

    first = invited(house)
    second = invited(house)
    assert start(Client(), first).status_code == 422
    with clock.pinned(clock.now() + timedelta(hours=73)):
        assert start(Client(), second).status_code == 422
    with clock.pinned(clock.now() + timedelta(hours=71)):
        assert start(Client(), second).status_code == 302


def test_a_page_of_a_code_tells_nothing_of_it(house: World) -> None:
    code = invited(house)
    right, wrong = Client().get(f"/my/start/{code}/"), Client().get("/my/start/0000-0000-0000/")
    blank = re.compile(r'value="[^"]*"')
    assert blank.sub("", text(right)) == blank.sub("", text(wrong)) and "김" not in text(right)
    assert code not in str(list(PortalInvitation.objects.values_list("code_hash", flat=True)))


def test_a_weak_password_is_refused_before_the_invitation_is_touched(house: World) -> None:
    code = invited(house)
    for weak in ("short", "password123", "qwertyuiop", "x01012342201x"):
        assert start(Client(), code, password=weak).status_code == 422, weak
    assert PortalInvitation.objects.get().tries == 0 and start(Client(), code).status_code == 302


# ── sessions and forms ──


def test_a_key_planted_before_sign_in_is_worth_nothing_afterwards(house: World) -> None:
    account(house)
    victim = Client()
    victim.cookies[settings.PORTAL_COOKIE_NAME] = "planted-by-somebody-else-0123456789"
    assert enter(victim, PHONE, PASSWORD).status_code == 302
    assert victim.cookies[settings.PORTAL_COOKIE_NAME].value != "planted-by-somebody-else-0123456789"


@pytest.mark.parametrize("key", ["a" * 43, "x", "../../etc/passwd", "' OR 1=1 --", "%00" * 12, "\xe9" * 40, "0" * 5000])
def test_an_invented_key_is_nobody_and_breaks_nothing(house: World, key: str) -> None:
    answer = Client().get("/my/me/", headers={"Cookie": f"{settings.PORTAL_COOKIE_NAME}={key}"})
    assert answer.status_code == 302 and answer["Location"].startswith("/my/sign-in/")


def test_signing_out_and_a_new_password_end_sessions_on_the_server(house: World) -> None:
    account(house)
    here, there = Client(), Client()
    for client in (here, there):
        enter(client, PHONE, PASSWORD)
    stolen = there.cookies[settings.PORTAL_COOKIE_NAME].value
    assert here.post("/my/me/password/", {"present": "아니다", "password": "새로운 마루 아래 그늘"}).status_code == 422 and inside(there)
    assert here.post("/my/me/password/", {"present": PASSWORD, "password": "새로운 마루 아래 그늘"}).status_code == 302
    thief = Client()
    thief.cookies[settings.PORTAL_COOKIE_NAME] = stolen
    assert inside(here) and not inside(thief)
    last = here.cookies[settings.PORTAL_COOKIE_NAME].value
    assert here.post("/my/sign-out/").status_code == 302
    thief.cookies[settings.PORTAL_COOKIE_NAME] = last
    assert not inside(thief) and enter(Client(), PHONE, PASSWORD).status_code == 422


def test_an_ended_account_is_out_at_the_next_request(house: World) -> None:
    client = subscriber(house, "haneul")
    assert inside(client)
    assert parties.accounts.end_account.do(CLERK, party=house.subscriber("haneul").party_id, service=SLUG, reason="분실") == 1
    assert not inside(client)


def test_sessions_end_when_idle_and_after_the_longest_time(house: World) -> None:
    from datetime import timedelta

    client = subscriber(house, "haneul")
    row = PortalSession.objects.get()
    idle, longest = (int(policies.value(key, clock.today())) for key in ("portal.session_idle_minutes", "portal.session_hours"))
    assert row.expires_at - row.seen_at == timedelta(minutes=idle)
    PortalSession.objects.update(started_at=row.started_at - timedelta(hours=longest), seen_at=row.seen_at - timedelta(minutes=2))
    assert inside(client), "the use was noted by this request"
    assert not inside(client)


@pytest.mark.parametrize(
    "name", [*[n for n in ALL if ROUTES[n].post], "portal:password", "portal:sign-in", "portal:start", "portal:prefer"]
)
def test_a_form_of_another_site_changes_nothing(name: str, house: World) -> None:
    signed = subscriber(house, "haneul")
    client = Client(enforce_csrf_checks=True)
    client.cookies.update(signed.cookies)
    before = written()
    for token in ("", "x" * 64):
        form = ROUTES[name].form(house) | ({"csrfmiddlewaretoken": token} if token else {})
        for headers in ({}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
            answer = client.post(address(name, house), form, headers=headers)
            assert answer.status_code == 403 and "양식이 오래되었습니다" in text(answer), (name, headers)
    assert written() == before


@pytest.mark.parametrize("name", POSTED)
def test_changes_are_not_made_by_reading(name: str, house: World) -> None:
    client = subscriber(house, "haneul")
    before = written()
    assert {client.get(address(name, house)).status_code, client.head(address(name, house)).status_code} == {405}
    assert written() == before


def test_cookies_are_for_this_house_alone(house: World) -> None:
    account(house)
    client = Client()
    enter(client, PHONE, PASSWORD)
    cookie = client.cookies[settings.PORTAL_COOKIE_NAME]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and not cookie["domain"] and cookie["path"] == "/" and not cookie["max-age"]
    assert len(cookie.value) >= 43
    with override_settings(SESSION_COOKIE_SECURE=True, PORTAL_COOKIE_NAME="__Host-portal"):
        tls = Client()
        tls.post("/my/sign-in/", {"who": PHONE, "password": PASSWORD}, secure=True)
        assert tls.cookies["__Host-portal"]["secure"]


@pytest.mark.parametrize(
    "wanted", ["//evil.example", "/\\evil.example", "https://evil.example/my/", "/subscribers/", "/my/../subscribers/", "javascript:1"]
)
def test_no_next_leads_out_of_the_portal(wanted: str, house: World) -> None:
    account(house)
    for answer in (
        Client().post("/my/sign-in/", {"who": PHONE, "password": PASSWORD, "next": wanted}),
        Client().post("/my/preferences/", {"theme": "dark", "next": wanted}),
    ):
        assert answer.status_code == 302 and answer["Location"] == "/my/"


@pytest.mark.parametrize("name", READ)
def test_every_page_is_private_and_framed_by_nobody_else(name: str, house: World) -> None:
    answer = subscriber(house, "haneul").get(address(name, house))
    policy = answer["Content-Security-Policy"]
    framed = name == "portal:ask"  # the widget may stand in a page of this house
    assert "unsafe" not in policy and "object-src 'none'" in policy and f"frame-ancestors {"'self'" if framed else "'none'"}" in policy
    assert answer["X-Frame-Options"] == ("SAMEORIGIN" if framed else "DENY")
    assert answer.status_code == 302 or "no-store" in answer["Cache-Control"]


@pytest.mark.slow
@pytest.mark.parametrize("name", READ)
def test_nothing_in_an_address_becomes_markup_or_breaks_a_page(name: str, house: World) -> None:
    client, path = subscriber(house, "haneul"), address(name, house)
    values = [*PAYLOADS, *INJECTIONS, *[v for v in NONSENSE if "\0" not in v]]
    for turn in range(0, len(values), 4):
        given = {key: values[(turn + place) % len(values)] for place, key in enumerate([*QUERY, "in", "done", "q"])}
        answer = client.get(path, given, headers={"HX-Request": "true"} if turn % 8 else {})
        assert answer.status_code < 500, (given, answer.status_code)
        if "html" in answer.get("Content-Type", ""):
            look(answer)


def test_a_number_in_a_path_is_only_a_number(house: World) -> None:
    from urllib.parse import quote

    client = subscriber(house, "haneul")
    for value in [*INJECTIONS, *NONSENSE]:
        for path in (f"/my/{quote(value, safe='')}/", f"/my/{house.subscriber('haneul').number}/bills/{quote(value, safe='')}/"):
            assert client.get(path).status_code in (301, 302, 400, 404), path


def test_the_portal_opens_nothing(house: World) -> None:
    """Every page of it is made without one opening: a stolen session yields masked forms alone."""
    from numaru.kernel.vault.models import VaultOpening

    client = subscriber(house, "haneul")
    paths = {name: address(name, house) for name in READ}  # a message was sent for one of them, which opened a name
    before = VaultOpening.objects.count()
    for name, path in paths.items():
        shown = text(client.get(path))
        assert "김하늘" not in shown and "1234-2201" not in shown and "haneul@naru.kr" not in shown, name
    shown = text(client.get(reverse("portal:ask") + "?q=bill&q=why&q=next&q=plan&q=seen"))
    assert "김하늘" not in shown and VaultOpening.objects.count() == before
