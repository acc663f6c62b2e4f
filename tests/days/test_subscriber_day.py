"""A subscriber's day on a phone: by finger, as docs/days/subscriber.md has it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.hashers import make_password

from numaru.domains.subscribers import api as subscribers
from numaru.facilities.parties import api as parties
from numaru.facilities.parties.models import PortalAccount
from numaru.kernel.access import Actor
from numaru.kernel.retention.models import SubjectRequest
from tests.days.conftest import PASSWORD
from tests.days.day import Day
from tests.domains.billing.world import HOUSE, SLUG, World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.budget, pytest.mark.django_db(transaction=True)]
CLERK = Actor("staff", 5, "가입 담당", (("subscriber_clerk", None),))
PHONE = {"width": 390, "height": 844}


def test_a_subscribers_day(open_page: Any, naru: World) -> None:
    who = naru.subscriber("noeul")
    subscribers.portal_session_for(who.number, as_house=HOUSE)  # makes the account
    PortalAccount.objects.filter(party_id=who.party_id).update(password=make_password(PASSWORD), language="ko")
    parties.open_contact(CLERK, party=who.party_id, kind="phone", service=SLUG, why=parties.Why("caller", ""))
    seen = open_page(viewport=PHONE)
    seen.go("/my/sign-in/")
    day = Day(seen.page, "subscriber", by_hand=True)
    page = day.page
    with day.step(1):
        day.tap(page.locator("#id_who"))
        day.type("01056783302")
        day.tap(page.locator("#id_password"))
        day.type(PASSWORD)
        day.tap(page.locator("#door .btn-primary"))
        day.at(f"**/my/{who.number}/")
    with day.step(2):
        assert page.locator(".hero").first.is_visible()
    with day.step(3):
        day.tap(page.locator(".pay a"))
        page.wait_for_url("**/bills/*/")
    with day.step(4):
        day.tap(page.locator("details summary").first)
        page.locator(".why .formula").first.wait_for()
    with day.step(5):
        with page.expect_response(lambda answer: "/pdf" in answer.url) as paper:
            day.tap(page.locator(".floor .btn-primary"))
        assert paper.value.status == 200 and paper.value.headers["content-type"] == "application/pdf"
        page.wait_for_url("**/pdf**")  # shown by the browser itself
        page.go_back()
        page.locator("nav.views").wait_for()
    with day.step(6):
        day.tap(page.locator("nav.views a", has_text="이용"))
        page.wait_for_url("**/use/")
    with day.step(7):
        day.tap(page.locator("nav.views a", has_text="내 정보"))
        page.wait_for_url("**/my/me/")
    with day.step(8):
        told = page.locator("#seen").inner_text()
        assert "휴대전화" in told and "상담 중 본인 확인" in told  # what and why, by role, never by name
    with day.step(9):
        day.tap(page.locator("nav.views a", has_text="문의"))
        page.wait_for_url(lambda url: "/help/" in url or "/ask/" in url)
    with day.step(10):
        if "/ask/" not in page.url:
            day.tap(page.locator("main a[href*='/my/ask/']").first)
            page.wait_for_url("**/my/ask/**")
        day.tap(page.locator("a[data-ask=next]"))
        page.locator("#last .lead").wait_for()
    with day.step(11):
        page.go_back()
        page.wait_for_url(lambda url: "/ask/" not in url)
        day.tap(page.locator("nav.views a", has_text="내 정보"))
        page.wait_for_url("**/my/me/")
        day.tap(page.locator("#requests form .btn").last)
        page.locator("#requests li").first.wait_for()
        assert SubjectRequest.objects.filter(person=who.party_id, channel="portal").count() == 1
    with day.step(12):
        day.tap(page.locator("[popovertarget=portal-menu]"))
        day.tap(page.locator("#portal-menu form[action$='sign-out/'] button"))
        page.wait_for_url("**/my/sign-in/**")
    day.done()
