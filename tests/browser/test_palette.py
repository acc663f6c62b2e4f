"""The palette, the sheet of keys and glances in a real browser: by keyboard alone, while a syllable is composed, by finger, without script."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from test_screens import naru  # noqa: F401
from watching import PHONE

from numaru.kernel.audit.models import SearchMiss
from numaru.kernel.models import Staff
from tests.domains.billing.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NARROW = {"width": 360, "height": 780}
Open = Callable[..., Any]


def chosen(page: Any) -> str:
    """The number or title of the option that the field points at."""
    return str(
        page.evaluate(
            "(() => { const o = document.getElementById(document.getElementById('palette-q').getAttribute('aria-activedescendant'));"
            " return o ? (o.querySelector('.idno') ?? o.querySelector('.hit-t')).textContent : ''; })()"
        )
    )


def until(page: Any, number: str) -> None:
    page.locator("#palette-list .idno", has_text=number).first.wait_for()


def answered(page: Any, typed: str) -> None:
    page.locator(f'.cmdk-found[data-q="{typed}"]').wait_for(state="attached")


def opened(seen: Any, path: str = "/billing/runs/") -> Any:
    seen.go(path)
    seen.page.keyboard.press("Control+k")
    seen.page.locator("#palette[open]").wait_for()
    seen.page.locator("#palette-list [role=option]").first.wait_for()
    return seen.page


def test_a_person_is_found_and_opened_by_keyboard_alone(open_page: Open, staff: Staff, naru: World) -> None:  # noqa: F811
    who = naru.subscriber("haneul").number
    seen = open_page(user=staff)
    page = opened(seen)
    assert page.evaluate("document.activeElement.id") == "palette-q"
    field = page.locator("#palette-q")
    assert field.get_attribute("role") == "combobox" and field.get_attribute("aria-controls") == "palette-list"
    page.keyboard.type("ㄱㅎㄴ")
    until(page, who)
    assert field.get_attribute("aria-expanded") == "true" and chosen(page) == who
    assert page.locator("#palette-said").text_content() not in ("", None)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/subscribers/{who}/")
    page.keyboard.press("Control+k")
    until(page, who)  # what was opened last
    page.keyboard.press("Escape")
    page.locator("#palette[open]").wait_for(state="detached")
    assert seen.complaints == []


def test_arrows_walk_around_and_focus_goes_back_where_it_was(open_page: Open, staff: Staff, naru: World) -> None:  # noqa: F811
    page = opened(open_page(user=staff))
    first = chosen(page)
    page.keyboard.press("ArrowUp")
    last = chosen(page)
    assert last != first
    page.keyboard.press("ArrowDown")
    assert chosen(page) == first
    page.keyboard.press("ArrowDown")
    second = chosen(page)
    assert second not in (first, last)
    page.keyboard.press("Control+End")
    assert chosen(page) == last
    page.keyboard.press("Escape")
    page.locator("#palette[open]").wait_for(state="detached")
    page.keyboard.press("j")
    there = page.evaluate("document.activeElement.href")
    assert "/billing/runs/R" in there
    page.keyboard.press("Control+k")
    page.keyboard.type("청구")
    page.locator("#palette-list mark").first.wait_for()
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.href") == there


def test_enter_opens_beside_with_shift(open_page: Open, staff: Staff, naru: World) -> None:  # noqa: F811
    page = opened(open_page(user=staff))
    page.keyboard.type("R2026-08")
    until(page, "R2026-08")
    with page.context.expect_page() as beside:
        page.keyboard.press("Shift+Enter")
    beside.value.wait_for_url("**/billing/runs/R2026-08/")
    assert page.locator("#palette[open]").is_visible()


def test_reading_while_a_syllable_is_composed_and_acting_only_after(open_page: Open, staff: Staff, naru: World) -> None:  # noqa: F811
    """The input method of the browser itself: composition events, and Enter as the key that it consumed (229)."""
    who = naru.subscriber("haneul").number
    page = opened(open_page(user=staff))
    ime = page.context.new_cdp_session(page)

    def compose(text: str) -> None:
        ime.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})

    compose("기")
    compose("김")
    ime.send("Input.insertText", {"text": "김"})
    compose("ㅎ")
    until(page, who)  # the answer to 김ㅎ comes while ㅎ is still being composed
    for code, key in (("ArrowDown", "ArrowDown"), ("Enter", "Enter")):
        before = chosen(page)
        ime.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", "code": code, "key": key, "windowsVirtualKeyCode": 229})
        ime.send("Input.dispatchKeyEvent", {"type": "keyUp", "code": code, "key": key, "windowsVirtualKeyCode": 229})
        assert chosen(page) == before
    assert page.url.endswith("/billing/runs/") and page.locator("#palette[open]").is_visible()
    ime.send("Input.insertText", {"text": "하"})
    answered(page, "김하")
    until(page, who)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/subscribers/{who}/")


def test_an_older_answer_never_covers_a_newer_one(open_page: Open, staff: Staff, naru: World) -> None:  # noqa: F811
    page = opened(open_page(user=staff))
    held: list[Any] = []
    late = re.compile(r"/find/\?q=R2026-08&")
    page.route(late, lambda route: held.append(route))
    with page.expect_request(late):
        page.keyboard.type("R2026-08")
    page.keyboard.press("Control+a")
    page.keyboard.type("R2026-09")
    until(page, "R2026-09")
    for route in held:
        route.fulfill(
            status=200,
            content_type="text/html",
            body='<div class="cmdk-found" data-q="R2026-08"><a class="hit" role="option" href="/stale/">old</a></div>',
        )
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert page.locator("#palette-list a[href='/stale/']").count() == 0 and chosen(page) == "R2026-09"


def test_enter_before_the_answer_opens_only_the_very_number(open_page: Open, staff: Staff, naru: World) -> None:  # noqa: F811
    who = naru.subscriber("noeul").number
    page = opened(open_page(user=staff))
    page.keyboard.type("ㅇㄴㅇ")
    page.keyboard.press("Enter")
    until(page, who)
    assert page.url.endswith("/billing/runs/")  # it was not seen yet when Enter was pressed
    page.keyboard.press("Control+a")
    page.keyboard.type(who.lower())
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/subscribers/{who}/")


def test_a_telephone_number_is_looked_up_on_purpose(open_page: Open, staff: Staff, naru: World) -> None:  # noqa: F811
    page = opened(open_page(user=staff))
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url) if "/find/?" in r.url else None)
    page.keyboard.type("0109999888")  # one digit is missing: no pause looks it up
    page.locator(".cmdk-found[data-waits]").wait_for()
    assert all("typing=1" in url for url in asked) and SearchMiss.objects.count() == 0
    page.keyboard.press("Enter")
    page.locator(".cmdk-found:not([data-waits])[data-q='0109999888']").wait_for()
    assert SearchMiss.objects.count() == 1
    page.keyboard.press("Control+a")
    page.keyboard.type("01012342201")  # typed to its end: found after a pause by itself
    until(page, naru.subscriber("haneul").number)
    assert SearchMiss.objects.count() == 1


def test_what_one_may_do_is_done(open_page: Open, staff: Staff, naru: World) -> None:  # noqa: F811
    page = opened(open_page(user=staff))
    page.keyboard.type(">어둡")
    answered(page, ">어둡")
    page.keyboard.press("Enter")
    page.locator("html[data-bs-theme=dark]").wait_for()
    page.locator("[data-palette-form]").wait_for(state="detached")  # the script of the new page has begun
    assert page.url.endswith("/billing/runs/")
    page.keyboard.press("Control+k")
    page.locator("#palette[open]").wait_for()
    page.keyboard.type("ㅊㄱㅅㅎㅅㅈ")
    answered(page, "ㅊㄱㅅㅎㅅㅈ")
    page.keyboard.press("Enter")
    page.wait_for_url("**/billing/runs/new/")


def test_a_failing_server_is_told_and_asked_again(open_page: Open, staff: Staff, naru: World) -> None:  # noqa: F811
    page = opened(open_page(user=staff))
    page.route("**/find/?**", lambda route: route.fulfill(status=503, body=""))
    page.keyboard.type("R2026-08")
    page.get_by_text("서버가 답하지 않았습니다").first.wait_for()
    page.unroute("**/find/?**")
    page.keyboard.press("Enter")
    page.wait_for_url("**/billing/runs/R2026-08/")


def test_the_sheet_of_keys_tells_what_holds_here(open_page: Open, staff: Staff, naru: World) -> None:  # noqa: F811
    seen = open_page(user=staff)
    page = opened(seen, "/subscribers/")
    page.keyboard.type("?")
    sheet = page.locator("#keylist[open]")
    sheet.wait_for()
    assert page.locator("#palette[open]").count() == 0
    assert sheet.get_by_text("다음 줄, 앞 줄").is_visible() and sheet.get_by_text("여기까지 고르기").is_visible()
    assert sheet.get_by_text("고치기", exact=True).is_hidden()
    assert seen.axe() == []
    page.keyboard.press("Escape")
    seen.go(f"/subscribers/{naru.subscriber('noeul').number}/")
    page.keyboard.press("Shift+Slash")
    sheet.wait_for()
    assert sheet.get_by_text("다음 줄, 앞 줄").is_hidden() and sheet.get_by_text("앞뒤").is_visible()


def test_pages_turn_by_brackets_and_a_field_is_left_with_what_was_typed(open_page: Open, staff: Staff, naru: World) -> None:  # noqa: F811
    seen = open_page(user=staff)
    page = seen.page
    seen.go(f"/subscribers/{naru.subscriber('noeul').number}/")
    here = page.url
    page.keyboard.press("]")
    page.wait_for_url(lambda url: url != here)
    page.keyboard.press("[")
    page.wait_for_url(here)
    seen.go("/subscribers/")
    page.keyboard.press("/")
    page.keyboard.type("ㄱㅎ")
    page.keyboard.press("Escape")
    assert page.locator(".find input").input_value() == "ㄱㅎ" and "/subscribers/S-" in page.evaluate("document.activeElement.href")


def test_by_finger_on_a_phone(open_page: Open, staff: Staff, naru: World) -> None:  # noqa: F811
    seen = open_page(user=staff, viewport=NARROW)
    page = seen.page
    seen.go("/billing/runs/")
    page.get_by_role("button", name=re.compile("초성으로 찾기")).tap()
    page.locator("#palette[open]").wait_for()
    box = page.locator("#palette").bounding_box()
    assert (box["width"], box["height"]) == (360, 780)
    page.locator("#palette-q").fill("ㄱㅎㄴ")
    until(page, naru.subscriber("haneul").number)
    assert seen.overflow() <= 0 and seen.axe() == []
    page.get_by_role("button", name="닫기").tap()
    page.locator("#palette[open]").wait_for(state="detached")
    page.get_by_role("button", name=re.compile("초성으로 찾기")).tap()
    page.locator("#palette-q").fill("R2026-08")
    page.locator("#palette-list [role=option]", has_text="R2026-08").first.tap()
    page.wait_for_url("**/billing/runs/R2026-08/")


def test_without_script_the_box_asks_the_page(open_page: Open, staff: Staff, naru: World) -> None:  # noqa: F811
    seen = open_page(user=staff, java_script_enabled=False)
    page = seen.page
    seen.go("/billing/runs/")
    page.locator("#find-all").fill("ㄱㅎㄴ")
    page.locator("#find-all").press("Enter")
    page.wait_for_url("**/find/?q=*")
    page.get_by_role("link", name=re.compile(naru.subscriber("haneul").number)).click()
    page.wait_for_url("**/subscribers/S-*/")
    page.locator("#find-all").fill("R2026-08")
    page.locator("#find-all").press("Enter")
    page.wait_for_url("**/billing/runs/R2026-08/")


def test_a_glance_by_pointer_and_by_keyboard(open_page: Open, staff: Staff, naru: World) -> None:  # noqa: F811
    seen = open_page(user=staff)
    page = seen.page
    seen.go("/audit/?q=R2026-08")
    link = page.locator("[data-peek]").first
    link.hover()
    glance = page.locator("#peek:popover-open")
    glance.wait_for()
    assert "89,029" in glance.inner_text() and link.get_attribute("aria-describedby") == "peek"
    assert seen.axe() == []
    glance.hover()  # it can be pointed at itself
    page.keyboard.press("Escape")
    page.locator("#peek:popover-open").wait_for(state="detached")
    page.mouse.move(2, 2)
    for keys in ("Space", "Alt+Enter"):
        link.focus()
        page.keyboard.press(keys)
        glance.wait_for()
        page.keyboard.press("Escape")
        glance.wait_for(state="detached")
        assert page.evaluate("document.activeElement.matches('[data-peek]')")
    page.keyboard.press("Space")
    glance.wait_for()
    page.keyboard.press("Tab")
    glance.wait_for(state="detached")
    assert seen.complaints == []


def test_a_finger_gets_no_glance(open_page: Open, staff: Staff, naru: World) -> None:  # noqa: F811
    seen = open_page(user=staff, viewport=PHONE)
    asked: list[str] = []
    seen.page.on("request", lambda r: asked.append(r.url) if re.search(r"/find/.+/", r.url) else None)
    seen.go("/audit/?q=R2026-08")
    seen.page.locator("[data-peek]").first.tap()
    seen.page.wait_for_url("**/billing/runs/R2026-08/")
    assert asked == []


@pytest.mark.slow
@pytest.mark.parametrize(("lang", "theme"), [("ko", "light"), ("ko", "dark"), ("en", "light"), ("en", "dark")])
def test_axe_finds_nothing_in_any_state(open_page: Open, staff: Staff, naru: World, lang: str, theme: str) -> None:  # noqa: F811
    for viewport in ({"width": 1440, "height": 900}, NARROW):
        seen = open_page(user=staff, lang=lang, theme=theme, viewport=viewport)
        page = opened(seen)
        for typed in ("", "김하늘", "청구", "zzzz", "0109999888", ">"):
            page.locator("#palette-q").fill(typed)
            answered(page, typed)
            assert seen.axe() == [], (typed, viewport)
            assert seen.overflow() <= 0
            seen.picture(f"palette-{typed or 'empty'}-{lang}-{theme}-{viewport['width']}", full=False)
        for path in ("/find/", "/find/?q=%EC%B2%AD%EA%B5%AC", "/find/?q=zzzz"):
            seen.go(path)
            assert seen.axe() == [], path
            assert seen.overflow() <= 0 and page.locator("h1").count() == 1
        assert [c for c in seen.complaints if "404" not in c] == []
