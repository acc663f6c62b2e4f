"""The door and the pages of trouble in Chromium: both languages, light and dark, desk and phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from test_kit_screens import kit, people  # noqa: F401
from watching import DESK, PHONE

from numaru.kernel.models import Staff

TABLET = {"width": 768, "height": 1024}
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESK, TABLET, PHONE], ids=["desk", "tablet", "phone"])
def test_sign_in(open_page: Callable[..., Any], staff: Staff, lang: str, theme: str, viewport: dict[str, int]) -> None:
    seen = open_page(lang=lang, theme=theme, viewport=viewport)
    page = seen.page
    seen.go("/sign-in/?next=/kit/run/")
    seen.picture(f"door-{lang}-{theme}-{viewport['width']}", full=False)
    assert seen.axe() == [] and seen.overflow() <= 0
    page.locator("#id_username").fill("nuri")
    page.locator("#id_password").fill("아닌 것")
    page.locator(".btn-primary").click()
    page.locator(".errsum").wait_for()
    assert page.evaluate("document.activeElement.className") == "errsum"  # the reader starts at the summary
    seen.picture(f"door-wrong-{lang}-{theme}-{viewport['width']}", full=False)
    assert seen.axe() == []
    page.locator("#id_password").fill("한옥마루 창가 자리")
    page.locator("#id_password").press("Enter")
    page.wait_for_url("**/kit/run/")  # a newcomer is not held up; a line with one link asks for a second factor
    assert seen.axe() == [] and seen.overflow() <= 0
    page.locator(".lines .line a").last.click()
    page.wait_for_url("**/account/start/**")
    seen.picture(f"door-start-{lang}-{theme}-{viewport['width']}", full=False)
    assert seen.axe() == [] and seen.overflow() <= 0
    page.locator(".door form .btn-ghost").click()
    page.wait_for_url("**/kit/run/")
    page.locator(".who").click()
    page.locator(".menu-out button").click()
    page.wait_for_url("**/sign-in/")
    assert [c for c in seen.complaints if "404" not in c and "422" not in c] == []


def test_an_internal_error_is_told_in_words_without_session_or_database(open_page: Callable[..., Any], staff: Staff) -> None:
    seen = open_page(user=staff)
    answer = seen.go("/kit/boom/")
    assert answer.status == 500 and "화면을 만들지 못했습니다" in seen.page.locator("h1").text_content()
    seen.picture("broken", full=False)
    assert seen.axe() == []


@pytest.mark.slow
def test_as_the_device_is_dark_on_a_dark_device(open_page: Callable[..., Any], staff: Staff, people: None) -> None:  # noqa: F811
    seen = open_page(user=staff, theme="auto", color_scheme="dark")
    seen.go("/kit/people/")
    seen.picture("people-auto-dark", full=False)
    assert seen.page.evaluate("getComputedStyle(document.querySelector('.sheet')).backgroundColor") == "rgb(20, 25, 23)"
    assert seen.axe() == []


def test_skip_link_is_the_first_stop_and_leads_to_the_content(open_page: Callable[..., Any], staff: Staff) -> None:
    seen = open_page(user=staff)
    page = seen.page
    seen.go("/kit/run/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.slow
def test_at_320_pixels_and_twice_the_text_nothing_is_lost(open_page: Callable[..., Any], staff: Staff, people: None) -> None:  # noqa: F811
    seen = open_page(user=staff, viewport={"width": 320, "height": 640})
    for path in ("/kit/people/", "/kit/person/S-0000001/", "/kit/run/", "/kit/invoice/", "/sign-in/"):
        seen.go(path)
        assert seen.overflow() <= 0, path
    wide = open_page(user=staff, viewport={"width": 720, "height": 450})  # 1440 at 200 %
    for path in ("/kit/people/", "/kit/person/S-0000001/", "/kit/run/", "/kit/invoice/"):
        wide.go(path)
        assert wide.overflow() <= 0, path
        wide.picture(f"zoom-{path.split('/')[2]}", full=False)


@pytest.mark.slow
def test_on_paper_only_the_sheet_is_printed(open_page: Callable[..., Any], staff: Staff) -> None:
    seen = open_page(user=staff)
    seen.go("/kit/invoice/")
    seen.page.emulate_media(media="print")
    seen.picture("print")
    for part in (".pillar", ".top", ".room", ".obj .acts"):
        assert seen.page.locator(part).is_hidden()
    assert seen.page.locator(".total").is_visible()
