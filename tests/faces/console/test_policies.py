"""The screens of policies: every figure by room, one with its history, and a change that a colleague approves."""

from __future__ import annotations

import re

import pytest

from numaru.kernel import policies
from numaru.kernel.models import Policy
from tests.domains.billing.world import World
from tests.screens import SignIn, naru, shared, sign_in  # noqa: F401

pytestmark = pytest.mark.django_db
KEY = "billing.invoice.due_days"
PAGE = f"/policies/{KEY}/"
FORM = {
    "value": "21",
    "scope": "operator",
    "valid_from": "2026-12-01",
    "past": "",
    "basis": "약관 <9>조",
    "source": "이용약관",
    "reason": "새 약관",
}


def test_every_shipped_policy_stands_in_the_table_with_its_basis(sign_in: SignIn) -> None:  # noqa: F811
    page = sign_in("auditor").get("/policies/").content.decode()
    for key, _ in policies.shipped:
        assert f"/policies/{key}/" in page
    assert "약관" in page or "Contract terms" in page
    few = sign_in("auditor").get("/policies/?q=납부 기한").content.decode()
    assert PAGE in few and few.count("<tr>") == 2
    none = sign_in("auditor").get("/policies/?q=없는말없는말").content.decode()
    assert "조건에 맞는 것이 없습니다" in none and "모두 보기" in none


def test_who_may_not_sees_and_changes_nothing(sign_in: SignIn) -> None:  # noqa: F811
    assert sign_in().get("/policies/").status_code == 403 and sign_in().get(PAGE).status_code == 403
    auditor = sign_in("auditor")
    assert auditor.get(PAGE).status_code == 200 and "값 바꾸기" not in auditor.get(PAGE).content.decode()
    assert auditor.get(f"{PAGE}change/").status_code == 403 and auditor.post(f"{PAGE}change/", FORM).status_code == 403
    assert sign_in("administrator").get("/policies/no.such/").status_code == 404


def test_a_change_is_asked_for_approved_and_seen_as_coming(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    asker, other = sign_in("administrator"), sign_in("privacy_officer")
    assert "결재 올리기" in asker.get(f"{PAGE}change/").content.decode()
    answer = asker.post(f"{PAGE}change/", FORM)
    assert answer.status_code == 302 and re.fullmatch(r"/approvals/A-\d{7}/", answer["Location"])
    request = other.get(answer["Location"]).content.decode()
    assert "14 → 21" in request and PAGE in request and "약관 &lt;9&gt;조" in request
    seen = re.search(r'name="seen" value="(\w+)"', request).group(1)  # type: ignore[union-attr]
    assert other.post(f"{answer['Location']}approve/", {"seen": seen}).status_code == 302
    page = asker.get(PAGE).content.decode()
    assert "예정된 값" in page and "약관 &lt;9&gt;조" in page and "2026-12-01" in page
    assert Policy.objects.get().value == 21


@pytest.mark.parametrize(
    ("field", "typed"), [("value", "곧"), ("value", "-3"), ("scope", "service:nobody"), ("valid_from", "언젠가"), ("basis", ""), ("reason", " "), ("valid_from", "2026-10-01")]
)  # fmt: skip
def test_what_is_wrong_comes_back_with_what_was_typed(naru: World, sign_in: SignIn, field: str, typed: str) -> None:  # noqa: F811
    answer = sign_in("administrator").post(f"{PAGE}change/", FORM | {field: typed})
    page = answer.content.decode()
    assert answer.status_code == 422 and "errsum" in page and "이용약관" in page and not Policy.objects.exists()


def test_one_administrator_sets_it_at_once(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("administrator")
    assert client.post(f"{PAGE}change/", FORM | {"scope": "service:naru-video"})["Location"] == PAGE
    page = client.get(PAGE).content.decode()
    assert Policy.objects.get().scope == "service:naru-video" and "나루 비디오" in page
