"""What other facilities tell the line of time: consents, messages, tasks, clocks; each seen as its own room has it, and made again from the records."""

from __future__ import annotations

import pytest

from numaru.facilities.parties import api as parties
from numaru.facilities.parties.api import consents
from numaru.facilities.parties.models import ConsentEvent
from numaru.facilities.timeline import api as timeline
from numaru.facilities.timeline import below
from numaru.facilities.timeline.models import Entry, Mention
from numaru.kernel import clock
from numaru.kernel.access import Actor
from tests.facilities.timeline.test_timeline import handed_out, kept

pytestmark = pytest.mark.django_db
HOUSE = Actor.system("test")
CLERK = Actor("staff", 8, "가입 담당", (("subscriber_clerk", None),))
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
