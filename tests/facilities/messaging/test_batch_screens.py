"""The screens of batches and messages: what stands where and why, acts shown before they are done, content opened for a purpose, proof."""

from __future__ import annotations

from typing import Any

import pytest

from numaru.facilities.messaging import api as messaging
from numaru.facilities.messaging.models import Message, MessageBatch
from numaru.kernel.models import AuditRecord
from numaru.kernel.vault.models import VaultOpening
from tests.domains.billing.world import SLUG, World
from tests.facilities.messaging.people import NIGHT, Provider, bind, people, post, template, work
from tests.screens import SignIn, naru, shared, sign_in  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("morning")]


def _body(client: Any, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return str(answer.content.decode())


def test_a_batch_tells_what_became_of_it(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    who = [*people(2), *people(1, email=False)]
    number = post(template(), who, title="점검 안내")
    work(number)
    client = sign_in("subscriber_clerk")
    assert "점검 안내" in _body(client, "/batches/")
    page = _body(client, f"/batches/{number}/")
    assert "이 채널의 주소가 없음" in page  # the rule's words
    assert "바로잡으면 다시 보낼 수 있습니다." in page  # and who may change it
    assert "{name}님께 알립니다" in page  # the words as they go
    assert f"/messages/?batch={number}&amp;state=blocked" in page
    blocked = _body(client, f"/messages/?batch={number}&state=blocked")
    assert blocked.count("보내지 않음") >= 1
    assert "김하늘" not in blocked and "박새봄" not in blocked
    assert "M-" in blocked


def test_a_batch_is_paused_resumed_and_stopped_after_its_dry_form(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    number = post(template(), people(2))
    client = sign_in("subscriber_clerk")
    plan = _body(client, f"/batches/{number}/pause/")
    assert "재개하면 그다음부터 보냅니다" in plan
    assert MessageBatch.objects.get(number=number).state == "running"  # shown, not done
    assert client.post(f"/batches/{number}/pause/").status_code == 302
    assert MessageBatch.objects.get(number=number).state == "paused"
    assert client.get(f"/batches/{number}/pause/").status_code == 409
    assert client.post(f"/batches/{number}/resume/").status_code == 302
    assert client.post(f"/batches/{number}/stop/", {"reason": ""}).status_code == 422
    assert client.post(f"/batches/{number}/stop/", {"reason": "잘못 만든 발송"}).status_code == 302
    row = MessageBatch.objects.get(number=number)
    assert row.state == "stopped"
    assert AuditRecord.objects.get(object="messaging.batch", key=number, reason="잘못 만든 발송")
    work(number)
    assert set(Message.objects.values_list("state", flat=True)) == {"stopped"}


def test_who_may_only_see_gets_no_acts_and_another_service_nothing(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    number = post(template(), people(1), service=SLUG)
    auditor = sign_in("auditor")
    assert f"/batches/{number}/pause/" not in _body(auditor, f"/batches/{number}/")
    assert auditor.post(f"/batches/{number}/pause/").status_code == 403
    stranger = sign_in("subscriber_clerk", service="bookfloor")
    assert stranger.get(f"/batches/{number}/").status_code == 404
    assert number not in _body(stranger, "/batches/")
    work(number)
    assert stranger.get(f"/messages/{Message.objects.get().number}/").status_code == 404


def test_a_message_is_opened_for_a_purpose_and_stays_on_record(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    work(post(template(), people(1)))
    row = Message.objects.get()
    client = sign_in("subscriber_clerk")
    closed = _body(client, f"/messages/{row.number}/")
    assert "박새봄" not in closed
    assert "박*봄" in closed
    assert "제공자가 받음" in closed
    address = f"/messages/{row.number}/open/"
    assert client.post(address, {"reason": ""}).status_code == 422
    before = VaultOpening.objects.count()
    opened = client.post(address, {"reason": "caller", "case_ref": "C-1"}).content.decode()
    assert "박새봄님께 알립니다" in opened
    assert VaultOpening.objects.count() == before + 1
    assert VaultOpening.objects.latest("pk").code == "caller"
    assert AuditRecord.objects.filter(object="messaging.message", key=row.number, reason__contains="C-1").exists()
    assert sign_in("auditor").post(address, {"reason": "caller"}).status_code == 403


def test_the_privacy_officer_proves_what_left(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    work(post(template(), people(1)))
    row = Message.objects.get()
    officer = sign_in("privacy_officer")
    address = f"/messages/{row.number}/prove/"
    assert "보낸 그대로입니다" in officer.post(address, {"reason": "분쟁 확인"}).content.decode()
    assert officer.post(address, {"reason": ""}).status_code == 422
    Message.objects.update(enclosure="gone.document:1")
    missing = officer.post(address, {"reason": "분쟁 확인"})
    assert missing.status_code == 409
    assert "문서를 다시 만들 수 없어" in missing.content.decode()
    assert "보낸 것과 다릅니다" not in missing.content.decode()
    assert sign_in("subscriber_clerk").post(address, {"reason": "분쟁 확인"}).status_code == 403


def test_a_rule_that_may_be_set_aside_is_set_aside_for_one(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    number = post(template(any_hour=False), people(1))
    work(number, NIGHT)
    row = Message.objects.get()
    assert row.state == "waiting"
    client = sign_in("subscriber_clerk")
    page = _body(client, f"/messages/{row.number}/")
    assert "이 서식은 낮에만 보냄" in page
    assert f"/messages/{row.number}/override/" in page
    assert "낮에만 보냄" in _body(client, f"/messages/{row.number}/override/")
    assert client.post(f"/messages/{row.number}/override/", {"reason": "장애 안내"}).status_code == 302
    assert Message.objects.get().overrides == ["hours"]


def test_an_unknown_outcome_is_decided(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    silent = Provider(remembers=False)
    silent.says = lambda m: messaging.Outcome(m.key, "unknown")
    bind(email=silent)
    number = post(template(), people(1))
    work(number)
    Message.objects.update(state="unknown", code="unknown")
    row = Message.objects.get()
    client = sign_in("subscriber_clerk")
    assert f"/messages/{row.number}/arrived-not/" in _body(client, f"/messages/{row.number}/")
    assert "가지 않은 것으로 봅니다" in _body(client, f"/messages/{row.number}/arrived-not/")
    assert client.post(f"/messages/{row.number}/arrived-not/", {"reason": "통신사 확인"}).status_code == 302
    assert Message.objects.get().state == "failed"
    assert client.get(f"/messages/{row.number}/nonsense/").status_code == 404


def test_costs_stand_by_channel(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    from numaru.values.money import Money

    provider = Provider()
    provider.says = lambda m: messaging.Outcome(m.key, "accepted", f"p-{m.key}", cost=Money(10, "KRW"))
    bind(sms=provider)
    number = post(template(chain=("sms",)), people(3))
    work(number)
    page = _body(sign_in("subscriber_clerk"), f"/batches/{number}/")
    assert "단문(SMS)" in page
    assert ">30<" in page


def test_both_are_found_by_their_numbers(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    number = post(template(), people(1), title="점검 안내", service=SLUG)
    work(number)
    message = Message.objects.get().number
    client = sign_in("subscriber_clerk")
    assert f"/batches/{number}/" in _body(client, f"/find/?q={number.lower()}&stay=1")
    found = _body(client, f"/find/?q={message}&stay=1")
    assert f"/messages/{message}/" in found
    assert "박*봄" not in found
    stranger = sign_in("subscriber_clerk", service="bookfloor")
    assert "점검 안내" not in _body(stranger, f"/find/?q={number}&stay=1")
