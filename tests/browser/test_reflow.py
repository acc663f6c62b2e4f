"""Nothing is lost at 200 % zoom, at 320 pixels, with text spaced out as WCAG 1.4.12 allows, and without motion: list, object, form, first page.

720 × 450 is a window of 1440 × 900 at 200 %; 320 × 256 one of 1280 × 1024 at 400 %. "Lost" is text that a box cuts off (but for
the trail in the top bar, which the head of the page repeats), anything that runs
off the side of the page, and a control that lies under something that stays in place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from watching import DESK

from numaru.kernel.models import Staff
from tests.domains.billing import world
from tests.domains.billing.conftest import drop_run_tables

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ZOOMED, NARROWEST, LARGE = {"width": 720, "height": 450}, {"width": 320, "height": 256}, {"width": 1440, "height": 900}
SPACED = "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; } p { margin-bottom: 2em !important; }"
CUT = """() => {
  const out = [];
  for (const e of document.querySelectorAll('body *')) {
    const style = getComputedStyle(e), box = e.getBoundingClientRect();
    if (box.width < 3 || box.height < 3 || style.visibility !== 'visible' || e.closest('.where, .visually-hidden, .visually-hidden-focusable, .skip, svg, [aria-hidden=true], .who-name, [hidden]')) continue;
    if (![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())) continue;
    for (let up = e; up && up !== document.body; up = up.parentElement) {
      const s = getComputedStyle(up), b = up.getBoundingClientRect();
      const hides = (v) => v === 'hidden' || v === 'clip';
      if (up.closest('.visually-hidden')) break;
      if ((hides(s.overflowX) && (box.right > b.right + 2 || box.left < b.left - 2 || (up === e && e.scrollWidth > e.clientWidth + 1)))
        || (hides(s.overflowY) && (box.bottom > b.bottom + 2 || (up === e && e.scrollHeight > e.clientHeight + 2)))) {
        out.push(`${e.tagName.toLowerCase()}.${e.className} in ${up.className || up.tagName}: ${e.textContent.trim().slice(0, 40)}`);
        break;
      }
      if (s.overflowX === 'auto' || s.overflowX === 'scroll') break;
    }
  }
  return out; }"""
COVERED = """() => {
  const out = [];
  for (const e of [...document.querySelectorAll('main a, main button, main input:not([type=hidden]), main select')].slice(0, 80)) {
    if (!e.checkVisibility({visibilityProperty: true}) || e.matches('.visually-hidden, .visually-hidden-focusable, [tabindex="-1"]') || e.closest('[aria-hidden=true]')) continue;
    e.scrollIntoView({block: 'center', inline: 'center', behavior: 'instant'});
    const b = e.getBoundingClientRect();
    if (!b.width || b.width < 2) continue;
    const at = document.elementFromPoint(b.left + b.width / 2, b.top + b.height / 2);
    if (!at || !(e === at || e.contains(at) || at.contains(e) || e.labels && [...e.labels].some((l) => l.contains(at)))) out.push(`${e.tagName} ${(e.textContent || e.name || '').trim().slice(0, 30)} under ${at && (at.className || at.tagName)}`);
  }
  return out; }"""


@pytest.fixture
def naru(transactional_db: None, settings: Any, tmp_path: Any) -> Iterator[world.World]:
    """Two months billed."""
    settings.HOME = tmp_path
    made = world.company()
    world.used(made)
    made.bill("2026-08")
    made.bill("2026-09")
    yield made
    drop_run_tables()


def screens(made: world.World) -> dict[str, str]:
    return {
        "home": "/", "list": "/subscribers/", "object": f"/subscribers/{made.subscriber('noeul').number}/", "run": "/billing/runs/R2026-09/",
        "form": "/access/staff/add/", "invoice": "/billing/invoices/R2026-08-000002/?why=4",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("lang", "viewport", "spaced"),
    [("ko", ZOOMED, True), ("en", ZOOMED, False), ("en", NARROWEST, False), ("ko", LARGE, True)],
    ids=["200-spaced", "200", "400", "spaced"],
)
def test_nothing_is_lost(
    open_page: Callable[..., Any], staff: Staff, naru: world.World, lang: str, viewport: dict[str, int], spaced: bool
) -> None:
    seen = open_page(lang=lang, viewport=viewport, user=staff, bypass_csp=spaced)  # the sheet of a reader's own tool, which no policy stops
    lost: dict[str, list[str]] = {}
    for name, path in screens(naru).items():
        assert seen.go(path).status == 200, path
        if spaced:
            seen.page.add_style_tag(content=SPACED)
        seen.picture(f"reflow-{name}-{lang}-{viewport['width']}{'-spaced' if spaced else ''}")
        found = seen.page.evaluate(CUT) + seen.page.evaluate(COVERED)
        if seen.overflow() > 0:
            found.append(f"runs {seen.overflow()} px off the side")
        if found:
            lost[name] = found
    assert lost == {}


def test_without_motion_nothing_moves_and_nothing_is_missing(open_page: Callable[..., Any], staff: Staff, naru: world.World) -> None:
    seen = open_page(user=staff, viewport=DESK, reduced_motion="reduce")
    for path in ("/", "/subscribers/", "/gallery/"):
        seen.go(path)
        moving = """() => [...document.querySelectorAll('*')].filter((e) => { const s = getComputedStyle(e);
            const longest = (list) => Math.max(...list.split(',').map((t) => parseFloat(t) * (t.trim().endsWith('ms') ? 1 : 1000)));
            return longest(s.transitionDuration) > 1 || (s.animationName !== 'none' && longest(s.animationDuration) > 1); }).map((e) => e.className)"""
        assert seen.page.evaluate(moving) == [], path
    assert seen.page.locator(".pane .ghost").first.is_visible()


def test_a_page_prints_as_a_sheet(open_page: Callable[..., Any], staff: Staff, naru: world.World) -> None:
    seen = open_page(theme="dark", user=staff)
    seen.go("/billing/runs/R2026-09/")
    seen.page.wait_for_selector(".plot[data-drawn]")
    seen.page.emulate_media(media="print")
    for gone in (".pillar", ".top", ".room", "#toasts"):
        assert not seen.page.locator(gone).first.is_visible(), gone
    look = seen.page.evaluate(
        "() => { const s = getComputedStyle(document.querySelector('main')); return [s.color, s.backgroundColor, getComputedStyle(document.body).backgroundColor]; }"
    )
    assert look == ["rgb(0, 0, 0)", "rgb(255, 255, 255)", "rgb(255, 255, 255)"]
    assert (
        seen.page.evaluate("() => getComputedStyle(document.querySelector('thead')).display") == "table-header-group"
    )  # repeated on each sheet
    bar = seen.page.evaluate("() => getComputedStyle(document.querySelector('.plot svg.marks .mark-rect path')).fill")
    assert bar == "rgb(31, 95, 75)"  # the light role: no dark ink is spent
    assert "/billing/" in seen.page.evaluate("() => getComputedStyle(document.querySelector('main a.more[href]'), '::after').content")
    seen.picture("print-run")
