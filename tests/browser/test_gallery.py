"""The gallery in Chromium: axe in both themes and languages, charts drawn under the policy, clocks and notices that keep their word."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from watching import DESK, PHONE

from numaru.kernel.models import Staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
KINDS = 7


def all_drawn(page: Any) -> None:
    """Bring each chart into view and wait until it stands."""
    for n in range(page.locator(".plot[data-chart]").count()):
        place = page.locator(".plot[data-chart]").nth(n)
        place.scroll_into_view_if_needed()
        page.wait_for_function("(n) => document.querySelectorAll('.plot[data-chart]')[n].dataset.drawn !== undefined", arg=n)


@pytest.mark.parametrize(
    ("lang", "theme", "viewport"), [("ko", "light", DESK), ("en", "dark", PHONE), ("ko", "dark", DESK), ("en", "light", PHONE)]
)
def test_axe_finds_nothing_and_every_chart_is_drawn(
    open_page: Callable[..., Any], staff: Staff, lang: str, theme: str, viewport: dict[str, int]
) -> None:
    seen = open_page(lang=lang, theme=theme, viewport=viewport, user=staff)
    asked: list[str] = []
    seen.page.on("request", lambda r: asked.append(r.url))
    assert seen.go("/gallery/").status == 200
    assert not [url for url in asked if "vega" in url]  # fetched when the first chart comes into view
    all_drawn(seen.page)
    assert seen.page.locator(".plot svg.marks").count() == 2 * KINDS
    seen.picture(f"gallery-{lang}-{theme}-{viewport['width']}")
    twice = ("landmark-unique: ['.pane", "landmark-unique: ['#light-")  # the same part stands in two themes; no screen shows it twice
    assert [found for found in seen.axe() if not found.startswith(twice)] == []
    assert seen.overflow() <= 0
    assert seen.complaints == []
    assert seen.page.locator("h1").count() == 1


def test_a_chart_follows_the_theme_without_being_drawn_again_and_its_width_by_being_drawn_again(
    open_page: Callable[..., Any], staff: Staff
) -> None:
    seen = open_page(user=staff)
    seen.go("/gallery/#charts")
    all_drawn(seen.page)
    fills = "() => [...document.querySelectorAll('[data-chart^=histogram] svg.marks .mark-rect path')].map(p => getComputedStyle(p).fill)"
    before = seen.page.evaluate(fills)
    light, dark = before[: len(before) // 2], before[len(before) // 2 :]
    assert light[1] != dark[1] and light[0] != light[1]  # two themes side by side; out of range differs from the usual
    seen.page.evaluate(
        "document.querySelectorAll('.pane').forEach(p => { p.dataset.bsTheme = p.dataset.bsTheme === 'light' ? 'dark' : 'light'; })"
    )
    assert seen.page.evaluate(fills) == dark + light
    width = "document.querySelector('[data-chart^=histogram] svg.marks').getAttribute('width')"
    wide = int(seen.page.evaluate(width))
    seen.page.set_viewport_size({"width": 900, "height": 900})
    seen.page.locator("[data-chart^=histogram]").first.scroll_into_view_if_needed()
    seen.page.wait_for_function(f"() => Number({width}) !== {wide}")
    assert seen.overflow() <= 0


def test_a_chart_says_its_figures_when_it_is_pointed_at(open_page: Callable[..., Any], staff: Staff) -> None:
    seen = open_page(user=staff)
    seen.go("/gallery/#charts")
    all_drawn(seen.page)
    seen.page.locator("[data-chart=histogram-light] .mark-rect path").nth(10).hover()
    seen.page.wait_for_selector("#plot-tip.visible")
    assert seen.page.locator("#plot-tip").inner_text().endswith("312,000")
    assert seen.complaints == []


def test_without_script_the_table_stands_in_the_chart_s_place(open_page: Callable[..., Any], staff: Staff) -> None:
    seen = open_page(user=staff, java_script_enabled=False)
    seen.page.goto(f"{seen.base}/gallery/", wait_until="load")
    place = seen.page.locator(".plotted").first
    assert not place.locator(".plot").is_visible()
    place.locator("summary").click()
    assert place.locator("table").is_visible()


def test_clocks_count_down_and_say_a_breach_once(open_page: Callable[..., Any], staff: Staff) -> None:
    seen = open_page(lang="en", user=staff)
    seen.page.clock.install()
    seen.go("/gallery/#figures")
    clocks = seen.page.locator("#p-clocks .pane").first.locator(".clock")
    assert clocks.nth(0).get_attribute("role") == "timer"
    shown = clocks.nth(0).inner_text()
    assert shown.startswith("2:") and "clock-warn" in clocks.nth(0).get_attribute("class")
    seen.page.clock.run_for(5_000)
    assert clocks.nth(0).inner_text() != shown
    assert "min" in clocks.nth(0).get_attribute("aria-label") and "left" in clocks.nth(0).get_attribute("aria-label")
    assert clocks.nth(1).inner_text().replace("\u00a0", " ").strip().startswith("11") and "h" in clocks.nth(2).inner_text()
    seen.page.clock.run_for(150_000)
    seen.page.evaluate(
        "() => { window.told = []; new MutationObserver((all) => { for (const one of all) for (const node of one.addedNodes) if (node.getAttribute?.('role')) window.told.push(node); }).observe(document.body, {childList: true}); }"
    )
    seen.page.clock.run_for(30_000)
    assert seen.page.evaluate("() => window.told.map((node) => node.textContent)") == ["The deadline has passed"] * 2  # one a pane
    assert "clock-bad" in clocks.nth(0).get_attribute("class") and "over" in clocks.nth(0).inner_text()
    said = "document.querySelectorAll('body > .visually-hidden[role]:not([id])').length"
    seen.page.clock.run_for(20_000)
    assert seen.page.evaluate(said) == 0  # said once, and gone
    assert [c for c in seen.complaints if "timeout" not in c] == []  # minutes that pass at once are too long for a request under way


def test_notices_go_by_themselves_but_not_under_the_pointer(open_page: Callable[..., Any], staff: Staff) -> None:
    seen = open_page(user=staff)
    seen.page.clock.install()
    seen.go("/gallery/")
    seen.page.evaluate(
        """() => { const place = document.getElementById('toasts');
        for (const seconds of ['6', '10', '']) { const one = document.querySelector('.pane .toast-n').cloneNode(true);
          if (seconds) one.dataset.passing = seconds; else delete one.dataset.passing; one.dataset.kind = seconds || 'stays'; place.append(one); } }"""
    )
    kept = "[...document.querySelectorAll('#toasts .toast-n[data-kind]')].map(n => n.dataset.kind)"
    seen.page.clock.run_for(5_000)
    assert seen.page.evaluate(kept) == ["6", "10", "stays"]
    assert seen.page.locator("#toasts [data-kind='10'] [data-left]").inner_text().strip() == "5초"
    seen.page.clock.run_for(2_000)
    assert seen.page.evaluate(kept) == ["10", "stays"]
    seen.page.locator("#toasts [data-kind='10']").hover()
    seen.page.clock.run_for(30_000)
    assert seen.page.evaluate(kept) == ["10", "stays"]  # time stands still under the pointer
    seen.page.mouse.move(5, 5)
    seen.page.clock.run_for(5_000)
    assert seen.page.evaluate(kept) == ["stays"]
    seen.page.locator("#toasts [data-kind=stays] [data-close]").click()
    assert seen.page.evaluate(kept) == []
