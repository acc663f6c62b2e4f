"""Browser fixtures that every screen's tests share: Chromium, a signed-in page, pictures, and axe."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # so that tests here may import each other

from watching import DESK, Watched

WHERE = ("chromium", "chromium-browser", "google-chrome", "chrome")


def _chromium() -> str:
    found = os.environ.get("NUMARU_CHROMIUM") or next((p for name in WHERE if (p := shutil.which(name))), "")
    if not found:
        message = "Chromium is not installed: apt-get install chromium, or name it in NUMARU_CHROMIUM"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return found


@pytest.fixture(scope="session")
def chromium(request: pytest.FixtureRequest) -> Iterator[Any]:
    """One Chromium for the session, also where the days of roles take this fixture over: a thread has room for one Playwright."""
    from playwright.sync_api import sync_playwright

    path = _chromium()
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop runs in this thread
    running: dict[str, Any] = request.config.__dict__.setdefault("numaru_chromium", {"takers": 0})
    if not running["takers"]:
        running["play"] = sync_playwright().start()
        running["browser"] = running["play"].chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
    running["takers"] += 1
    yield running["browser"]
    running["takers"] -= 1
    if not running["takers"]:
        running["browser"].close()
        running["play"].stop()


@pytest.fixture
def staff(transactional_db: None) -> Any:
    """An administrator called 한누리 who can sign in."""
    from numaru.kernel import clock
    from numaru.kernel.models import Staff, StaffGrant

    person = Staff(login="nuri", name="한누리", created_at=clock.now())
    person.set_password("한옥마루 창가 자리")
    person.save()
    StaffGrant.objects.create(staff=person, role="administrator", granted_at=clock.now())
    return person


@pytest.fixture
def open_page(chromium: Any, live_server: Any) -> Iterator[Callable[..., Watched]]:
    """``open_page(lang="ko", theme="light", viewport=DESK, user=None)``: a page on the live server, signed in when a user is given."""
    contexts = []

    def make(*, lang: str = "ko", theme: str = "light", viewport: dict[str, int] = DESK, user: Any = None, **more: Any) -> Watched:
        context = chromium.new_context(viewport=viewport, locale=lang, has_touch=viewport["width"] < 768, **more)
        contexts.append(context)
        cookies = [("django_language", lang), ("nm_theme", theme)]
        if user is not None:
            from django.conf import settings
            from django.test import Client

            if user.language != lang:
                user.language = lang
                user.save(update_fields=["language"])
            client = Client()
            client.force_login(user)
            cookies.append((settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value))
        context.add_cookies([{"name": n, "value": v, "url": live_server.url} for n, v in cookies])
        return Watched(context.new_page(), live_server.url)

    yield make
    for context in contexts:
        context.close()
