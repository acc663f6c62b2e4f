"""The door: who gets in, where they land, what a wrong word says, and which language they are spoken to."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from numaru.kernel import clock
from numaru.kernel.models import Staff

pytestmark = pytest.mark.django_db
SECRET = "한옥마루 창가 자리"


@pytest.fixture
def staff() -> Staff:
    person = Staff(login="nuri", name="한누리", created_at=clock.now())
    person.set_password(SECRET)
    person.save()
    return person


def sign_in(client: Client, **data: str) -> Any:
    return client.post("/sign-in/", {"username": "nuri", "password": SECRET, **data})


def test_the_right_pair_gets_in_whatever_the_case(client: Client, staff: Staff) -> None:
    answer = sign_in(client, username=" NURI ", next="/subscribers/?q=1")
    assert (answer.status_code, answer["Location"]) == (302, "/subscribers/?q=1")
    assert client.session["_auth_user_id"] == str(staff.pk)


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example", "http:///evil.example"]
)
def test_no_sign_in_sends_anyone_elsewhere(client: Client, staff: Staff, wanted: str) -> None:
    assert sign_in(client, next=wanted)["Location"] == "/"
    assert client.post("/preferences/", {"theme": "dark", "next": wanted})["Location"] == "/"


@pytest.mark.parametrize(("who", "word"), [("nuri", "wrong"), ("nobody", SECRET)])
def test_a_wrong_pair_is_422_and_says_the_same_for_every_cause(client: Client, staff: Staff, who: str, word: str) -> None:
    answer = sign_in(client, username=who, password=word)
    assert answer.status_code == 422 and "_auth_user_id" not in client.session
    page = answer.content.decode()
    assert "아이디 또는 비밀번호가 맞지 않습니다." in page and 'role="alert"' in page
    assert f'value="{who}"' in page and word not in page


def test_someone_who_left_does_not_get_in(client: Client, staff: Staff) -> None:
    Staff.objects.update(is_active=False)
    answer = sign_in(client)
    assert answer.status_code == 422 and "맞지 않습니다" in answer.content.decode()


def test_empty_fields_are_named_and_tied_to_their_words(client: Client) -> None:
    answer = client.post("/sign-in/", {"username": "", "password": ""})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count('aria-invalid="true"') == 2 and "2개 항목을 확인하십시오." in page
    for field in ("username", "password"):
        assert f'href="#id_{field}"' in page and f'aria-describedby="id_{field}_error"' in page and f'id="id_{field}_error"' in page


def test_every_page_asks_for_a_sign_in(client: Client) -> None:
    answer = client.get("/")
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/?next=/")
    part = client.get("/", headers={"HX-Request": "true"})
    assert part.status_code == 204 and part["HX-Redirect"] == "/sign-in/?next=/"  # the door is not swapped into a part of a page


def test_signing_out_is_a_post(client: Client, staff: Staff) -> None:
    client.force_login(staff)
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/")["Location"] == "/sign-in/"
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    ("browser", "cookie", "account", "spoken"),
    [
        ("", "", "", "ko"),
        ("en-GB,en;q=0.9", "", "", "en"),
        ("ko-KR,ko;q=0.9,en;q=0.8", "", "", "ko"),
        ("fr-FR,fr;q=0.9", "", "", "en"),
        ("fr, ko;q=0.5, en;q=0.4", "", "", "ko"),
        ("*", "", "", "ko"),
        ("ko", "en", "", "en"),
        ("ko", "xx", "", "ko"),
        ("ko", "en", "ko", "ko"),
    ],
)
def test_the_language_is_the_accounts_then_the_cookies_then_the_browsers(
    client: Client, staff: Staff, browser: str, cookie: str, account: str, spoken: str
) -> None:
    if cookie:
        client.cookies["django_language"] = cookie
    if account:
        Staff.objects.update(language=account)
        client.force_login(staff)
    answer = client.get("/no/such/page/", headers={"Accept-Language": browser} if browser else {})
    assert answer.status_code == 404
    assert f'<html lang="{spoken}"' in answer.content.decode() and answer["Content-Language"] == spoken


def test_a_preference_that_is_not_offered_changes_nothing(client: Client, staff: Staff) -> None:
    client.force_login(staff)
    answer = client.post("/preferences/", {"language": "fr", "theme": "pink", "keys": "maybe", "next": "/x/"})
    assert not {"django_language", "nm_theme", "nm_keys"} & set(answer.cookies)
    staff.refresh_from_db()
    assert staff.language == "ko"
    assert client.get("/preferences/").status_code == 405


def test_preferences_are_kept(client: Client) -> None:
    answer = client.post("/preferences/", {"language": "en", "theme": "dark", "keys": "off", "next": "/sign-in/"})
    assert answer["Location"] == "/sign-in/"
    page = client.get("/sign-in/").content.decode()
    assert '<html lang="en" data-bs-theme="dark" data-keys="off">' in page and "Sign in" in page


def test_a_form_without_its_token_changes_nothing_and_says_what_to_do(staff: Staff) -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/sign-in/", {"username": "nuri", "password": SECRET})
    assert answer.status_code == 403 and "양식이 오래되었습니다" in answer.content.decode()


def test_someone_without_a_role_is_told_so(client: Client, staff: Staff, settings: Any) -> None:
    client.force_login(staff)
    answer = client.get("/")
    assert answer.status_code == 200 and "볼 수 있는 업무실이 없습니다" in answer.content.decode()


def test_pages_carry_the_strict_policy_and_are_not_kept(client: Client) -> None:
    answer = client.get("/sign-in/")
    policy = answer["Content-Security-Policy"]
    assert "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert "no-store" in answer["Cache-Control"]
    page = answer.content.decode()
    assert " style=" not in page and "<script>" not in page and " onclick" not in page
