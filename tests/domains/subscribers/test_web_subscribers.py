"""Subscribers in the console: found by what people type, shown masked, opened one value at a time for a reason."""

from __future__ import annotations

import re
from io import BytesIO

import openpyxl
import pytest

from numaru.facilities.catalogue import api as catalogue
from numaru.kernel import clock
from numaru.kernel.access import permissions
from numaru.kernel.models import AuditRecord
from numaru.kernel.vault.models import VaultOpening
from tests.domains.billing.world import HOUSE, SLUG, World
from tests.screens import SignIn, naru, shared, sign_in  # noqa: F401

SECRETS = ("김하늘", "이노을", "010-1234-2201", "01012342201", "haneul@naru.kr", "5678")


def shown(client: object, query: str) -> list[str]:
    """The external ids of the listed subscribers, in order."""
    page = client.get(f"/subscribers/{query}").content.decode()  # type: ignore[attr-defined]
    return re.findall(r'<td class="idno">([a-z]+)</td>', page)


def test_the_list_is_masked_newest_first(sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("subscriber_clerk")
    assert shown(client, "") == ["gyeoul", "saebom", "daon", "onyu", "minsu", "noeul", "haneul"]
    assert shown(client, "?sort=old")[0] == "haneul"
    page = client.get("/subscribers/").content.decode()
    for value in ("김*늘", "010-****-2201", "프리미엄", "이용 중", "해지", "15,000<small>원</small>", "2026-08-15", "나루 비디오"):
        assert value in page, value
    assert not [s for s in SECRETS if s in page]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("김하늘", ["haneul"]), ("김 하늘", ["haneul"]), ("ㄱㅎㄴ", ["haneul"]), ("2201", ["haneul"]), ("010-1234-2201", ["haneul"]),
        ("+82 10 1234 2201", ["haneul"]), ("HANEUL@naru.kr", ["haneul"]), ("noe", ["noeul"]), ("S-0000000", []), ("하늘", []), ("2202", []), ("%", []),
    ],
)  # fmt: skip
def test_what_people_type_finds_whom_they_mean(sign_in: SignIn, typed: str, found: list[str]) -> None:  # noqa: F811
    from urllib.parse import quote

    assert shown(sign_in("subscriber_clerk"), f"?q={quote(typed)}") == found


def test_a_number_finds_its_subscriber_and_nothing_found_says_so(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("subscriber_clerk")
    assert shown(client, f"?q={naru.subscriber('minsu').number.lower()}") == ["minsu"]
    page = client.get("/subscribers/?q=nobody&served=running").content.decode()
    assert "조건에 맞는 것이 없습니다" in page and "‘nobody’ 빼기" in page


def test_views_and_filters(sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("subscriber_clerk")
    assert shown(client, "?served=ended") == ["gyeoul", "saebom"]
    assert len(shown(client, "?served=running")) == 5
    assert len(shown(client, f"?service={SLUG}")) == 7 and len(shown(client, "?service=unknown")) == 7
    page = client.get("/subscribers/?served=ended").content.decode()
    assert re.search(r'aria-current="page">해지', page)


def test_the_workbook_is_masked_too(sign_in: SignIn) -> None:  # noqa: F811
    answer = sign_in("subscriber_clerk").get("/subscribers/?format=xlsx&sort=old")
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    rows = list(openpyxl.load_workbook(BytesIO(content)).active.iter_rows(values_only=True))  # type: ignore[union-attr]
    assert (
        [r[2] for r in rows[1:3]] == ["haneul", "noeul"] and rows[1][0] == "김*늘" and rows[1][3] == "010-****-2201" and rows[1][7] == 9900
    )
    assert not [s for s in SECRETS for r in rows if s in map(str, r)]


def test_one_subscriber_with_story_contracts_and_neighbours(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("subscriber_clerk")
    card = naru.subscriber("noeul")
    page = client.get(f"/subscribers/{card.number}/").content.decode()
    for value in (
        "이*을",
        "010-****-3302",
        "프리미엄",
        "이용을 시작했습니다",
        "2026-08 청구서 확정",
        "39,000<small>원</small>",
        "/billing/invoices/R2026-09-000002/",
    ):
        assert value in page, value
    assert re.search(rf'rel="prev"[^>]* href="/subscribers/{naru.subscriber("minsu").number}/"', page)
    assert re.search(rf'rel="next"[^>]* href="/subscribers/{naru.subscriber("haneul").number}/"', page)
    assert 'rel="prev"' not in client.get(f"/subscribers/{naru.subscriber('gyeoul').number}/").content.decode()
    assert not [s for s in SECRETS if s in page]
    bills = client.get(f"/subscribers/{card.number}/?show=bill").content.decode()
    assert "청구서 확정" in bills and "이용을 시작했습니다" not in bills


def test_the_bill_so_far_is_a_part_of_its_own(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("subscriber_clerk")
    address = f"/subscribers/{naru.subscriber('haneul').number}/"
    assert f'hx-get="{address}?part=bill"' in client.get(address).content.decode()
    part = client.get(f"{address}?part=bill", headers={"HX-Request": "true"}).content.decode()
    assert "2026-11, 지금까지" in part and "9,900<small>원</small>" in part and "<html" not in part and "hx-get" not in part
    whole = client.get(f"{address}?part=bill").content.decode()
    assert "9,900<small>원</small>" in whole and "<h1>" in whole and f'hx-get="{address}?part=bill"' not in whole


def test_opening_asks_why_shows_one_value_and_is_on_record(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("subscriber_clerk")
    card = naru.subscriber("haneul")
    address = f"/subscribers/{card.number}/"
    asked = client.get(f"{address}?open=phone").content.decode()
    assert "열람 사유" in asked and f'action="{address}open/phone/"' in asked and VaultOpening.objects.count() == 0
    answer = client.post(f"{address}open/phone/", {"reason": "caller"})
    page = answer.content.decode()
    assert "010-1234-2201" in page and "김하늘" not in page and "haneul@naru.kr" not in page
    assert answer["Refresh"] == f"30; url={address}" and "no-store" in answer["Cache-Control"]
    opening = VaultOpening.objects.get()
    assert (opening.person, opening.kind, opening.purpose) == (card.party_id, "phone", "상담 중 본인 확인")
    record = AuditRecord.objects.get(action="parties.contact.open")
    assert record.actor_name == "한누리" and "2201" not in str(record.after)
    part = client.post(f"{address}open/name/", {"reason": "bill"}, headers={"HX-Request": "true"}).content.decode()
    assert "김하늘" in part and 'hx-trigger="load delay:30s"' in part and "<html" not in part
    assert client.get(f"{address}?open=", headers={"HX-Request": "true"}).content.decode().strip() == ""


def test_who_saw_a_value_is_told_beside_it_at_once(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    """To readers of the access log the list is fetched anew with the opened value; to others it is not even named."""
    address = f"/subscribers/{naru.subscriber('haneul').number}/"
    client = sign_in("subscriber_clerk", "privacy_officer")
    page = client.get(address).content.decode()
    assert 'id="seen"' in page and "아직 열람한 사람이 없습니다" in page
    headers = {"HX-Request": "true"}
    part = client.post(f"{address}open/phone/", {"reason": "bill"}, headers=headers).content.decode()
    assert f'hx-get="{address}?part=seen"' in part
    told = client.get(f"{address}?part=seen", headers=headers).content.decode()
    assert "휴대전화" in told and "아직 열람한" not in told and "<html" not in told and "2201" not in told
    plain = sign_in("billing_clerk").post(f"{address}open/phone/", {"reason": "bill"}, headers=headers).content.decode()
    assert ("part=seen" in plain) is ("audit.access.view" in [n for n, p in permissions if "billing_clerk" in p.roles])


@pytest.mark.parametrize("reason", ["", "because", "상담"])
def test_without_a_purpose_of_the_list_nothing_opens(naru: World, sign_in: SignIn, reason: str) -> None:  # noqa: F811
    client = sign_in("subscriber_clerk")
    answer = client.post(f"/subscribers/{naru.subscriber('haneul').number}/open/phone/", {"reason": reason})
    assert answer.status_code == 422 and "1234" not in answer.content.decode()
    assert [o.outcome for o in VaultOpening.objects.all()] == ["refused"]


def test_who_may_not_open_is_not_offered_it_and_is_refused(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    auditor = sign_in("auditor")
    address = f"/subscribers/{naru.subscriber('haneul').number}/"
    page = auditor.get(f"{address}?open=phone").content.decode()
    assert "unmask" not in page and "열람 사유" not in page
    assert auditor.post(f"{address}open/phone/", {"reason": "caller"}).status_code == 403
    assert auditor.post(f"{address}open/card/", {"reason": "caller"}).status_code == 404
    catalogue.open_service.do(HOUSE, slug="other", name_ko="다른", name_en="Other", zone="Asia/Seoul", currency="KRW")
    outsider = sign_in("subscriber_clerk", service="other")
    assert outsider.get(address).status_code == outsider.post(f"{address}open/phone/", {"reason": "caller"}).status_code == 404
    assert shown(outsider, "?q=2201") == shown(outsider, "") == []
    assert sign_in().get("/subscribers/").status_code == 403
    assert [o.outcome for o in VaultOpening.objects.all()] == ["refused"]  # the auditor's; the outsider never came near


def test_past_the_hourly_limit_a_case_is_asked_in_place_and_opens(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("subscriber_clerk")
    address = f"/subscribers/{naru.subscriber('haneul').number}/"
    assert 'name="case_ref"' in client.get(f"{address}?open=phone").content.decode()
    me = int(client.session["_auth_user_id"])
    VaultOpening.objects.bulk_create(
        VaultOpening(person=1, kind="name", at=clock.now(), actor="staff:x", staff=me, purpose="x") for _ in range(60)
    )
    for headers in ({}, {"HX-Request": "true"}):
        refused = client.post(f"{address}open/phone/", {"reason": "bill"}, headers=headers)
        page = refused.content.decode()
        assert refused.status_code == 422 and "관련 번호가 있어야 더 열람할 수 있습니다" in page and "일괄 열람의 결재를 올리십시오" in page
        assert "010-1234-2201" not in page and 'value="bill" selected' in page and 'aria-invalid="true"' in page
        assert ("<html" in page) is not bool(headers)
    assert VaultOpening.objects.filter(outcome="refused").count() == 2
    opened = client.post(f"{address}open/phone/", {"reason": "bill", "case_ref": "Q-77"})
    assert "010-1234-2201" in opened.content.decode() and VaultOpening.objects.latest("id").case_ref == "Q-77"


def test_a_contact_value_is_put_right_for_a_reason(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("subscriber_clerk")
    address = f"/subscribers/{naru.subscriber('haneul').number}/"
    assert "개인정보 정정" in client.get(address).content.decode()
    assert f'action="{address}correct/"' in client.get(f"{address}?correct=").content.decode()
    part = client.get(f"{address}?correct=", headers={"HX-Request": "true"}).content.decode()
    assert "바른 값" in part and "<html" not in part
    good = {"kind": "phone", "value": "010-9876-5432", "reason": "신분증으로 확인"}
    for wrong in ({"value": "12"}, {"value": ""}, {"reason": ""}, {"reason": "010-9876-5432로"}, {"kind": "height"}):
        answer = client.post(f"{address}correct/", good | wrong)
        assert answer.status_code == 422 and "010-****-2201" in answer.content.decode(), wrong
    assert client.post(f"{address}correct/", good).status_code == 302
    page = client.get(address).content.decode()
    assert "010-****-5432" in page and "9876" not in page
    assert "010-9876-5432" in client.post(f"{address}open/phone/", {"reason": "caller"}).content.decode()
    record = AuditRecord.objects.get(action="parties.contact.correct")
    assert "9876" not in f"{record.after} {record.reason}"


def test_who_may_not_correct_is_not_offered_it(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("billing_clerk", "support_engineer", "auditor")
    address = f"/subscribers/{naru.subscriber('haneul').number}/"
    if (page := client.get(address)).status_code == 200:
        assert "개인정보 정정" not in page.content.decode() and "바른 값" not in client.get(f"{address}?correct=").content.decode()
    assert client.post(f"{address}correct/", {"kind": "name", "value": "가나", "reason": "x"}).status_code in (403, 404)


def test_rows_are_chosen_and_taken_along_to_a_bulk_opening(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("subscriber_clerk")
    page = client.get("/subscribers/").content.decode()
    assert 'formaction="/privacy/exports/new/"' in page and "개인정보 내보내기 요청" in page and "조건에 맞는 모두" not in page
    haneul, noeul = naru.subscriber("haneul"), naru.subscriber("noeul")
    assert f'name="row" value="{haneul.id}"' in page
    form = client.get(f"/privacy/exports/new/?row={noeul.id}&row={haneul.id}&row=x").context["form"]
    assert form["numbers"].value().split() == sorted([haneul.number, noeul.number])
    chosen = client.get(f"/subscribers/?format=xlsx&row={haneul.id}")
    sheet = openpyxl.load_workbook(BytesIO(b"".join(chosen.streaming_content))).active  # type: ignore[attr-defined]
    assert [r[2] for r in sheet.iter_rows(min_row=2, values_only=True)] == ["haneul"]  # type: ignore[union-attr]
    assert client.get("/subscribers/?format=xlsx&row=abc").status_code == 302
    assert "개인정보 내보내기 요청" not in sign_in("auditor").get("/subscribers/").content.decode()


def test_a_filtered_list_is_taken_along_as_the_set_that_it_shows(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("subscriber_clerk")
    assert 'href="/privacy/exports/new/?served=ended"' in client.get("/subscribers/?served=ended").content.decode()
    ended = sorted(naru.subscriber(name).number for name in ("gyeoul", "saebom"))
    assert client.get("/privacy/exports/new/?served=ended").context["form"]["numbers"].value().split() == ended
    assert client.get("/privacy/exports/new/?served=ended&q=2201").context["form"]["numbers"].value() == ""
    assert client.get("/privacy/exports/new/?service=unknown").context["form"]["numbers"].value() == ""
    assert client.get("/privacy/exports/new/").context["form"]["numbers"].value() == ""
    elsewhere = sign_in("subscriber_clerk", service="elsewhere")
    row = naru.subscriber("haneul").id
    assert elsewhere.get(f"/privacy/exports/new/?row={row}").context["form"]["numbers"].value() == ""
