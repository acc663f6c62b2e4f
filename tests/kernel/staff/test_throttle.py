"""Gates against guessing: counted for all processes, the same for names that exist and names that do not."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import get_hasher
from django.db import connection
from django.test import Client

from numaru.kernel import clock
from numaru.kernel.access import Actor, new_token
from numaru.kernel.models import Staff
from numaru.kernel.retention import api as retention
from numaru.kernel.staff import api as staff
from numaru.kernel.staff import throttle
from numaru.kernel.staff.models import SignInAttempt, SignInGate

pytestmark = pytest.mark.django_db
SECRET = "한옥마루 창가 자리"
HOUSE = Actor.system("test")


def try_in(client: Client, login: str = "nuri", password: str = "아닌 비밀번호 입니다", address: str = "203.0.113.9") -> Any:
    return client.post("/sign-in/", {"username": login, "password": password}, REMOTE_ADDR=address)


@pytest.fixture
def nuri() -> Staff:
    return staff.add_staff.do(HOUSE, login="nuri", name="한누리", roles=["auditor"], password=SECRET).staff


@pytest.mark.parametrize("login", ["nuri", "nobody"])
def test_tries_are_free_then_slow_then_shut_and_say_the_same_for_every_name(client: Client, nuri: Staff, login: str) -> None:
    said: list[str] = []
    now = clock.now()
    with clock.pinned(now):
        for _ in range(6):
            answer = try_in(client, login)
            assert answer.status_code == 422 and "맞지 않습니다" in answer.content.decode()
        shut = try_in(client, login)
        assert shut.status_code == 422 and "2초 뒤에" in shut.content.decode()
        said.append(shut.content.decode().split("errsum")[1][:200])
    at, wait = now, 2
    for _ in range(3):
        at += timedelta(seconds=wait)
        wait *= 2
        with clock.pinned(at):
            assert "맞지 않습니다" in try_in(client, login).content.decode()
    at += timedelta(seconds=16)
    with clock.pinned(at):
        assert "맞지 않습니다" in try_in(client, login).content.decode()
        assert "15분 뒤에" in try_in(client, login).content.decode()
        assert "15분 뒤에" in try_in(client, login, SECRET).content.decode(), "the right word opens nothing while it is shut"
    with clock.pinned(at + timedelta(minutes=15, seconds=1)):
        assert try_in(client, login, SECRET).status_code == (302 if login == "nuri" else 422)


def test_an_administrator_opens_a_shut_gate(client: Client, nuri: Staff) -> None:
    boss = staff.add_staff.do(HOUSE, login="boss", name="관리", roles=["administrator"]).staff
    for _ in range(7):
        try_in(client)
    assert staff.locked(nuri)
    assert staff.unlock.do(boss.actor, staff=nuri.pk, reason="본인 확인") == 1
    assert not staff.locked(nuri) and try_in(client, password=SECRET).status_code == 302


def knock(login: str, tries: int = 51) -> None:
    """Wrong tries at a name from ever other places: only the gate for everywhere counts them."""
    for _ in range(tries):
        assert throttle.take(throttle.ACCOUNT, login) == 0


def test_a_stranger_shuts_a_name_where_they_stand_and_not_elsewhere(client: Client, nuri: Staff) -> None:
    for _ in range(7):
        try_in(Client())
    assert "초 뒤에" in try_in(Client(), password=SECRET).content.decode()
    assert staff.locked(nuri)
    assert try_in(client, password=SECRET, address="198.51.100.7").status_code == 302


@pytest.mark.parametrize("login", ["nuri", "nobody"])
def test_guessing_from_many_places_is_slowed_and_shut(nuri: Staff, login: str) -> None:
    now = clock.now()
    with clock.pinned(now):
        for n in range(3):
            try_in(Client(), login, address=f"198.51.100.{n}")
        knock(login, 48)
        assert "2초 뒤에" in try_in(Client(), login, address="192.0.2.1").content.decode()
    for _ in range(49):
        now += timedelta(minutes=15, seconds=1)
        with clock.pinned(now):
            knock(login, 1)
    with clock.pinned(now):
        assert "15분 뒤에" in try_in(Client(), login, SECRET, address="192.0.2.200").content.decode()


def test_a_browser_that_came_in_before_is_not_shut_out_by_strangers(client: Client, nuri: Staff) -> None:
    assert try_in(client, password=SECRET).status_code == 302
    client.post("/sign-out/")
    with clock.pinned(clock.now()):
        knock("nuri")
        assert "초 뒤에" in try_in(Client(), password=SECRET, address="192.0.2.1").content.decode()
        assert try_in(client, password=SECRET, address="192.0.2.1").status_code == 302
        client.post("/sign-out/")
        for _ in range(6):
            assert "맞지 않습니다" in try_in(client).content.decode()
        assert "2초 뒤에" in try_in(client, password=SECRET).content.decode(), "its own wrong tries count against it"
        assert staff.locked(nuri)
        boss = staff.add_staff.do(HOUSE, login="boss", name="관리", roles=["administrator"]).staff
        assert staff.unlock.do(boss.actor, staff=nuri.pk, reason="본인 확인") >= 2
        assert try_in(client, password=SECRET).status_code == 302


def test_the_mark_of_a_browser_is_of_one_account_signed_and_opens_nothing(client: Client, nuri: Staff) -> None:
    other = staff.add_staff.do(HOUSE, login="other", name="다른", roles=["auditor"], password=SECRET).staff
    assert other.pk
    try_in(client, password=SECRET)
    mark = client.cookies["known"]
    assert mark["httponly"] and mark["samesite"] == "Lax" and "nuri" not in mark.value
    only = Client()
    only.cookies["known"] = mark.value
    assert only.get("/account/").status_code == 302
    with clock.pinned(clock.now()):
        knock("other")
        for value in (mark.value, mark.value[:-2] + "xx", "[1,2]", ""):
            only.cookies["known"] = value
            assert "초 뒤에" in try_in(only, "other", SECRET, address="192.0.2.9").content.decode(), value


def test_a_wait_is_never_longer_than_a_lock(nuri: Staff) -> None:
    now = clock.now()
    for _ in range(59):
        with clock.pinned(now):
            assert throttle.take(throttle.ADDRESS, "x") == 0
            wait = throttle.wait(throttle.ADDRESS, "x")
            assert wait <= 15 * 60
        now += timedelta(seconds=wait)


def test_an_address_has_its_tries_across_names_and_one_right_word_does_not_clear_it(client: Client, nuri: Staff) -> None:
    for n in range(30):
        try_in(client, f"name{n}")
    assert try_in(Client(), password=SECRET).status_code == 302  # the try that is given back
    with clock.pinned(clock.now() + timedelta(seconds=1)):
        try_in(client, "name31")
        assert "초 뒤에" in try_in(client, "name32").content.decode()
        assert try_in(Client(), password=SECRET, address="198.51.100.7").status_code == 302, "another address is not held back"


def test_unknown_names_cost_the_same_hash(client: Client, nuri: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    hasher = type(get_hasher())
    real_encode, real_verify = hasher.encode, hasher.verify
    monkeypatch.setattr(hasher, "encode", lambda self, *a, **k: (hashed.append("encode"), real_encode(self, *a, **k))[1])
    monkeypatch.setattr(hasher, "verify", lambda self, *a, **k: (hashed.append("verify"), real_verify(self, *a, **k))[1])
    try_in(client, "nuri")
    known, hashed = list(hashed), hashed
    hashed.clear()
    try_in(client, "nobody")
    assert len(known) == len(hashed) == 1


def test_rows_hold_no_name_and_no_address(client: Client, nuri: Staff) -> None:
    try_in(client)
    try_in(client, "nobody", address="2001:db8:1:2:3::4")
    told = str(list(SignInGate.objects.values())) + str(list(SignInAttempt.objects.values()))
    assert not any(word in told for word in ("nuri", "nobody", "203.0.113", "2001:db8"))
    assert throttle.network("2001:db8:1:2:3::4") == throttle.network("2001:db8:1:2:ffff::1") == "2001:db8:1:2::/64"


def test_what_is_old_is_forgotten(client: Client, nuri: Staff) -> None:
    try_in(client)
    with clock.pinned(clock.now() + timedelta(days=366)):
        assert throttle.forget() == 3
        assert not SignInGate.objects.exists() and SignInAttempt.objects.exists(), "attempts are destroyed by retention alone"
        run = retention.execute("staff.attempts", clock.today(), HOUSE)
    assert run is not None and run.destroyed and not SignInAttempt.objects.exists()


def test_wrong_tokens_are_slowed_and_a_right_one_is_not(client: Client) -> None:
    good = staff.make_client.do(HOUSE, name="shop", roles=["auditor"]).token

    def call(token: str) -> int:
        return int(client.get("/api/v1/bill-runs", headers={"Authorization": f"Bearer {token}"}).status_code)

    assert [call(new_token()) for _ in range(31)] == [401] * 31
    assert call(new_token()) == 429 and call(good) == 200
    assert good not in str(list(SignInAttempt.objects.values()))


@pytest.mark.django_db(transaction=True)
def test_a_hundred_at_once_are_a_hundred_tries() -> None:
    got: list[int] = []

    def knock() -> None:
        got.append(throttle.take(throttle.PLACE, "nuri", "203.0.113.9"))
        connection.close()

    threads = [threading.Thread(target=knock) for _ in range(24)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sum(1 for seconds in got if seconds == 0) == 6, "five free and the one that shuts the gate"


@pytest.mark.django_db(transaction=True)
def test_a_code_is_accepted_once_by_all_processes_together() -> None:
    got: list[bool] = []

    def use() -> None:
        got.append(throttle.once(1, "123456"))
        connection.close()

    threads = [threading.Thread(target=use) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(got) == [False] * 7 + [True]
