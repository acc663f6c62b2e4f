"""One timeline of everything: strands of several rooms, filtered, paged by time, seen only by who may; and the picture of sixty days."""

from __future__ import annotations

import re
from datetime import date, timedelta

from numaru.domains.subscribers import journey, reads
from numaru.facilities.timeline import api as timeline
from numaru.kernel import clock
from numaru.kernel.retention import api as retention
from tests.domains.billing.world import HOUSE, World, on
from tests.screens import SignIn, naru, shared, sign_in  # noqa: F401

PART = {"HX-Request": "true"}


def heads(html: str) -> list[str]:
    return re.findall(r"<h3>([^<]+)</h3>", html)


def told(html: str) -> list[str]:
    """What the lines of the timeline say, in order."""
    return re.findall(r"<div><b>([^<]+)</b>", html.split('id="journey"')[-1])


def test_use_openings_and_requests_stand_in_the_same_timeline(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("subscriber_clerk", "privacy_officer")
    card = naru.subscriber("noeul")
    address = f"/subscribers/{card.number}/"
    client.post(f"{address}open/phone/", {"reason": "caller"})
    retention.take_request.do(HOUSE, person=card.party_id, subject=card.number, kind="access", channel="phone", received_on=clock.today())
    page = client.get(address).content.decode()
    lines = told(page)
    assert lines[0] == "휴대전화 열람" and "열람 요구를 받았습니다" in lines and "2026-08 청구서 확정" in lines
    assert heads(page)[0] == "오늘" and "상담 중 본인 확인" in page and "5678" not in page
    assert "열람 요구에 2026-11-12까지 답해야 합니다." in re.sub(r"<[^>]+>", "", page)
    only = client.get(f"{address}?show=seen").content.decode()
    assert told(only) == ["휴대전화 열람"]


def test_a_strand_without_permission_is_neither_named_nor_told(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    card = naru.subscriber("noeul")
    sign_in("subscriber_clerk").post(f"/subscribers/{card.number}/open/phone/", {"reason": "caller"})
    clerk = sign_in("billing_clerk")
    page = clerk.get(f"/subscribers/{card.number}/").content.decode()
    assert "show=asked" not in page and "show=seen" not in page and "휴대전화 열람" not in told(page)
    assert told(clerk.get(f"/subscribers/{card.number}/?show=seen").content.decode()) == []  # a strand out of sight is no strand


def test_use_is_told_by_day_in_the_words_of_the_charge(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    card = naru.subscriber("noeul")
    with on("2026-09-10"):
        naru.use(("noeul", "save", "2026-09-03T10:00", "3", None), ("noeul", "save", "2026-09-03T22:15", "4", None))
        page = sign_in("subscriber_clerk").get(f"/subscribers/{card.number}/?show=use").content.decode()
        assert told(page) == ["이용 2건", "이용 1건", "이용 1건"]  # 3 September, 31 and 3 August
        assert "저장 7" in page and ">22:15<" in page
    with on("2027-02-01"):
        assert told(sign_in("subscriber_clerk").get(f"/subscribers/{card.number}/?show=use").content.decode()) == []


def test_pages_of_the_timeline_meet_without_gap_or_double(naru: World, sign_in: SignIn, monkeypatch: object) -> None:  # noqa: F811
    monkeypatch.setitem(timeline.line.__kwdefaults__, "size", 2)  # type: ignore[attr-defined]
    client = sign_in("subscriber_clerk")
    address = f"/subscribers/{naru.subscriber('noeul').number}/"
    whole = told(client.get(address).content.decode())
    seen, at = list(whole), address
    for _ in range(9):
        found = re.search(r'hx-get="([^"]*before=[^"]*)"', client.get(at, headers=PART if at != address else {}).content.decode())
        if not found:
            break
        at = found[1].replace("&amp;", "&")
        part = client.get(at, headers=PART).content.decode()
        assert "<html" not in part
        seen += re.findall(r"<div><b>([^<]+)</b>", part)
    assert seen == ["2026-09 청구서 확정", "2026-08 청구서 확정", "이용을 시작했습니다"]
    assert "처음부터 보기" in client.get(at).content.decode()  # the same address as a whole page, without script
    assert client.get(f"{address}?before=yesterday").status_code == 200


def test_computed_lines_of_one_instant_are_never_split(naru: World) -> None:  # noqa: F811
    at = clock.now()
    same = journey.Strand(
        journey.Text("가", "A"), 1, None,
        lambda card, before, limit: [timeline.Happening(at, "x", "eye", journey.Text(f"{n}", f"{n}")) for n in range(4) if before is None or at < before],
    )  # fmt: skip
    computed = journey.computed(reads.card(naru.subscriber("noeul")), [("x", same)])
    page = timeline.merged(HOUSE, [], computed, size=2)
    assert len(page.happened) in (3, 4)  # all that were read
    assert page.before is None


def test_the_picture_counts_days_and_says_its_finding(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    card = naru.subscriber("noeul")
    with on("2026-09-20"):
        client = sign_in("subscriber_clerk")
        part = client.get(f"/subscribers/{card.number}/?part=life", headers=PART).content.decode()
        said = re.search(r'aria-label="([^"]*)"', part.split("lane-plot")[1])
        assert said and said[1] == "하루 이용 60일 가운데 2일, 2건, 청구 1건, 계약 변경 1건, 메시지 0건, 개인정보 열람 0건, 요구 0건."
        assert part.count('class="use"') == 2 and part.count('class="mk') == 2 and "<html" not in part
        assert "표로 보기" in part and "style=" not in part
        whole = client.get(f"/subscribers/{card.number}/?part=life").content.decode()
        assert "lane-plot" in whole and f'hx-get="/subscribers/{card.number}/?part=life"' not in whole
    assert (
        f'hx-get="/subscribers/{card.number}/?part=life"'
        in sign_in("subscriber_clerk").get(f"/subscribers/{card.number}/").content.decode()
    )


def test_sixty_days_without_anything_are_said_so(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    part = sign_in("subscriber_clerk").get(f"/subscribers/{naru.subscriber('gyeoul').number}/?part=life", headers=PART).content.decode()
    assert "이 기간에는 아무 일도 없었습니다" in part and "lane-plot" not in part


def test_the_bill_so_far_says_how_much_of_the_free_steps_is_used(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    with on("2026-11-02"):
        naru.use(("noeul", "save", "2026-11-01T10:00", "17", None))
        part = sign_in("subscriber_clerk").get(f"/subscribers/{naru.subscriber('noeul').number}/?part=bill", headers=PART).content.decode()
    text = re.sub(r"<[^>]+>", " ", part)
    assert "17 / 무료 10" in text and "무료를 넘은 7, 지금까지" in text and "2,100" in text
    assert 'x="588"' in part  # ten of seventeen


def test_who_else_the_account_pays_for_is_shown_as_far_as_the_reader_may_see(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    from numaru.domains.billing.models import Contract

    haneul, minsu = naru.contract("haneul"), naru.contract("minsu")
    Contract.objects.filter(pk=minsu.pk).update(account=haneul.account)
    page = sign_in("subscriber_clerk").get(f"/subscribers/{naru.subscriber('haneul').number}/").content.decode()
    assert "같은 계정이 내는 가입자" in page and naru.subscriber("minsu").number in page and "남궁민수" not in page


def test_daily_use_is_the_same_from_the_intake_and_from_files(naru: World) -> None:  # noqa: F811
    from numaru.facilities.metering import api as metering
    from numaru.values.period import Period

    minsu = naru.subscriber("minsu")
    event = {
        "specversion": "1.0", "type": "rental", "source": "app", "id": "d1", "subject": "minsu", "time": "2026-10-30T23:30:00+09:00", "data": {"quantity": "2"},
    }  # fmt: skip
    days = Period(date(2026, 10, 1), date(2026, 11, 3))
    metering.accept.do(HOUSE, service=naru.slug, events=[event])
    waiting = metering.daily_use(naru.slug, minsu.subject_key, days)
    metering.compact.do(HOUSE, service=naru.slug)
    stored = metering.daily_use(naru.slug, minsu.subject_key, days)
    assert waiting == stored == metering.daily_use(naru.slug, minsu.subject_key, days)
    (use,) = stored
    assert (use.day, use.records, [(m, int(q)) for m, q in use.quantities]) == (date(2026, 10, 30), 1, [("rental", 2)])
    assert use.last.utcoffset() == timedelta(0)
    assert metering.daily_use(naru.slug, 1, days) == []


def test_a_usage_file_that_is_gone_is_said_and_the_rest_stands(naru: World, sign_in: SignIn, settings: object, tmp_path: object) -> None:  # noqa: F811
    card = naru.subscriber("noeul")
    with on("2026-09-20"):
        settings.HOME = tmp_path  # type: ignore[attr-defined]
        client = sign_in("subscriber_clerk")
        page = client.get(f"/subscribers/{card.number}/").content.decode()
        assert "2026-08 청구서 확정" in told(page) and "이용 1건" not in told(page)
        part = client.get(f"/subscribers/{card.number}/?part=life", headers=PART).content.decode()
        assert "이용 기록을 읽지 못했습니다." in part and "청구 1건" in part and 'class="use"' not in part
