"""The page of a demo's people in Chromium: it looks right everywhere, one click is that person, and there is a way back to another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from watching import DESK

from numaru.config import demo
from numaru.config.stage import cast, gate, stories
from numaru.kernel import clock
from numaru.kernel.models import Work
from numaru.values.text import Text

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NARROW = {"width": 390, "height": 844}
TOLD = [
    stories.Told(
        f"story-{n}", Text("부산의 저녁, 재생 장애", "An evening without playback in Busan"),
        Text("저녁 내내 재생되지 않았고, 사람들은 거듭 눌렀습니다.", "Nothing played all evening, and people pressed again and again."),
        ((Text("재생 실패", "Failed plays"), "388"), (Text("그날 저녁 재생 (전날)", "Plays that evening (the day before)"), "0 (59)")),
        (stories.Way("auditor", Text("감사 기록", "The audit log"), "/audit/"), stories.Way("billing", Text("그 달의 청구 실행", "The month's bill runs"), "/billing/runs/")),
    )
    for n in range(7)
]  # fmt: skip


@pytest.fixture
def stage(transactional_db: None, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A demo home whose load is over. The gate is tested in tests/config/test_faces.py; the server of these tests is no edge."""
    settings.HOME = tmp_path
    (tmp_path / demo.MARK).write_text('{"wanted": false}')
    monkeypatch.setattr(gate, "shown", lambda request: True)
    monkeypatch.setattr(stories, "tell", lambda day: TOLD)
    cast.hire()
    now = clock.now()
    Work.objects.create(
        kind=demo.KIND,
        key=demo.KEY,
        state="done",
        actor="system:demo",
        asked_at=now,
        note={"day": date(2026, 11, 24).isoformat(), "subscribers": 160},
    )


@pytest.mark.parametrize("size", [DESK, NARROW], ids=["desk", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_page_of_faces(stage: None, open_page: Callable[..., Any], lang: str, theme: str, size: dict[str, int]) -> None:
    seen = open_page(lang=lang, theme=theme, viewport=size)
    seen.go("/faces/")
    assert seen.page.locator(".facelist li").count() == len(cast.CAST) and seen.page.locator(".stories li").count() == len(TOLD)
    seen.picture(f"faces-{lang}-{theme}-{size['width']}")
    assert seen.axe() == [] and seen.overflow() <= 0 and seen.complaints == []


def test_one_click_is_that_person_and_another_is_one_click_away(stage: None, open_page: Callable[..., Any]) -> None:
    seen = open_page()
    page = seen.page
    seen.go("/faces/")
    page.get_by_role("button", name="들어가기 차미르").click()
    page.wait_for_url(lambda url: "/faces/" not in url)
    banner = page.locator(".lines, .banner").filter(has_text="차미르").first
    banner.wait_for()
    assert seen.axe() == []
    page.get_by_role("link", name="다른 사람으로").click()
    page.wait_for_url("**/faces/")
    assert page.locator(".facelist li", has_text="차미르").get_by_text("지금 이 자리").is_visible()
    page.get_by_role("button", name="들어가기 Jian Pyo").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/faces/" not in url)
    page.get_by_role("link", name="Be somebody else").wait_for()
    assert page.locator("html").get_attribute("lang") == "en" and "Jian Pyo" in page.locator("body").inner_text()
    page.get_by_role("link", name="Be somebody else").click()
    page.locator("#story-0").get_by_role("button", name="The audit log").click()
    page.wait_for_url("**/audit/")
    assert seen.complaints == []
