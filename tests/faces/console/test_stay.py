"""A reader who is still there: the session's time is told and begins anew, in the console and in the portal."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client

from numaru.domains.subscribers import api as subscribers
from numaru.facilities.parties.models import PortalSession
from numaru.kernel import clock
from numaru.kernel.models import Staff
from numaru.kernel.staff.models import StaffSession
from numaru.kernel.staff.sessions import machine_now
from tests.domains.billing import world
from tests.screens import naru, shared  # noqa: F401 (fixtures)

HALF = timedelta(minutes=30)


@pytest.mark.django_db
def test_staying_begins_the_time_of_staff_anew() -> None:
    client = Client()
    client.force_login(Staff.objects.create(login="nuri", name="누리", created_at=clock.now()))
    client.get("/")
    StaffSession.objects.update(seen_at=machine_now() - HALF, expires_at=machine_now() + HALF)
    assert b'data-left="3' in client.get("/account/").content  # opening a page is use as well
    StaffSession.objects.update(seen_at=machine_now() - HALF, expires_at=machine_now() + HALF)
    answer = client.get("/stay/")
    assert 3590 <= answer.json()["left"] <= 3600 and answer.json()["token"] and answer["Cache-Control"] == "no-store"
    StaffSession.objects.all().delete()
    assert client.get("/stay/").status_code == 302


def test_the_longest_time_cannot_be_extended(naru: world.World) -> None:  # noqa: F811
    made = subscribers.portal_session_for(naru.subscriber("saebom").number, as_house=world.HOUSE)
    client = Client()
    client.cookies[settings.PORTAL_COOKIE_NAME] = made.key
    assert client.get("/my/stay/").json()["left"] > 7000
    now = machine_now()
    PortalSession.objects.update(
        started_at=now - timedelta(hours=23, minutes=59), seen_at=now - HALF, expires_at=now + timedelta(minutes=1)
    )
    assert client.get("/my/stay/").json()["left"] <= 60
    assert "로그인이 끝났습니다" in client.get("/my/me/").content.decode()  # the words stand ready in the page
