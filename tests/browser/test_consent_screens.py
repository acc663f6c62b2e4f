"""The screens of consents in the portal in Chromium: both languages, light and dark, from 360 px on; axe finds nothing, nothing runs off the side, and
a consent is given and withdrawn by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from test_portal_screens import company, enter, looked_at  # noqa: F401
from watching import DESK

from numaru.facilities.parties.api import consents
from tests.domains.billing import world
from tests.faces.portal.test_consents import papers

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SMALL = {"width": 360, "height": 740}


@pytest.mark.parametrize(("lang", "theme"), [("ko", "light"), ("en", "dark")])
def test_axe_finds_nothing_and_nothing_overflows(open_page: Callable[..., Any], company: world.World, lang: str, theme: str) -> None:  # noqa: F811
    papers()
    link = consents.stop_link(company.subscriber("noeul").party_id, "advertising", "email")
    paths = {
        "consents": "/my/consents/", "agree": "/my/consents/agree/?purpose=advertising&medium=email", "text": "/my/consents/texts/news/1/", "stop": link,
    }  # fmt: skip
    for view in (SMALL, DESK):
        window = open_page(lang=lang, theme=theme, viewport=view)
        enter(window, company, lang)
        for name, path in paths.items():
            assert window.go(path).status == 200, path
            looked_at(window, f"{name}-{lang}-{theme}-{view['width']}")


def test_a_consent_is_given_and_withdrawn_by_keyboard(open_page: Callable[..., Any], company: world.World) -> None:  # noqa: F811
    papers()
    window = open_page(viewport=SMALL)
    enter(window, company, "ko")
    window.go("/my/consents/")
    window.page.get_by_role("link", name="이메일 켜기").first.focus()
    window.page.keyboard.press("Enter")
    window.page.get_by_role("button", name="동의하고 켜기").focus()
    window.page.keyboard.press("Enter")
    window.page.get_by_role("button", name="이메일 끄기").wait_for()
    looked_at(window, "consents-on")
    window.page.get_by_role("button", name="이메일 끄기").focus()
    window.page.keyboard.press("Enter")
    window.page.get_by_text("껐습니다.").wait_for()
