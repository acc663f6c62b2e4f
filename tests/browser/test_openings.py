"""Opening and correcting on a subscriber's page and bulk openings, in Chromium: both languages, light and dark, desktop and phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from watching import DESK, PHONE

from numaru.domains.subscribers import api as subscribers
from numaru.facilities.parties.actions.exports import write_export
from numaru.kernel import clock
from numaru.kernel.approvals import api as approvals
from numaru.kernel.approvals.models import ApprovalRequest
from numaru.kernel.models import Staff, StaffGrant
from numaru.kernel.vault.models import VaultOpening
from tests.domains.billing import world

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def prepared(staff: Staff) -> dict[str, str]:
    """A company, and of ``staff`` one bulk opening that is ready, one that is being made, and more openings this hour than go without a case."""
    made = world.company()
    for role in ("subscriber_clerk", "privacy_officer"):
        StaffGrant.objects.create(staff=staff, role=role, granted_at=clock.now())
    other = Staff.objects.create(login="other", name="백이든", created_at=clock.now())
    StaffGrant.objects.create(staff=other, role="privacy_officer", granted_at=clock.now())
    numbers = [made.subscriber(name).number for name in ("haneul", "noeul", "minsu")]
    exports = []
    for _ in range(2):
        asked = subscribers.open_many.ask(
            Staff.objects.get(pk=staff.pk).actor, numbers=numbers, fields=["name", "phone"], code="notice", case_ref="N-12",
            reason="요금 변경을 고지합니다",
        )  # fmt: skip
        _, seen = approvals.preview(ApprovalRequest.objects.get(number=asked))
        exports.append(str(approvals.approve.do(Staff.objects.get(pk=other.pk).actor, number=asked, seen=seen)))
    write_export(exports[0])
    VaultOpening.objects.bulk_create(
        VaultOpening(person=1, kind="name", at=clock.now(), actor="staff:x", staff=staff.pk, purpose="x") for _ in range(61)
    )
    one = f"/subscribers/{numbers[0]}/"
    return {
        "exports": "/privacy/exports/", "export-ready": f"/privacy/exports/{exports[0]}/", "export-made": f"/privacy/exports/{exports[1]}/",
        "export-new": f"/privacy/exports/new/?number={numbers[0]}&number={numbers[1]}", "subscriber": one, "opening": f"{one}?open=phone",
        "correction": f"{one}?correct=", "subscribers": "/subscribers/?served=running",
    }  # fmt: skip


@pytest.mark.parametrize(("lang", "theme"), [("ko", "light"), ("en", "dark")])
def test_axe_finds_nothing_and_nothing_overflows(
    open_page: Callable[..., Any], staff: Staff, settings: Any, tmp_path: Any, lang: str, theme: str
) -> None:
    settings.HOME = tmp_path
    paths = prepared(staff)
    for view in (DESK, PHONE):
        window = open_page(lang=lang, theme=theme, viewport=view, user=staff)

        def looked_at(name: str, window: Any = window, view: Any = view) -> None:
            window.picture(f"{name}-{lang}-{theme}-{view['width']}", full=False)
            assert window.overflow() <= 0, name
            assert window.axe() == [], name

        for name, path in paths.items():
            assert window.go(path).status == 200, path
            looked_at(name)
        window.page.locator("td.pick input").first.check()
        window.page.locator("form.floor button[formaction]").wait_for(state="visible")
        looked_at("subscribers-chosen")
        window.page.locator("form.floor button[formaction]").click()
        window.page.wait_for_url("**/privacy/exports/new/?row=*")
        assert window.page.locator("textarea[name=numbers]").input_value().startswith("S-")
        window.go(paths["opening"])
        window.page.locator("form.reason button").click()
        window.page.locator("#case-wrong").wait_for()
        looked_at("opening-past-the-limit")
        window.page.locator("#case").fill("Q-77")
        window.page.locator("form.reason button").click()
        window.page.locator(".reason.opened").wait_for()
        assert "010-1234-2201" in window.page.locator(".reason.opened").inner_text()
