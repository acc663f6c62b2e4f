"""Lists and forms in a real browser: chosen rows, all that match, the row one came from, live rows, columns, what was typed, what is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from test_kit_behaviour import STREAM
from test_kit_screens import kit, people  # noqa: F401
from watching import PHONE

from numaru.kernel import clock
from numaru.kernel.models import Staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LIST = "/kit/people/"


def row_at(page: Any) -> str:
    return str(page.evaluate("document.querySelector('tr.at .idno')?.textContent ?? ''"))


def hear(page: Any) -> None:
    """The house says that the list changed, and the page has asked for it."""
    with page.expect_response(lambda r: LIST in r.url and r.request.resource_type == "fetch"):
        page.evaluate("(m) => window.streams.at(-1).onmessage({ data: m })", json.dumps({"k": "people", "id": "1"}))


@pytest.mark.usefixtures("people")
def test_all_that_match_is_one_press_and_the_floor_says_so(open_page: Callable[..., Any], staff: Staff) -> None:
    seen = open_page(user=staff)
    page = seen.page
    seen.go(LIST)
    assert page.locator(".floor[data-chosen]").is_hidden()
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert page.locator(".floor [data-count]").text_content() == "1"
    page.locator(".floor .everything").click()
    assert page.locator("[data-every]").is_visible() and page.locator("tr.picked").count() == 50
    page.keyboard.press("x")  # one row less is not all any more
    assert page.locator("[data-every]").is_hidden() and page.locator(".floor [data-count]").text_content() == "49"
    page.get_by_role("button", name="선택 해제").click()
    assert page.locator(".floor[data-chosen]").is_hidden()
    assert not seen.complaints


@pytest.mark.usefixtures("people")
def test_pages_by_key_and_back_to_the_row_one_left(open_page: Callable[..., Any], staff: Staff) -> None:
    seen = open_page(user=staff)
    page = seen.page
    seen.go(LIST)
    page.keyboard.press("]")
    page.wait_for_url("**after=**")
    page.keyboard.press("p")
    page.wait_for_url("**before=**")
    page.keyboard.press("n")
    page.wait_for_url("**after=**")
    page.keyboard.press("j")
    page.keyboard.press("j")
    left = row_at(page)
    page.keyboard.press("Enter")
    page.wait_for_url("**/kit/person/**")
    page.go_back()
    page.locator("tr.at").wait_for()
    assert row_at(page) == left
    page.keyboard.press("g")
    page.keyboard.press("n")  # after g it is no page
    assert "after=" in page.url


@pytest.mark.usefixtures("people")
def test_a_live_list_moves_nothing_that_is_in_use(open_page: Callable[..., Any], staff: Staff) -> None:
    seen = open_page(user=staff)
    page = seen.page
    page.add_init_script(STREAM)
    seen.go(LIST)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    here, first = row_at(page), page.locator("tbody tr .idno").first.text_content()
    page.locator(".find input").fill("한글을 쓰는 중")
    page.locator(".sideways").evaluate("(one) => { one.scrollLeft = 7; }")
    Staff.objects.filter(login=here).update(name="바뀐*름")
    Staff.objects.filter(login="S-0000120").delete()
    for n in range(3):
        Staff.objects.create(login=f"N-{n}", name=f"새*{n}", created_at=clock.now() + timedelta(days=n + 1))
    hear(page)
    page.locator("tr.picked", has_text="바뀐*름").wait_for()
    assert row_at(page) == here and page.locator("tr.picked").count() == 1
    assert page.locator(".find input").input_value() == "한글을 쓰는 중" and page.evaluate("document.activeElement.name") == "q"
    assert page.locator("tbody tr .idno").first.text_content() == first  # new rows do not push in
    assert page.locator("tr.departed .idno").text_content() == "S-0000120"
    line = page.locator("[data-new]")
    line.wait_for()
    assert line.text_content().strip() == "새 항목 3"
    line.click()
    assert page.locator("tbody tr .idno").first.text_content() == "N-2" and line.is_hidden()
    assert row_at(page) == here and page.locator("tr.picked", has_text="바뀐*름").count() == 1
    assert not seen.complaints


@pytest.mark.usefixtures("people")
def test_many_changes_are_one_question(open_page: Callable[..., Any], staff: Staff) -> None:
    seen = open_page(user=staff)
    page = seen.page
    page.add_init_script(STREAM)
    seen.go(LIST)
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url) if r.resource_type == "fetch" else None)
    hear(page)
    page.evaluate(
        "(m) => { for (let i = 0; i < 50; i += 1) window.streams.at(-1).onmessage({ data: m }); }", json.dumps({"k": "people", "id": "1"})
    )
    with page.expect_response(lambda r: LIST in r.url and r.request.resource_type == "fetch"):
        pass
    assert len(asked) == 2


@pytest.mark.usefixtures("people")
def test_columns_are_moved_by_hand_and_kept(open_page: Callable[..., Any], staff: Staff) -> None:
    seen = open_page(user=staff)
    page = seen.page
    seen.go(LIST)
    page.get_by_role("button", name="열", exact=True).click()
    menu = page.locator(".columnmenu")
    menu.get_by_label("요금제", exact=True).uncheck()
    menu.get_by_role("button", name="상태 앞으로").click()
    menu.get_by_role("button", name="상태 앞으로").press("Enter")
    menu.get_by_role("button", name="적용").click()
    page.locator("th", has_text="요금제").wait_for(state="detached")
    assert page.locator("thead th[scope=col]").all_text_contents()[:3] == ["이름", "상태", "가입번호"]
    assert not seen.axe()


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_menus_and_the_floor_pass_axe(open_page: Callable[..., Any], staff: Staff, theme: str, lang: str) -> None:
    seen = open_page(user=staff, theme=theme, lang=lang)
    page = seen.page
    seen.go(LIST + "?active=yes")
    page.locator("[popovertarget=save-people]").click()
    assert not seen.axe()
    page.locator("#view-name").fill("010-1234-2201")
    page.keyboard.press("Enter")
    page.locator(".deskfail").wait_for()
    assert page.evaluate("document.activeElement.matches('.deskfail')") and not seen.axe()
    page.locator("#again-name").fill("Active")
    page.keyboard.press("Enter")
    page.wait_for_url("**view=**")
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert not seen.axe()
    page.locator("[popovertarget=view-people]").click()
    assert not seen.axe() and seen.overflow() == 0
    seen.picture(f"list-view-{lang}-{theme}")


@pytest.mark.usefixtures("people")
def test_without_script_views_columns_and_the_floor_still_work(open_page: Callable[..., Any], staff: Staff) -> None:
    seen = open_page(user=staff, java_script_enabled=False)
    page = seen.page
    seen.go(LIST)
    page.locator("tbody .pick input").first.check()
    assert page.locator(".floor[data-chosen]").is_visible()
    page.get_by_role("button", name="열", exact=True).click()
    page.locator(".columnmenu").get_by_role("button", name="가입번호 뒤로").click()
    page.wait_for_load_state()
    assert page.locator("thead th[scope=col]").all_text_contents()[:3] == ["이름", "요금제", "가입번호"]


@pytest.mark.usefixtures("people")
def test_a_phone_loses_nothing(open_page: Callable[..., Any], staff: Staff) -> None:
    seen = open_page(user=staff, viewport=PHONE)
    seen.go(LIST)
    assert seen.overflow() == 0 and not seen.axe()
    seen.page.locator("[popovertarget=columns-people]").click()
    box = seen.page.locator(".columnmenu").bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"]


def test_a_form_asks_before_typed_words_are_lost(open_page: Callable[..., Any], staff: Staff) -> None:
    seen = open_page(user=staff)
    page = seen.page
    seen.go("/kit/form/")
    page.locator(".pillar .house").click()  # nothing was typed: no question
    page.wait_for_url("**/")
    seen.go("/kit/form/")
    page.locator("[name=note]").fill("적던 말")
    page.locator(".pillar .house").click()
    dialog = page.locator("#leaving")
    assert dialog.is_visible() and not seen.axe()
    page.get_by_role("button", name="계속 쓰기").click()
    assert page.locator("[name=note]").input_value() == "적던 말"
    page.locator(".pillar .house").click()
    page.get_by_role("button", name="남겨 두고 나가기").click()
    page.wait_for_url(lambda url: not url.endswith("/kit/form/"))
    seen.go("/kit/form/")
    assert page.locator("[name=note]").input_value() == "적던 말"  # and the page says that it is back
    page.get_by_text("쓰다 만 내용을 되살렸습니다.").wait_for()
    page.locator(".pillar .house").click()
    page.get_by_role("button", name="버리고 나가기").click()
    page.wait_for_url(lambda url: not url.endswith("/kit/form/"))
    asked: list[str] = []
    page.on("dialog", lambda d: (asked.append(d.type), d.accept()))
    seen.go("/kit/form/")
    page.locator("[name=note]").fill("또")
    page.reload()
    assert asked == ["beforeunload"]


def test_amounts_days_and_phones_are_written_out_when_they_are_left_and_checked(open_page: Callable[..., Any], staff: Staff) -> None:
    seen = open_page(user=staff)
    page = seen.page
    seen.go("/kit/form/")
    assert not seen.axe()
    page.locator("[name=amount]").fill("₩1390000")
    page.locator("[name=amount]").press("Tab")
    assert page.locator("[name=amount]").input_value() == "1,390,000"
    page.locator("#id_amount_said .err").wait_for()  # more than the form allows: the server says so, the words stay
    assert page.locator("[name=amount]").get_attribute("aria-invalid") == "true"
    assert "1,000,000원 이하" in page.locator("#id_amount_said").text_content()
    page.locator("[name=amount]").fill("13,900원")
    page.locator("[name=amount]").press("Tab")
    page.locator("#id_amount_said .err").wait_for(state="detached")
    page.locator("[name=day]").fill("20261122")
    page.locator("[name=day]").press("Tab")
    assert page.locator("[name=day]").input_value() == "2026-11-22"
    page.locator("[name=phone]").fill("+82 10 1234 2201")
    page.locator("[name=phone]").press("Tab")
    assert page.locator("[name=phone]").input_value() == "010-1234-2201"
    assert not seen.complaints and not seen.axe()
