"""What other facilities tell the line of time: consents, messages, tasks, clocks; each seen as its own room has it, and made again from the records."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from numaru.facilities.clocks import api as clocks
from numaru.facilities.clocks.actions.judge import judge
from numaru.facilities.messaging import api as messaging
from numaru.facilities.messaging import moving
from numaru.facilities.messaging.models import Message
from numaru.facilities.parties import api as parties
from numaru.facilities.parties.api import consents
from numaru.facilities.parties.models import ConsentEvent
from numaru.facilities.timeline import api as timeline
from numaru.facilities.timeline import below
from numaru.facilities.timeline.models import Entry, Mention
from numaru.facilities.work import api as work
from numaru.facilities.work.models import Task
from numaru.kernel import clock, ports
from numaru.kernel.access import Actor
from numaru.kernel.retention.api import Asking, classes
from tests.facilities.clocks.conftest import at as seoul
from tests.facilities.messaging import people as write
from tests.facilities.timeline.test_timeline import handed_out, kept
from tests.facilities.work.conftest import Hire

pytestmark = pytest.mark.django_db
HOUSE = Actor.system("test")
CLERK = Actor("staff", 8, "가입 담당", (("subscriber_clerk", None),))
NOBODY = Actor("staff", 10, "기본", (("basic", None),))
TECHNICIAN = Actor("staff", 9, "기술", (("support_engineer", None),))


def told(actor: Actor, party: int) -> list[tuple[str, str]]:
    """The lines of a person in English."""
    return [(h.what.en, h.why.en if h.why else "") for h in timeline.of_party(actor, party).happened]


def rebuilt(feed: str) -> None:
    """The records alone give the same entries, and a second comparison finds nothing."""
    before = kept()
    Entry.objects.all().delete()
    Mention.objects.all().delete()
    timeline.rebuild(feed)
    assert kept() == before
    done = timeline.rebuild(feed, afresh=True)
    assert (done.missing, done.wrong) == (0, 0)


def person() -> int:
    return parties.register([parties.Person("김하늘", "010-1234-2201", "haneul@naru.kr")])


# ── pulling ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_value_named_event_is_the_callers() -> None:
    """The event that is being handled stands beside what a handler gives, whatever that is called."""
    party = person()
    consents.say_own.do(Actor("portal", 1, "own", (), party), party=party, purpose="advertising", kind="yes")
    (line,) = consents_lines(party)
    assert timeline.pull(below.CONSENTS, "c.id = %(event)s", {"event": line}) == 1
    assert timeline.pull(below.CONSENTS, "c.id = %(event)s", {"event": line + 1}) == 0
    assert Entry.objects.get().source == f"parties.consent:{line}" and Entry.objects.get().event is None


def consents_lines(party: int) -> list[int]:
    return list(ConsentEvent.objects.filter(party=party).order_by("pk").values_list("pk", flat=True))


# ── consents ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_somebody_said_stands_on_their_line_for_who_may_see_the_ledger() -> None:
    party = person()
    me = Actor("portal", 1, "own", (), party)
    consents.write_document.do(HOUSE, key="partner", purpose="third_party", name_ko="제휴사 제공", name_en="Partner", required=False)
    consents.draft_text.do(HOUSE, key="partner", ko="제1조", en="Article 1", valid_from=clock.today(), material=False)
    consents.publish_text.do(HOUSE, key="partner", reason="시험")
    consents.say_own.do(me, party=party, purpose="third_party", kind="yes", document="partner")
    consents.say.do(CLERK, party=party, purpose="advertising", kind="yes", medium="email", evidence="통화 77", reason="전화")
    consents.say_own.do(me, party=party, purpose="advertising", kind="withdrawn", medium="email")
    assert told(CLERK, party) == []  # told, and not handed out yet
    handed_out()
    assert told(CLERK, party) == [
        ("Consent withdrawn: Advertising · E-mail", "Portal"),
        ("Consented: Advertising · E-mail", "Telephone call · Taken down by staff"),
        ("Consented: Passing on to a third party", "Partner, version 1 · Portal"),
    ]
    assert told(TECHNICIAN, party) == []
    assert "통화 77" not in str(kept())  # the evidence stays in the ledger
    rebuilt(below.CONSENTS)


def test_what_was_only_shown_is_no_line_and_many_are_filled_in_by_a_job(monkeypatch: pytest.MonkeyPatch) -> None:
    party = person()
    some = [consents.Statement(party, "advertising", kind, clock.now()) for kind in ("shown", "yes", "no")]
    consents.say_many.do(HOUSE, statements=some, reason="시험")
    handed_out()
    assert [what for what, _ in told(CLERK, party)] == ["Refused: Advertising", "Consented: Advertising"]
    later: list[object] = []
    monkeypatch.setattr(below, "AT_ONCE", 1)
    monkeypatch.setattr(below, "fill_later", lambda *asked: later.append(asked))
    consents.say_many.do(HOUSE, statements=some, reason="시험")
    handed_out()
    (asked,) = later
    feed, start, end = asked  # type: ignore[misc]
    assert len(told(CLERK, party)) == 2 and timeline.fill(feed, start, end) == 2 and len(told(CLERK, party)) == 4
    rebuilt(below.CONSENTS)


# ── tasks ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def of(actor: Actor, kind: str, key: str) -> list[tuple[str, str, str]]:
    """The lines of an object in English, with their tone."""
    return [(h.what.en, h.why.en if h.why else "", h.tone) for h in timeline.of_object(actor, kind, key).happened]


def test_tasks_stand_on_the_line_of_what_they_are_about_for_who_may_see_them(hire: Hire) -> None:
    me = hire("subscriber_clerk", service="naru-video", name="한누리")
    here = {"about": ("subscribers.subscriber", "S-0000007"), "service": "naru-video"}
    number = work.open_task.do(me.actor, title="주소 확인", **here)
    work.open_task.do(
        HOUSE, title="다른 서비스의 일", about=("subscribers.subscriber", "S-0000007"), service="naru-toon", role="billing_clerk"
    )
    work.open_task.do(HOUSE, title="아무것에도 대하지 않은 일", role="billing_clerk")
    work.begin_task.do(me.actor, number=number)
    work.finish_task.do(me.actor, number=number, note="다 했음")
    work.reopen_task.do(me.actor, number=number, reason="빠진 것이 있음")
    handed_out()
    assert of(me.actor, "subscribers.subscriber", "S-0000007") == [
        ("Task opened again: 주소 확인", f"{number} · 한누리", "warn"),
        ("Task finished: 주소 확인", f"{number} · 한누리", ""),
        ("Task opened: 주소 확인", f"{number} · 한누리", ""),
    ]
    assert [what for what, _, _ in of(HOUSE, "subscribers.subscriber", "S-0000007")][2] == "Task opened: 다른 서비스의 일"
    assert of(hire("subscriber_clerk", service="naru-toon").actor, "work.task", number) == []
    assert len(of(me.actor, "work.task", number)) == 3
    rebuilt("work.tasks")
    assert "주소" not in str(kept())  # the title is read with the task


def test_the_lines_of_a_task_end_with_it(hire: Hire) -> None:
    me = hire("billing_clerk").actor
    numbers = [work.open_task.do(me, title="확인", about=("billing.run", f"R-{n}")) for n in range(12)]
    work.finish_task.do(me, number=numbers[0])
    handed_out()
    assert Entry.objects.count() == 13
    row = Task.objects.get(number=numbers[0])
    assert classes["work.task"].destroy([row.pk]) > 0
    assert Entry.objects.count() == 11 and of(me, "billing.run", "R-0") == []
    with pytest.raises(ValueError, match="colon"):
        timeline.withdraw_all(["work.task:1"])


# ── clocks ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_due_time_that_passed_stands_on_the_line_of_its_subject(kind: str, office: str) -> None:
    def start(subject: str) -> int:
        with clock.pinned(seoul("2026-11-27T15:00")):
            return int(clocks.start.do(HOUSE, kind=kind, subject=subject, subject_kind="test.thing", service="naru-video"))

    late, answered, _ = start("X-1"), start("X-2"), start("X-3")
    with clock.pinned(seoul("2026-11-30T10:00:30")):  # answered late, before anybody judged it
        assert clocks.satisfy.do(HOUSE, kind=kind, subject="X-2") == "missed"
    clocks.satisfy.do(HOUSE, kind=kind, subject="X-3", at=seoul("2026-11-27T16:00"))
    with clock.pinned(seoul("2026-11-30T10:02")):
        judge.do(HOUSE)
        handed_out()
    reader = Actor("staff", 5, "기술", (("support_engineer", "naru-video"),))
    assert of(reader, "test.thing", "X-1") == [("Overdue: Test answer", "not ended yet", "bad")]
    (ended,) = of(reader, "test.thing", "X-2")
    assert ended[1].startswith("ended 30 Nov") and ended[1].endswith("10:00")
    assert of(reader, "test.thing", "X-3") == []
    assert of(Actor("staff", 6, "기술", (("support_engineer", "naru-toon"),)), "test.thing", "X-1") == []
    (line,) = timeline.of_object(reader, "test.thing", "X-1").happened
    assert line.at == seoul("2026-11-30T10:00") and line.url == f"/clocks/{late}/"
    rebuilt("clocks.breaches")
    classes["clocks.clocks"].destroy([answered])
    assert of(reader, "test.thing", "X-2") == [] and Entry.objects.count() == 1


# ── messages ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def carriers() -> Iterator[None]:
    kept_carriers = ports.get(messaging.Carriers)  # type: ignore[type-abstract]
    yield
    ports.bind(messaging.Carriers, kept_carriers)  # type: ignore[type-abstract]


def test_a_message_stands_where_it_went_and_says_what_became_of_it(carriers: None) -> None:
    first, second = write.Provider("provider"), write.Provider("second")
    first.says = lambda m: messaging.Outcome(m.key, "refused", code="3010", permanent=True)
    write.bind(alimtalk=first, sms=second)
    with clock.pinned(write.DAY):
        (party,) = write.people(1)
        number = write.post(write.template("test.notice", chain=("alimtalk", "sms")), [party], service="naru-video")
    write.work(number)
    row = Message.objects.get(batch__number=number)
    assert told(HOUSE, party) == [("SMS: Test notice", f"Sent · {row.number}")]  # one line, though two channels were tried
    with clock.pinned(write.DAY + timedelta(days=2)):
        messaging.take_reports("second", [messaging.Report("failed", key=row.key, code="9", at=write.DAY + timedelta(days=1))])
        messaging.take_reports("second", [messaging.Report("failed", key=row.key, code="9", at=write.DAY + timedelta(days=1))])
    lines = timeline.of_party(HOUSE, party).happened
    assert [(h.what.en, h.why.en if h.why else "", h.tone) for h in lines] == [
        ("SMS: Test notice", f"Reported as failed · {row.number}", "bad"),
        ("SMS: Test notice", f"Failed · {row.number}", "bad"),
    ]
    here, elsewhere = (Actor("staff", 7, "담당", (("subscriber_clerk", slug),)) for slug in ("naru-video", "naru-toon"))
    assert len(told(here, party)) == 2 and told(elsewhere, party) == []
    export = classes["timeline.entries"].export
    assert export is not None and len(export(party, Asking(NOBODY, "", ""))[0].rows) == 2  # the person is given all of it
    assert timeline.stretch(HOUSE, [timeline.person(party, kinds=["parties.consent"])]).happened == []
    assert len(timeline.stretch(HOUSE, [timeline.person(party, "naru-video", kinds=["messaging.message"])]).happened) == 2
    rebuilt("messaging.messages")


def test_what_was_kept_back_is_told_with_its_rule_and_what_is_over_goes(carriers: None) -> None:
    with clock.pinned(write.DAY):
        agreed, other = write.people(2)
        write.agreed([agreed])
        number = write.post(write.template("test.ad", "advertising", chain=("email",)), [agreed, other], service="")
    write.work(number)
    lines = {p: timeline.of_party(HOUSE, p, only=["messaging.message"]).happened for p in (agreed, other)}
    assert [h.tone for h in lines[agreed]] == [""] and [h.tone for h in lines[other]] == ["warn"]
    rule = str(Message.objects.get(party=other).code)
    assert lines[other][0].why is not None and messaging.RULE_WORDS[rule].en in lines[other][0].why.en
    house = Actor("staff", 7, "담당", (("subscriber_clerk", "naru-video"),))
    assert told(house, other) == []  # of the house as a whole: a grant for all services is needed, as for the batch
    rebuilt("messaging.messages")
    gone = Message.objects.get(party=other)
    assert classes["messaging.advertising"].destroy([gone.pk]) == 1
    assert not Entry.objects.filter(party=other).exists() and Entry.objects.filter(party=agreed, kind="messaging.message").exists()


def test_a_guardian_who_received_it_has_the_line_too(carriers: None) -> None:
    with clock.pinned(write.DAY):
        child, guardian = write.people(2)
        number = write.post(write.template(chain=("inapp",)), [child])
    Message.objects.filter(batch__number=number).update(receiver=guardian)
    with clock.pinned(write.DAY):
        row = moving.read("party = %(p)s", {"p": child})[0]
        row.state, row.channel = "delivered", "inapp"
        moving.save([row], [moving.Told(row.id, "delivered", write.DAY, 0, "inapp")], write.DAY)
    (own,), (instead,) = told(HOUSE, child), told(HOUSE, guardian)
    assert instead[1] == f"{own[1]} · received as guardian"
    rebuilt("messaging.messages")
