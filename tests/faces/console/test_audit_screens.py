"""The audit screens: what stands on them, who may see them, and what reading them leaves behind."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from numaru.domains.subscribers.models import Subscriber
from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.audit import api as audit
from numaru.kernel.audit.models import AccessFinding, SearchMiss
from numaru.kernel.models import AuditRecord, Staff
from numaru.kernel.staff.api import make_client
from numaru.kernel.vault.models import VaultOpening
from tests.domains.billing.world import World
from tests.kernel.audit.conftest import owner
from tests.screens import SignIn, naru, shared, sign_in  # noqa: F401


@pytest.fixture(autouse=True)
def no_head(naru: Any) -> None:  # noqa: F811
    """Each test's chain is taken back; so is the head outside."""
    shutil.rmtree(Path(settings.HOME) / "audit", ignore_errors=True)


@pytest.fixture
def haneul(naru: Any) -> Subscriber:  # noqa: F811
    return Subscriber.objects.get(external_id="haneul")


def opened(person: int, n: int = 1, staff: int = 7, **more: Any) -> None:
    values = {
        "kind": "phone",
        "actor": "staff:청구 담당",
        "staff": staff,
        "purpose": "상담 중 본인 확인",
        "code": "caller",
        "case_ref": "C-1",
    } | more
    VaultOpening.objects.bulk_create(VaultOpening(**({"person": person} | values), at=clock.now()) for _ in range(n))


def test_the_log_shows_records_with_their_place_and_the_state_of_the_chain(sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("auditor")
    audit.Sealer().all()
    page = client.get("/audit/").content.decode()
    assert "사슬이 온전합니다" in page and "모두 봉인했습니다" in page and "청구" in page
    row = AuditRecord.objects.filter(object="billing.run").latest("id")
    one = client.get(f"/audit/records/{row.pk}/").content.decode()
    assert "그대로임" in one and row.key in one
    with owner("kernel_auditrecord"):
        AuditRecord.objects.filter(pk=row.pk).update(reason="바꿈")
    assert "봉인한 뒤 바뀌었습니다" in client.get(f"/audit/records/{row.pk}/").content.decode()
    assert client.get("/audit/records/0/").status_code == 404


@pytest.mark.parametrize("address", ["/audit/", "/audit/openings/", "/audit/findings/", "/audit/reviews/"])
def test_only_who_may_read_the_logs_sees_them(sign_in: SignIn, address: str) -> None:  # noqa: F811
    for role in ("auditor", "privacy_officer"):
        assert sign_in(role).get(address).status_code == 200
    for role in ("billing_clerk", "subscriber_clerk", "support_engineer"):
        assert sign_in(role).get(address).status_code == 403
    assert sign_in("auditor", service="naru-video").get(address).status_code == 403


def test_the_search_finds_by_person_object_and_account_and_is_recorded_when_it_is_by_person(sign_in: SignIn, haneul: Subscriber) -> None:  # noqa: F811
    client = sign_in("privacy_officer")
    opened(haneul.party_id)
    opened(haneul.party_id + 1, purpose="다른 사람")
    page = client.get("/audit/openings/", {"q": haneul.number}).content.decode()
    assert "상담 중 본인 확인" in page and "다른 사람" not in page
    searched = AuditRecord.objects.get(object="audit.search")
    assert searched.key == haneul.number and searched.actor_kind == "staff"
    assert "R2026-09" in client.get("/audit/", {"q": "R2026-09"}).content.decode()
    assert "맞는 것이 없습니다" in client.get("/audit/", {"q": "R2019-01"}).content.decode()
    assert AuditRecord.objects.filter(object="audit.search").count() == 1
    who = Staff.objects.latest("pk")
    assert "audit.search" in client.get("/audit/", {"q": who.login}).content.decode()


def test_both_logs_go_out_as_workbooks(sign_in: SignIn, haneul: Subscriber) -> None:  # noqa: F811
    client = sign_in("auditor")
    opened(haneul.party_id)
    for address in ("/audit/?format=xlsx", "/audit/openings/?format=xlsx", "/audit/findings/?format=xlsx"):
        assert b"".join(client.get(address).streaming_content)[:2] == b"PK"  # type: ignore[attr-defined]


@pytest.mark.capability("PRO-13")
def test_mass_reading_is_noticed_while_it_happens_and_the_account_stops(sign_in: SignIn, haneul: Subscriber) -> None:  # noqa: F811
    """A clerk opens value after value on the pages; at the limit the account is held, the next opening is refused; an officer decides."""
    clerk = sign_in("subscriber_clerk")
    who = Staff.objects.latest("pk")
    shown = f"/subscribers/{haneul.number}/open/phone/"
    assert "010-1234-2201" in clerk.post(shown, {"reason": "caller", "case_ref": "C-7"}).content.decode()
    opened(haneul.party_id, 98, staff=who.pk, actor=f"staff:{who.name}")
    audit.Sealer().all()
    audit.watch()
    assert not audit.held(who.pk)
    assert "010-1234-2201" in clerk.post(shown, {"reason": "caller", "case_ref": "C-8"}).content.decode()
    audit.Sealer().all()
    audit.watch()
    refused = clerk.post(shown, {"reason": "caller", "case_ref": "C-9"})
    assert refused.status_code == 403 and "010-1234-2201" not in refused.content.decode()
    assert VaultOpening.objects.filter(staff=who.pk, outcome="refused").count() == 1

    officer = sign_in("privacy_officer")
    row = AccessFinding.objects.get(rule="mass", severity="severe")
    assert row.evidence["count"] == 100
    listed = officer.get("/audit/findings/").content.decode()
    assert row.number in listed and "판단하기" in listed
    page = officer.get(f"/audit/findings/{row.number}/").content.decode()
    assert "60분 안에 100건을 열람했습니다" in page and "정지되어 있습니다" in page
    assert officer.post(f"/audit/findings/{row.number}/decide/", {"as": "explain", "reason": ""}).status_code == 422
    assert officer.post(f"/audit/findings/{row.number}/decide/", {"as": "confirm", "reason": "업무와 무관함"}).status_code == 302
    assert clerk.post(shown, {"reason": "caller", "case_ref": "C-9"}).status_code == 403
    assert officer.post(f"/audit/findings/{row.number}/decide/", {"as": "lift", "reason": "교육을 마침"}).status_code == 302
    assert "010-1234-2201" in clerk.post(shown, {"reason": "caller", "case_ref": "C-10"}).content.decode()


def test_an_auditor_reads_findings_and_decides_nothing(sign_in: SignIn, haneul: Subscriber) -> None:  # noqa: F811
    opened(haneul.party_id, 30, staff=77)
    audit.Sealer().all()
    audit.watch()
    row = AccessFinding.objects.get(rule="mass")
    client = sign_in("auditor")
    assert "소명 기록" not in client.get(f"/audit/findings/{row.number}/").content.decode()
    assert client.post(f"/audit/findings/{row.number}/decide/", {"as": "explain", "reason": "x"}).status_code in (403, 422)
    row.refresh_from_db()
    assert row.state == "new"


def test_a_month_is_laid_out_looked_at_and_signed(sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("privacy_officer")
    assert "아직 점검한 달이 없습니다" in client.get("/audit/reviews/").content.decode()
    assert client.post("/audit/reviews/").status_code == 302
    page = client.get("/audit/reviews/2026-10/").content.decode()
    assert "점검 확인" in page
    assert client.post("/audit/reviews/2026-10/", {"reason": ""}).status_code == 422
    assert client.post("/audit/reviews/2026-10/", {"reason": "상위 계정과 사유 없는 열람을 봄"}).status_code == 302
    assert "상위 계정과" in client.get("/audit/reviews/2026-10/").content.decode()
    assert client.get("/audit/reviews/2026-13/").status_code == 404


def test_a_subscribers_page_says_by_role_who_saw_the_personal_data(sign_in: SignIn, haneul: Subscriber) -> None:  # noqa: F811
    clerk = sign_in("subscriber_clerk")
    clerk.post(f"/subscribers/{haneul.number}/open/phone/", {"reason": "caller"})
    page = clerk.get(f"/subscribers/{haneul.number}/").content.decode()
    told = page[page.index("개인정보를 본 사람") :].partition("</section>")[0]
    assert "가입 담당" in told and "휴대전화 · 상담 중 본인 확인" in told and "한누리" not in told
    assert "개인정보를 본 사람" not in sign_in("billing_clerk").get(f"/subscribers/{haneul.number}/").content.decode()


def test_the_api_says_by_role_who_saw_the_personal_data(sign_in: SignIn, haneul: Subscriber) -> None:  # noqa: F811
    sign_in("subscriber_clerk").post(f"/subscribers/{haneul.number}/open/phone/", {"reason": "caller"})

    def ask(role: str) -> Any:
        token = make_client.do(Actor.system("test"), name=role, roles=[role]).token
        return Client().get(f"/api/v1/subscribers/{haneul.number}/access-log", headers={"Authorization": f"Bearer {token}"})

    body = ask("subscriber_clerk").json()
    (line,) = body["items"]
    assert (line["role"]["en"], line["field"], line["purpose"], line["outcome"]) == ("Subscriber clerk", "phone", "caller", "opened")
    assert "한누리" not in str(body)
    assert ask("billing_clerk").status_code == 403


def test_a_search_for_a_number_that_nobody_has_is_counted_without_the_number(sign_in: SignIn, haneul: Subscriber) -> None:  # noqa: F811
    clerk = sign_in("subscriber_clerk")
    for asked in ("010-1234-2201", "김하늘", "S-0000001", "010-9999-0001", "01099990002"):
        assert clerk.get("/subscribers/", {"q": asked}).status_code == 200
    assert SearchMiss.objects.count() == 2


def test_a_purpose_of_the_list_is_read_in_ones_own_language(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    sign_in("subscriber_clerk").post(f"/subscribers/{naru.subscriber('haneul').number}/open/phone/", {"reason": "bill"})
    page = sign_in("auditor", language="en").get("/audit/openings/", headers={"Accept-Language": "en"}).content.decode()
    assert "Checking a bill" in page and "청구 내용 확인" not in page
    assert "청구 내용 확인" in sign_in("auditor").get("/audit/openings/").content.decode()
