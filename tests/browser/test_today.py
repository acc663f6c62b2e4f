"""The first page and the bell in Chromium: what they look like to axe, what arrives while somebody looks, and all of it by keyboard."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from test_kit_behaviour import STREAM
from watching import DESK, PHONE

from numaru.kernel import clock, outbox
from numaru.kernel.leaks import api as leaks
from numaru.kernel.models import Staff, StaffGrant
from numaru.kernel.notices.models import Notice
from numaru.kernel.policies import api as policies
from numaru.kernel.retention import api as retention

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
SMALL = PHONE | {"width": 390, "height": 844}


def colleague(staff: Staff) -> Any:
    """백이든, who asks; and what waits for ``staff`` besides."""
    StaffGrant.objects.create(staff=staff, role="privacy_officer", granted_at=clock.now())
    other = Staff.objects.create(login="other", name="백이든", created_at=clock.now())
    StaffGrant.objects.create(staff=other, role="privacy_officer", granted_at=clock.now())
    case = leaks.open_case.do(other.actor, kind="both", known_at=clock.now() - timedelta(hours=22, minutes=30), happened="확인 중")
    leaks.open_case.do(other.actor, kind="leak", known_at=clock.now() - timedelta(hours=80), happened="확인 중")
    leaks.take_over.do(staff.actor, case=case, reason="담당")
    retention.place_hold.do(other.actor, klass="parties.contact", until=clock.today() + timedelta(days=2), reason="명령")
    return Staff.objects.get(pk=other.pk).actor


def ask(who: Any) -> str:
    return policies.change.ask(
        who, key="leaks.warn_hours", value=8, valid_from=clock.today() + timedelta(days=1), basis="개인정보 보호법 제34조", source="법률 자문", reason="교대 근무에 맞춤"
    )  # fmt: skip


def deliver() -> None:
    while outbox.dispatch_once():
        pass


def announced(page: Any, kind: str, key: object) -> None:
    """As the stream tells it."""
    page.evaluate("data => window.streams.at(-1).onmessage({ data })", json.dumps({"k": kind, "id": str(key)}))


@pytest.mark.parametrize(("lang", "theme"), [("ko", "light"), ("ko", "dark"), ("en", "light"), ("en", "dark")])
def test_axe_finds_nothing_and_nothing_overflows(open_page: Callable[..., Any], staff: Staff, lang: str, theme: str) -> None:
    ask(colleague(staff))
    deliver()
    for view in (DESK, SMALL, PHONE):
        window = open_page(lang=lang, theme=theme, viewport=view, user=staff)
        for name, path in {"today": "/", "today-all": "/?scope=all", "notices": "/notices/"}.items():
            assert window.go(path).status == 200
            window.picture(f"{name}-{lang}-{theme}-{view['width']}", full=False)
            assert window.axe() == [], f"{name} {lang} {theme} {view['width']}"
            assert window.overflow() <= 0, f"{name} {lang} {view['width']}"
        window.page.locator("#bell-button").click()
        window.page.locator("#bell-menu .told").wait_for()
        assert window.axe() == [], f"bell {lang} {theme} {view['width']}"
        window.picture(f"bell-{lang}-{theme}-{view['width']}", full=False)
        assert [c for c in window.complaints if "404" not in c] == []


def test_an_approval_arrives_is_decided_and_told_while_both_look(open_page: Callable[..., Any], staff: Staff) -> None:
    """The whole way of one request: it appears on the first page and in the bell without a reload, is decided, and the asker is told."""
    who = colleague(staff)
    mine, theirs = open_page(user=staff), open_page(user=Staff.objects.get(login="other"))
    for window in (mine, theirs):
        window.page.add_init_script(STREAM)
        window.go("/")
        window.page.wait_for_function("window.streams?.length")
    page = mine.page
    assert page.locator("main .btn-primary").count() == 1
    link = page.locator(".todo p a", has_text="사고 L-").nth(1)
    link.focus()
    href = link.get_attribute("href")
    number = ask(who)
    deliver()
    announced(page, "approval", number)
    page.locator(f"#todo-approvals-{number}").wait_for()
    assert page.evaluate("document.activeElement.getAttribute('href')") == href  # the focus stayed where it was
    announced(page, "notice", staff.pk)
    page.locator("#bell .waits", has_text="1").wait_for()
    page.locator("#bell-button").focus()
    page.keyboard.press("Enter")
    told = page.locator("#bell-menu button", has_text="정책값 변경 결재가 기다립니다")
    told.wait_for()
    told.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/approvals/{number}/")
    assert page.locator("#bell .waits").count() == 0  # read by opening it
    page.get_by_role("button", name="승인하고 실행").click()
    page.get_by_text("승인해 실행했습니다").first.wait_for()
    deliver()
    mine.go("/")
    assert page.locator(f"#todo-approvals-{number}").count() == 0
    other = theirs.page
    announced(other, "notice", Staff.objects.get(login="other").pk)
    other.locator("#bell .waits", has_text="1").wait_for()
    other.locator("#bell-button").click()
    other.locator("#bell-menu", has_text="승인되어 실행되었습니다").wait_for()
    other.get_by_role("button", name="모두 읽음").click()
    other.wait_for_function("!document.querySelector('#bell .waits')")
    assert not Notice.objects.filter(read_at__isnull=True).exists()


def test_the_scope_what_changed_and_the_rooms_by_keyboard(open_page: Callable[..., Any], staff: Staff) -> None:
    ask(colleague(staff))
    deliver()
    window = open_page(user=staff)
    page = window.page
    window.go("/leaks/")
    page.keyboard.press("g")
    page.keyboard.press("h")
    page.wait_for_function("location.pathname === '/'")
    mine = int(page.locator("#todo .count").inner_text())
    page.get_by_role("link", name="전체", exact=True).press("Enter")
    page.wait_for_url("**/?scope=all*")
    assert int(page.locator("#todo .count").inner_text()) == mine + 2  # the duties of the case that a colleague owns
    assert "지남" in page.locator(".todo li").first.inner_text()
    assert page.locator("#since li").count() > 0
    page.get_by_role("button", name="다 봤습니다").press("Enter")
    page.get_by_text("달라진 것이 없습니다.").wait_for()


def test_on_a_phone_everything_can_be_pressed_with_a_thumb(open_page: Callable[..., Any], staff: Staff) -> None:
    ask(colleague(staff))
    deliver()
    window = open_page(user=staff, viewport=SMALL)
    window.go("/")
    small = window.page.evaluate(
        "[...document.querySelectorAll('.todo .act, .todo .btn, .seg a, .since .act, .pillar li[data-phone] a, #bell-button, .who')]"
        ".filter(e => e.checkVisibility()).map(e => [e.textContent.trim(), e.getBoundingClientRect().height]).filter(([, h]) => h < 43.5)"
    )
    assert small == []
    assert window.page.locator(".lines .line").count() == 0 or window.page.locator(".lines .line").first.bounding_box()["height"] <= 28
