"""The help beside the work: it opens the chapter of the screen, leaves what was typed alone, and gives the focus back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from watching import PHONE

from numaru.kernel.models import Staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_chapter_opens_beside_what_is_being_typed(open_page: Callable[..., Any], staff: Staff) -> None:
    seen = open_page(user=staff)
    page = seen.page
    seen.go("/policies/")
    page.locator("main .find input").fill("A-00")
    page.locator(".helplink").click()
    drawer = page.locator("#help:popover-open")
    drawer.wait_for()
    assert "정책값" in drawer.inner_text() and page.locator("main .find input").input_value() == "A-00" and page.url.endswith("/policies/")
    assert page.evaluate("document.activeElement.id") == "help-body"
    assert seen.axe() == [] and page.locator("h1").count() == 1
    drawer.locator(".turn a[rel=next]").click()
    page.locator("#help-whole[href*='/help/']:not([href*='/policies/'])").wait_for()  # another chapter, in the same drawer
    assert page.url.endswith("/policies/") and drawer.is_visible()
    page.keyboard.press("Escape")
    drawer.wait_for(state="detached")
    assert page.evaluate("document.activeElement.className") == "helplink" and page.locator("main .find input").input_value() == "A-00"
    seen.picture("help-drawer", full=False)


def test_without_script_the_link_leads_to_the_page(open_page: Callable[..., Any], staff: Staff) -> None:
    seen = open_page(user=staff, java_script_enabled=False, viewport=PHONE)
    seen.go("/approvals/")
    seen.page.locator(".helplink").click()
    seen.page.wait_for_url("**/help/approvals/")
    assert seen.page.locator("h1").inner_text() == "결재"
