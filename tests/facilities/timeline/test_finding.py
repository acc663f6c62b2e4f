"""Finding on a line of time: words, a day, and how much of it is out of sight."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from numaru.facilities.timeline import api as timeline
from numaru.facilities.timeline import reads
from numaru.kernel.access import Actor
from tests.domains.billing.world import HOUSE, SLUG, World, at
from tests.facilities.timeline.test_timeline import entry
from tests.screens import SignIn, naru, shared, sign_in  # noqa: F401

SOMEBODY = 70_007
SAYING = {"said": "yes", "purpose": "advertising", "way": "portal", "by": "self"}
PART = {"HX-Request": "true"}
CLERK = Actor("staff", 7, "청구 담당", (("billing_clerk", SLUG),))
NOBODY = Actor("staff", 9, "기본", (("basic", None),))


def told(html: str) -> list[str]:
    return re.findall(r"<div><b>([^<]+)</b>", html.split('id="journey"')[-1])


def fields(count: int, start: int = 0) -> list[timeline.New]:
    """Corrections, each tenth of the e-mail address, a minute apart."""
    return [entry(n, party=SOMEBODY, data={"field": "email" if n % 10 == 0 else "phone"}) for n in range(start, start + count)]


# ── words ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
@pytest.mark.parametrize("size", [1, 3, 40])
def test_a_search_finds_each_line_once_and_says_how_many_it_looked_through(size: int) -> None:
    timeline.add(fields(90))
    seen: list[int | None] = []
    looked, place = 0, None
    while True:
        found = timeline.search(HOUSE, [timeline.person(SOMEBODY)], "정정 전자우편", before=place, size=size, most=25)
        seen += [h.entry for h in found.happened]
        looked, place = looked + found.looked, found.before
        assert found.looked <= 25
        if place is None:
            break
    assert (len(seen), len(set(seen)), looked) == (9, 9, 90)
    assert timeline.search(HOUSE, [timeline.person(SOMEBODY)], "  ").happened == []
    assert timeline.search(HOUSE, [timeline.person(SOMEBODY)], "corrected").happened == []  # these are not the words that are shown


@pytest.mark.django_db
def test_a_search_costs_a_fixed_number_of_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    timeline.add(fields(2_300))
    with CaptureQueriesContext(connection) as asked:
        found = timeline.search(HOUSE, [timeline.person(SOMEBODY)], "없는 말")
    assert (found.looked, found.happened, len(asked)) == (1_000, [], 4)
    assert found.before is not None


def test_words_are_found_on_the_page_of_an_object_in_what_the_reader_may_see(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    card = naru.subscriber("noeul")
    address = f"/subscribers/{card.number}/"
    timeline.add([entry(n, party=card.party_id) for n in range(50)])
    client = sign_in("subscriber_clerk")
    page = client.get(address).content.decode()
    assert 'name="q"' in page and 'name="day"' in page
    page = client.get(f"{address}?q=2026-08 청구서").content.decode()
    assert told(page) == ["2026-08 청구서 확정"]
    assert "53줄을 살펴 1줄을 찾았습니다." in page and "찾지 않는 갈래: 이용" in page and 'value="2026-08 청구서"' in page
    assert told(client.get(f"{address}?q=확정&show=contract").content.decode()) == []  # within a group
    assert "찾은 줄이 없습니다" in client.get(f"{address}?q=확정&show=contract").content.decode()
    assert told(client.get(f"{address}?q=청구서&show=use").content.decode()) == ["2026-09 청구서 확정", "2026-08 청구서 확정"]
    timeline.add([timeline.New(at("2026-08-02"), "parties.consent", "c:1", card.party_id, data=SAYING)])
    assert told(client.get(f"{address}?q=동의했습니다").content.decode()) == ["광고성 정보 수신에 동의했습니다"]
    assert told(sign_in("billing_clerk").get(f"{address}?q=동의했습니다").content.decode()) == []  # consents are not for them
    page = client.get(f"{address}?q=정정").content.decode()
    found = re.search(r'hx-get="([^"]*before=[^"]*)"', page)
    assert found and len(told(page)) == 40 and "이어서 찾기" in page and "그 앞은 아직 살피지 않았습니다." in page
    part = client.get(found[1].replace("&amp;", "&"), headers=PART).content.decode()
    assert "<html" not in part and part.count("정정</b>") == 10 and "11줄을 살펴 10줄을 찾았습니다." in part


# ── a day ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_line_begins_with_the_day_that_is_asked_for(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    card = naru.subscriber("noeul")
    address = f"/subscribers/{card.number}/"
    client = sign_in("subscriber_clerk")
    timeline.add([timeline.New(at("2026-08-20T23:59"), "parties.portal", "t:1", card.party_id, data={"what": "opened"})])
    timeline.add([timeline.New(at("2026-08-21"), "parties.portal", "t:2", card.party_id, data={"what": "ended"})])
    page = client.get(f"{address}?day=2026-08-20").content.decode()
    assert told(page)[0] == "포털 계정이 열렸습니다" and "처음부터 보기" in page and "줄이 없어" not in page
    assert told(client.get(f"{address}?day=2026-08-21").content.decode())[0] == "포털 계정을 끝냈습니다"
    page = client.get(f"{address}?day=2026-08-25").content.decode()
    assert told(page)[0] == "포털 계정을 끝냈습니다" and "8월 25일에는 줄이 없어 그 앞의 줄부터 보입니다." in page
    page = client.get(f"{address}?day=1999-01-01").content.decode()
    assert told(page) == [] and "이 날과 그 앞에는 아무 일도 없었습니다" in page
    page = client.get(f"{address}?day=언젠가").content.decode()
    assert 'aria-invalid="true"' in page and 'id="line-trouble"' in page and told(page)[0] == "2026-09 청구서 확정"
    for edge in ("9999-12-31", "9999-12-30", "0001-01-01", "2026-02-30"):
        assert client.get(address, {"day": edge}).status_code == client.get(address, {"day": edge, "q": "확정"}).status_code == 200
    assert told(client.get(f"{address}?day=2026-08-21&q=열렸").content.decode()) == ["포털 계정이 열렸습니다"]
    assert f"{address}?show=contract&amp;day=2026-08-20#journey" in client.get(f"{address}?day=2026-08-20").content.decode()


# ── out of sight ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_what_is_out_of_sight_is_counted_page_by_page_and_never_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    data = {"month": "2026-08", "total": 1, "currency": "KRW", "number": "A-1"}
    some = fields(30)
    bills = [
        timeline.New(at("2026-08-01") + timedelta(minutes=n), "billing.invoice", f"b:{n}", SOMEBODY, service=SLUG, data=data)
        for n in range(0, 30, 2)
    ]
    other = [
        timeline.New(
            at("2026-08-01") + timedelta(minutes=n), "billing.run", f"r:{n}", SOMEBODY, mentions=[("t", "X")], data={"what": "started"}
        )
        for n in range(5)
    ]
    timeline.add(some + bills + other)
    things = [timeline.person(SOMEBODY), timeline.thing("t", "X")]
    for size in (1, 4, 50):
        hidden, place, lines = 0, None, 0
        while True:
            page = timeline.stretch(NOBODY, things, before=place, size=size)
            hidden += timeline.out_of_sight(NOBODY, things, before=place, until=page.before)
            lines, place = lines + len(page.happened), page.before
            if place is None:
                break
        assert (hidden, lines) == (20, 30), size
    assert timeline.out_of_sight(HOUSE, things) == 0
    elsewhere = Actor("staff", 4, "다른 서비스", (("billing_clerk", "naru-toon"),))
    assert timeline.out_of_sight(elsewhere, things) == 15  # the bills of a service that is not theirs
    assert timeline.out_of_sight(CLERK, things, only=["billing.invoice"]) == 0
    assert timeline.out_of_sight(NOBODY, things, only=["billing.invoice"]) == 15
    monkeypatch.setattr(reads, "HIDDEN", 3)
    assert timeline.out_of_sight(NOBODY, things, only=["billing.invoice"]) == 4  # more than three


def test_a_page_says_how_many_of_its_lines_are_out_of_sight(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    card = naru.subscriber("noeul")
    address = f"/subscribers/{card.number}/"
    timeline.add([timeline.New(at(f"2026-08-0{n}"), "parties.consent", f"c:{n}", card.party_id, data=SAYING) for n in (1, 2)])
    page = sign_in("billing_clerk").get(address).content.decode()
    assert told(page)[-1] == "이용을 시작했습니다" and "볼 권한이 없는 줄 2개는 보이지 않습니다." in page and "show=consent" not in page
    page = sign_in("billing_clerk").get(f"{address}?show=consent").content.decode()
    assert "보이지 않습니다" not in page  # a group out of sight is not told of by its count
    page = sign_in("billing_clerk", language="en").get(address).content.decode()
    assert "2 lines that you may not see are not shown." in page
    page = sign_in("subscriber_clerk").get(address).content.decode()
    assert "보이지 않습니다" not in page.split('id="journey"')[1] and len(told(page)) > 4


def test_a_page_of_which_nothing_may_be_seen_goes_on(naru: World, sign_in: SignIn, monkeypatch: Any) -> None:  # noqa: F811
    """Tasks of somebody else: no line, the number of them, and the way to what was earlier."""
    from numaru.facilities.work import api as work

    card = naru.subscriber("noeul")
    for n in range(3):
        work.open_task.do(
            HOUSE, title=f"일 {n}", about=("subscribers.subscriber", card.number), service="naru-toon", role="privacy_officer"
        )
    timeline.pull("work.tasks", "true")
    monkeypatch.setitem(timeline.line.__kwdefaults__, "size", 2)
    client = sign_in("billing_clerk", service=SLUG)
    page = client.get(f"/subscribers/{card.number}/?show=task").content.decode()
    assert told(page) == [] and "볼 권한이 없는 줄 2개는 보이지 않습니다." in page
    found = re.search(r'hx-get="([^"]*before=[^"]*)"', page)
    assert found
    part = client.get(found[1].replace("&amp;", "&"), headers=PART).content.decode()
    assert "볼 권한이 없는 줄 1개는 보이지 않습니다." in part and "before=" not in part


def test_a_page_that_refreshes_itself_keeps_the_kinds_of_its_line(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    address = "/billing/runs/R2026-09/"
    timeline.add([timeline.New(at("2026-09-02"), "parties.portal", "t:1", object=("billing.run", "R2026-09"), data={"what": "opened"})])
    client = sign_in("billing_clerk")
    part = client.get(address, headers=PART).content.decode()
    assert "<html" not in part and "show=bill" in part and "show=person" in part and "show=contract" not in part
