"""The door of the console attacked: guessed passwords, foreign and old sessions, forged forms, redirects elsewhere, invented headers."""

from __future__ import annotations

import re
import statistics
import time
from importlib import import_module
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.conf import settings
from django.contrib.auth import hashers
from django.test import Client, override_settings

from numaru.kernel import clock, policies
from numaru.kernel.access import ROLES
from numaru.kernel.models import Staff
from tests.attacks.conftest import SignIn, staff, written
from tests.attacks.routes import OPEN, ROUTES, walk
from tests.attacks.test_reach import address
from tests.domains.billing.world import World

PASSWORD = "열려라 참깨 열려라"
WRONG = "틀린 비밀번호입니다"


def person(login: str = "gildong", *roles: str, active: bool = True) -> Staff:
    found = staff(*roles, login=login)
    found.set_password(PASSWORD)
    found.is_active = active
    found.save()
    return found


def enter(client: Client, login: str, password: str, **more: str) -> Any:
    return client.post("/sign-in/", {"username": login, "password": password, **more})


def inside(client: Client) -> bool:
    return "_auth_user_id" in client.session


# ── guessing ──


def test_a_wrong_name_a_wrong_password_and_a_closed_account_are_told_alike(house: World) -> None:
    person()
    person("closed", active=False)
    told = set()
    for login, password in (("gildong", WRONG), ("nobody", WRONG), ("closed", PASSWORD), ("closed", WRONG)):
        answer = enter(Client(), login, password)
        assert answer.status_code == 422
        text = re.sub(r'value="[^"]*"', "", answer.content.decode()).replace(login, "#")
        told.add(text)
    assert len(told) == 1


def test_an_unknown_name_costs_the_same_work_as_a_known_one(house: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted, not timed: each try computes one argon2 hash, whether the name exists or not."""
    person()
    person("closed", active=False)
    done: list[str] = []
    hasher = type(hashers.get_hasher())
    real = hasher.encode
    monkeypatch.setattr(hasher, "encode", lambda self, *a, **k: (done.append("hash"), real(self, *a, **k))[1])
    real_verify = hasher.verify
    monkeypatch.setattr(hasher, "verify", lambda self, *a, **k: (done.append("hash"), real_verify(self, *a, **k))[1])
    counts = {}
    for login in ("gildong", "nobody", "closed"):
        done.clear()
        enter(Client(), login, WRONG)
        counts[login] = len(done)
    assert set(counts.values()) == {1}, counts


def test_the_times_of_known_and_unknown_names_do_not_part(house: World) -> None:
    """Interleaved tries, medians, a generous bound: the difference is far below the work of one hash."""
    person()
    spent: dict[str, list[float]] = {"gildong": [], "nobody": []}
    for turn in range(6):
        for login in spent:
            began = time.perf_counter()
            enter(Client(REMOTE_ADDR=f"10.0.{turn}.{len(login)}"), f"{login}" if login == "gildong" else f"{login}{turn}", WRONG)
            spent[login].append(time.perf_counter() - began)
    known, unknown = (statistics.median(spent[login][1:]) for login in ("gildong", "nobody"))
    assert 0.4 < known / unknown < 2.5, spent


def test_passwords_are_kept_as_argon2(house: World) -> None:
    assert person().password.startswith("argon2$argon2id$")


def test_guessing_from_one_place_shuts_the_name_there_and_nobody_else_out(house: World) -> None:
    person()
    person("other")
    for _ in range(12):
        assert enter(Client(REMOTE_ADDR="10.1.0.1"), "gildong", WRONG).status_code == 422
    late = Client(REMOTE_ADDR="10.1.0.1")
    assert enter(late, "gildong", PASSWORD).status_code == 422 and not inside(late), "even the right word waits there"
    colleague, owner = Client(REMOTE_ADDR="10.1.0.1"), Client(REMOTE_ADDR="10.2.0.1")
    assert enter(colleague, "other", PASSWORD).status_code == 302 and inside(colleague)
    assert enter(owner, "gildong", PASSWORD).status_code == 302 and inside(owner), "whoever only knows a name does not shut its owner out"


def test_guessing_from_many_places_ends_at_the_name(house: World) -> None:
    """A hundred machines with one name: after the tries that are free from everywhere (policy) the right word waits from any new place."""
    person()
    free = int(policies.value("access.name_free_tries", clock.today()))
    for turn in range(free + 2):
        assert enter(Client(REMOTE_ADDR=f"10.{1 + turn // 200}.{turn % 200}.1"), "gildong", WRONG).status_code == 422
    late = Client(REMOTE_ADDR="10.200.0.1")
    assert enter(late, "gildong", PASSWORD).status_code == 422 and not inside(late)


# ── sessions ──


def test_a_session_planted_before_sign_in_is_worth_nothing_afterwards(house: World) -> None:
    person()
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store["planted"] = "by the attacker"
    store.save()
    victim = Client()
    victim.cookies[settings.SESSION_COOKIE_NAME] = store.session_key
    assert enter(victim, "gildong", PASSWORD).status_code == 302 and inside(victim)
    assert victim.cookies[settings.SESSION_COOKIE_NAME].value != store.session_key
    attacker = Client()
    attacker.cookies[settings.SESSION_COOKIE_NAME] = store.session_key
    assert not inside(attacker) and attacker.get("/subscribers/").status_code == 302


@pytest.mark.parametrize("key", ["a" * 32, "x", "../../etc/passwd", "' OR 1=1 --", '"\\000aaaaaaaaaa"', "%00" * 12, "\xe9" * 40])
def test_an_invented_session_is_nobody_and_breaks_nothing(house: World, key: str) -> None:
    answer = Client().get("/subscribers/", headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={key}"})
    assert answer.status_code == 302 and answer["Location"].startswith("/sign-in/")


def test_signing_out_kills_the_session_on_the_server(house: World, sign_in: SignIn) -> None:
    client = sign_in("administrator")
    stolen = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert client.get("/subscribers/").status_code == 200
    assert client.get("/sign-out/").status_code == 405 and inside(client)
    client.post("/sign-out/")
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = stolen
    assert thief.get("/subscribers/").status_code == 302 and not inside(thief)


def test_who_is_closed_is_out_at_the_next_request(house: World, sign_in: SignIn) -> None:
    client = sign_in("administrator")
    assert client.get("/subscribers/").status_code == 200
    Staff.objects.filter(pk=client.session["_auth_user_id"]).update(is_active=False)
    assert client.get("/subscribers/").status_code == 302


def test_a_changed_password_ends_the_sessions_that_were_opened_with_the_old_one(house: World) -> None:
    found, client = person("gildong", "administrator"), Client()
    enter(client, "gildong", PASSWORD)
    assert inside(client)
    found.set_password("아주 다른 비밀번호 하나")
    found.save()
    assert client.get("/subscribers/").status_code == 302


def test_cookies_are_for_this_house_alone(house: World) -> None:
    person()
    client = Client()
    client.get("/sign-in/")
    enter(client, "gildong", PASSWORD)
    session = client.cookies[settings.SESSION_COOKIE_NAME]
    assert session["httponly"] and session["samesite"] == "Lax" and not session["domain"] and session["path"] == "/"
    assert client.cookies[settings.CSRF_COOKIE_NAME]["samesite"] == "Lax"
    assert len(session.value) >= 32


# ── forged requests ──


CHANGING = sorted(name for name, route in ROUTES.items() if route.change or name in ("console:prefer", "console:sign-out"))


@pytest.mark.parametrize("name", CHANGING)
@pytest.mark.parametrize("token", ["", "x" * 64])
def test_a_form_of_another_site_changes_nothing(name: str, token: str, house: World, sign_in: SignIn) -> None:
    path = address(name, house)
    signed = sign_in(*ROLES)
    client = Client(enforce_csrf_checks=True)
    client.cookies.update(signed.cookies)
    before = written()
    form = ROUTES[name].form(house) | ({"csrfmiddlewaretoken": token} if token else {})
    for headers in ({}, {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Referer": "https://evil.example/"}):
        answer = client.post(path, form, headers=headers)
        assert answer.status_code == 403, (name, headers, answer.status_code)
    assert written() == before and inside(client)


def test_every_page_that_takes_a_post_is_protected() -> None:
    open_ones = {name for name, pattern, path in walk() if not path.startswith("api/") and getattr(pattern.callback, "csrf_exempt", False)}
    # RFC 8058: mail programs post to the link of a message; whoever knows the link is let in, and it only ever stops messages
    assert open_ones == {"portal:stop"}


def test_nobody_is_signed_in_as_somebody_else_by_a_foreign_form(house: World) -> None:
    person()
    client = Client(enforce_csrf_checks=True)
    assert enter(client, "gildong", PASSWORD).status_code == 403 and not inside(client)


# ── redirects ──

ELSEWHERE = [
    "//evil.example", "///evil.example", "////evil.example", "\\\\evil.example", "/\\evil.example", "\\/evil.example", "http:evil.example",
    "http://evil.example", "https://evil.example/", "HTTPS://evil.example", "javascript:alert(1)", "data:text/html,x", "vbscript:x",
    "http:///evil.example", "/\t/evil.example", "/\n/evil.example", "\t//evil.example", " //evil.example", "/%09/evil.example/../..//x",
    "http://testserver@evil.example/", "http://testserver.evil.example/", "//testserver\\@evil.example", "ⓔvil.example//", "//ⓔvil.example",
    "//%65vil.example", "/ok\r\nSet-Cookie: a=b", "///testserver@evil.example", "\x08//evil.example", "/\u200b/evil.example",
]  # fmt: skip


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_no_next_leads_elsewhere(wanted: str, house: World) -> None:
    person("gildong", "administrator")
    for where in ("form", "query"):
        client = Client()
        path = "/sign-in/" if where == "form" else "/sign-in/?next=" + "".join(f"%{b:02X}" for b in wanted.encode())
        answer = client.post(path, {"username": "gildong", "password": PASSWORD} | ({"next": wanted} if where == "form" else {}))
        _here(answer)
        _here(client.post("/preferences/", {"theme": "dark", "next": wanted}))
        _here(client.get(path))


def _here(answer: Any) -> None:
    """A redirect stays in this house, as every browser reads it: tabs and line ends left out, backslashes as slashes."""
    if answer.status_code == 400:
        return
    where = answer.get("Location", "/")
    assert not {"\r", "\n", "\t"} & set(where)
    seen = urlsplit(urljoin("http://testserver/sign-in/", where.strip(" \x00\x08").replace("\\", "/")))
    assert (seen.scheme, seen.netloc) == ("http", "testserver"), where


# ── headers that a sender invents ──


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "testserver:80@evil.example", "testserver/evil", "a b", ""])
def test_an_unknown_host_is_refused_in_words(house: World, host: str) -> None:
    answer = Client().get("/sign-in/", headers={"Host": host})
    assert answer.status_code == 400 and "evil" not in answer.content.decode() and "</html>" in answer.content.decode()


@pytest.mark.parametrize("name", ["X-Forwarded-Host", "X-Host", "X-Forwarded-Server", "Forwarded", "X-Original-URL", "X-Rewrite-URL"])
def test_nothing_is_built_from_headers_that_anyone_can_send(house: World, sign_in: SignIn, name: str) -> None:
    for value in ("evil.example", "host=evil.example", "/billing/runs/"):
        answer = sign_in().get("/sign-in/", headers={name: value}, follow=True)
        assert "evil" not in answer.content.decode() and "evil" not in answer.get("Location", "")
        assert Client().get("/billing/runs/", headers={name: value}).status_code == 302


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"])
def test_a_method_can_not_be_overridden(house: World, sign_in: SignIn, name: str) -> None:
    client, before = sign_in(*ROLES), written()
    path = address("imports:go", house)
    assert client.get(path, headers={name: "POST"}).status_code == 405
    assert client.get(f"{path}?_method=POST").status_code == 405
    assert written() == before


def test_a_name_given_twice_never_mixes_two_answers(house: World, sign_in: SignIn) -> None:
    """Django takes the last; what is checked is what is used."""
    client = sign_in("billing_clerk", service="another-service")
    form = "service=another-service&service=naru-video&period=2026-10"
    before = written()
    assert client.post("/billing/runs/new/?service=another-service", form, "application/x-www-form-urlencoded").status_code == 422
    assert client.post("/billing/runs/new/?service=naru-video", "period=2026-10", "application/x-www-form-urlencoded").status_code == 422
    assert written() == before


# ── what every answer carries ──


SECRET = {"account_link", "portal:stop"}  # whoever has the address is let in: it is told to nobody


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_every_page_is_private_unframed_and_without_inline_script(name: str, house: World, sign_in: SignIn) -> None:
    answer = sign_in(*ROLES).get(address(name, house)) if ROUTES[name].may != OPEN else Client().get(address(name, house))
    policy = answer.get("Content-Security-Policy", "")
    assert "unsafe" not in policy and "object-src 'none'" in policy and "base-uri 'none'" in policy and "frame-ancestors 'none'" in policy
    assert answer["X-Frame-Options"] == "DENY" and answer["X-Content-Type-Options"] == "nosniff"
    kept = "no-referrer" if name in SECRET and answer.status_code == 200 else "same-origin"
    assert answer["Referrer-Policy"] == kept and answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in answer and "Server" not in answer and "X-Powered-By" not in answer
    if answer.status_code == 200:
        assert "no-store" in answer["Cache-Control"], answer.get("Cache-Control")


def test_behind_tls_cookies_never_travel_without_it(house: World) -> None:
    person()
    with override_settings(SESSION_COOKIE_SECURE=True, CSRF_COOKIE_SECURE=True):
        client = Client()
        client.get("/sign-in/", secure=True)
        client.post("/sign-in/", {"username": "gildong", "password": PASSWORD}, secure=True)
    assert all(client.cookies[name]["secure"] for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME))
    assert clock.now()
