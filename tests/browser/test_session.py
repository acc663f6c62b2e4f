"""Before a session ends for want of use the reader is told and can stay; after it has ended what was typed is still there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from watching import PHONE

from numaru.kernel.models import Staff
from numaru.kernel.staff.models import StaffSession

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_who_was_away_is_asked_and_stays(open_page: Callable[..., Any], staff: Staff) -> None:
    """58 minutes without use: the question counts down, one press stays signed in, and forms go on; an ended session keeps what was typed."""
    seen = open_page(user=staff, viewport=PHONE)
    page = seen.page
    page.clock.install()
    page.route("**/notices/bell/", lambda route: route.abort())  # what the page fetches by itself is use as well
    seen.go("/policies/")
    page.locator("main .find input").fill("A-00")
    page.clock.fast_forward(57 * 60_000)
    box = page.locator("#session")
    assert not box.is_visible()
    page.clock.fast_forward(2 * 60_000)
    page.clock.run_for(1500)
    box.wait_for()
    assert "곧 로그인이 끝납니다" in box.inner_text() and page.evaluate("document.activeElement.hasAttribute('data-go')")
    assert seen.axe() == [] and seen.overflow() <= 0
    seen.picture("session-soon", full=False)
    page.keyboard.press("Enter")
    box.wait_for(state="hidden")
    assert page.locator("main .find input").input_value() == "A-00"
    page.clock.fast_forward(57 * 60_000)
    page.clock.run_for(1500)
    assert not box.is_visible()
    StaffSession.objects.all().delete()
    page.unroute("**/notices/bell/")  # the bell may be told first that nobody is signed in
    page.clock.fast_forward(4 * 60_000)
    page.clock.run_for(1500)
    box.wait_for()
    assert "로그인이 끝났습니다" in box.inner_text() and page.locator("main .find input").input_value() == "A-00"
    assert box.locator("a").get_attribute("href") == "/sign-in/" and seen.axe() == []
    box.locator("[data-go]").click()  # not signed in yet: it stays
    assert box.is_visible()
    seen.picture("session-over", full=False)
