"""What the small modules do in a real browser: keys, live parts, dialogs, explanations, theme, density."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from test_kit_screens import kit, people  # noqa: F401
from watching import PHONE

from numaru.kernel.models import Staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# A stand-in for the browser's end of /events, which the kit's live server does not have: the test is the server.
STREAM = """
window.streams = [];
window.EventSource = class {
  constructor(url) { this.url = url; this.closed = false; window.streams.push(this); setTimeout(() => window.refuse ? this.onerror?.() : this.onopen?.()); }
  close() { this.closed = true; }
};
"""


def row_at(page: Any) -> str:
    return str(page.evaluate("document.querySelector('tr.at .idno')?.textContent ?? ''"))


def test_rows_by_keyboard(open_page: Callable[..., Any], staff: Staff, people: None) -> None:  # noqa: F811
    seen = open_page(user=staff)
    page = seen.page
    seen.go("/kit/people/")
    page.keyboard.press("j")
    assert row_at(page) == "S-0000130"
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert row_at(page) == "S-0000129"
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    assert page.locator("tr.picked").count() == 3
    assert page.locator(".floor [data-count]").text_content() == "3"
    page.get_by_role("button", name="선택 해제").click()
    assert page.locator(".floor").is_hidden()
    page.keyboard.press("/")
    page.keyboard.type("j")
    assert page.evaluate("document.activeElement.name") == "q" and page.locator(".find input").input_value() == "j"
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("Shift+Slash")
    assert page.locator("#keylist").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("b")
    page.wait_for_url("**/kit/run/")


def test_a_syllable_being_composed_is_no_key_and_the_hangul_layout_is(open_page: Callable[..., Any], staff: Staff, people: None) -> None:  # noqa: F811
    seen = open_page(user=staff)
    page = seen.page
    seen.go("/kit/people/")
    press = "(o) => document.body.dispatchEvent(new KeyboardEvent('keydown', {bubbles: true, cancelable: true, ...o}))"
    page.evaluate(press, {"key": "ㅓ", "code": "KeyJ", "isComposing": True})
    assert row_at(page) == ""
    page.evaluate(press, {"key": "ㅓ", "code": "KeyJ"})
    assert row_at(page) == "S-0000130"


def test_single_keys_can_be_switched_off(open_page: Callable[..., Any], staff: Staff, people: None) -> None:  # noqa: F811
    seen = open_page(user=staff)
    page = seen.page
    seen.go("/kit/people/")
    page.locator(".who").click()
    page.get_by_role("group", name="글자 단축키").get_by_role("button", name="끔").click()
    page.locator("html[data-keys=off]").wait_for()
    page.keyboard.press("j")
    assert row_at(page) == ""


def test_a_live_part_refetches_itself_when_told(open_page: Callable[..., Any], staff: Staff) -> None:
    seen = open_page(user=staff)
    page = seen.page
    page.add_init_script(STREAM)
    seen.go("/kit/run/")
    assert page.evaluate("window.streams.length") == 1
    assert "612,904 /" in page.locator(".of").text_content()
    page.context.add_cookies([{"name": "kit_step", "value": "5", "url": seen.base}])
    tell = "(said) => window.streams.at(-1).onmessage({data: said})"
    page.evaluate(tell, json.dumps({"k": "billing.run", "id": "13"}))
    page.wait_for_timeout(300)
    assert "612,904 /" in page.locator(".of").text_content()
    page.evaluate(tell, json.dumps({"k": "billing.run", "id": "12"}))
    page.locator(".of", has_text="617,904").wait_for()
    assert page.locator("h1").count() == 1  # the part was swapped, not a page into it


def test_a_part_that_gets_no_answer_keeps_what_it_shows_and_says_so(open_page: Callable[..., Any], staff: Staff) -> None:
    seen = open_page(user=staff)
    page = seen.page
    page.add_init_script(STREAM)
    seen.go("/kit/run/")
    tell = "() => window.streams.at(-1).onmessage({data: JSON.stringify({k: 'billing.run', id: '12'})})"
    page.context.add_cookies([{"name": "kit_step", "value": "boom", "url": seen.base}])
    page.evaluate(tell)
    page.locator("#toasts .toast-n").wait_for()
    assert "서버가 답하지 않았습니다" in page.locator("#toasts").text_content()
    assert "612,904 /" in page.locator(".of").text_content() and page.locator("h1").count() == 1
    assert seen.axe() == []
    seen.picture("no-answer", full=False)
    page.context.add_cookies([{"name": "kit_step", "value": "1", "url": seen.base}])
    page.evaluate(tell)
    page.locator(".of", has_text="613,904").wait_for()
    assert page.locator("#toasts .toast-n").count() == 0


def test_typed_words_are_not_lost_without_a_question(open_page: Callable[..., Any], staff: Staff) -> None:
    seen = open_page(user=staff)
    page = seen.page
    asked: list[str] = []
    page.on("dialog", lambda d: (asked.append(d.type), d.accept()))
    seen.go("/kit/person/S-0000001/")
    page.get_by_label("메모").fill("확인함")
    page.get_by_role("button", name="저장").click()
    page.wait_for_url("**/kit/run/?memo=**")
    assert asked == []  # sent, so nothing is lost
    seen.go("/kit/person/S-0000001/")
    page.get_by_label("메모").fill("확인함")
    page.locator(".pillar a", has_text="과금").click()
    page.locator("#leaving[open]").wait_for()  # a question of ours, not the browser's
    page.locator("#leaving button", has_text="계속 쓰기").click()
    assert page.get_by_label("메모").input_value() == "확인함"
    page.locator(".pillar a", has_text="과금").click()
    page.locator("#leaving button", has_text="버리고 나가기").click()
    page.wait_for_url("**/kit/run/")
    assert asked == []
    seen.go("/kit/person/S-0000001/")
    page.get_by_label("메모").fill("확인함")
    page.reload()
    assert asked == ["beforeunload"]  # where no link is followed the browser asks


def test_without_the_stream_parts_are_asked_again_and_the_stream_comes_back(open_page: Callable[..., Any], staff: Staff) -> None:
    seen = open_page(user=staff)
    page = seen.page
    page.add_init_script(STREAM + "window.refuse = true;")
    seen.go("/kit/run/")
    page.locator("html[data-live-polling]").wait_for()
    page.context.add_cookies([{"name": "kit_step", "value": "7", "url": seen.base}])
    page.locator(".of", has_text="619,904").wait_for()
    page.evaluate("window.refuse = false")
    page.locator("html:not([data-live-polling])").wait_for()
    assert page.evaluate("window.streams.filter(s => !s.closed).length") == 1


def test_why_opens_in_place(open_page: Callable[..., Any], staff: Staff) -> None:
    seen = open_page(user=staff)
    page = seen.page
    seen.go("/kit/invoice/")
    why = page.get_by_role("button", name="왜 이 금액인가요?")
    assert page.locator("#why1").is_hidden()
    why.click()
    assert page.locator("#why1").is_visible() and why.get_attribute("aria-expanded") == "true"
    assert seen.axe() == []
    why.click()
    assert page.locator("#why1").is_hidden()


def test_a_dialog_opens_and_leaves_without_doing(open_page: Callable[..., Any], staff: Staff) -> None:
    seen = open_page(user=staff)
    page = seen.page
    seen.go("/kit/person/S-0000001/")
    page.get_by_role("button", name="해지…").click()
    assert page.locator("#end").is_visible()
    assert seen.axe() == []
    seen.picture("dialog", full=False)
    page.get_by_role("button", name="취소").click()
    assert page.locator("#end").is_hidden() and page.url.endswith("/kit/person/S-0000001/")


def test_theme_changes_at_once_and_stays(open_page: Callable[..., Any], staff: Staff) -> None:
    seen = open_page(user=staff)
    page = seen.page
    seen.go("/kit/run/")
    page.locator(".who").click()
    seen.picture("menu", full=False)
    assert seen.axe() == []
    page.get_by_role("button", name="어둡게").click()
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    seen.go("/kit/run/")
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"


def test_density_changes_at_once_and_stays_for_this_list(open_page: Callable[..., Any], staff: Staff, people: None) -> None:  # noqa: F811
    seen = open_page(user=staff)
    page = seen.page
    seen.go("/kit/people/")
    height = "document.querySelector('.list tbody tr').getBoundingClientRect().height"
    before = page.evaluate(height)
    page.get_by_role("link", name="촘촘").click()
    assert page.evaluate(height) < before
    seen.go("/kit/people/?sort=name")
    assert page.evaluate(height) < before


def test_language_is_kept_with_the_account(open_page: Callable[..., Any], staff: Staff) -> None:
    seen = open_page(user=staff)
    page = seen.page
    seen.go("/kit/run/")
    page.get_by_role("button", name="English").first.click()
    page.locator("html[lang=en]").wait_for()
    assert page.url.endswith("/kit/run/")
    staff.refresh_from_db()
    assert staff.language == "en"


def test_the_room_list_is_a_drawer_on_a_phone(open_page: Callable[..., Any], staff: Staff, people: None) -> None:  # noqa: F811
    seen = open_page(user=staff, viewport=PHONE)
    page = seen.page
    seen.go("/kit/people/")
    assert page.locator("nav.room").is_hidden()
    page.get_by_role("button", name="차림표").click()
    assert page.locator("nav.room").is_visible()
    seen.picture("drawer", full=False)
    assert seen.axe() == []
    page.keyboard.press("Escape")
    assert page.locator("nav.room").is_hidden()
    page.locator("[data-palette-open]:visible").first.click()
    page.locator("#palette[open] #palette-q").wait_for()
    seen.picture("find-phone", full=False)
    page.keyboard.press("Escape")
    page.locator("#palette[open]").wait_for(state="detached")


def test_filters_work_without_script(open_page: Callable[..., Any], staff: Staff, people: None) -> None:  # noqa: F811
    seen = open_page(user=staff, java_script_enabled=False)
    page = seen.page
    seen.go("/kit/people/")
    page.get_by_role("button", name="조건").click()
    seen.picture("filters", full=False)
    page.locator("#f-active").select_option("no")
    page.get_by_role("button", name="적용").click()
    assert "active=no" in page.url
    assert page.locator("tbody tr").count() == 26
    page.get_by_role("link", name="넉넉").click()
    assert page.url.endswith("?active=no") and page.locator("table[data-density=roomy]").count() == 1
