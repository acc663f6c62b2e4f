"""Every screen of the portal and the widget in Chromium: both languages, light and dark, at 360, 390 and 1440 px, with larger letters, by keyboard and
without script. axe finds nothing, nothing runs off the side, and a page is far below its weight."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as house
from watching import DESK, PHONE

from numaru.domains.subscribers import api as subscribers
from numaru.facilities.parties import api as parties
from numaru.facilities.parties.models import PortalAccount
from numaru.kernel.access import Actor
from tests.domains.billing import world
from tests.domains.billing.conftest import drop_run_tables

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TALL = {"width": 390, "height": 844}
MOST = 150_000  # bytes of a page, compressed, before fonts
CLERK = Actor("staff", 5, "가입 담당", (("subscriber_clerk", None),))


@pytest.fixture
def company(settings: Any, tmp_path: Any) -> Any:
    """Naru Video after August and September, in the middle of October's use."""
    settings.HOME = tmp_path
    made = world.company()
    world.used(made)
    made.bill("2026-08")
    made.bill("2026-09")
    yield made
    drop_run_tables()


def paths(made: world.World) -> dict[str, str]:
    number = made.subscriber("noeul").number
    return {
        "bill": f"/my/{number}/", "invoice": f"/my/{number}/bills/R2026-08-000002/", "use": f"/my/{number}/use/", "me": "/my/me/", "password": "/my/me/password/",
        "help": "/my/help/", "ask": "/my/ask/?q=bill&q=why&q=next&q=plan&q=seen", "trouble": "/my/S-9999999/",
    }  # fmt: skip


def enter(window: Any, made: world.World, lang: str, who: str = "noeul") -> None:
    key = subscribers.portal_session_for(made.subscriber(who).number, as_house=world.HOUSE).key
    PortalAccount.objects.update(language=lang)
    window.page.context.add_cookies([{"name": house.PORTAL_COOKIE_NAME, "value": key, "url": window.base}])


def looked_at(window: Any, name: str) -> None:
    window.picture(name)
    assert window.overflow() <= 0, name
    assert window.axe() == [], name


@pytest.mark.slow
@pytest.mark.parametrize(("lang", "theme"), [("ko", "light"), ("en", "dark"), ("ko", "dark"), ("en", "light")])
def test_axe_finds_nothing_and_nothing_overflows(open_page: Callable[..., Any], company: world.World, lang: str, theme: str) -> None:
    for view in (PHONE, TALL, DESK):
        window = open_page(lang=lang, theme=theme, viewport=view)
        for name, path in {"door": "/my/sign-in/", "start": "/my/start/7KQM-2XWP-R4TD/"}.items():
            assert window.go(path).status == 200
            looked_at(window, f"{name}-{lang}-{theme}-{view['width']}")
        enter(window, company, lang)
        for name, path in paths(company).items():
            assert window.go(path).status == (404 if name == "trouble" else 200), path
            looked_at(window, f"{name}-{lang}-{theme}-{view['width']}")
        window.go("/my/me/")
        window.page.locator("[popovertarget=portal-menu]").click()
        window.page.locator("#portal-menu").wait_for(state="visible")
        looked_at(window, f"menu-{lang}-{theme}-{view['width']}")
        assert [c for c in window.complaints if "404" not in c] == []


def test_the_bill_is_read_on_a_telephone_by_keyboard_and_in_large_letters(open_page: Callable[..., Any], company: world.World) -> None:
    """The smoke of this shell: one column, targets of 44 px, nothing cut at twice the size, the skip link first."""
    window = open_page(viewport=PHONE)
    enter(window, company, "ko")
    assert window.go(paths(company)["bill"]).status == 200
    looked_at(window, "smoke")
    small = window.page.evaluate(
        "[...document.querySelectorAll('main a, nav a, .portal-top button, .floor a, summary')].filter(e => e.offsetParent && "
        "!e.closest('p.pay') && e.getBoundingClientRect().height < 43.5).map(e => e.outerHTML.slice(0, 90))"
    )
    assert small == []
    window.page.keyboard.press("Tab")
    assert window.page.evaluate("document.activeElement.className") == "skip"
    window.page.keyboard.press("Enter")
    assert window.page.evaluate("document.activeElement.id") == "main"
    first = window.page.locator(".hero").bounding_box()
    assert first and first["y"] + first["height"] < 400, "the amount is seen without scrolling"
    zoomed = open_page(viewport={"width": 320, "height": 400})
    enter(zoomed, company, "ko")
    zoomed.page.context.add_cookies([{"name": "nm_text", "value": "large", "url": zoomed.base}])
    for path in paths(company).values():
        zoomed.go(path)
        assert zoomed.overflow() <= 0, path
    assert zoomed.page.evaluate("getComputedStyle(document.querySelector('html')).fontSize") == "20px"


def test_the_widget_adds_answers_in_place_and_is_framed_on_a_wide_page(open_page: Callable[..., Any], company: world.World) -> None:
    window = open_page(viewport=TALL)
    enter(window, company, "ko")
    window.go("/my/ask/")
    for key, said in (("bill", "가장 최근 청구서는"), ("why", "가장 큰 이유는")):
        window.page.locator(f"a[data-ask={key}]").focus()
        window.page.keyboard.press("Enter")
        window.page.locator("#talk .them").filter(has_text=said).wait_for()
    assert window.page.locator("#talk .us").count() == 2 and window.page.url.endswith("/my/ask/")
    assert window.axe() == [] and window.overflow() <= 0 and window.complaints == []
    wide = open_page(viewport=DESK)
    enter(wide, company, "ko")
    wide.go("/my/help/")
    frame = wide.page.frame_locator("iframe")
    frame.locator("a[data-ask=plan]").click()
    frame.locator("#talk .them").filter(has_text="요금제를 쓰고 계십니다").wait_for()
    assert wide.complaints == []


def test_everything_works_without_script(open_page: Callable[..., Any], company: world.World) -> None:
    window = open_page(viewport=TALL, java_script_enabled=False)
    enter(window, company, "ko")
    window.go("/my/ask/")
    window.page.locator("a[data-ask=bill]").click()
    window.page.locator("a[data-ask=why]").click()
    assert window.page.locator("#talk .us").count() == 2
    window.go(paths(company)["invoice"])
    window.page.locator("summary").first.click()
    assert window.page.locator("details[open] .formula").is_visible()
    window.go("/my/me/")
    window.page.locator("main button[value=en]").click()
    assert window.page.locator("h1").inner_text() == "My data"
    window.page.locator("[popovertarget=portal-menu]").click()
    window.page.locator("#portal-menu button[name=theme][value=dark]").click()
    assert window.page.locator("html").get_attribute("data-bs-theme") == "dark"
    window.page.locator("[popovertarget=portal-menu]").click()
    window.page.locator("#portal-menu form").last.locator("button").click()
    assert "/my/sign-in/" in window.page.url


def test_a_page_is_far_below_its_weight(open_page: Callable[..., Any], company: world.World) -> None:
    window = open_page(viewport=TALL)
    enter(window, company, "ko")
    came: dict[str, int] = {}

    def weigh(answer: Any) -> None:
        if "font" not in answer.headers.get("content-type", "") and not answer.url.endswith(".woff2"):
            came[answer.url] = len(gzip.compress(answer.body()))

    window.page.on("response", weigh)
    window.go(paths(company)["bill"])
    window.page.wait_for_load_state("networkidle")
    assert len(came) >= 4 and sum(came.values()) < MOST / 2, came


def test_a_clerk_invites_and_the_person_signs_up_on_a_telephone(open_page: Callable[..., Any], company: world.World) -> None:
    """A wrong name comes back with the words typed and the focus on what is wrong; the right one opens the bill."""
    made = parties.accounts.invite.do(CLERK, party=company.subscriber("haneul").party_id, how="call", service=world.SLUG)
    window = open_page(viewport=PHONE)
    window.go("/my/start/")
    for label, value in (
        ("초대 번호", made.code.lower()),
        ("이름", "김하날"),
        ("휴대전화 번호 또는 이메일", "010 1234 2201"),
        ("새 비밀번호", "긴 대청마루 열 글자"),
    ):
        window.page.get_by_label(label).fill(value)
    window.page.get_by_role("button", name="확인하고 시작").click()
    window.page.locator(".errsum").wait_for()
    assert window.page.evaluate("document.activeElement.className") == "errsum"
    assert (
        window.page.get_by_label("초대 번호").input_value() == made.code.lower()
        and window.page.get_by_label("새 비밀번호").input_value() == ""
    )
    looked_at(window, "start-wrong")
    window.page.get_by_label("이름").fill("김하늘")
    window.page.get_by_label("새 비밀번호").fill("긴 대청마루 열 글자")
    window.page.get_by_role("button", name="확인하고 시작").click()
    window.page.locator(".hero").wait_for()
    assert "9,900" in window.page.locator(".hero").inner_text()
