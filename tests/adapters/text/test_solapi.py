"""The text carrier against a provider that speaks over real HTTP and misbehaves: whatever breaks, nothing is sent twice and nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from hashlib import sha1
from typing import Any

import pytest

from numaru.adapters.carrying import CarrierDown, Outgoing
from numaru.adapters.text import codes
from numaru.adapters.text.notes import TableNotes
from numaru.adapters.text.solapi import SolapiCarrier, called_back
from numaru.adapters.text.standin import StandIn
from numaru.values.money import Money

AT = datetime(2026, 11, 27, 1, 0, tzinfo=UTC)


class Remembered:
    """Notes that outlive the carrier, as a table does."""

    def __init__(self) -> None:
        self.groups: dict[str, str] = {}

    def note(self, keys: Sequence[str], group: str) -> None:
        self.groups |= dict.fromkeys(keys, group)

    def of(self, keys: Sequence[str]) -> dict[str, str]:
        return {k: self.groups[k] for k in keys if k in self.groups}


@pytest.fixture
def there() -> Iterator[StandIn]:
    with StandIn(now=AT) as stand:
        yield stand


@pytest.fixture
def notes() -> Remembered:
    return Remembered()


def carrier(there: StandIn, notes: Any, secret: str = "SECRET") -> SolapiCarrier:
    return SolapiCarrier("KEY", secret, notes, lambda: AT, base=there.base)


def sms(key: str, to: str = "010-1234-2201", **more: Any) -> Outgoing:
    given: dict[str, Any] = {"channel": "sms", "language": "ko", "subject": "", "text": "[나루] 요금 13,900원", "sender": "02-123-4567"}
    return Outgoing(key=key, to=to, **(given | more))


def test_messages_are_taken_once_with_a_price_and_told_when_they_arrive(there: StandIn, notes: Remembered) -> None:
    ours = carrier(there, notes)
    there.fates = {"01000000002": "3104", "01000000003": "3043"}
    sent = [sms(f"M-{n}", f"+82 10-0000-000{n}") for n in (1, 2, 3)] + [sms("M-4", channel="lms", subject="안내", text="긴 글 " * 100)]
    outcomes = ours.send(sent)
    assert [(o.key, o.state, o.cost) for o in outcomes] == [(f"M-{n}", "accepted", Money(18, "KRW")) for n in (1, 2, 3)] + [
        ("M-4", "accepted", Money(45, "KRW"))
    ]
    assert ours.reports("") == ([], AT.isoformat())  # on its way: nothing to tell
    there.settle()
    reports, cursor = ours.reports("")
    assert {r.key: (r.state, r.permanent) for r in reports} == {
        "M-1": ("delivered", False), "M-2": ("failed", True), "M-3": ("failed", False), "M-4": ("delivered", False),
    }  # fmt: skip
    assert {r.provider_id for r in reports} == {o.provider_id for o in outcomes}
    assert ours.reports(cursor)[0] == reports  # the same again: taking them twice is for the taker to see


@pytest.mark.parametrize(
    ("ending", "moods"),
    [
        ("POST /messages/v4/groups", ("cut",)), ("POST /messages/v4/groups", ("500",)), ("/messages", ("cut",)), ("/messages", ("500",)), ("/messages", ("429",)),
        ("/send", ("cut",)), ("/send", ("cut before",)), ("/send", ("500", "cut")), ("/send", ("cut before", "cut before")), ("/send", ("500", "500", "500")),
        ("/send", ("cut", "cut")), ("/send", ("400",)),
    ],
)  # fmt: skip
def test_cut_anywhere_then_asked_then_sent_again_each_goes_out_once(
    there: StandIn, notes: Remembered, ending: str, moods: tuple[str, ...]
) -> None:
    there.mood(ending, *moods)
    sent = [sms(f"M-{n}") for n in range(5)]
    outcomes = {}
    try:
        outcomes = {o.key: o for o in carrier(there, notes).send(sent)}
    except CarrierDown:
        assert not there.sent
    assert all(there.sent[k] == 1 for k, o in outcomes.items() if o.state == "accepted")
    for _ in range(3):  # a new worker, which knows nothing but the notes
        known = carrier(there, notes).ask([m.key for m in sent])
        assert set(known) == set(there.sent)
        carrier(there, notes).send([m for m in sent if m.key not in known])
    carrier(there, notes).send(sent)  # even without asking first
    assert dict(there.sent) == {m.key: 1 for m in sent}


def test_killed_between_the_note_and_the_sending(there: StandIn) -> None:
    class Dies(Remembered):
        left = 1

        def note(self, keys: Sequence[str], group: str) -> None:
            super().note(keys, group)
            if self.left:
                self.left -= 1
                raise KeyboardInterrupt

    notes = Dies()
    with pytest.raises(KeyboardInterrupt):
        carrier(there, notes).send([sms("M-1")])
    assert carrier(there, notes).ask(["M-1"]) == {}
    assert carrier(there, notes).send([sms("M-1")])[0].state == "accepted"
    assert there.sent["M-1"] == 1
    assert [g["status"] for g in there.groups.values()] == ["DELETED", "SENDING"]


def test_when_the_provider_is_silent_nobody_pretends_to_know(there: StandIn, notes: Remembered) -> None:
    there.mood("/send", "cut", "cut", "cut")
    there.mood("GET /messages/v4/groups/G4V" + "0" * 29, "500", "500", "500", "500")
    (outcome,) = carrier(there, notes).send([sms("M-1")])
    assert outcome.state == "unknown"
    with pytest.raises(CarrierDown):
        carrier(there, notes).ask(["M-1"])
    with pytest.raises(CarrierDown):
        there.mood("GET /messages/v4/groups/G4V" + "0" * 29, "500")
        carrier(there, notes).send([sms("M-1")])
    assert carrier(there, notes).ask(["M-1"])["M-1"].state == "accepted"
    assert there.sent["M-1"] == 1


def test_alimtalk_needs_its_template_and_carries_its_variables(there: StandIn, notes: Remembered) -> None:
    talk = {"channel": "alimtalk", "sender": "KA01PF", "variables": {"이름": "김하늘", "#{금액}": "13,900원"}}
    outcomes = {
        o.key: o
        for o in carrier(there, notes).send(
            [sms("M-1", provider_template="TPL-1", **talk), sms("M-2", provider_template="TPL-9", **talk), sms("M-3", **talk)]
        )
    }
    assert (outcomes["M-1"].state, outcomes["M-3"].state, outcomes["M-3"].code) == ("accepted", "refused", "1042")
    assert (outcomes["M-2"].state, outcomes["M-2"].code, outcomes["M-2"].permanent) == ("refused", "1042", True)
    (kept,) = [m for g in there.groups.values() for m in g["messages"] if m["customFields"]["key"] == "M-1"]
    assert kept["kakaoOptions"] == {
        "pfId": "KA01PF",
        "templateId": "TPL-1",
        "variables": {"#{이름}": "김하늘", "#{금액}": "13,900원"},
        "disableSms": True,
    }
    assert there.sent == {"M-1": 1}


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (sms("M-1", "02-123-4567"), codes.NUMBER), (sms("M-1", "010-12"), codes.NUMBER), (sms("M-1", ""), codes.NUMBER), (sms("M-1", text="가" * 46), codes.TOO_LONG),
        (sms("M-1", channel="lms", text="a" * 2001), codes.TOO_LONG), (sms("M-1", channel="fax"), "1025"), (sms("M-1", sender=""), "1062"),
    ],
)  # fmt: skip
def test_what_cannot_be_sent_is_refused_for_good(there: StandIn, notes: Remembered, message: Outgoing, code: str) -> None:
    (outcome,) = carrier(there, notes).send([message])
    assert (outcome.state, outcome.permanent, outcome.code) == ("refused", True, code)
    assert not there.sent


def test_a_strange_price_is_no_price(there: StandIn, notes: Remembered) -> None:
    for strange in ("18", {"82": {"sms": "18"}}, {"82": {"sms": -1}}, {"82": {"sms": 1.5}}, None, {"82": []}):
        there.price = strange
        (outcome,) = carrier(there, notes).send([sms(f"M-{len(there.sent)}")])
        assert (outcome.state, outcome.cost) == ("accepted", None)


def test_wrong_keys_are_said_without_being_said(there: StandIn, notes: Remembered) -> None:
    wrong = carrier(there, notes, secret="wr0ng-secret")
    with pytest.raises(CarrierDown) as down:
        wrong.send([sms("M-1")])
    assert wrong.check() and "wr0ng" not in str(down.value) + repr(wrong)
    assert carrier(there, notes).check() == ""
    assert carrier(there, notes).balance() == Money(100_500, "KRW")


def test_callbacks_prove_themselves_and_may_come_twice_or_broken(there: StandIn, notes: Remembered) -> None:
    carrier(there, notes).send([sms("M-1"), sms("M-2", "01099998888")])
    there.fates = {"01099998888": "3107"}
    body = json.dumps(there.settle()).encode()
    proof = sha1(b"shared").hexdigest()
    reports = called_back(body, proof, "shared")
    assert reports is not None and {r.key: (r.state, r.permanent) for r in reports} == {
        "M-1": ("delivered", False),
        "M-2": ("failed", True),
    }
    assert called_back(body, proof, "shared") == reports
    wrapped = json.dumps([{"eventId": "e", "data": one} for one in json.loads(body)]).encode()
    assert called_back(wrapped, proof, "shared") == reports
    for given, secret in (("", "shared"), ("shared", "shared"), (sha1(b"").hexdigest(), ""), (proof[:-1], "shared")):
        assert called_back(body, given, secret) is None
    assert called_back(b"{", proof, "shared") is None
    assert called_back(b"[1, null, {}]", proof, "shared") == []


@pytest.mark.django_db
def test_notes_are_kept_in_the_table_and_the_last_group_counts() -> None:
    notes = TableNotes()
    notes.note(["a", "b"], "G1")
    notes.note(["b", "c"], "G2")
    assert notes.of(["a", "b", "c", "d"]) == {"a": "G1", "b": "G2", "c": "G2"}


def test_many_pages_are_read_to_the_end(there: StandIn, notes: Remembered) -> None:
    sent = [sms(f"M-{n}") for n in range(1000)]
    carrier(there, notes).send(sent)
    assert len(carrier(there, notes).ask([m.key for m in sent])) == 1000
    there.settle()
    assert len(carrier(there, notes).reports("")[0]) == 1000
