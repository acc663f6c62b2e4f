"""A live part gives way to whoever works in it: typing, composing, selecting, an open menu; focus and choices follow what they mean."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from test_kit_behaviour import STREAM
from test_kit_screens import kit  # noqa: F401
from watching import Watched

from numaru.kernel.models import Staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def part(open_page: Callable[..., Any], staff: Staff) -> Watched:
    seen: Watched = open_page(user=staff)
    seen.page.add_init_script(STREAM)
    seen.go("/kit/live/")
    return seen


def changed(seen: Watched, step: int) -> None:
    """The world moves on, and the stream says so."""
    page = seen.page
    page.context.add_cookies([{"name": "kit_step", "value": str(step), "url": seen.base}])
    page.evaluate("() => window.streams.at(-1).onmessage({data: JSON.stringify({k: 'billing.run', id: '12'})})")


def step(seen: Watched) -> str:
    return str(seen.page.locator("#step").inner_text())


def comes(seen: Watched, number: int) -> None:
    seen.page.locator(f"#step:text-is('{number}')").wait_for()


def test_typing_elsewhere_does_not_hold_a_part_and_loses_nothing(part: Watched) -> None:
    page = part.page
    page.locator("#other").click()
    page.keyboard.type("가나다")
    changed(part, 1)
    comes(part, 1)
    page.keyboard.type("라")
    assert page.locator("#other").input_value() == "가나다라"
    assert page.evaluate("document.activeElement.id") == "other"


def test_a_part_waits_while_one_types_in_it_and_then_takes_the_newest(part: Watched) -> None:
    page = part.page
    page.locator("#note").click()
    page.keyboard.type("확인")
    changed(part, 1)
    changed(part, 2)
    assert step(part) == "0"
    page.locator("#waits").wait_for()  # it says that something new waits
    page.locator("#other").click()
    changed(part, 3)
    assert step(part) == "0" and page.locator("#note").input_value() == "확인"  # typed and not sent: still theirs
    page.locator("#note").fill("")
    page.locator("#other").click()
    comes(part, 3)
    assert page.locator("#waits").is_hidden()


def test_a_part_waits_while_hangul_is_composed_in_it(part: Watched) -> None:
    page = part.page
    page.locator("#note").click()
    ime = page.context.new_cdp_session(page)
    ime.send("Input.imeSetComposition", {"text": "하", "selectionStart": 1, "selectionEnd": 1})
    changed(part, 1)
    assert step(part) == "0"
    ime.send("Input.imeSetComposition", {"text": "한", "selectionStart": 1, "selectionEnd": 1})
    ime.send("Input.insertText", {"text": "한"})
    assert page.locator("#note").input_value() == "한"


def test_a_part_waits_for_an_open_menu_and_for_a_selection(part: Watched) -> None:
    page = part.page
    page.get_by_role("button", name="더 보기").click()
    changed(part, 1)
    assert step(part) == "0" and page.locator("#more").is_visible()
    page.keyboard.press("Escape")
    comes(part, 1)
    page.evaluate("getSelection().selectAllChildren(document.querySelector('#part tbody td:last-child'))")
    changed(part, 2)
    assert step(part) == "1"
    page.evaluate("getSelection().removeAllRanges()")
    comes(part, 2)


def test_an_answer_that_comes_when_one_has_begun_to_type_is_not_taken(part: Watched) -> None:
    page = part.page
    page.route("**/kit/live/", lambda route: (page.locator("#note").focus(), route.continue_()))
    with page.expect_response("**/kit/live/") as answer:
        changed(part, 1)
    answer.value.finished()
    page.locator("#waits").wait_for()
    assert step(part) == "0"
    page.unroute("**/kit/live/")
    page.locator("#other").focus()
    comes(part, 1)


def test_choices_the_row_and_the_focus_follow_their_meaning(part: Watched) -> None:
    """Two rows arrive on top: what was chosen stays chosen, by its number and not by its place."""
    page = part.page
    page.locator("input[value='S-0000004']").check()
    page.locator("h1").click()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.textContent") == "S-0000003"
    changed(part, 2)
    comes(part, 2)
    assert page.evaluate("[...document.querySelectorAll('tr.picked')].map((r) => r.innerText.trim())") == ["S-0000004"]
    assert page.evaluate("[...document.querySelectorAll('[name=row]:checked')].map((b) => b.value)") == ["S-0000004"]
    assert page.evaluate("document.querySelector('tr.at').innerText.trim()") == "S-0000003"
    assert page.evaluate("document.activeElement.textContent") == "S-0000003"


def test_progress_is_read_aloud_now_and_then_and_in_the_end_truly(part: Watched) -> None:
    page = part.page
    page.evaluate(
        "() => { const heard = []; new MutationObserver(() => { heard.push([performance.now(), said.textContent]);"
        " document.body.dataset.heard = heard.length; window.heard = heard; }).observe(said, {childList: true}) }"
    )
    for n in (1, 2, 3, 4):
        changed(part, n)
        comes(part, n)
    page.locator("body[data-heard='2']").wait_for(timeout=20_000)
    times = page.evaluate("window.heard")
    assert times[1][0] - times[0][0] >= 9_900 and "4.0%" in times[1][1]
