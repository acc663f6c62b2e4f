"""The ledger of consents: what may be written, what the database refuses, links, marks, duties, and one person's history replayed to any date."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from numaru.facilities.parties import api as parties
from numaru.facilities.parties.api import consents
from numaru.facilities.parties.consents import due, keeping
from numaru.facilities.parties.models import ConsentEvent, ConsentNotice, ConsentText, Guardianship
from numaru.facilities.parties.rules import consents as rules
from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from numaru.kernel.models import AuditRecord, OutboxEvent
from numaru.kernel.retention.api import Asking

pytestmark = pytest.mark.django_db
HOUSE = Actor.system("test")
CLERK = Actor("staff", 3, "담당", (("subscriber_clerk", None),))
OFFICER = Actor("staff", 4, "보호", (("privacy_officer", None),))
NOBODY = Actor("staff", 5, "기술", (("support_engineer", None), ("basic", None), ("administrator", None)))
TEXT = ("제1조\n광고를 보냅니다.", "Article 1\nWe send advertising.")


@contextmanager
def on(day: str) -> Iterator[None]:
    with clock.pinned(datetime.fromisoformat(f"{day}T12:00:00+09:00")):
        yield


def publish(key: str, ko: str = TEXT[0], en: str = TEXT[1], *, material: bool = False, valid_from: date | None = None) -> int:
    consents.draft_text.do(HOUSE, key=key, ko=ko, en=en, valid_from=valid_from or clock.today(), material=material)
    return consents.publish_text.do(HOUSE, key=key, reason="시험")


@pytest.fixture
def papers() -> None:
    with on("2024-01-02"):
        for key, purpose, required in (
            ("terms", "service", True),
            ("advertising", "advertising", False),
            ("night", "advertising_night", False),
            ("partner", "third_party", False),
        ):
            consents.write_document.do(HOUSE, key=key, purpose=purpose, name_ko=f"{key} 문서", name_en=key, required=required)
            publish(key, f"{key}\n{TEXT[0]}", f"{key}\n{TEXT[1]}")


@pytest.fixture
def person(papers: None) -> int:
    with on("2024-01-03"):
        return parties.register([parties.Person("김하늘", "010-1234-2201", "haneul@naru.kr")])


def me(party: int) -> Actor:
    return Actor("portal", 1, "own", (), party)


def own(party: int, purpose: str, kind: str, medium: str = "", **more: Any) -> int:
    return consents.say_own.do(me(party), party=party, purpose=purpose, kind=kind, medium=medium, **more)


def state(party: int, purpose: str = "advertising", medium: str = "") -> str:
    return consents.standing([party])[party].of(purpose, medium).state


# ── the database ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "change",
    ["UPDATE parties_consentevent SET kind = 'yes'", "UPDATE parties_consentevent SET at = now()", "DELETE FROM parties_consentevent"],
)
def test_the_database_refuses_to_change_a_line(person: int, change: str) -> None:
    own(person, "advertising", "withdrawn")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)
    assert ConsentEvent.objects.get().kind == "withdrawn"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE parties_consenttext SET ko = '다른 글'",
        "UPDATE parties_consenttext SET valid_from = now()",
        "DELETE FROM parties_consenttext",
    ],
)
def test_the_database_refuses_to_change_a_published_text(papers: None, change: str) -> None:
    before = ConsentText.objects.values_list("ko", "sha256", "valid_from")[0]
    with pytest.raises(IntegrityError, match="published text"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)
    assert ConsentText.objects.values_list("ko", "sha256", "valid_from")[0] == before


def test_a_draft_may_change_until_it_is_published(papers: None) -> None:
    for words in ("하나", "둘"):
        consents.draft_text.do(OFFICER, key="terms", ko=words, en=words, valid_from=clock.today())
    assert consents.publish_text.do(OFFICER, key="terms", reason="개정") == 2
    assert next(t.words.ko for t in consents.texts("terms")) == "둘"
    with pytest.raises(NotFound):
        consents.publish_text.do(OFFICER, key="terms", reason="다시")


# ── documents ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_publishing_shows_what_changes_before_it_does(person: int) -> None:
    own(person, "advertising", "yes")
    sha = consents.draft_text.do(
        OFFICER,
        key="advertising",
        ko="advertising\n제1조\n광고를 매일 보냅니다.",
        en="advertising\nArticle 1\nDaily.",
        valid_from=clock.today(),
        material=True,
    )
    plan = consents.publish_text.plan(OFFICER, key="advertising")
    said = " ".join(e.en for e in plan.effects)
    assert plan.result == 2
    assert "consent of 1 people lapses" in said and "2 lines of the Korean text" in said and "0 days until" in said
    assert len(consents.texts("advertising")) == 1 and state(person) == "yes", "nothing has happened"
    consents.draft_text.do(OFFICER, key="advertising", ko="또 다름", en="other", valid_from=clock.today(), material=True)
    with pytest.raises(Conflict):
        consents.publish_text.do(OFFICER, key="advertising", sha256=sha, reason="본 것과 다름")
    consents.publish_text.do(OFFICER, key="advertising", reason="개정")
    assert state(person) == "lapsed"
    own(person, "advertising", "yes")
    found = consents.standing([person])[person].of("advertising")
    assert (found.state, found.version) == ("yes", 2)


def test_what_cannot_be_published(papers: None) -> None:
    with pytest.raises(NotAllowed):
        consents.draft_text.do(CLERK, key="terms", ko="a", en="a", valid_from=clock.today())
    with pytest.raises(Invalid):
        consents.draft_text.do(OFFICER, key="terms", ko="본문", en=" ", valid_from=clock.today())
    consents.draft_text.do(OFFICER, key="terms", ko=f"terms\n{TEXT[0]}  ", en=f"terms\n{TEXT[1]}\r\n", valid_from=clock.today())
    with pytest.raises(Conflict, match="version before"):
        consents.publish_text.do(OFFICER, key="terms", reason="같음")
    consents.draft_text.do(OFFICER, key="terms", ko="다름", en="other", valid_from=date(2020, 1, 1))
    with pytest.raises(Invalid):
        consents.publish_text.do(OFFICER, key="terms", reason="지난 날")
    for key in ("Terms", "1a", "a b"):
        with pytest.raises(Invalid):
            consents.write_document.do(OFFICER, key=key, purpose="service", name_ko="가", name_en="a")


# ── what may be said ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_line_holds_what_proves_it(person: int) -> None:
    with on("2026-03-02"):
        number = own(person, "advertising", "yes", "email", evidence="session:12")
    row = ConsentEvent.objects.get(pk=number)
    text = consents.texts("advertising")[0]
    assert (row.text_id, row.text_hash, row.channel, row.actor, row.locale, row.evidence) == (
        text.id,
        text.sha256,
        "portal",
        "self",
        "ko",
        "session:12",
    )
    assert row.at == row.recorded_at == datetime(2026, 3, 2, 3, tzinfo=UTC)
    record = AuditRecord.objects.get(object="parties.consent")
    assert record.after["text"] == "advertising@1" and record.actor_kind == "portal"
    event = OutboxEvent.objects.get(name="parties.ConsentChanged")
    assert event.payload == {"party": person, "purpose": "advertising", "medium": "email", "kind": "yes", "event": number}


def test_what_holds_already_is_not_said_again(person: int) -> None:
    assert own(person, "advertising", "yes") > 0
    assert own(person, "advertising", "yes") == 0
    assert own(person, "advertising", "withdrawn") > 0
    assert own(person, "advertising", "withdrawn") == 0
    assert ConsentEvent.objects.count() == 2


def test_nobody_speaks_for_another(person: int) -> None:
    other = parties.register([parties.Person("노을")])
    for actor in (me(other), CLERK, NOBODY):
        with pytest.raises(NotAllowed):
            consents.say_own.do(actor, party=person, purpose="advertising", kind="yes")
    for actor in (NOBODY, OFFICER, me(person)):
        with pytest.raises(NotAllowed):
            consents.say.do(actor, party=person, purpose="advertising", kind="yes", evidence="call:1", reason="통화")
    assert not ConsentEvent.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"purpose": "nothing"}, Invalid), ({"medium": "smoke"}, Invalid), ({"kind": "maybe"}, Invalid), ({"purpose": "service", "medium": "email", "document": "terms"}, Invalid),
        ({"evidence": ""}, Invalid), ({"evidence": "010-1234-2201"}, Invalid), ({"evidence": "192.168.0.7"}, Invalid), ({"evidence": "2001:db8:0:1:2:3:4:5"}, Invalid),
        ({"channel": "pigeon"}, Invalid), ({"document": "terms"}, Invalid), ({"document": "none"}, NotFound), ({"document": "advertising@9"}, NotFound),
        ({"purpose": "third_party"}, None), ({"kind": "confirmed"}, Conflict), ({"purpose": "advertising_night"}, Conflict), ({"by": "guardian"}, Conflict), ({"by": "house"}, Invalid),
        ({"at": datetime(2099, 1, 1, tzinfo=UTC)}, Invalid), ({"party": -1}, NotFound), ({"locale": "fr"}, Invalid),
    ],
)  # fmt: skip
def test_what_staff_cannot_record(person: int, wrong: dict[str, Any], code: type[Exception] | None) -> None:
    call: dict[str, Any] = {
        "party": person,
        "purpose": "advertising",
        "kind": "yes",
        "evidence": "call:CS-1",
        "reason": "통화로 받음",
    } | wrong
    if code is None:
        assert consents.say.do(CLERK, **call)
        return
    with pytest.raises(code):
        consents.say.do(CLERK, **call)
    assert not ConsentEvent.objects.exists() and not OutboxEvent.objects.filter(name="parties.ConsentChanged").exists()


def test_staff_record_what_was_said_on_the_telephone(person: int) -> None:
    with pytest.raises(Invalid):
        consents.say.do(CLERK, party=person, purpose="advertising", kind="withdrawn", evidence="call:CS-1")
    with on("2026-03-05"):
        at = datetime(2026, 3, 2, 1, tzinfo=UTC)
        number = consents.say.do(
            CLERK,
            party=person,
            purpose="advertising",
            kind="withdrawn",
            channel="paper",
            evidence="paper:A-17",
            at=at,
            reason="우편으로 옴",
        )
    row = ConsentEvent.objects.get(pk=number)
    assert (row.actor, row.actor_ref, row.at, row.recorded_at > row.at) == ("staff", 3, at, True)


def test_a_required_document_is_not_switched_off(person: int) -> None:
    own(person, "service", "yes", document="terms")
    with pytest.raises(Conflict):
        own(person, "service", "withdrawn", document="terms")
    with pytest.raises(NotFound):
        own(person, "service", "yes", document="nothing")


def test_night_is_offered_with_advertising_and_falls_with_it(person: int) -> None:
    own(person, "advertising", "yes")
    own(person, "advertising_night", "yes")
    assert state(person, "advertising_night", "text") == "yes"
    own(person, "advertising", "withdrawn", "text")
    assert [state(person, "advertising_night", m) for m in ("text", "email")] == ["no", "yes"]


# ── links ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_link_stops_what_it_names_at_once_and_only_once(person: int) -> None:
    own(person, "advertising", "yes")
    address = consents.stop_link(person, "advertising", "email")
    token = address.split("/")[3]
    assert address == f"/my/stop/{token}/" and len(token) <= 40 and str(person) not in token
    first, again = consents.withdraw_by_link(token), consents.withdraw_by_link(token)
    assert first is not None and again is not None
    assert (first.now, again.now, first.since) == (True, False, again.since)
    assert [state(person, medium=m) for m in ("email", "text")] == ["no", "yes"]
    row = ConsentEvent.objects.get(kind="withdrawn")
    assert (row.channel, row.medium, row.actor) == ("link", "email", "self")


def test_a_link_cannot_be_made_up(person: int, settings: Any) -> None:
    token = consents.token_for(person, "advertising", "email")
    bent = [token[:-1] + ("A" if token[-1] != "A" else "B"), token[1:], "", "x" * 36, token + "A", "가나다", "." * 30, token * 4]
    assert [consents.withdraw_by_link(one) for one in bent] == [None] * len(bent)
    assert consents.withdraw_by_link(consents.token_for(person + 1_000, "advertising")) is None
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", []
    assert consents.withdraw_by_link(token) is None
    assert not ConsentEvent.objects.exists()


def test_a_link_of_the_secret_before_still_works(person: int, settings: Any) -> None:
    token = consents.token_for(person, "advertising")
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "new"
    assert consents.withdraw_by_link(token) is not None


# ── children, stops ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_for_a_child_the_guardian_speaks(person: int) -> None:
    own(person, "advertising", "yes")
    guardian = parties.register([parties.Person("김보호")])
    born = date(clock.today().year - 10, 5, 17)
    assert consents.mark_child.do(CLERK, party=person, born=born, since=date(2024, 1, 1), reason="생년 확인")
    row = Guardianship.objects.get()
    assert row.until.astimezone().date().day in (1, 31, 30) and "17" not in str(row.until.date())[-2:]
    assert state(person) == "none", "what the child gave alone does not count"
    traits = consents.traits([person])[person]
    assert (traits.child, traits.guardian) == (True, None)
    with pytest.raises(Conflict):
        own(person, "advertising", "yes")
    with pytest.raises(Conflict):
        consents.say.do(CLERK, party=person, purpose="advertising", kind="yes", evidence="call:1", reason="통화")
    with pytest.raises(NotAllowed):
        consents.say_own.do(me(guardian), party=person, purpose="advertising", kind="yes")
    consents.check_guardian.do(CLERK, party=person, guardian=guardian, how="phone", evidence="PASS-1", reason="본인인증")
    assert consents.children_of(guardian) == [person]
    number = consents.say_own.do(me(guardian), party=person, purpose="advertising", kind="yes")
    said = ConsentEvent.objects.get(pk=number)
    assert (said.actor, said.actor_ref, state(person)) == ("guardian", guardian, "yes")
    own(person, "advertising", "withdrawn")
    assert state(person) == "no", "a refusal needs nobody"
    assert consents.traits([person])[person].guardian == guardian


def test_who_is_old_enough_is_no_child_and_a_mistake_is_undone(person: int) -> None:
    assert not consents.mark_child.do(CLERK, party=person, born=date(1990, 1, 1), reason="확인")
    own(person, "advertising", "yes")
    consents.mark_child.do(CLERK, party=person, born=clock.today() - timedelta(days=3000), since=date(2024, 1, 1), reason="확인")
    assert state(person) == "none"
    consents.unmark_child.do(CLERK, party=person, reason="생년 오기")
    assert state(person) == "yes" and not consents.traits([person])[person].child


def test_a_stop_on_contact_is_set_with_a_cause_and_lifted(person: int) -> None:
    with pytest.raises(NotAllowed):
        consents.stop_contact.do(NOBODY, party=person, why="asked", reason="요청")
    with pytest.raises(Invalid):
        consents.stop_contact.do(CLERK, party=person, why="mood", reason="요청")
    consents.stop_contact.do(CLERK, party=person, why="complaint", reason="민원")
    found = consents.traits([person])[person]
    assert (found.do_not_contact, found.stop_reason, found.language) == (True, "complaint", "ko") and found.stopped_since
    consents.lift_stop.do(CLERK, party=person, reason="풀림")
    assert not consents.traits([person])[person].do_not_contact
    with pytest.raises(Conflict):
        consents.lift_stop.do(CLERK, party=person, reason="또")


# ── many ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_many_are_answered_by_the_same_few_queries(papers: None) -> None:
    def made(count: int) -> list[int]:
        first = parties.register_unnamed(count)
        people = list(range(first, first + count))
        at = clock.now() - timedelta(days=1)
        consents.say_many.do(
            HOUSE,
            statements=[consents.Statement(p, "advertising", "yes" if p % 2 else "no", at, channel="import") for p in people],
            reason="시험",
        )
        return people

    counts = []
    for people in (made(3), made(300)):
        with CaptureQueriesContext(
            connection,
        ) as seen:
            found, traits = consents.standing(people), consents.traits(people)
        counts.append(len(seen))
        assert {p: s.of("advertising", "text").state for p, s in found.items()} == {p: "yes" if p % 2 else "no" for p in people}
        assert set(traits) == set(people)
    assert counts[0] == counts[1] <= 7
    assert OutboxEvent.objects.filter(name="parties.ConsentsChanged").count() == 2
    with pytest.raises(Invalid):
        consents.say_many.do(HOUSE, statements=[consents.Statement(1, "advertising", "perhaps", clock.now())], reason="시험")


# ── duties ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_who_is_to_confirm_is_asked_once_and_silence_keeps_what_was_asked(person: int) -> None:
    with on("2024-02-01"):
        own(person, "advertising", "yes")
        own(person, "advertising", "withdrawn", "email")
    with on("2025-12-31"):
        assert due.nightly()[0] == 0
    with on("2026-01-05"):
        assert due.nightly()[0] == 1
        assert due.nightly()[0] == 0, "asked once"
        event = OutboxEvent.objects.get(name="parties.ConfirmationsDue")
        (duty,) = consents.notices(event.payload["batch"])
        assert (duty.party, duty.purpose, duty.kind, event.payload["count"]) == (person, "advertising", "confirm", 1)
        assert duty.due_at == datetime(2026, 2, 1, 3, tzinfo=UTC)
        assert consents.told.do(HOUSE, notices=[duty.id], messages={duty.id: "M-1"}) == 1
        assert consents.told.do(HOUSE, notices=[duty.id]) == 0
        assert not consents.notices(event.payload["batch"])
    with on("2026-03-01"):
        found = consents.standing([person])[person]
        assert [found.of("advertising", m).state for m in ("text", "email")] == ["yes", "no"]
        assert ConsentEvent.objects.filter(kind="confirmed", actor="house", evidence="M-1").count() == 1


def test_who_was_not_told_loses_it_and_whoever_withdrew_is_not_asked(person: int) -> None:
    other = parties.register([parties.Person("노을")])
    with on("2024-02-01"):
        own(person, "advertising", "yes")
        own(other, "advertising", "yes")
    with on("2025-06-01"):
        own(other, "advertising", "withdrawn")
    with on("2026-01-20"):
        assert due.nightly()[0] == 1
        assert ConsentNotice.objects.get(kind="confirm").party_id == person
    with on("2026-02-02"):
        assert state(person) == "lapsed"
        assert consents.overdue() == 1
        own(person, "advertising", "yes")
        assert state(person) == "yes"


def test_people_are_walked_in_chunks(papers: None) -> None:
    with on("2024-02-01"):
        first = parties.register_unnamed(25)
        consents.say_many.do(
            HOUSE,
            statements=[consents.Statement(p, "advertising", "yes", clock.now(), channel="import") for p in range(first, first + 25)],
            reason="시험",
        )
    with on("2026-01-20"):
        after = found = chunks = 0
        while True:
            made, last = consents.raise_confirmations.do(HOUSE, upto=clock.now() + timedelta(days=30), after=after, limit=10, reason="시험")
            if not last:
                break
            found, after, chunks = found + made, last, chunks + 1
        assert found == 25 and chunks >= 3
        assert ConsentNotice.objects.values("batch").distinct().count() >= 3


def test_results_are_to_be_told_within_the_time_of_the_policy(person: int) -> None:
    with on("2026-03-02"):
        own(person, "advertising", "yes")
        number = own(person, "advertising", "withdrawn")
        own(person, "service", "yes", document="terms")
        assert due.nightly() == (0, 1)
        assert due.nightly() == (0, 0)
    row = ConsentNotice.objects.get()
    assert (row.kind, row.event_id, row.due_at) == ("result", number, datetime(2026, 3, 16, 3, tzinfo=UTC))
    (duty,) = consents.notices(OutboxEvent.objects.get(name="parties.ResultsDue").payload["batch"])
    assert (duty.said, duty.medium) == ("withdrawn", "")


# ── one person, any date ─────────────────────────────────────────────────────────────────────────────────────────────

STORY = [
    ("2024-01-10", "advertising", "yes", ""), ("2024-01-10", "advertising_night", "yes", ""), ("2024-03-01", "advertising", "withdrawn", "email"), ("2024-05-05", "advertising", "yes", "email"),
    ("2024-07-01", "advertising", "withdrawn", ""), ("2024-08-15", "advertising", "yes", ""), ("2025-01-01", "advertising_night", "withdrawn", "text"), ("2025-12-20", "advertising", "confirmed", ""),
    ("2026-06-30", "advertising", "withdrawn", "text"),
]  # fmt: skip
EXPECTED = {
    # the day: advertising by any way, by e-mail, by text; at night by text
    "2024-01-09": "none none none none", "2024-01-10": "yes yes yes yes", "2024-02-29": "yes yes yes yes", "2024-03-01": "yes no yes yes", "2024-05-04": "yes no yes yes",
    "2024-05-05": "yes yes yes yes", "2024-07-01": "no no no no", "2024-08-14": "no no no no", "2024-08-15": "yes yes yes yes", "2025-01-01": "yes yes yes no", "2025-12-20": "yes yes yes no",
    "2026-06-29": "yes yes yes no", "2026-06-30": "yes yes no no", "2027-12-19": "yes yes no no", "2027-12-20": "lapsed lapsed no no",
}  # fmt: skip


def replayed(party: int, at: datetime, known: datetime | None = None) -> str:
    where = consents.standing([party], at, known)[party]
    return " ".join([*(where.of("advertising", m).state for m in ("", "email", "text")), where.of("advertising_night", "text").state])


def test_one_persons_history_is_replayed_to_any_date(person: int) -> None:
    for day, purpose, kind, medium in STORY:
        with on(day):
            own(person, purpose, kind, medium)
    with on("2028-01-01"):
        for day, wanted in EXPECTED.items():
            assert replayed(person, datetime.fromisoformat(f"{day}T23:00:00+09:00")) == wanted, day
        consents.say.do(CLERK, party=person, purpose="advertising", kind="withdrawn", channel="paper", evidence="paper:9",
                        at=datetime(2025, 2, 1, tzinfo=UTC), reason="뒤늦게 찾은 서면")  # fmt: skip
        then = datetime(2025, 6, 1, tzinfo=UTC)
        assert replayed(person, then) == "no no no no"
        assert replayed(person, then, then) == "yes yes yes no", "as it was known then"


def moment(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T12:00:00+09:00")


def folded(at: datetime) -> dict[tuple[str, str], str]:
    """Where the story leaves each topic at ``at``, walked event by event: a refusal of all takes every yes along, a narrow refusal stays."""
    wide: dict[str, str] = {}
    narrow: dict[tuple[str, str], str] = {}
    renewed: dict[tuple[str, str], datetime] = {}
    for day, purpose, kind, medium in STORY:
        if moment(day) > at:
            continue
        if kind in ("yes", "confirmed"):
            renewed[purpose, medium] = moment(day)
        if kind == "confirmed":
            continue
        word = "yes" if kind == "yes" else "no"
        if medium:
            narrow[purpose, medium] = word
        else:
            wide[purpose] = word
            if word == "no":
                narrow = {key: value for key, value in narrow.items() if key[0] != purpose or value == "no"}

    def alone(purpose: str, medium: str) -> str:
        word = narrow.get((purpose, medium), wide.get(purpose, "none"))
        last = max((renewed[key] for key in ((purpose, medium), (purpose, "")) if key in renewed), default=None)
        return "lapsed" if word == "yes" and last and at >= last.replace(year=last.year + 2) else word

    found = {}
    for purpose, medium in {(purpose, medium) for day, purpose, _, medium in STORY if moment(day) <= at}:
        word = alone(purpose, medium)
        below = alone("advertising", medium)
        found[purpose, medium] = below if purpose == "advertising_night" and word != "no" and below != "yes" else word
    return found


def test_the_proof_is_what_a_walk_over_the_events_says_a_second_around_each(person: int) -> None:
    for day, purpose, kind, medium in STORY:
        with on(day):
            own(person, purpose, kind, medium)
    turns = [moment(day) for day in (*sorted({day for day, *_ in STORY}), "2026-01-10", "2027-12-20")]
    with on("2028-01-01"):
        for at in [turn + timedelta(seconds=s) for turn in turns for s in (-1, 0, 1)]:
            proof = consents.proof_of(person, at)
            stood = {(s.purpose, s.medium): s.standing.state for s in proof.stood if s.standing.state != "none"}
            assert stood == folded(at), at
            so_far = [(purpose, kind, medium) for day, purpose, kind, medium in STORY if moment(day) <= at]
            assert [(line.purpose, line.kind, line.medium) for line in reversed(proof.lines)] == so_far, at
            assert all(line.whole and line.text and line.text.number == 1 for line in proof.lines)
            assert all(s.line is not None and s.line.at <= at for s in proof.stood if s.standing.event), at


def test_the_query_says_what_the_rules_say_of_the_whole_history(person: int) -> None:
    """The set-based query gives the rules the latest lines; the whole history must come out the same on each day."""
    for day, purpose, kind, medium in STORY:
        with on(day):
            own(person, purpose, kind, medium)
    events = [
        rules.Event(e.pk, e.purpose, e.medium, e.kind, e.at, e.recorded_at, e.actor, e.document_id, e.text.number if e.text else None)
        for e in ConsentEvent.objects.select_related("text")
    ]  # fmt: skip
    for days in range(0, 1500, 17):
        at = datetime(2024, 1, 5, tzinfo=UTC) + timedelta(days=days)
        where = consents.standing([person], at)[person]
        assert where.said.answers == rules.said(events, at).answers
        assert where.said.confirmations == rules.said(events, at).confirmations


# ── the end ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_ledger_is_part_of_ones_own_export_and_ends_by_retention_alone(person: int) -> None:
    other = parties.register([parties.Person("노을")])
    with on("2024-02-01"):
        own(person, "advertising", "yes")
        own(other, "advertising", "yes")
        consents.stop_contact.do(CLERK, party=person, why="asked", reason="요청")
    sections = keeping.export(person, Asking(OFFICER, "R-1", "열람"))
    assert (
        sections[0].rows[0][1:4] == ("광고성 정보 수신 (Advertising)", "모든 수단 (All ways)", "동의 (Yes)") and len(sections[1].rows) == 1
    )
    cut = date(2024, 1, 31)
    assert keeping.count(cut, []) == 0
    cut = date(2024, 2, 1)
    assert keeping.count(cut, []) == 2 and keeping.due(cut, [other], None, 10) == [person]
    with transaction.atomic():
        assert keeping.destroy([person]) == 1
    assert list(ConsentEvent.objects.values_list("party", flat=True)) == [other] and keeping.refs_of(person) == []
    with pytest.raises(IntegrityError), transaction.atomic():
        ConsentEvent.objects.all().delete()
