"""Finding from anywhere in the real house: what is found, by whom, and what is not told."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from numaru.kernel import clock
from numaru.kernel.actions import Second
from numaru.kernel.approvals.requests import raise_request
from numaru.kernel.audit.models import SearchMiss
from numaru.kernel.leaks import api as leaks
from numaru.ui import peek, search
from numaru.values.text import Text
from tests.domains.billing.world import ADMIN, HOUSE, SLUG, World
from tests.screens import SignIn, naru, shared, sign_in  # noqa: F401

PART = {"HX-Request": "true"}


def found(client: Client, typed: str, **more: str) -> str:
    query = "&".join([f"q={quote(typed)}", *(f"{k}={v}" for k, v in more.items())])
    answer = client.get(f"/find/?{query}", headers=PART)
    assert answer.status_code == 200
    return answer.content.decode()


def numbers(html: str) -> list[str]:
    return re.findall(r'<span class="idno">([^<]*)</span>', html)


@pytest.fixture
def clerk(sign_in: SignIn) -> Client:  # noqa: F811
    return sign_in("billing_clerk", "subscriber_clerk")


@pytest.mark.parametrize(
    "typed",
    [
        "ㄱㅎㄴ",
        "김하늘",
        "김ㅎ",
        "김하",
        "김하느",
        "ㄱㅎ",
        "2201",
        "010-1234-2201",
        "+82 10-1234-2201",
        "haneul@naru.kr",
        "HANEUL@naru.kr",
        "haneul",
        "hane",
        "0101234",
    ],
)
def test_a_person_is_found_however_they_are_typed(naru: World, clerk: Client, typed: str) -> None:  # noqa: F811
    html = found(clerk, typed)
    assert naru.subscriber("haneul").number in numbers(html)
    assert "김*늘" in html and "김하늘" not in html.replace(f'data-q="{typed}"', "")


@pytest.mark.parametrize("typed", ["이하", "김나", "김ㄴ", "ㄱㅎㄱ", "김하나", "하늘", "김"])
def test_and_not_by_what_is_not_theirs(naru: World, clerk: Client, typed: str) -> None:  # noqa: F811
    assert naru.subscriber("haneul").number not in numbers(found(clerk, typed))


def test_the_very_number_leads_there(naru: World, clerk: Client) -> None:  # noqa: F811
    who = naru.subscriber("noeul").number
    for typed in (who, who.lower(), f"s-{int(who[2:])}", f"ㄴ-{who[2:]}"):
        answer = clerk.get("/find/", {"q": typed})
        assert (answer.status_code, answer["Location"]) == (302, f"/subscribers/{who}/"), typed
        assert f'data-only="/subscribers/{who}/"' in found(clerk, typed)
    assert clerk.get("/find/", {"q": "R2026-08-000002"})["Location"] == "/billing/invoices/R2026-08-000002/"
    assert clerk.get("/find/", {"q": "R2026-08"})["Location"] == "/billing/runs/R2026-08/"
    assert clerk.get("/find/", {"q": who, "stay": "1"}).status_code == 200
    contract = naru.contract("haneul")
    assert numbers(found(clerk, contract.number)) == [contract.number] and contract.account.number in numbers(
        found(clerk, contract.account.number)
    )


def test_runs_services_places_and_acts_by_words(naru: World, clerk: Client) -> None:  # noqa: F811
    assert numbers(found(clerk, "8월 정기")) == ["R2026-08"] and numbers(found(clerk, "2026-09")) == ["R2026-09"]
    assert "/subscribers/?service=" in found(clerk, "나루")
    for typed in ("ㅊㄱㅅㅎ", "bill run", "청구 실"):
        html = found(clerk, typed)
        assert "/billing/runs/new/" in html and 'href="/billing/runs/"' in html, typed
    assert "R2026" not in found(clerk, ">청구") and "/billing/runs/new/" in found(clerk, ">청구")


def test_boards_indicators_records_and_the_manual(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    admin, clerk = sign_in("administrator"), sign_in("billing_clerk")
    assert "/records/services/" in found(admin, "나루 비") and "/records/" not in found(sign_in("privacy_officer"), "나루 비")
    assert "/indicator/" in found(clerk, "청구")
    assert 'href="/help/' in found(clerk, "보류 계정")


def test_the_page_works_without_script(naru: World, clerk: Client) -> None:  # noqa: F811
    html = clerk.get("/find/", {"q": "ㄱㅎㄴ"}).content.decode()
    assert "<h1>‘ㄱㅎㄴ’ 찾기</h1>" in html and f'href="/subscribers/{naru.subscriber("haneul").number}/"' in html
    empty = clerk.get("/find/").content.decode()
    assert 'name="theme" value="dark"' in empty and 'action="/sign-out/"' in empty
    nothing = clerk.get("/find/", {"q": "없는것이다"}).content.decode()
    assert "찾은 것이 없습니다" in nothing


def test_what_is_typed_is_never_markup(clerk: Client) -> None:
    html = found(clerk, '"><script>alert(1)</script>')
    assert "<script" not in html and "&lt;script&gt;" in html


# ── who finds what ───────────────────────────────────────────────────────
def world_of_numbers() -> dict[str, str]:
    """One of everything that bears a number."""
    case = leaks.open_case.do(HOUSE, kind="leak", known_at=clock.now(), happened="확인 중")
    hold = raise_request.do(
        ADMIN, reason="시험", action="numaru.domains.billing.actions.runs.cancel_run", arguments={"number": "R2026-09"}, effects=[],
        need=Second(Text("시험", "Test")), service=SLUG,
    )  # fmt: skip
    return {"leaks.case": case, "approvals.request": hold}


def test_a_clerk_finds_no_staff_no_leaks_no_policies_of_others(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    sign_in("administrator")  # somebody called 한누리 is there to be found
    made = world_of_numbers()
    clerk, admin = sign_in("billing_clerk"), sign_in("administrator")
    assert "/access/staff/" in found(admin, "한누리") and "/access/staff/" in found(admin, "ㅎㄴㄹ")
    assert "/access/staff/" not in found(clerk, "한누리") and "/access/staff/add/" not in found(clerk, ">")
    assert made["leaks.case"] in numbers(found(admin, made["leaks.case"])) and made["leaks.case"] not in numbers(
        found(clerk, made["leaks.case"])
    )


def test_somebody_without_a_role_finds_only_how_pages_look(sign_in: SignIn, naru: World) -> None:  # noqa: F811
    nobody = sign_in()
    for typed in ("ㄱㅎㄴ", "S-0000001", "R2026-08", "R2026-08-000002", "2201", "나루", "한누리", "IMP-000001"):
        assert numbers(found(nobody, typed)) == [], typed
    assert set(re.findall(r'(?:href|formaction)="(/(?!static/)[^"]*)"', found(nobody, ">"))) == {"/preferences/", "/sign-out/"}


def test_nothing_of_another_service_is_found(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    other, own = (
        sign_in("billing_clerk", "subscriber_clerk", "administrator", service="other-video"),
        sign_in("billing_clerk", "subscriber_clerk", service=SLUG),
    )
    who, contract = naru.subscriber("haneul"), naru.contract("haneul")
    made = world_of_numbers()
    for typed in (
        who.number,
        "ㄱㅎㄴ",
        "김하늘",
        "김ㅎ",
        "2201",
        "010-1234-2201",
        "haneul@naru.kr",
        "haneul",
        contract.number,
        contract.account.number,
    ):
        assert numbers(found(own, typed)) and not set(numbers(found(other, typed))) & {
            who.number,
            contract.number,
            contract.account.number,
        }, typed
    for typed in ("R2026-08", "R2026-08-000001", "2026-08", "8월 정기"):
        assert numbers(found(own, typed)) and not numbers(found(other, typed)), typed
    assert made["approvals.request"] not in numbers(found(other, made["approvals.request"]))
    assert "service=" not in found(other, "나루")


def test_every_kind_says_whose_it_is() -> None:
    """A finder without a permission is everybody's: the manual is."""
    assert [key for key, finder in search.finders if not finder.permission] == ["help.page"] and all(
        thing.permission for _, thing in peek.things
    )


# ── telephone numbers ────────────────────────────────────────────────────
def test_numbers_are_not_tried_out_while_typing_and_a_miss_is_recorded_once(naru: World, clerk: Client) -> None:  # noqa: F811
    who = naru.subscriber("haneul").number
    for n in range(1, 12):
        assert who not in numbers(found(clerk, "01012342201"[:n], typing="1")) or n < 9  # by its beginning at most
    assert "data-waits" in found(clerk, "01012342201", typing="1") and "data-pause" in found(clerk, "01012342201", typing="1")
    assert "data-pause" not in found(clerk, "0101234220", typing="1")
    assert SearchMiss.objects.count() == 0
    assert who in numbers(found(clerk, "01012342201")) and SearchMiss.objects.count() == 0
    found(clerk, "01099998888")
    assert SearchMiss.objects.count() == 1
    found(clerk, "9999", typing="1")
    assert SearchMiss.objects.count() == 1


# ── what was opened last ─────────────────────────────────────────────────
def test_what_was_opened_last_is_offered_and_read_again_with_what_one_may_now(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    clerk = sign_in("billing_clerk", "subscriber_clerk")
    who = naru.subscriber("haneul").number
    for path in (f"/subscribers/{who}/", "/billing/runs/R2026-08/", "/billing/invoices/R2026-08-000002/", f"/subscribers/{who}/?show=bill"):
        assert clerk.get(path).status_code == 200
    assert numbers(found(clerk, ""))[:3] == [who, "R2026-08-000002", "R2026-08"]
    kept = clerk.cookies[peek.COOKIE]
    assert kept["httponly"] and kept["samesite"] == "Lax" and not kept["max-age"] and "김" not in kept.value
    stranger = sign_in("billing_clerk")
    stranger.cookies[peek.COOKIE] = kept.value  # somebody else at the same browser
    assert numbers(found(stranger, "")) == []
    other = sign_in("billing_clerk", service="other-video")
    user = other.session["_auth_user_id"]
    other.cookies[peek.COOKIE] = "|".join(
        [str(user), f"subscribers.subscriber:{who}", "billing.run:R2026-08", "nonsense:1", "billing.invoice:x"]
    )
    assert numbers(found(other, "")) == []
    clerk.post("/sign-out/")
    assert clerk.cookies[peek.COOKIE].value == ""


def test_a_cookie_that_somebody_wrote_breaks_nothing(naru: World, clerk: Client) -> None:  # noqa: F811
    for value in ("", "|", "x|y:z", "1|:", "|".join(["1"] * 90), "1|billing.run:" + "9" * 400, "é|ü:1"):
        clerk.cookies[peek.COOKIE] = value
        assert found(clerk, "")


# ── glances ──────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("kind", "shows"), [("subscribers.subscriber", "010-****-2201"), ("billing.run", "89,029"), ("billing.invoice", "납부 기한")]
)
def test_a_glance_tells_what_its_page_would(naru: World, sign_in: SignIn, kind: str, shows: str) -> None:  # noqa: F811
    number = {"subscribers.subscriber": naru.subscriber("haneul").number, "billing.run": "R2026-08", "billing.invoice": "R2026-08-000001"}[
        kind
    ]
    path = f"/find/{kind}/{number}/"
    own = sign_in("billing_clerk", service=SLUG).get(path, headers=PART)
    assert own.status_code == 200 and shows in own.content.decode() and "김하늘" not in own.content.decode()
    assert sign_in("billing_clerk", service="other-video").get(path, headers=PART).status_code == 404
    assert sign_in().get(path, headers=PART).status_code == 403
    assert sign_in("billing_clerk", service=SLUG).get(path).status_code == 302


def test_a_glance_at_a_request_is_for_who_may_see_it(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    number = world_of_numbers()["approvals.request"]
    assert "청구 실행 취소" in sign_in("administrator").get(f"/find/approvals.request/{number}/", headers=PART).content.decode()
    assert sign_in("subscriber_clerk").get(f"/find/approvals.request/{number}/", headers=PART).status_code == 404


@pytest.mark.parametrize("path", ["/find/nonsense/1/", "/find/kernel.staff/1/", "/find/billing.run/R1999-01/", "/find/billing.invoice/x/"])
def test_there_is_no_glance_at_nothing(clerk: Client, path: str) -> None:
    assert clerk.get(path, headers=PART).status_code == 404


def test_the_log_and_the_requests_lead_to_their_objects(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    world_of_numbers()
    admin = sign_in("administrator")
    assert 'data-peek="/find/approvals.request/' in admin.get("/approvals/?show=all").content.decode()
    log = admin.get("/audit/?q=R2026-08").content.decode()
    assert 'href="/billing/runs/R2026-08/" data-peek="/find/billing.run/R2026-08/"' in log
    story = admin.get(f"/subscribers/{naru.subscriber('haneul').number}/").content.decode()
    assert 'data-peek="/find/billing.invoice/R2026-09-000001/"' in story


@pytest.mark.parametrize("typed", ["ㄱㅎㄴ", "S-0000001", "청구", "R2026-08-000002", "2201", "haneul@naru.kr", "나"])
def test_one_search_asks_a_bounded_number_of_questions(clerk: Client, sign_in: SignIn, typed: str) -> None:  # noqa: F811
    everything = sign_in("administrator", "subscriber_clerk", "privacy_officer", "auditor")
    with CaptureQueriesContext(connection) as asked:
        found(everything, typed)
    assert len(asked) <= 30, [q["sql"][:120] for q in asked]
