"""The page of the system's state in Chromium."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from watching import DESK, PHONE

from numaru.kernel import health
from numaru.kernel.models import Staff

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("lang", "theme"), [("ko", "light"), ("en", "dark")])
def test_axe_finds_nothing_and_nothing_overflows(open_page: Callable[..., Any], staff: Staff, lang: str, theme: str) -> None:
    health.forget()
    for viewport in (DESK, PHONE):
        window = open_page(lang=lang, theme=theme, viewport=viewport, user=staff)
        assert window.go("/system/").status == 200
        window.picture(f"system-{lang}-{theme}-{viewport['width']}")
        assert window.axe() == []
        assert window.overflow() <= 0
        assert not window.page.locator(".btn-primary:visible").count()
