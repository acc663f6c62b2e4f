"""Every part of the kit in Chromium: both languages, light and dark, desk and phone; axe finds nothing, nothing breaks the policy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from watching import DESK, PHONE

from numaru.kernel.models import Staff
from numaru.ui import shell
from numaru.values.text import Text

HERE = Path(__file__).parent
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SCREENS = ["/kit/people/", "/kit/person/S-0000007/", "/kit/run/", "/kit/invoice/", "/kit/nowhere/"]


@pytest.fixture(autouse=True)
def kit(settings: Any) -> Iterator[None]:
    """The kit's own addresses, with two rooms for the pillar."""
    settings.ROOT_URLCONF = "specimen_urls"
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [HERE]}]
    kept = dict(shell.rooms._rows)
    shell.rooms._rows.clear()
    shell.rooms.add(
        "subscribers",
        shell.Room(Text("가입", "Subscribers"), [shell.Place("list", Text("가입자", "Subscribers"), "kit-people", count=lambda r: 2000)]),
    )
    shell.rooms.add("billing", shell.Room(Text("과금", "Billing"), [shell.Place("runs", Text("청구 실행", "Bill runs"), "kit-run")]))
    yield
    shell.rooms._rows.clear()
    shell.rooms._rows.update(kept)


@pytest.fixture
def people(transactional_db: None) -> None:
    names = ["고*슬", "국*담", "기*빈", "김*늘", "나*결", "노*", "도*솔", "마*율"]
    start = datetime(2026, 11, 1, tzinfo=UTC)
    Staff.objects.bulk_create(
        Staff(login=f"S-{i:07d}", name=names[i % 8], is_active=i % 5 > 0, created_at=start + timedelta(hours=i // 2)) for i in range(1, 131)
    )


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_axe_and_the_policy_find_nothing(
    open_page: Callable[..., Any], staff: Staff, people: None, lang: str, theme: str, viewport: dict[str, int]
) -> None:
    seen = open_page(lang=lang, theme=theme, viewport=viewport, user=staff)
    for path in SCREENS:
        answer = seen.go(path)
        seen.picture(f"{path.strip('/').split('/')[1]}-{lang}-{theme}-{viewport['width']}", full=False)
        assert seen.axe() == [], path
        assert seen.overflow() <= 0, path
        assert seen.page.locator("h1").count() == 1
        assert seen.page.evaluate("document.documentElement.lang") == lang
        assert "unsafe" not in answer.headers["content-security-policy"]
    assert [c for c in seen.complaints if "404" not in c] == []
