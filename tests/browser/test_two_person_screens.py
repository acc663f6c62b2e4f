"""Approvals, policies and leak cases in Chromium: both languages, light and dark, desktop and phone; axe finds nothing, nothing overflows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from watching import DESK, PHONE

from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.leaks import api as leaks
from numaru.kernel.models import Staff, StaffGrant
from numaru.kernel.policies import api as policies
from numaru.kernel.vault.models import VaultOpening

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
KEY = "leaks.notice_hours"


def prepared(staff: Staff) -> dict[str, str]:
    """A request that waits for ``staff``, a policy that has changed and will change, and cases at three points of their way."""
    StaffGrant.objects.create(staff=staff, role="privacy_officer", granted_at=clock.now())
    other = Staff.objects.create(login="other", name="백이든", created_at=clock.now())
    StaffGrant.objects.create(staff=other, role="privacy_officer", granted_at=clock.now())
    asker = Staff.objects.get(pk=other.pk).actor
    house = Actor.system("command")
    usual = {"basis": "개인정보 보호법 제34조", "source": "법률 자문 2026-11-20"}
    policies.change.do(house, key=KEY, value=48, valid_from=clock.today(), reason="자문에 따름", **usual)
    policies.change.do(house, key=KEY, value=24, valid_from=clock.today() + timedelta(days=30), reason="자문에 따름", **usual)
    asked = policies.change.ask(
        asker, key="leaks.warn_hours", value=8, valid_from=clock.today() + timedelta(days=1), reason="교대 근무에 맞춤", **usual
    )
    late = leaks.open_case.do(
        asker, kind="both", known_at=clock.now() - timedelta(hours=30), happened="한 직원 계정이 새벽에 여러 사람의 연락처를 열람했습니다."
    )
    early = leaks.open_case.do(asker, kind="leak", known_at=clock.now() - timedelta(hours=1), happened="확인 중입니다.")
    for n in range(60):
        VaultOpening.objects.create(
            person=n + 1, kind="phone", at=clock.now() - timedelta(hours=31), actor="x", staff=other.pk, purpose="확인"
        )
    leaks.find_affected.do(asker, case=late, steps=[leaks.Step("add", "openings", staff=other.pk)])
    leaks.describe.do(asker, case=late, facts={
        "fields": ["phone"], "happened_from": clock.now() - timedelta(hours=31), "how": ["계정이 도용되었습니다.", "An account was misused."],
        "advice": ["모르는 전화에 주의하십시오.", "Beware of unknown callers."], "measures": ["계정을 막았습니다.", "The account was closed."],
        "contact": ["고객센터 1500-0000", "Service centre 1500-0000"],
    })  # fmt: skip
    leaks.draft.do(asker, case=late, kind="notice")
    leaks.tick()
    return {
        "approvals": "/approvals/", "approvals-mine": "/approvals/?show=mine", "approval": f"/approvals/{asked}/", "policies": "/policies/",
        "policy": f"/policies/{KEY}/", "policy-change": f"/policies/{KEY}/change/", "leaks": "/leaks/", "leak": f"/leaks/{late}/",
        "leak-early": f"/leaks/{early}/", "leak-new": "/leaks/new/", "leak-facts": f"/leaks/{late}/facts/", "leak-find": f"/leaks/{late}/people/",
        "leak-people": f"/leaks/{late}/people/1/", "leak-text": f"/leaks/{late}/texts/notice/",
    }  # fmt: skip


@pytest.mark.parametrize(("lang", "theme"), [("ko", "light"), ("en", "dark")])
def test_axe_finds_nothing_and_nothing_overflows(
    open_page: Callable[..., Any], staff: Staff, settings: Any, tmp_path: Any, lang: str, theme: str
) -> None:
    settings.HOME = tmp_path
    paths = prepared(staff)
    for view in (DESK, PHONE):
        window = open_page(lang=lang, theme=theme, viewport=view, user=staff)
        for name, path in paths.items():
            assert window.go(path).status == 200, path
            window.picture(f"{name}-{lang}-{theme}-{view['width']}", full=False)
            assert window.axe() == [], f"{name} {lang} {theme} {view['width']}"
            assert window.overflow() <= 0, f"{name} {lang} {view['width']}"
        assert [c for c in window.complaints if "404" not in c] == []  # this server has no /events


def test_a_colleague_approves_in_the_browser(open_page: Callable[..., Any], staff: Staff) -> None:
    path = prepared(staff)["approval"]
    window = open_page(user=staff)
    window.go("/approvals/")
    window.page.get_by_role("link", name="정책값 변경").click()
    window.page.get_by_role("button", name="승인하고 실행").click()
    window.page.get_by_text("승인해 실행했습니다").wait_for()
    assert policies.value("leaks.warn_hours", date.max) == 8 and window.page.url.endswith(path)
    assert [c for c in window.complaints if "404" not in c] == []
