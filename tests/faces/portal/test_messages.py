"""The messages of a subscriber in the portal: listed, shown, read once shown; nobody's but their own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from numaru.facilities.messaging import api as messaging
from numaru.facilities.messaging.models import Message
from numaru.kernel import clock
from tests.domains.billing.world import HOUSE, World
from tests.faces.portal.test_pages import read
from tests.screens import naru, shared, subscriber  # noqa: F401

AT = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)


def tell(naru: World, who: str, text: str, at: datetime = AT) -> str:  # noqa: F811
    """A note to somebody's portal; returns its number."""
    person = naru.subscriber(who).party_id
    with clock.pinned(at):
        batch = messaging.post(template="messaging.note", actor=HOUSE, people=[person], channels=["inapp"], facts={person: {"text": text}})
        messaging.send(batch)
    return Message.objects.get(batch__number=batch).number


def test_an_empty_box_says_so_and_leads_on(naru: World) -> None:  # noqa: F811
    shown = read(subscriber(naru, "haneul"), "/my/messages/")
    assert "받은 메시지가 없습니다" in shown and "요금 보기" in shown and "안 읽음" not in shown


def test_a_message_counts_until_it_was_shown_and_its_opening_is_kept(naru: World) -> None:  # noqa: F811
    client = subscriber(naru, "haneul")
    number = tell(naru, "haneul", "내일 새벽 점검이 있습니다")
    home = f"/my/{naru.subscriber('haneul').number}/"
    assert Message.objects.get().state == "delivered" and "읽지 않은 메시지가 1통 있습니다" in read(client, home)
    listed = read(client, "/my/messages/")
    assert "읽지 않은 메시지 1통" in listed and "서비스 안내" in listed
    for ahead in (client.head(f"/my/messages/{number}/"), client.get(f"/my/messages/{number}/", headers={"Sec-Purpose": "prefetch"})):
        assert ahead.status_code == 200 and messaging.unread(naru.subscriber("haneul").party_id) == 1
    with clock.pinned(AT + timedelta(hours=1)):
        assert "내일 새벽 점검이 있습니다" in read(client, f"/my/messages/{number}/")
        assert "모두 읽었습니다" in read(client, "/my/messages/") and "읽지 않은" not in read(client, home)
    with clock.pinned(AT + timedelta(hours=2)):
        read(client, f"/my/messages/{number}/")
    assert Message.objects.get().opened_at == AT + timedelta(hours=1)


def test_anothers_message_is_told_as_none(naru: World) -> None:  # noqa: F811
    number = tell(naru, "haneul", "내일 새벽 점검이 있습니다")
    stranger = subscriber(naru, "noeul")
    assert "점검" not in read(stranger, "/my/messages/")
    for asked in (number, "M-9999999999", "M-x", "../me"):
        assert stranger.get(f"/my/messages/{asked}/").status_code == 404
    assert Message.objects.get().opened_at is None


def test_a_long_box_is_paged_and_links_are_links(naru: World) -> None:  # noqa: F811
    client = subscriber(naru, "haneul")
    numbers = [tell(naru, "haneul", f"안내 {n:02d} https://naru.kr/{n}", AT + timedelta(minutes=n)) for n in range(22)]
    first = client.get("/my/messages/").content.decode()
    assert numbers[21] in first and numbers[2] in first and numbers[1] not in first
    older = first.split('class="act" href="')[1].split('"')[0].replace("&amp;", "&")
    then = client.get(older).content.decode()
    assert numbers[1] in then and numbers[0] in then and numbers[2] not in then
    assert client.get("/my/messages/?before=x").status_code == 200
    page = client.get(f"/my/messages/{numbers[3]}/").content.decode()
    assert '<a href="https://naru.kr/3" rel="nofollow">https://naru.kr/3</a>' in page


def test_in_english(naru: World) -> None:  # noqa: F811
    client = subscriber(naru, "haneul", "en")
    tell(naru, "haneul", "Maintenance")
    shown = read(client, "/my/messages/")
    assert "1 unread" in shown and "Service notice" in shown
