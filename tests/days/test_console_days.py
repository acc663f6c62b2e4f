"""The days of the roles that work in the console, by keyboard alone, as docs/days has them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus

import pytest

from numaru.domains.billing.jobs import bill
from numaru.kernel import clock, outbox
from numaru.kernel.access import Actor
from numaru.kernel.models import Staff
from numaru.kernel.retention import api as retention
from tests.days.conftest import PASSWORD
from tests.days.day import Day
from tests.domains.billing.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.budget, pytest.mark.django_db(transaction=True)]
Hired = Callable[..., Staff]
HOME = re.compile(r"^https?://[^/]+/$")


def begin(open_page: Any, role: str) -> Day:
    """A browser before the door; what the machine does before the first step is nobody's work."""
    seen = open_page()
    seen.go("/sign-in/")
    return Day(seen.page, role)


def sign_in(day: Day, login: str) -> None:
    day.tab_to("#id_username")
    day.type(login)
    day.press("Tab")
    day.type(PASSWORD)
    day.press("Enter")
    day.page.locator("h1").first.wait_for()
    day.at(HOME)


def find(day: Day, words: str, where: str | re.Pattern[str], *, down: int = 0) -> None:
    """Through the palette: what is typed, and Enter on what stands first (or ``down`` lines below)."""
    page = day.page
    day.press("Control+k")
    page.locator("#palette[open] #palette-q").wait_for()
    with page.expect_response(lambda answer: "/find/" in answer.url and f"q={quote_plus(words)}" in answer.url):
        day.type(words)
    seen = "() => !document.getElementById('palette-list').hasAttribute('aria-busy') && document.querySelector('#palette-list').childElementCount"
    page.wait_for_function(seen)
    page.wait_for_timeout(100)  # the answer is put in
    for _ in range(down):
        day.press("ArrowDown")
    if page.locator("#palette-list [data-waits]").count():  # a part of a telephone number is looked up by Enter alone
        with page.expect_response(lambda answer: "/find/" in answer.url):
            day.press("Enter")
        page.locator("#palette-list [role=option]").first.wait_for()
    day.press("Enter")
    day.at(where)


def sign_out(day: Day) -> None:
    find(day, "로그아웃" if day.page.locator("html").get_attribute("lang") == "ko" else "sign out", "**/sign-in/**")


def test_a_billing_clerks_day(open_page: Any, hired: Hired, naru: World) -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    hired("nuri", "billing_clerk")
    day = begin(open_page, "billing-clerk")
    page = day.page
    with day.step(1):
        sign_in(day, "nuri")
    with day.step(2):
        day.press("j", "Enter")
        page.wait_for_url(lambda url: "/billing/" in url)
    with day.step(3):
        day.press("g", "b")
        day.at("**/billing/runs/")
    with day.step(4):
        day.press("j", "Enter")
        day.at("**/billing/runs/R2026-09/")
        assert page.locator(".cmp").is_visible()
    with day.step(5):
        find(day, "청구 실행 시작", "**/billing/runs/new/")
    with day.step(6):
        day.tab_to("#id_period")
        day.press("Control+a")
        day.type("2026-10")
        day.press("Tab")  # leaving the field asks for the dry form
        page.locator(".willdo", has_text="R2026-10").wait_for()
        day.press("Control+Enter")
        day.at("**/billing/runs/R2026-10/")
    with day.step(7):
        bill(**ProcrastinateJob.objects.get(task_name="billing.run").args)  # what the worker does
        page.locator(".obj .st-good").wait_for(timeout=20_000)
    with day.step(8):
        find(day, "R2026-08-000001", "**/billing/invoices/R2026-08-000001/")
    with day.step(9):
        day.tab_to(".whylink")
        day.press("Enter")
        page.locator(".whylink[aria-expanded=true]").first.wait_for()
    with day.step(10):
        find(day, "R2026-08-000002", "**/billing/invoices/R2026-08-000002/")
    with day.step(11):
        day.press("g", "b")
        day.at("**/billing/runs/")
        day.tab_to(".room a[href$='/boards/billing/']")
        day.press("Enter")
        day.at("**/boards/billing/")
    with day.step(12):
        sign_out(day)
    day.done()


def test_a_subscriber_clerks_day(open_page: Any, hired: Hired, naru: World) -> None:
    hired("gaon", "subscriber_clerk")
    number = naru.subscriber("haneul").number
    while outbox.dispatch_once():  # what happened so far stands on the line of time
        pass
    day = begin(open_page, "subscriber-clerk")
    page = day.page
    with day.step(1):
        sign_in(day, "gaon")
    with day.step(2):
        find(day, "2201", f"**/subscribers/{number}/**")
    with day.step(3):
        page.locator(".life summary").wait_for()
        day.tab_to(".life summary")
        day.press("Enter")
        page.locator(".life table").wait_for()
    with day.step(4):
        day.tab_to(".facts .unmask")
        day.press("Enter")
        page.locator("#why").wait_for()
    with day.step(5):
        day.tab_to("#opening .reason button")
        day.press("Enter")
        page.locator(".opened .value").wait_for()
        assert page.locator(".opened .value").inner_text() == "010-1234-2201"
        page.locator("#seen li").first.wait_for()
    with day.step(6):
        day.press("e")
        page.locator("#id_kind").wait_for()
        day.tab_to("#id_kind")
        day.press("End")
        day.tab_to("#id_value")
        day.type("haneul2@naru.kr")
        day.press("Tab")
        day.type("통화로 확인")
        with page.expect_navigation():
            day.press("Enter")
        page.locator("#id_kind").wait_for(state="detached")
    with day.step(7):
        day.press("g", "s")
        day.at("**/subscribers/")
    with day.step(8):
        day.press("/")
        day.type("ㄱㅎ")
        day.press("Enter")
        day.at("**/subscribers/?q=**")
    with day.step(9):
        day.press("j", "x")
        page.locator(".floor:not([hidden])").wait_for()
    with day.step(10):
        day.press("Shift+Slash")
        page.locator("#keylist[open]").wait_for()
        day.press("Escape")
        page.locator("#keylist:not([open])").wait_for(state="attached")
    with day.step(11):
        find(day, "파일 들이기", "**/imports/new/**")
    with day.step(12):
        sign_out(day)
    day.done()


def test_a_privacy_officers_day(open_page: Any, hired: Hired, naru: World) -> None:
    hired("mireu", "privacy_officer")
    house = Actor.system("test")
    taken, noeul = clock.today() - timedelta(days=8), naru.subscriber("noeul")
    request = retention.take_request.do(
        house, person=noeul.party_id, subject=noeul.number, kind="correction", channel="phone", received_on=taken
    )
    number = getattr(request, "number", request)
    day = begin(open_page, "privacy-officer")
    page = day.page
    with day.step(1):
        sign_in(day, "mireu")
    with day.step(2):
        day.press("j", "Enter")
        day.at(f"**/privacy/requests/{number}/")
    with day.step(3):
        day.tab_to("#identity")
        day.press("Tab", "Enter")
        page.locator("#outcome").wait_for()
        page.locator("#identity").wait_for(state="detached")
    with day.step(4):
        day.tab_to("#reason")
        day.type("전자우편을 바로잡음")
        day.press("Enter")
        page.locator("#outcome").wait_for(state="detached")
    with day.step(5):
        find(day, "열람 기록", "**/audit/openings/")
    with day.step(6):
        find(day, "열람 이상", "**/audit/findings/**")
    with day.step(7):
        find(day, "보유 기간", "**/privacy/retention/")
    with day.step(8):
        day.tab_to("main table a, main .ent a")
        day.press("Enter")
        page.wait_for_url(lambda url: "/privacy/retention/" in url and not url.endswith("/retention/"))
    with day.step(9):
        find(day, "정책값", "**/policies/")
        day.press("/")
        day.type("개인정보")
        day.press("Enter")
        day.at("**/policies/?q=**")
    with day.step(10):
        help_and_back(day)
    with day.step(11):
        day.press("g", "h")
        day.at(HOME)
        assert number not in page.locator(".todo").all_inner_texts()
    with day.step(12):
        sign_out(day)
    day.done()


def help_and_back(day: Day) -> None:
    """The manual beside the work, by Tab and Enter, and away again by Escape."""
    day.tab_to(".top [data-help], .top a[href^='/help/']")
    day.press("Enter")
    day.page.locator("#help:popover-open h2, #help[open] h2, .help-drawer h2").first.wait_for()
    day.press("Escape")


def test_an_administrators_day(open_page: Any, hired: Hired, naru: World) -> None:
    hired("ideun", "administrator")
    hired("second", "administrator")
    day = begin(open_page, "administrator")
    page = day.page
    with day.step(1):
        sign_in(day, "ideun")
    with day.step(2):
        day.tab_to(".pagehead .seg a[href='/?scope=all']")
        day.press("Enter")
        day.at("**/?scope=all")
    with day.step(3):
        find(day, "직원 추가", "**/access/staff/add/")
    with day.step(4):
        day.tab_to("#id_login")
        day.type("harin")
        day.press("Tab")
        day.type("서하린")
        day.press("Control+Enter")
        page.locator("#add").wait_for(state="detached")  # the page with the password, shown once
    with day.step(5):
        find(day, "서하린", re.compile(r"/access/staff/\d+/$"))
    with day.step(6):
        day.tab_to("main a[href$='/roles/'], main a[href*='/give']")
        day.press("Enter")
        page.locator("#id_role").wait_for()
        day.tab_to("#id_role")
        day.press("ArrowDown")
        day.tab_to("#id_reason")
        day.type("새 청구 담당")
        day.press("Control+Enter")
        day.at("**/approvals/*/")
        asked = page.url.rstrip("/").rsplit("/", 1)[1]
    with day.step(7):
        day.press("g", "h")
        day.at(HOME)
        find(day, asked, f"**/approvals/{asked}/")
    with day.step(8):
        find(day, "시스템 상태", "**/system/")
    with day.step(9):
        find(day, "백업", "**/backups/")
    with day.step(10):
        find(day, "정책값", "**/policies/")
    with day.step(11):
        find(day, "집의 현황판", "**/boards/shared/")
    with day.step(12):
        sign_out(day)
    day.done()


def test_an_auditors_day(open_page: Any, hired: Hired, naru: World) -> None:
    hired("jian", "auditor")
    day = begin(open_page, "auditor")
    page = day.page
    with day.step(1):
        sign_in(day, "jian")
    with day.step(2):
        find(day, "감사 기록", "**/audit/")
    with day.step(3):
        day.press("j", "Enter")
        page.wait_for_url(lambda url: not url.endswith("/audit/"))
    with day.step(4):
        day.tab_to(".where a[href='/audit/']")
        day.press("Enter")
        day.at("**/audit/")
    with day.step(5):
        day.press("j", "j", "j")
        assert page.locator("table.list tr.at").count() == 1
    with day.step(6):
        find(day, "열람 기록", "**/audit/openings/")
    with day.step(7):
        find(day, "백업", "**/backups/")
    with day.step(8):
        find(day, "유출", "**/leaks/")
    with day.step(9):
        find(day, "R2026-08-000002", "**/billing/invoices/R2026-08-000002/")
    with day.step(10):
        day.tab_to(".whylink")
        day.press("Enter")
        page.locator(".whylink[aria-expanded=true]").first.wait_for()
    with day.step(11):
        day.tab_to(".room a[href$='/boards/billing/']", most=120)
        day.press("Enter")
        day.at("**/boards/billing/")
    with day.step(12):
        sign_out(day)
    day.done()


def test_a_support_engineers_day(open_page: Any, hired: Hired, naru: World) -> None:
    hired("solchan", "support_engineer")
    day = begin(open_page, "support-engineer")
    page = day.page
    with day.step(1):
        sign_in(day, "solchan")
    with day.step(2):
        assert page.locator("h1").count() == 1
    with day.step(3):
        find(day, "정책값", "**/policies/")
    with day.step(4):
        day.press("/")
        day.type("로그인")
        day.press("Enter")
        day.at("**/policies/?q=**")
    with day.step(5):
        day.press("j", "Enter")
        page.wait_for_url(lambda url: "/policies/" in url and "?q=" not in url)
    with day.step(6):
        find(day, "결재", "**/approvals/")
    with day.step(7):
        day.press("Shift+Slash")
        page.locator("#keylist[open]").wait_for()
        day.press("Escape")
    with day.step(8):
        help_and_back(day)
    with day.step(9):
        find(day, "내 계정", "**/account/**")
    with day.step(10):
        find(day, "어둡게", "**/account/**")
        page.locator("html[data-bs-theme=dark]").wait_for()
    with day.step(11):
        find(day, "영어로 보기", "**/account/**")
        page.locator("html[lang=en]").wait_for()
    with day.step(12):
        sign_out(day)
    day.done()
