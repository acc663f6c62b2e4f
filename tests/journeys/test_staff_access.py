"""One person's way through the house by its pages: joins, is given a role by two people, uses it, is reviewed, leaves and is out everywhere."""

from __future__ import annotations

import asyncio
import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.test import Client
from starlette.requests import Request

from numaru.config import stream
from numaru.kernel import live
from numaru.kernel.access import Actor
from numaru.kernel.models import AuditRecord, Staff
from numaru.kernel.staff import api as staff
from tests.domains.billing.world import World
from tests.screens import naru, shared  # noqa: F401

HOUSE = Actor.system("test")
SECRET = "달빛 아래 누마루 창가"
NEW = "아침 햇살 드는 대청마루"


def account(login: str, *roles: str) -> Client:
    """Somebody of the house who is signed in by the door, within the grace for a second factor."""
    staff.add_staff.do(HOUSE, login=login, name=login, roles=list(roles), password=SECRET)
    client = Client()
    assert client.post("/sign-in/", {"username": login, "password": SECRET}).status_code == 302
    return client


def text(answer: Any) -> str:
    return str(answer.content.decode())


def approve(client: Client, number: str) -> Any:
    """Look at a request and approve what is shown."""
    page = text(client.get(f"/approvals/{number}/"))
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen, page
    return client.post(f"/approvals/{number}/approve/", {"seen": seen[1]})


@pytest.mark.capability("PRO-12")
@pytest.mark.django_db
def test_from_joining_to_leaving(naru: World) -> None:  # noqa: F811
    boss, officer = account("boss", "administrator"), account("officer", "privacy_officer")
    card = f"/subscribers/{naru.subscriber('noeul').number}/"

    # joins with the basic role, and changes the password that somebody else chose
    page = text(boss.post("/access/staff/add/", {"login": "saebom", "name": "정새봄", "language": "ko"}))
    first = re.search(r'id="secret">([\w-]+)<', page)[1]  # type: ignore[index]
    joiner = Client()
    joiner.post("/sign-in/", {"username": "saebom", "password": first})
    assert joiner.get(card)["Location"] == "/account/password/"
    assert joiner.post("/account/password/", {"current": first, "password": NEW, "again": NEW}).status_code == 302
    assert joiner.get("/subscribers/").status_code == 403

    # a role is asked for, and counts when another approved it
    who = Staff.objects.get(login="saebom").pk
    asked = {"role": "subscriber_clerk", "scope": "", "until": "", "reason": "가입 업무를 맡음"}
    number = boss.post(f"/access/staff/{who}/roles/", asked)["Location"].strip("/").split("/")[-1]
    assert joiner.get("/subscribers/").status_code == 403
    assert boss.get(f"/approvals/{number}/").status_code == 200 and 'name="seen"' not in text(boss.get(f"/approvals/{number}/"))
    key_before = joiner.cookies["sessionid"].value
    assert approve(officer, number).status_code == 302
    assert joiner.get("/subscribers/").status_code == 200 and "이*을" in text(joiner.get(card))
    assert joiner.cookies["sessionid"].value != key_before
    history = text(boss.get(f"/access/staff/{who}/"))
    assert "가입 업무를 맡음" in history and number in history and "officer" in history and "boss" in history

    # an administrator and a support engineer open nothing; the clerk does, with a reason
    support = account("support", "support_engineer")
    for path in ("/subscribers/", card, f"{card}?open=phone", "/billing/invoices/"):
        told = support.get(path, headers={"HX-Request": "true"} if "open" in path else {})
        assert told.status_code in (403, 404) and "이*을" not in text(told) and "3302" not in text(told), path
    assert text(boss.get(f"{card}?open=phone", headers={"HX-Request": "true"})) != text(
        joiner.get(f"{card}?open=phone", headers={"HX-Request": "true"})
    )

    # reviewed: kept by the officer, who sees when it was last used
    review = officer.post("/access/reviews/open/")["Location"]
    page = text(officer.get(review))
    item = re.search(r"정새봄</a> · 가입 담당.*?/access/reviews/[\w-]+/(\d+)/", page, re.S)[1]  # type: ignore[index]
    assert officer.post(f"{review}{item}/", {"decision": "keep"}).status_code == 302
    assert "유지" in text(officer.get(review))

    # gets a key for a program, and asks for something
    request = (
        boss.post(f"/access/staff/{who}/roles/", asked | {"role": "administrator", "reason": "휴가 대신"})["Location"]
        .strip("/")
        .split("/")[-1]
    )
    approve(officer, request)
    key = (
        joiner.post("/access/clients/new/", {"name": "shop", "role": "auditor", "scope": "", "reason": "가게"})["Location"]
        .strip("/")
        .split("/")[-1]
    )
    approve(officer, key)
    client_page = re.search(r"/access/clients/(\d+)/", text(joiner.get("/access/clients/")))[0]  # type: ignore[index]
    token = re.search(r"nmk_[\w-]+", text(joiner.post(f"{client_page}rotate/", {"reason": "받기"})))[0]  # type: ignore[index]

    def call() -> int:
        return int(Client().get("/api/v1/bill-runs", headers={"Authorization": f"Bearer {token}"}).status_code)

    assert call() == 200
    target = Staff.objects.get(login="support").pk
    pending = joiner.post(f"/access/staff/{target}/roles/", asked | {"reason": "돕기"})["Location"].strip("/").split("/")[-1]

    # leaves: one action, and is out everywhere
    assert "API 키: 1건" in text(boss.get(f"/access/staff/{who}/leave/"))
    assert boss.post(f"/access/staff/{who}/leave/", {"reason": "퇴사"}).status_code == 302
    assert joiner.get("/subscribers/")["Location"].startswith("/sign-in/") and call() == 401
    assert Client().post("/sign-in/", {"username": "saebom", "password": NEW}).status_code == 422
    assert 'name="seen"' not in text(officer.get(f"/approvals/{pending}/"))
    record = AuditRecord.objects.get(action="staff.person.leave")
    assert record.reason == "퇴사" and record.after["stopped"]["clients"] == 1 and record.after["stopped"]["approvals"] == 1
    assert "차단됨" in text(boss.get(f"/access/staff/{who}/"))
    mine = Staff.objects.get(login="boss").pk
    assert text(officer.get(f"/access/staff/{mine}/leave/")).count("마지막 관리자입니다"), "the last administrator stays"


@pytest.mark.capability("PRO-12")
@pytest.mark.django_db(transaction=True)
def test_an_open_stream_closes_the_moment_its_person_is_cut_off() -> None:
    boss = staff.add_staff.do(HOUSE, login="boss", name="boss", roles=["administrator"]).staff
    people = [staff.add_staff.do(HOUSE, login=login, name=login).staff for login in ("leaver", "colleague")]
    cookies = []
    for person in people:
        client = Client()
        client.force_login(person)
        cookies.append(client.cookies["sessionid"].value)

    def request(cookie: str) -> Request:
        return Request(
            {
                "type": "http",
                "method": "GET",
                "path": "/events",
                "query_string": b"",
                "headers": [(b"cookie", f"sessionid={cookie}".encode())],
            }
        )

    async def listen() -> tuple[list[str], list[str]]:
        heard: tuple[list[str], list[str]] = ([], [])
        answers = [await stream.events(request(cookie)) for cookie in cookies]

        async def read(place: int) -> None:
            async for part in answers[place].body_iterator:  # type: ignore[attr-defined]
                heard[place].append(part)

        reading = [asyncio.create_task(read(place)) for place in (0, 1)]
        while not all(heard):
            await asyncio.sleep(0.01)
        await asyncio.to_thread(_cut)
        stream.fan.tell(json.dumps({"k": live.ACCESS, "id": str(people[0].pk)}))  # what the one LISTEN connection of the process hands on
        await asyncio.wait_for(reading[0], 5)
        stream.fan.tell('{"k": "run", "id": "1"}')
        while not any('"run"' in part for part in heard[1]):
            await asyncio.sleep(0.01)
        reading[1].cancel()
        return heard

    def _cut() -> None:
        from django.db import connection

        staff.cut_off.do(boss.actor, staff=people[0].pk, reason="퇴사")
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        ended, going = pool.submit(lambda: asyncio.run(asyncio.wait_for(listen(), 20))).result()
    assert len(ended) == 1, "it heard nothing after its beginning"
    assert not any("staff.access" in part for part in going), "pages are not told who was cut off"
