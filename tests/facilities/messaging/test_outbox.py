"""The house's own carrier: it takes a key once, keeps it sealed, shows it to who says why."""

from __future__ import annotations

import pytest
from django.db import connection

from numaru.facilities.messaging import api as messaging
from numaru.facilities.messaging.models import HeldMessage
from numaru.kernel.models import AuditRecord
from tests.domains.billing.world import World
from tests.screens import SignIn, naru, shared, sign_in  # noqa: F401

pytestmark = pytest.mark.django_db
MAIL = messaging.Outgoing("test.1", "email", "haneul@naru.kr", "ko", "제목", "김하늘님께")


def test_a_key_is_taken_once() -> None:
    outbox = messaging.OUTBOX
    assert [o.state for o in outbox.send([MAIL])] == ["accepted"]
    again = messaging.Outgoing("test.1", "email", "other@naru.kr", "ko", "다른 제목", "다른 글")
    assert [o.state for o in outbox.send([again])] == ["accepted"]
    assert HeldMessage.objects.count() == 1
    assert set(outbox.ask(["test.1", "test.2"])) == {"test.1"}


def test_what_it_holds_is_sealed() -> None:
    messaging.OUTBOX.send([MAIL])
    with connection.cursor() as cursor:
        cursor.execute("SELECT content, shown FROM messaging_heldmessage")
        content, shown = cursor.fetchone()
    assert "김하늘".encode() not in bytes(content)
    assert b"haneul@" not in bytes(content)
    assert shown == "ha***@n***.kr"
    assert "haneul" not in repr(MAIL)


def test_opening_one_asks_why_and_stays_on_record(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    messaging.OUTBOX.send([MAIL])
    client = sign_in("subscriber_clerk")
    assert "ha***@n***.kr" in client.get("/messages/outbox/").content.decode()
    page = client.get("/messages/outbox/test.1/").content.decode()
    assert "김하늘님께" not in page
    assert client.post("/messages/outbox/test.1/", {"reason": ""}).status_code == 422
    opened = client.post("/messages/outbox/test.1/", {"reason": "오발송 확인"}).content.decode()
    assert "김하늘님께" in opened
    assert "haneul@naru.kr" in opened
    row = AuditRecord.objects.get(object="messaging.held")
    assert (row.key, row.reason) == ("test.1", "오발송 확인")


def test_who_may_only_see_it_opens_nothing(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    messaging.OUTBOX.send([MAIL])
    client = sign_in("support_engineer")
    assert client.get("/messages/outbox/test.1/").status_code == 200
    assert client.post("/messages/outbox/test.1/", {"reason": "궁금"}).status_code == 403
    assert not AuditRecord.objects.filter(object="messaging.held").exists()
