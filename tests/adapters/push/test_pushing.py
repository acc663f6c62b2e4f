"""Pushes through a service that opens what it gets and misbehaves; subscribing in the portal; addresses that are given up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from numaru.adapters import drivers
from numaru.adapters.carrying import CarrierDown, Outgoing
from numaru.adapters.push import devices, vapid
from numaru.adapters.push.carrier import PushCarrier
from numaru.adapters.push.models import PushDevice
from numaru.adapters.push.standin import StandIn
from numaru.facilities.messaging import api as messaging
from numaru.facilities.messaging.models import Message, MessageTemplate
from numaru.kernel import clock, ports
from numaru.kernel.retention.classes import classes
from numaru.kernel.vault import ring
from tests.domains.billing.world import HOUSE, World
from tests.screens import naru, shared, subscriber  # noqa: F401

AT = datetime(2026, 11, 27, 1, 0, tzinfo=UTC)
AGENT = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36"
pytestmark = pytest.mark.django_db


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    kept = [(port, ports.get(port)) for port in (messaging.Carriers, messaging.Addresses)]
    ports.bind(messaging.Carriers, drivers.ChosenCarriers())  # type: ignore[type-abstract]
    ports.bind(messaging.Addresses, drivers.ChosenAddresses())  # type: ignore[type-abstract]
    with StandIn() as made, clock.pinned(AT):
        monkeypatch.setenv("NUMARU_PUSH", "mailto:ops@naru.kr")
        monkeypatch.setenv("NUMARU_PUSH_HOSTS", made.origin)
        yield made
    for port, was in kept:
        ports.bind(port, was)


def subscribed(client: Any, service: StandIn, name: str) -> int:
    version, key = drivers.push_key()
    form = service.browser(name, key) | {"version": str(version)}
    answer = client.post("/my/push/", form, headers={"User-Agent": AGENT})
    assert answer.status_code == 200 and answer.json() == {"next": "/my/me/?done=push#push"}
    return PushDevice.objects.latest("pk").pk


def noticed(naru: World, who: str, text: str = "점검 안내") -> Message:  # noqa: F811
    """A notice by push, over the whole road; the template is the house's own."""
    key = "test.push"
    words = {"push": {"ko": {"subject": "점검이 있습니다", "text": text}}}
    if not MessageTemplate.objects.filter(key=key).exists():
        messaging.open_template.do(HOUSE, key=key, purpose="service", name_ko="점검", name_en="Work", chain=["push"])
        messaging.write_draft.do(HOUSE, key=key, variables=[], wordings=words)
        messaging.publish_template.do(HOUSE, key=key, reason="시험")
    person = naru.subscriber(who).party_id
    batch = messaging.post(template=key, actor=HOUSE, people=[person])
    messaging.send(batch)
    return Message.objects.get(batch__number=batch)


def outgoing(*names: str, service: StandIn, key: str = "M-0000000012.0", **more: str) -> Outgoing:
    version, pusher = vapid.current()
    to = [{"id": n + 1, "version": version, **service.browser(name, pusher)} for n, name in enumerate(names)]
    return Outgoing(key, "push", json.dumps(to), "ko", more.get("subject", "점검이 있습니다"), more.get("text", "내일 새벽 두 시부터"))


def carrier(service: StandIn) -> PushCarrier:
    return PushCarrier("mailto:ops@naru.kr", clock.now, more=(service.origin,))


def test_from_the_button_to_the_screen_of_the_phone_and_to_the_message(naru: World, service: StandIn) -> None:  # noqa: F811
    client = subscriber(naru, "haneul")
    pk = subscribed(client, service, "phone")
    shown = client.get("/my/me/").content.decode()
    assert "이 기기로 알림 받기" in shown and "Chrome" in shown and drivers.push_key()[1] in shown and service.origin not in shown
    message = noticed(naru, "haneul", "내일 새벽 두 시부터 네 시까지 점검합니다")
    assert (message.state, message.carrier) == ("accepted", "push")
    assert service.shown == [("phone", {"n": message.number, "l": "ko", "t": "점검이 있습니다"})], "the words themselves stay in the house"
    (head,) = service.heads
    assert head["ttl"] == "86400" and head["urgency"] == "normal" and head["content-encoding"] == "aes128gcm" and len(head["topic"]) == 32
    page = client.get(f"/my/messages/{message.number}/").content.decode()
    assert "내일 새벽 두 시부터 네 시까지 점검합니다" in page and Message.objects.get().opened_at is not None
    assert subscriber(naru, "noeul").get(f"/my/messages/{message.number}/").status_code == 404
    assert client.post("/my/push/end/", {"device": pk}).status_code == 302 and not PushDevice.objects.exists()
    assert noticed(naru, "haneul").state == "blocked", "nobody can be reached by push any more"


def test_anothers_device_is_not_found_and_a_shared_browser_changes_hands(naru: World, service: StandIn) -> None:  # noqa: F811
    mine, other = subscriber(naru, "haneul"), subscriber(naru, "noeul")
    version, key = drivers.push_key()
    form = service.browser("shared", key) | {"version": str(version)}
    assert mine.post("/my/push/", form).status_code == 200
    row = PushDevice.objects.get()
    assert other.post("/my/push/end/", {"device": row.pk}).status_code == 404 and PushDevice.objects.count() == 1
    assert other.post("/my/push/", form).status_code == 200
    assert PushDevice.objects.get().party == naru.subscriber("noeul").party_id


@pytest.mark.parametrize(
    "wrong",
    [
        {"endpoint": "https://127.0.0.1/x"}, {"endpoint": "http://169.254.169.254/latest"}, {"endpoint": ""}, {"p256dh": "AAAA"}, {"p256dh": "é"},
        {"auth": "AAAA"}, {"version": "99"}, {"version": "x"}, {"p256dh": "BA" + "A" * 85},
    ],
)  # fmt: skip
def test_what_is_no_subscription_is_refused(naru: World, service: StandIn, wrong: dict[str, str]) -> None:  # noqa: F811
    version, key = drivers.push_key()
    form = service.browser("x", key) | {"version": str(version)} | wrong
    assert subscriber(naru, "haneul").post("/my/push/", form).status_code in (409, 422) and not PushDevice.objects.exists()


def test_without_the_setting_there_is_no_push(naru: World, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.delenv("NUMARU_PUSH", raising=False)
    client = subscriber(naru, "haneul")
    assert client.post("/my/push/", {}).status_code == 404 and "알림을 받는 기기" not in client.get("/my/me/").content.decode()


def test_a_device_that_is_gone_is_given_up_and_the_others_stay(naru: World, service: StandIn) -> None:  # noqa: F811
    client = subscriber(naru, "haneul")
    for name in ("phone", "tablet", "old"):
        subscribed(client, service, name)
    service.moods = {"old": ["410"], "tablet": ["503"]}
    assert noticed(naru, "haneul").state == "accepted" and [name for name, _ in service.shown] == ["phone"]
    assert PushDevice.objects.count() == 2
    service.moods = {"phone": ["404"], "tablet": ["410"]}
    message = noticed(naru, "haneul")
    assert message.state == "failed" and not PushDevice.objects.exists()
    client = subscriber(naru, "haneul")
    subscribed(client, service, "new")
    assert noticed(naru, "haneul").state == "accepted", "a new subscription is no suppressed address"


def test_asked_to_wait_it_waits_and_a_cut_call_is_tried_again_without_doubling(service: StandIn) -> None:
    by = carrier(service)
    service.moods = {"a": ["wait 120"]}
    with pytest.raises(CarrierDown) as down:
        by.send([outgoing("a", service=service)])
    assert down.value.retry_after == 120.0
    service.moods = {"a": ["cut", "500"]}
    message = outgoing("a", service=service)
    for _ in range(2):
        with pytest.raises(CarrierDown):
            by.send([message])
    (again,) = by.send([message])
    assert again.state == "accepted" and len(service.shown) == 2
    assert len(service.waiting) == 1, "the topic is the same: the second replaces the first while it waits"
    service.moods = {"b": ["wait 60"]}
    first, second = by.send([outgoing("b", service=service, key="M-0000000013.0"), outgoing("c", service=service, key="M-0000000014.0")])
    assert (first.state, first.permanent, second.state) == ("refused", False, "accepted"), "one was taken: the carrier is not away"


@pytest.mark.parametrize(
    ("answer", "lasting"), [("400", True), ("403", True), ("413", True), ("408", False), ("500", False), ("503", False)]
)
def test_refused_for_now_or_for_good(service: StandIn, answer: str, lasting: bool) -> None:
    service.moods = {"a": [answer]}
    both = [outgoing("a", service=service), outgoing("b", service=service, key="M-0000000099.0")]
    outcome = carrier(service).send(both)[0]
    assert (outcome.state, outcome.code, outcome.permanent) == ("refused", answer, lasting)


def test_advertising_carries_its_words_and_a_long_title_is_cut(service: StandIn) -> None:
    text = "누리미디어\n가을 할인\n무료 수신거부 https://naru.kr/my/stop/x/"
    carrier(service).send([outgoing("a", service=service, subject="(광고) 가을 할인", text=text)])
    carrier(service).send([outgoing("b", service=service, subject="가" * 400, key="test.0123456789ab")])
    assert service.shown[0][1]["b"] == text and "b" not in service.shown[1][1] and service.shown[1][1]["n"] == ""
    assert service.shown[1][1]["t"] == "가" * 120


def test_a_subscription_outlives_a_rotation_until_its_key_is_dropped(naru: World, service: StandIn) -> None:  # noqa: F811
    client = subscriber(naru, "haneul")
    subscribed(client, service, "phone")
    old = drivers.push_key()
    ring.add("mark")
    assert drivers.push_key()[0] == old[0] + 1 and drivers.push_key()[1] != old[1]
    assert noticed(naru, "haneul").state == "accepted", "signed by the key that the browser knows"
    ring.drop_former("mark")
    assert noticed(naru, "haneul").state == "failed" and not PushDevice.objects.exists()


def test_addresses_are_sealed_exported_and_end(naru: World, service: StandIn) -> None:  # noqa: F811
    from tests.kernel.vault.test_raw_columns import raw

    client = subscriber(naru, "haneul")
    subscribed(client, service, "phone")
    person = naru.subscriber("haneul").party_id
    assert service.origin.encode() not in raw("push.PushDevice.content") and service.origin in PushDevice.objects.get().content
    klass = classes["push.devices"]
    assert klass.refs_of is not None and klass.started is not None and len(list(klass.refs_of(person))) == 1
    assert klass.started(person) == AT.date() and klass.count((AT - timedelta(days=1)).date(), ()) == 0
    assert klass.count(AT.date(), ()) == 1 and klass.count(AT.date(), (person,)) == 0
    assert klass.destroy(klass.due(AT.date(), (), None, 10)) == 1 and not PushDevice.objects.exists()


def test_ten_browsers_at_most(naru: World, service: StandIn) -> None:  # noqa: F811
    client = subscriber(naru, "haneul")
    for n in range(devices.MOST + 1):
        with clock.pinned(AT + timedelta(minutes=n)):
            subscribed(client, service, f"b{n}")
    assert PushDevice.objects.count() == devices.MOST


def test_the_worker_is_a_script_of_the_portal_for_anybody(client: Any) -> None:
    answer = client.get("/my/worker.js")
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/javascript") and b"notificationclick" in answer.content
