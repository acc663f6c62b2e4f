"""The screens of approvals: what waits for me, one request with its effects as they would be now, and the decision."""

from __future__ import annotations

import re
from typing import Any

import pytest

from numaru.domains.billing import api as billing
from numaru.domains.billing.models import BillRun
from numaru.kernel import clock
from numaru.kernel.actions import NeedsSecond
from numaru.kernel.approvals.models import ApprovalRequest
from numaru.kernel.models import Policy, Staff
from tests.domains.billing.world import World
from tests.screens import SignIn, naru, shared, sign_in  # noqa: F401

pytestmark = pytest.mark.django_db
CANCEL = "/billing/runs/R2026-09/cancel/"


@pytest.fixture
def low(naru: World) -> None:  # noqa: F811
    """From 26,400 won on, taking a run back needs a colleague: just what September came to."""
    Policy.objects.create(
        key="approvals.run_cancel_from", value={"KRW": 26_400}, basis="시험", valid_from=clock.today(), recorded_at=clock.now()
    )


def put(client: Any) -> str:
    answer = client.post(CANCEL, {"reason": "요율표를 잘못 등록함"})
    assert answer.status_code == 302
    return str(re.fullmatch(r"/approvals/(A-\d{7})/", answer["Location"]).group(1))  # type: ignore[union-attr]


def seen(page: str) -> str:
    return re.search(r'name="seen" value="(\w+)"', page).group(1)  # type: ignore[union-attr]


def test_below_the_limit_one_person_is_enough(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("administrator")
    sign_in("administrator")
    page = client.get(CANCEL).content.decode()
    assert "결재 올리기" not in page and "청구서 3건 거두기" in page


def test_from_the_limit_on_a_run_is_taken_back_by_two(naru: World, sign_in: SignIn, low: None) -> None:  # noqa: F811
    asker, other = sign_in("administrator"), sign_in("administrator")
    page = asker.get(CANCEL).content.decode()
    assert "결재 올리기" in page and "26,400" in page and "거두기</button>" not in page
    number = put(asker)
    assert BillRun.objects.get(number="R2026-09").state == "posted"
    own = asker.get(f"/approvals/{number}/").content.decode()
    assert "거두기" in own and "승인하고 실행" not in own
    waiting = other.get("/approvals/").content.decode()
    assert number in waiting and "청구 실행 취소" in waiting and re.search(r'class="waits">.*?1</b>', waiting)
    assert number not in asker.get("/approvals/").content.decode() and number in asker.get("/approvals/?show=mine").content.decode()
    shown = other.get(f"/approvals/{number}/").content.decode()
    assert "청구서 3건(26,400원)을 거둡니다." in shown and "요율표를 잘못 등록함" in shown and "/billing/runs/R2026-09/" in shown
    assert asker.post(f"/approvals/{number}/approve/", {"seen": seen(shown)}).status_code == 403
    assert other.post(f"/approvals/{number}/approve/", {"seen": seen(shown)}).status_code == 302
    assert BillRun.objects.get(number="R2026-09").state == "cancelled"
    after = other.get(f"/approvals/{number}/").content.decode()
    assert "승인해 실행했습니다" in after and "승인하고 실행" not in after
    assert number in other.get("/approvals/?show=decided").content.decode()
    assert other.post(f"/approvals/{number}/approve/", {"seen": seen(shown)}).status_code == 409


def test_a_clerk_who_could_be_the_second_needs_all_of_it(naru: World, sign_in: SignIn, low: None) -> None:  # noqa: F811
    asker = sign_in("administrator")
    sign_in("administrator")
    number = put(asker)
    auditor = sign_in("auditor")
    assert auditor.get(f"/approvals/{number}/").status_code == 404 and auditor.get("/approvals/").status_code == 200
    assert auditor.post(f"/approvals/{number}/refuse/", {"note": "x"}).status_code == 404
    assert sign_in().get("/approvals/").status_code == 403


def test_refused_with_a_note_the_asker_reads_it(naru: World, sign_in: SignIn, low: None) -> None:  # noqa: F811
    asker, other = sign_in("administrator"), sign_in("administrator")
    number = put(asker)
    assert other.post(f"/approvals/{number}/refuse/", {"note": " "}).status_code == 422
    assert other.post(f"/approvals/{number}/refuse/", {"note": "<b>다시 확인</b>"}).status_code == 302
    page = asker.get(f"/approvals/{number}/").content.decode()
    assert "&lt;b&gt;다시 확인&lt;/b&gt;" in page and BillRun.objects.get(number="R2026-09").state == "posted"
    assert put(asker) != number  # closed, so it may be asked again


def test_withdrawn_by_who_asked(naru: World, sign_in: SignIn, low: None) -> None:  # noqa: F811
    asker, other = sign_in("administrator"), sign_in("administrator")
    number = put(asker)
    assert other.post(f"/approvals/{number}/withdraw/").status_code == 403
    assert asker.post(f"/approvals/{number}/withdraw/").status_code == 302
    assert ApprovalRequest.objects.get(number=number).state == "withdrawn"


def test_what_was_shown_is_what_is_approved(naru: World, sign_in: SignIn, low: None) -> None:  # noqa: F811
    asker, other = sign_in("administrator"), sign_in("administrator")
    number = put(asker)
    answer = other.post(f"/approvals/{number}/approve/", {"seen": "0" * 16})
    assert answer.status_code == 409 and "그 사이에 결과가 달라졌습니다" in answer.content.decode()
    assert BillRun.objects.get(number="R2026-09").state == "posted"


def test_what_can_no_longer_be_done_is_said_and_may_be_refused(naru: World, sign_in: SignIn, low: None) -> None:  # noqa: F811
    asker, other = sign_in("administrator"), sign_in("administrator")
    number = put(asker)
    Staff.objects.filter(pk=ApprovalRequest.objects.get(number=number).asked_by).update(is_active=False)
    page = other.get(f"/approvals/{number}/").content.decode()
    assert "지금은 승인할 수 없습니다" in page and "승인하고 실행" not in page and "반려" in page


def test_one_administrator_alone_is_not_locked_out(naru: World, sign_in: SignIn, low: None) -> None:  # noqa: F811
    client = sign_in("administrator")
    assert "결재 올리기" not in client.get(CANCEL).content.decode()
    assert client.post(CANCEL, {"reason": "혼자 있는 집"})["Location"] == "/billing/runs/R2026-09/"


def test_a_run_that_is_not_posted_and_a_currency_without_limit(naru: World, sign_in: SignIn, low: None) -> None:  # noqa: F811
    one, _ = sign_in("administrator"), sign_in("administrator")
    actor = Staff.objects.order_by("pk").first().actor  # type: ignore[union-attr]
    run = naru.start("2026-10")
    assert billing.cancel_run.second(actor, number=run.number) is None and billing.cancel_run.second(actor, number="없음") is None
    Policy.objects.create(
        key="approvals.run_cancel_from", value={"USD": 1}, basis="시험", valid_from=clock.today(), recorded_at=clock.now()
    )
    BillRun.objects.filter(number="R2026-09").update(totals={"KRW": 1})
    with pytest.raises(NeedsSecond):
        billing.cancel_run.do(actor, number="R2026-09", reason="통화에 한도가 없음")
    assert one.get("/approvals/").status_code == 200


def test_the_page_speaks_english_too(naru: World, sign_in: SignIn, low: None) -> None:  # noqa: F811
    asker, other = sign_in("administrator"), sign_in("administrator", language="en")
    number = put(asker)
    other.cookies["django_language"] = "en"
    page = other.get(f"/approvals/{number}/").content.decode()
    assert "Approve and do it" in page and "Take a bill run back" in page and "Why two people" in page
