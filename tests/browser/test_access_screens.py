"""Signing in and access in Chromium: a passkey by a virtual authenticator, an authenticator's codes, and the screens in both languages."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from watching import DESK, PHONE

from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.models import Staff, StaffGrant
from numaru.kernel.staff import api as access

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SECRET = "한옥마루 창가 자리"
TABLET = {"width": 768, "height": 1024}
HOUSE = Actor.system("test")


def authenticator(page: Any) -> Any:
    """A key in this browser that verifies its user, as a phone or a laptop has one."""
    link = page.context.new_cdp_session(page)
    link.send("WebAuthn.enable")
    made = link.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
                     "isUserVerified": True, "automaticPresenceSimulation": True}},
    )  # fmt: skip
    return link, made["authenticatorId"]


def at_localhost(seen: Any) -> None:
    """Passkeys are bound to a name: the same server by its name instead of its number."""
    seen.base = re.sub(r"//[^:/]+", "//localhost", seen.base)


def test_a_passkey_is_made_and_signs_in_alone_and_as_second_step(open_page: Callable[..., Any], staff: Staff) -> None:
    seen = open_page()
    at_localhost(seen)
    page = seen.page
    link, key = authenticator(page)
    seen.go("/sign-in/")
    page.locator("#id_username").fill("nuri")
    page.locator("#id_password").fill(SECRET)
    page.locator("button.btn-primary").click()
    page.wait_for_url(lambda url: "/sign-in/" not in url)
    page.locator(".lines .line a").last.click()
    page.wait_for_url("**/account/start/**")
    seen.picture("access-start", full=False)
    page.get_by_text("패스키로", exact=True).click()
    page.wait_for_url("**/account/passkeys/add/")
    page.locator("#id_name").fill("사무실 노트북")
    page.locator("form[data-passkey] .btn-primary").click()
    page.wait_for_url("**/account/recovery-codes/")
    assert page.locator(".codes li").count() == 10
    seen.picture("access-codes", full=False)
    seen.go("/account/")
    assert "사무실 노트북" in page.locator("main").inner_text()
    assert len(link.send("WebAuthn.getCredentials", {"authenticatorId": key})["credentials"]) == 1

    page.locator(".who").click()
    page.locator(".menu-out button").click()
    page.wait_for_url("**/sign-in/")
    page.locator("form[data-passkey] button").click()  # alone: no name, no password
    page.wait_for_url(lambda url: "/sign-in/" not in url)
    seen.go("/account/")
    assert page.locator("h1").inner_text() == "한누리"

    page.locator(".who").click()
    page.locator(".menu-out button").click()
    page.wait_for_url("**/sign-in/")
    page.locator("#id_username").fill("nuri")
    page.locator("#id_password").fill(SECRET)
    page.locator("button.btn-primary").click()
    page.wait_for_url("**/sign-in/second/")
    page.locator("form[data-passkey] button").click()
    page.wait_for_url(lambda url: "/sign-in/" not in url)
    link.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})
    page.context.clear_cookies()
    seen.go("/sign-in/")
    page.locator("form[data-passkey] button").click()
    page.locator("[data-failed]").wait_for()  # a key whose owner did not show a face or a PIN opens nothing
    assert [c for c in seen.complaints if "404" not in c and "422" not in c] == []


def _world(staff: Staff) -> dict[str, str]:
    """People in every state, a role that waits, a key, a review; returns the pages to look at."""
    boss = Staff.objects.get(pk=staff.pk)
    peer = access.add_staff.do(HOUSE, login="saebom", name="정새봄", roles=["privacy_officer", "auditor"]).staff
    TOTP.activate(peer, "JBSWY3DPEHPK3PXP")
    joiner = access.add_staff.do(boss.actor, login="haneul", name="김하늘").staff
    gone = access.add_staff.do(HOUSE, login="noeul", name="이노을", roles=["billing_clerk"]).staff
    access.cut_off.do(boss.actor, staff=gone.pk, reason="퇴사")
    access.grant.ask(boss.actor, staff=joiner.pk, role="subscriber_clerk", reason="가입 업무를 맡음")
    client = access.make_client.do(HOUSE, name="누리샵 재생기", roles=["billing_clerk"], scope="video").client
    access.rotate.do(HOUSE, client=client.pk, reason="정기 교체")
    for minutes in range(11, 0, -1):
        with clock.pinned(clock.now() - timedelta(minutes=minutes)):
            access.throttle.take(access.throttle.PLACE, "saebom", "198.51.100.7")
    number = access.open_review.do(peer.actor)
    grant = StaffGrant.objects.filter(staff=peer)[0].pk
    return {
        "list": "/access/staff/", "add": "/access/staff/add/", "person": f"/access/staff/{peer.pk}/", "joiner": f"/access/staff/{joiner.pk}/",
        "left": f"/access/staff/{gone.pk}/", "give": f"/access/staff/{joiner.pk}/roles/", "leave": f"/access/staff/{joiner.pk}/leave/",
        "end": f"/access/staff/{peer.pk}/roles/{grant}/end/", "clients": "/access/clients/", "client": f"/access/clients/{client.pk}/",
        "client-new": "/access/clients/new/", "reviews": "/access/reviews/", "review": f"/access/reviews/{number}/", "account": "/account/",
        "totp": "/account/authenticator/", "passkey": "/account/passkeys/add/", "password": "/account/password/", "confirm": "/account/confirm/", "start": "/account/start/",
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_overflows(open_page: Callable[..., Any], staff: Staff, lang: str, theme: str) -> None:
    pages = _world(staff)
    for viewport in (DESK, TABLET, PHONE):
        seen = open_page(lang=lang, theme=theme, viewport=viewport, user=staff)
        for name, path in pages.items():
            assert seen.go(path).status == 200, path
            seen.picture(f"access-{name}-{lang}-{theme}-{viewport['width']}", full=viewport is PHONE)
            assert seen.axe() == [], (path, viewport)
            assert seen.overflow() <= 0, (path, viewport)
            assert seen.page.locator("h1").count() == 1
        assert [c for c in seen.complaints if "404" not in c] == []


@pytest.mark.slow
def test_a_code_of_the_authenticator_is_asked_for(open_page: Callable[..., Any], staff: Staff) -> None:
    TOTP.activate(staff, "JBSWY3DPEHPK3PXP")
    seen = open_page(viewport=PHONE)
    page = seen.page
    seen.go("/sign-in/?next=/account/")
    page.locator("#id_username").fill("nuri")
    page.locator("#id_password").fill(SECRET)
    page.locator("button.btn-primary").click()
    page.wait_for_url("**/sign-in/second/")
    seen.picture("access-second", full=False)
    assert seen.axe() == [] and seen.overflow() <= 0
    page.locator("#id_code").fill("000000")
    page.locator("#id_code").press("Enter")
    page.locator(".errsum").wait_for()
    page.locator("#id_code").fill(format_hotp_value(hotp_value("JBSWY3DPEHPK3PXP", int(time.time()) // 30)))
    page.locator("#id_code").press("Enter")
    page.wait_for_url("**/account/")
