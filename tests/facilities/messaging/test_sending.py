"""Sending: who gets what by which channel, once; what becomes of refusals, silence and dead workers."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from numaru.facilities.messaging import api as messaging
from numaru.facilities.messaging.models import BatchCost, HeldMessage, Message, MessageBatch, MessageEvent, Suppression
from numaru.facilities.messaging.outbox import opened
from numaru.kernel import clock
from numaru.kernel.errors import Invalid
from numaru.kernel.vault.models import VaultOpening
from numaru.values.money import Money
from tests.facilities.messaging.people import (
    DAY,
    HOUSE,
    NIGHT,
    Provider,
    agreed,
    bind,
    codes,
    people,
    post,
    states,
    tallied,
    template,
    work,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("morning")]


def test_a_post_reaches_each_once_in_their_own_words() -> None:
    who = people(3)
    key = template(
        variables=[messaging.Variable("due", "date"), messaging.Variable("sum", "money")], email="{name}님, {due}까지 {sum}입니다"
    )
    number = post(key, who, facts={p: {"due": "2026-12-10", "sum": "13900 KRW"} for p in who})
    work(number)
    assert states(number) == Counter(accepted=3)
    said = {opened(row).text for row in HeldMessage.objects.all()}
    assert said == {"김하늘님, 2026-12-10까지 13,900원입니다", "박새봄님, 2026-12-10까지 13,900원입니다"}
    assert MessageBatch.objects.get(number=number).state == "done"
    assert tallied(number) == Counter(accepted=3)


def test_nothing_that_was_sent_stands_in_the_clear() -> None:
    who = people(1)
    key = template(variables=[messaging.Variable("word", "text")], email="{name} {word}")
    number = post(key, who, facts={who[0]: {"word": "비밀낱말"}})
    work(number)
    with connection.cursor() as cursor:
        for table in ("messaging_message", "messaging_messagebatch", "messaging_messageevent", "messaging_heldmessage"):
            cursor.execute(f"SELECT t::text FROM {table} t")
            stored = "".join(row for (row,) in cursor.fetchall())
            assert stored
            assert "비밀낱말" not in stored
            assert "비밀낱말".encode().hex() not in stored
            assert "김하늘" not in stored and "박새봄" not in stored
            assert "p0@naru.kr" not in stored
    assert len(bytes(Message.objects.get().digest)) == 32


def test_opening_addresses_is_on_record_before_anything_leaves() -> None:
    who = people(2)
    provider = Provider()
    seen: list[int] = []
    provider.says = lambda m: seen.append(VaultOpening.objects.filter(bulk=number).count()) or messaging.Outcome(m.key, "accepted")  # type: ignore[func-returns-value]
    bind(email=provider)
    number = post(template(), who)
    work(number)
    assert seen == [4, 4]
    assert set(VaultOpening.objects.filter(bulk=number).values_list("code", "kind")) == {("notice", "email"), ("notice", "name")}


def test_a_post_with_a_key_is_sent_once() -> None:
    who, key = people(1), template()
    first = post(key, who, once="rule:7:event:1")
    assert post(key, who, once="rule:7:event:1") == first
    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    "facts",
    [{}, {"sum": "x", "due": "2026-12-10"}, {"sum": "1 KRW", "due": "tomorrow"}, {"sum": "1 KRW", "due": "2026-12-10", "other": "1"}],
)
def test_facts_that_do_not_fit_the_template_are_refused(facts: dict[str, str]) -> None:
    who = people(1)
    key = template(variables=[messaging.Variable("due", "date"), messaging.Variable("sum", "money")], email="{due} {sum}")
    with pytest.raises(Invalid):
        post(key, who, facts={who[0]: facts})
    assert not MessageBatch.objects.exists()


# ── the chain ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_next_channel_goes_only_when_the_first_refused_for_good() -> None:
    who = people(1)
    first, second = Provider("kakao"), Provider("sms")
    first.says = lambda m: messaging.Outcome(m.key, "refused", code="3010", permanent=True)
    bind(alimtalk=first, sms=second)
    number = post(template(chain=("alimtalk", "sms")), who)
    work(number)
    row = Message.objects.get()
    assert (row.state, row.channel, row.step) == ("accepted", "sms", 1)
    assert [m.key for m in second.got] == [f"M-{row.pk:010d}.1"]
    assert [e.kind for e in row.events.order_by("id")] == ["sending", "refused", "sending", "accepted"]


def test_a_channel_that_took_it_and_says_later_that_it_failed_hands_on() -> None:
    who = people(1)
    first, second = Provider("kakao"), Provider("sms")
    bind(alimtalk=first, sms=second)
    number = post(template(chain=("alimtalk", "sms")), who)
    work(number)
    assert not second.got
    key = first.got[0].key
    assert messaging.take_reports("kakao", [messaging.Report("failed", key=key, code="3104")]) == 1
    assert messaging.take_reports("kakao", [messaging.Report("failed", key=key, code="3104")]) == 0
    work(number)
    assert [m.channel for m in second.got] == ["sms"]
    assert messaging.take_reports("kakao", [messaging.Report("delivered", key=key)]) == 1  # late, of the first step: noted, changes nothing
    assert Message.objects.get().state == "accepted"


def test_what_nobody_can_say_never_goes_by_two_channels() -> None:
    who = people(1)
    first, second = Provider("kakao"), Provider("sms")
    first.says = lambda m: messaging.Outcome(m.key, "unknown")
    bind(alimtalk=first, sms=second)
    number = post(template(chain=("alimtalk", "sms")), who)
    work(number)
    assert states(number) == Counter(unknown=1)
    assert not second.got


def test_without_an_address_the_next_channel_is_taken_at_once() -> None:
    who = people(1, email=False)
    number = post(template(chain=("email", "sms")), who)
    work(number)
    assert Message.objects.get().channel == "sms"
    other = people(1, email=False, phone=False)
    lost = post("test.notice", other)
    work(lost)
    assert codes(lost) == Counter(no_address=1)


def test_a_text_that_is_too_long_for_one_channel_goes_by_the_next() -> None:
    who = people(1)
    key = template(chain=("sms", "lms"), variables=[messaging.Variable("word", "text", True, 20)], sms="{word}", lms="{word}")
    number = post(key, who, facts={who[0]: {"word": "가" * 60}})
    work(number)
    assert Message.objects.get().channel == "lms"


def test_an_unapproved_alimtalk_is_passed_over() -> None:
    who = people(1)
    number = post(template(chain=("alimtalk", "sms"), alimtalk="asked"), who)
    work(number)
    assert Message.objects.get().channel == "sms"


# ── carriers that fail ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_carrier_that_is_away_takes_nothing_and_is_tried_again() -> None:
    who = people(3)
    provider = Provider()
    provider.down = [90]
    bind(email=provider)
    number = post(template(), who)
    work(number)
    assert states(number) == Counter(queued=3)
    assert MessageBatch.objects.get(number=number).trouble == "carrier_down"
    work(number, DAY + timedelta(seconds=91))
    assert states(number) == Counter(accepted=3)
    assert MessageBatch.objects.get(number=number).trouble == ""
    assert set(provider.keys().values()) == {1}


def test_a_refusal_for_now_is_tried_as_often_as_the_policy_says() -> None:
    who = people(1)
    provider = Provider()
    provider.says = lambda m: messaging.Outcome(m.key, "refused", code="4.2.0")
    bind(email=provider)
    number = post(template(), who)
    at = DAY
    for _ in range(6):
        work(number, at)
        at += timedelta(hours=3)
    row = Message.objects.get()
    assert (row.state, row.code) == ("failed", "tries")
    assert row.events.filter(kind="sending").count() == 5
    assert len({m.key for m in provider.got}) <= 1


def test_a_carrier_that_forgets_a_message_leaves_it_unknown_and_is_asked() -> None:
    who = people(2)
    provider = Provider()
    bind(email=provider)
    plain = provider.send
    provider.send = lambda messages: plain(messages)[:1]  # type: ignore[method-assign]
    number = post(template(), who)
    work(number)
    assert states(number) == Counter(accepted=1, unknown=1)
    from numaru.facilities.messaging.unknowns import ask_again

    assert ask_again() == 1
    assert states(number) == Counter(accepted=2)


def test_mail_of_unknown_outcome_goes_again_and_advertising_waits_for_a_person() -> None:
    who = people(1)
    agreed(who)
    smtp = Provider("smtp", remembers=False)
    answers = iter(["unknown", "accepted", "unknown"])
    smtp.says = lambda m: messaging.Outcome(m.key, next(answers))
    bind(email=smtp)
    service = post(template("test.service"), who)
    work(service)
    work(service, DAY + timedelta(minutes=2))
    assert states(service) == Counter(accepted=1)
    assert list(smtp.keys().values()) == [2]  # the same key: the receiver's program knows it by its Message-ID
    advert = post(template("test.advert", "advertising"), who)
    work(advert)
    work(advert, DAY + timedelta(days=1))
    assert states(advert) == Counter(unknown=1)
    row = Message.objects.get(batch__number=advert)
    messaging.decide_unknown.do(HOUSE, number=row.number, again=False, reason="안 갔음")
    assert Message.objects.get(pk=row.pk).state == "failed"


# ── what a dead worker leaves ────────────────────────────────────────────────────────────────────────────────────────


def _left_sending(who: Sequence[int], provider: Provider, taken: int, purpose: str = "service") -> str:
    """A batch whose worker died in the middle: claimed, ``taken`` of them handed over, nothing noted."""
    bind(email=provider)
    number = post(template(purpose=purpose), who)

    class Died(BaseException):
        pass

    plain = provider.send

    def dying(messages: Sequence[messaging.Outgoing]) -> list[messaging.Outcome]:
        plain(messages[:taken])
        raise Died

    provider.send = dying  # type: ignore[method-assign]
    with pytest.raises(Died):
        work(number)
    provider.send = plain  # type: ignore[method-assign]
    assert states(number) == Counter(sending=len(who))
    return number


def test_a_carrier_that_remembers_is_asked_and_nothing_goes_twice() -> None:
    provider = Provider()
    number = _left_sending(people(5), provider, 2)
    work(number)
    assert states(number) == Counter(accepted=5)
    assert set(provider.keys().values()) == {1}
    assert tallied(number) == Counter(accepted=5)


def test_a_carrier_that_cannot_be_asked_now_is_asked_later() -> None:
    provider = Provider()
    number = _left_sending(people(3), provider, 1)
    plain = provider.ask

    def away(keys: Sequence[str]) -> dict[str, messaging.Outcome]:
        raise messaging.CarrierDown("away", 5)

    provider.ask = away  # type: ignore[method-assign]
    work(number)
    assert states(number) == Counter(sending=3)
    provider.ask = plain  # type: ignore[method-assign]
    work(number)
    assert states(number) == Counter(accepted=3)
    assert set(provider.keys().values()) == {1}


def test_advertising_that_a_forgetful_carrier_may_have_is_never_sent_again_by_itself() -> None:
    who = people(3)
    agreed(who)
    smtp = Provider("smtp", remembers=False)
    number = _left_sending(who, smtp, 1, "advertising")
    work(number)
    assert states(number) == Counter(unknown=3)
    assert set(smtp.keys().values()) == {1}


def test_what_was_never_taken_is_judged_again_before_it_goes() -> None:
    who = people(2)
    agreed(who)
    provider = Provider()
    number = _left_sending(who, provider, 0, "advertising")
    agreed(who[:1], kind="withdrawn", at=DAY)
    work(number, DAY + timedelta(seconds=1))
    assert codes(number) == Counter(refused=1, consented=1)
    assert len(provider.got) == 1


# ── pause, stop, time ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_pause_holds_at_the_chunk_and_stopping_ends_what_waits() -> None:
    who = people(4)
    provider = Provider()
    bind(email=provider)
    number = post(template(), who)
    messaging.pause_batch.do(HOUSE, number=number)
    work(number)
    assert states(number) == Counter(queued=4)
    messaging.resume_batch.do(HOUSE, number=number)
    provider.down = [60]
    work(number)
    messaging.stop_batch.do(HOUSE, number=number, reason="잘못 보냄")
    work(number)
    assert states(number) == Counter(stopped=4)
    assert tallied(number) == Counter(stopped=4)
    assert not provider.got


def test_advertising_caught_at_night_waits_for_the_receivers_morning() -> None:
    who = people(2)
    agreed(who)
    agreed(who[:1], "advertising_night")
    number = post(template(purpose="advertising"), who)
    work(number, NIGHT)
    assert states(number) == Counter(accepted=1, waiting=1)
    waiting = Message.objects.get(state="waiting")
    assert waiting.code == "night"
    assert waiting.due_at == datetime.fromisoformat("2026-11-28T08:00:00+09:00")
    work(number, waiting.due_at - timedelta(seconds=1))
    assert states(number) == Counter(accepted=1, waiting=1)
    work(number, waiting.due_at)
    assert states(number) == Counter(accepted=2)


def test_advertising_carries_label_sender_and_a_way_out_once() -> None:
    who = people(1)
    agreed(who)
    number = post(template(purpose="advertising", email="(광고) 새 작품이 나왔습니다"), who)
    work(number)
    said = opened(HeldMessage.objects.get())
    assert said.subject == "(광고) 알림"
    assert said.text.startswith("(광고) 누마루\n새 작품이 나왔습니다")
    assert said.text.count("(광고)") == 1
    assert "080-000-0000" in said.text
    assert said.headers["List-Unsubscribe"].startswith("/my/stop/")
    assert said.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_cap_counts_over_batches_and_a_person_with_the_right_may_set_it_aside() -> None:
    who = people(1)
    agreed(who)
    key = template(purpose="advertising")
    first, second = post(key, who), post(key, who)
    work(first)
    work(second)
    row = Message.objects.get(batch__number=second)
    assert (row.state, row.code) == ("blocked", "cap")
    assert row.ruling is not None and row.ruling.policy == "messaging.caps"
    messaging.override_rule.do(HOUSE, number=row.number, reason="당첨자에게 한 번 더")
    work(second)
    assert states(second) == Counter(accepted=1)


def test_a_message_knows_the_rule_the_policy_and_its_basis() -> None:
    who = people(1)
    number = post(template(purpose="advertising"), who)
    work(number)
    row = Message.objects.select_related("ruling").get()
    assert (row.state, row.code) == ("blocked", "no_consent")
    assert row.ruling is not None
    assert row.ruling.policy == "messaging.consent"
    assert "art. 50" in row.ruling.basis
    from numaru.kernel.errors import Conflict

    with pytest.raises(Conflict):
        messaging.override_rule.do(HOUSE, number=row.number, reason="그래도 보냄")
    work(number)
    assert not HeldMessage.objects.exists()


# ── reports and suppressions ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_bounce_for_good_suppresses_the_address_whoever_has_it() -> None:
    who = people(1)
    provider = Provider()
    bind(email=provider)
    key = template()
    number = post(key, who)
    work(number)
    assert (
        messaging.take_reports(
            "provider", [messaging.Report("bounced", provider_id=f"p-{provider.got[0].key}", code="5.1.1", permanent=True)]
        )
        == 1
    )
    assert states(number) == Counter(bounced=1)
    row = Suppression.objects.get()
    assert (row.reason, row.shown) == ("hard", "p***@n***.kr")
    from numaru.facilities.parties import api as parties

    twin = parties.register([parties.Person("문가온", "", "P0@naru.kr")])
    again = post(key, [*who, twin])
    work(again)
    assert codes(again) == Counter(suppressed=2)
    messaging.lift_suppression.do(HOUSE, suppression=row.pk, reason="본인이 확인함")
    third = post(key, who)
    work(third)
    assert states(third) == Counter(accepted=1)


def test_soft_bounces_suppress_only_after_as_many_as_the_policy_says() -> None:
    who = people(1)
    provider = Provider()
    bind(email=provider)
    key = template()
    for n in range(3):
        with clock.pinned(DAY + timedelta(days=n)):
            number = post(key, who)
        work(number, DAY + timedelta(days=n))
        assert not Suppression.objects.exists(), n
        with clock.pinned(DAY + timedelta(days=n)):
            messaging.take_reports("provider", [messaging.Report("bounced", key=provider.got[-1].key, code="4.2.2")])
    assert Suppression.objects.get().reason == "soft"


def test_a_complaint_takes_the_consent_back_and_is_never_lifted() -> None:
    from numaru.facilities.parties.api import consents
    from numaru.kernel.errors import Conflict

    who = people(1)
    agreed(who)
    number = post(template(purpose="advertising"), who)
    work(number)
    key = HeldMessage.objects.get().key
    reports = [messaging.Report("complained", key=key, code="abuse", permanent=True)] * 2
    assert messaging.take_reports("outbox", reports) == 1
    assert consents.standing(who)[who[0]].of("advertising", "email").state == "no"
    assert consents.standing(who)[who[0]].of("advertising", "text").state == "yes"
    row = Suppression.objects.get()
    with pytest.raises(Conflict):
        messaging.lift_suppression.do(HOUSE, suppression=row.pk, reason="다시")


def test_an_automatic_reply_is_noted_and_changes_nothing() -> None:
    number = post(template(), people(1))
    work(number)
    key = HeldMessage.objects.get().key
    messaging.take_reports("outbox", [messaging.Report("auto_replied", key=key)])
    assert states(number) == Counter(accepted=1)
    assert MessageEvent.objects.filter(kind="auto_replied").count() == 1
    assert not Suppression.objects.exists()


def test_reports_of_nobody_say_nothing() -> None:
    reports = [
        messaging.Report("delivered", key="M-0000000999.0"),
        messaging.Report("delivered", provider_id="x"),
        messaging.Report("delivered", key="nonsense"),
    ]
    assert messaging.take_reports("provider", reports) == 0


def test_costs_come_to_the_batch_once() -> None:
    who = people(2)
    provider = Provider()
    provider.says = lambda m: messaging.Outcome(m.key, "accepted", cost=Money(9, "KRW"))
    bind(sms=provider)
    number = post(template(chain=("sms",)), who)
    work(number)
    messaging.take_reports("provider", [messaging.Report("delivered", key=m.key, cost=Money(10, "KRW")) for m in provider.got])
    assert [(c.channel, c.minor, c.currency) for c in BatchCost.objects.all()] == [("sms", 20, "KRW")]
    assert states(number) == Counter(delivered=2)


# ── the receiver ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_message_in_the_portal_needs_an_account_and_is_opened_once() -> None:
    from numaru.facilities.parties.models import Party, PortalAccount
    from numaru.kernel.access import Actor

    who = people(2)
    PortalAccount.objects.create(party=Party.objects.get(pk=who[0]), handle="h1", created_at=clock.now())
    number = post(template(chain=("inapp",)), who)
    work(number)
    assert states(number) == Counter(delivered=1, blocked=1)
    (own,) = messaging.own_messages(who[0])
    assert own.text == "박*봄님께 알립니다"
    assert messaging.unread(who[0]) == 1
    reader = Actor("portal", 1, "h1", (), who[0])
    messaging.open_own.do(reader, number=own.id)
    assert messaging.unread(who[0]) == 0
    from numaru.kernel.errors import NotFound

    with pytest.raises(NotFound):
        messaging.open_own.do(Actor("portal", 2, "h2", (), who[1]), number=own.id)


def test_what_was_sent_can_be_proved_to_the_byte() -> None:
    who = people(1)
    number = post(template(variables=[messaging.Variable("word", "text")], email="{name} {word}"), who, facts={who[0]: {"word": "가"}})
    work(number)
    row = Message.objects.get()
    assert messaging.prove_message.do(HOUSE, number=row.number, reason="분쟁 확인") is True
    from numaru.kernel.vault.api import seal_text

    with connection.cursor() as cursor:
        cursor.execute("UPDATE messaging_message SET facts = %s", [seal_text(json.dumps({"word": "나"}), "messaging.Message.facts")])
    assert messaging.prove_message.do(HOUSE, number=row.number, reason="분쟁 확인") is False


def test_a_document_that_cannot_be_made_again_proves_nothing_against_the_text() -> None:
    from numaru.kernel.errors import Conflict

    who = people(1)
    number = post(template(), who)
    work(number)
    Message.objects.update(enclosure="gone.document:1")
    opened_before = VaultOpening.objects.count()
    with pytest.raises(Conflict) as refused:
        messaging.prove_message.do(HOUSE, number=Message.objects.get().number, reason="분쟁 확인")
    assert refused.value.findings[0].code == "messaging.document_missing"
    assert VaultOpening.objects.count() == opened_before


def test_a_chunk_asks_as_often_for_many_messages_with_values_of_their_own_as_for_few() -> None:
    key = template(variables=[messaging.Variable("word", "text")], email="{name} {word}")
    asked = []
    for count in (3, 60):
        who = people(count)
        with CaptureQueriesContext(connection) as queueing:
            number = post(key, who, facts={p: {"word": f"말{p}"} for p in who})
        with CaptureQueriesContext(connection) as sending:
            work(number)
        assert states(number) == Counter(accepted=count)
        asked.append([sum("house_key" in q["sql"] for q in seen.captured_queries) for seen in (queueing, sending)])
    assert asked[0] == asked[1] and min(asked[0]) > 0
