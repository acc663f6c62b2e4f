"""The law at send time: a table of cases with what decides each, and what holds for every person, message and moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numaru.facilities.messaging.rules.channels import CHANNELS, MEDIA
from numaru.facilities.messaging.rules.gate import (
    OVERRIDABLE,
    RULES,
    Law,
    Letter,
    Moment,
    Person,
    Verdict,
    choose,
    gate,
    months_before,
    within,
)

KST = ZoneInfo("Asia/Seoul")
LAW = Law(night_exempt=frozenset({"letter"}), caps={"all": (168, 3), "email": (24, 1)})
EVERY = frozenset(CHANNELS)
BOTH = frozenset({"ko", "en"})
SERVICE = Letter("service", dict.fromkeys(CHANNELS, BOTH), approved=BOTH)
ADVERT = Letter("advertising", dict.fromkeys(CHANNELS, BOTH), approved=BOTH, labelled=EVERY)
YES = dict.fromkeys(MEDIA.values(), "yes")


def at(hour: int, minute: int = 0, day: int = 27, zone: str = "Asia/Seoul") -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZoneInfo(zone))


def who(**more: Any) -> Person:
    return Person(**{"party": 7, "reach": EVERY, **more})  # type: ignore[arg-type]


NOON, EVENING = at(12), at(22)
CASES: list[tuple[str, Person, Letter, Law, datetime, str, str, str]] = [
    # service messages
    ("service by day", who(), SERVICE, LAW, NOON, "email", "send", "service"),
    ("service at night", who(), SERVICE, LAW, EVENING, "sms", "send", "service"),
    ("service at night that waits for the day", who(), replace(SERVICE, any_hour=False), LAW, EVENING, "sms", "wait", "hours"),
    ("service by day that waits for the day", who(), replace(SERVICE, any_hour=False), LAW, NOON, "sms", "send", "service"),
    ("waits for the day, set aside", who(), replace(SERVICE, any_hour=False, overrides=frozenset({"hours"})), LAW, EVENING, "sms", "send", "service"),
    ("service over every cap", who(sent={"all": 99, "email": 99}), SERVICE, LAW, NOON, "email", "send", "service"),
    ("service to who refused advertising", who(ad=dict.fromkeys(YES, "no")), SERVICE, LAW, NOON, "email", "send", "service"),
    ("service to do-not-contact", who(do_not_contact=True), SERVICE, LAW, NOON, "email", "send", "service"),
    ("service to do-not-contact, policy stops it", who(do_not_contact=True), SERVICE, replace(LAW, silences=frozenset({"service", "advertising"})), NOON, "email", "block", "do_not_contact"),
    ("service without an address", who(reach=frozenset({"sms"})), SERVICE, LAW, NOON, "email", "block", "no_address"),
    ("service to a suppressed address", who(suppressed={"email": "hard"}), SERVICE, LAW, NOON, "email", "block", "suppressed"),
    ("service whose other address is suppressed", who(suppressed={"email": "hard"}), SERVICE, LAW, NOON, "sms", "send", "service"),
    ("service, expired", who(), replace(SERVICE, expires=NOON), LAW, NOON, "email", "block", "expired"),
    ("service, not yet expired", who(), replace(SERVICE, expires=NOON + timedelta(seconds=1)), LAW, NOON, "email", "send", "service"),
    ("service that would wait past its end", who(), replace(SERVICE, any_hour=False, expires=at(7, day=28)), LAW, EVENING, "sms", "block", "hours"),
    # children
    ("child, service to the guardian", who(child=True, guardian=8), SERVICE, LAW, NOON, "email", "send", "service"),
    ("child without a guardian", who(child=True), SERVICE, LAW, NOON, "email", "block", "no_guardian"),
    ("child, policy writes to the child", who(child=True), SERVICE, replace(LAW, child_to_guardian=False), NOON, "email", "send", "service"),
    ("child, advertising", who(child=True, guardian=8, ad=YES, night=YES), ADVERT, LAW, NOON, "email", "block", "child"),
    # languages and Alimtalk
    ("only the other language", who(language="en"), replace(SERVICE, languages={"email": frozenset({"ko"})}), LAW, NOON, "email", "send", "service"),
    ("only the other language, policy forbids it", who(language="en"), replace(SERVICE, languages={"email": frozenset({"ko"})}), replace(LAW, other_language=False), NOON, "email", "block", "no_text"),
    ("no text for the channel", who(), replace(SERVICE, languages={}), LAW, NOON, "email", "block", "no_text"),
    ("alimtalk approved", who(), SERVICE, LAW, NOON, "alimtalk", "send", "service"),
    ("alimtalk not approved in the language", who(), replace(SERVICE, approved=frozenset({"en"})), LAW, NOON, "alimtalk", "block", "not_approved"),
    ("alimtalk for advertising", who(ad=YES), ADVERT, LAW, NOON, "alimtalk", "block", "informational"),
    # consent
    ("advertising with consent", who(ad=YES), ADVERT, LAW, NOON, "email", "send", "consented"),
    ("advertising without an answer", who(), ADVERT, LAW, NOON, "email", "block", "no_consent"),
    ("advertising refused", who(ad={"email": "no"}), ADVERT, LAW, NOON, "email", "block", "refused"),
    ("advertising withdrawn", who(ad={"email": "withdrawn"}), ADVERT, LAW, NOON, "email", "block", "refused"),
    ("consent that lapsed", who(ad={"email": "lapsed"}), ADVERT, LAW, NOON, "email", "block", "lapsed_consent"),
    ("consent for another medium", who(ad={"text": "yes"}), ADVERT, LAW, NOON, "email", "block", "no_consent"),
    ("consent for text reaches LMS", who(ad={"text": "yes"}), ADVERT, LAW, NOON, "lms", "send", "consented"),
    ("do-not-contact beats consent", who(ad=YES, night=YES, do_not_contact=True), ADVERT, LAW, NOON, "email", "block", "do_not_contact"),
    # the exception for existing customers
    ("existing customer, policy off", who(last_paid_on=date(2026, 11, 1)), ADVERT, LAW, NOON, "email", "block", "no_consent"),
    ("existing customer", who(last_paid_on=date(2026, 11, 1)), ADVERT, replace(LAW, existing=True), NOON, "email", "send", "existing"),
    ("existing customer, the last day", who(last_paid_on=date(2026, 5, 28)), ADVERT, replace(LAW, existing=True), NOON, "email", "send", "existing"),
    ("existing customer, a day too late", who(last_paid_on=date(2026, 5, 27)), ADVERT, replace(LAW, existing=True), NOON, "email", "block", "no_consent"),
    ("existing customer who refused", who(last_paid_on=date(2026, 11, 1), ad={"email": "no"}), ADVERT, replace(LAW, existing=True), NOON, "email", "block", "refused"),
    ("existing customer at night", who(last_paid_on=date(2026, 11, 1)), ADVERT, replace(LAW, existing=True), EVENING, "email", "wait", "night"),
    # night
    ("20:59 is day", who(ad=YES), ADVERT, LAW, at(20, 59), "sms", "send", "consented"),
    ("21:00 is night", who(ad=YES), ADVERT, LAW, at(21), "sms", "wait", "night"),
    ("07:59 is night", who(ad=YES), ADVERT, LAW, at(7, 59), "sms", "wait", "night"),
    ("08:00 is day", who(ad=YES), ADVERT, LAW, at(8), "sms", "send", "consented"),
    ("night with a consent for it", who(ad=YES, night={"text": "yes"}), ADVERT, LAW, EVENING, "sms", "send", "consented"),
    ("night with a consent for another medium", who(ad=YES, night={"email": "yes"}), ADVERT, LAW, EVENING, "sms", "wait", "night"),
    ("e-mail at night is not exempt as shipped", who(ad=YES), ADVERT, LAW, EVENING, "email", "wait", "night"),
    ("e-mail at night, exempt by policy", who(ad=YES), ADVERT, replace(LAW, night_exempt=frozenset({"email"})), EVENING, "email", "send", "consented"),
    ("a letter wakes nobody", who(ad=YES), ADVERT, LAW, EVENING, "letter", "send", "consented"),
    ("night, policy lets it lapse", who(ad=YES), ADVERT, replace(LAW, night_waits=False), EVENING, "sms", "block", "night"),
    ("night past the end of the batch", who(ad=YES), replace(ADVERT, expires=at(7, day=28)), LAW, EVENING, "sms", "block", "night"),
    ("the receiver's night, not the operator's", who(ad=YES, zone="America/New_York"), ADVERT, LAW, NOON, "sms", "wait", "night"),
    ("the receiver's day, the operator's night", who(ad=YES, zone="America/New_York"), ADVERT, LAW, at(23, 30), "sms", "send", "consented"),
    ("an unknown zone is the operator's", who(ad=YES, zone="Nowhere/City"), ADVERT, LAW, EVENING, "sms", "wait", "night"),
    # label and caps
    ("without its label", who(ad=YES), replace(ADVERT, labelled=EVERY - {"email"}), LAW, NOON, "email", "block", "label"),
    ("the cap of a channel", who(ad=YES, sent={"email": 1}), ADVERT, LAW, NOON, "email", "block", "cap"),
    ("the cap of another channel", who(ad=YES, sent={"email": 1}), ADVERT, LAW, NOON, "sms", "send", "consented"),
    ("the cap over all", who(ad=YES, sent={"all": 3}), ADVERT, LAW, NOON, "sms", "block", "cap"),
    ("the cap, set aside", who(ad=YES, sent={"all": 3}), replace(ADVERT, overrides=frozenset({"cap"})), LAW, NOON, "sms", "send", "consented"),
    ("overriding the cap overrides no consent", who(sent={"all": 3}), replace(ADVERT, overrides=frozenset({"cap", "no_consent", "night"})), LAW, NOON, "sms", "block", "no_consent"),
]  # fmt: skip


def test_there_are_enough_cases_and_each_has_its_own_name() -> None:
    assert len(CASES) >= 40
    assert len({c[0] for c in CASES}) == len(CASES)
    assert {c[7] for c in CASES} >= set(RULES) - {"test", "too_long", "no_value", "gone", "refused_for_good", "tries", "no_carrier"}


@pytest.mark.parametrize("case", CASES, ids=lambda c: c[0])
def test_the_table(case: tuple[str, Person, Letter, Law, datetime, str, str, str]) -> None:
    _, person, letter, law, moment, channel, act, code = case
    verdict = gate(person, letter, law, Moment(moment, law.operator_zone), channel)
    assert (verdict.act, verdict.code) == (act, code)
    assert verdict.channel == channel
    if act == "wait":
        assert verdict.until is not None and verdict.until > moment
        local = verdict.until.astimezone(Moment(moment, law.operator_zone).local(person.zone).tzinfo)
        assert local.time() == time(8)
        assert verdict.until - moment < timedelta(hours=24)
    if act == "send" and person.child and law.child_to_guardian:
        assert verdict.to == 8


def test_who_may_set_what_aside_is_said_for_every_rule() -> None:
    assert set(OVERRIDABLE) == {"cap", "hours"}
    for code, rule in RULES.items():
        assert rule.text.ko and rule.text.en and rule.who.ko, code


# ── what always holds ────────────────────────────────────────────────────────────────────────────────────────────────

states_ = st.sampled_from(["yes", "no", "none", "lapsed", "withdrawn"])
media = st.dictionaries(st.sampled_from(sorted(set(MEDIA.values()))), states_)
zones = st.sampled_from([None, "Asia/Seoul", "America/New_York", "Australia/Lord_Howe", "Europe/London", "no/zone", "Pacific/Kiritimati"])
persons = st.builds(
    Person, st.just(7), language=st.sampled_from(["ko", "en"]), do_not_contact=st.booleans(), child=st.booleans(), guardian=st.sampled_from([None, 8]), zone=zones,
    last_paid_on=st.sampled_from([None, date(2026, 11, 1), date(2020, 1, 1)]), ad=media, night=media, reach=st.frozensets(st.sampled_from(sorted(CHANNELS))),
    suppressed=st.dictionaries(st.sampled_from(sorted(CHANNELS)), st.just("hard"), max_size=2), sent=st.dictionaries(st.sampled_from(["all", *CHANNELS]), st.integers(0, 4)),
)  # fmt: skip
letters = st.builds(
    Letter, st.sampled_from(["service", "advertising"]), st.dictionaries(st.sampled_from(sorted(CHANNELS)), st.frozensets(st.sampled_from(["ko", "en"]))),
    approved=st.frozensets(st.sampled_from(["ko", "en"])), labelled=st.frozensets(st.sampled_from(sorted(CHANNELS))), any_hour=st.booleans(),
    expires=st.sampled_from([None, datetime(2026, 7, 1, tzinfo=UTC)]), overrides=st.frozensets(st.sampled_from(sorted(RULES))),
)  # fmt: skip
laws = st.builds(
    Law, night_exempt=st.frozensets(st.sampled_from(["letter", "email"])), night_waits=st.booleans(), existing=st.booleans(),
    silences=st.frozensets(st.sampled_from(["service", "advertising"])), child_to_guardian=st.booleans(), other_language=st.booleans(),
    caps=st.dictionaries(st.sampled_from(["all", *CHANNELS]), st.tuples(st.integers(1, 200), st.integers(1, 3))),
)  # fmt: skip
moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001  hypothesis adds the zone
chains = st.lists(st.sampled_from(sorted(CHANNELS)), min_size=1, max_size=4, unique=True)


@given(persons, letters, laws, moments, chains)
def test_advertising_never_leaves_without_consent_nor_at_night_without_its_own(
    person: Person, letter: Letter, law: Law, now: datetime, chain: list[str]
) -> None:
    _, verdict = choose(person, letter, law, Moment(now, law.operator_zone), chain)
    if verdict.act != "send" or letter.purpose != "advertising":
        return
    medium = MEDIA[verdict.channel]
    consented = person.ad.get(medium) == "yes"
    excepted = law.existing and person.last_paid_on == date(2026, 11, 1) and person.ad.get(medium, "none") == "none"
    assert consented or excepted
    assert not person.child
    assert verdict.channel in letter.labelled
    assert verdict.channel != "alimtalk"
    try:
        zone = ZoneInfo(person.zone or "Asia/Seoul")
    except KeyError:
        zone = KST
    hour = now.astimezone(zone).hour
    if hour >= 21 or hour < 8:
        assert person.night.get(medium) == "yes" or verdict.channel in law.night_exempt


@given(persons, letters, laws, moments, chains)
def test_whatever_is_sent_has_an_address_and_whatever_waits_has_an_end(
    person: Person, letter: Letter, law: Law, now: datetime, chain: list[str]
) -> None:
    step, verdict = choose(person, letter, law, Moment(now, law.operator_zone), chain)
    assert verdict.code in RULES
    if verdict.act == "block":
        assert step == len(chain) - 1
        return
    assert chain[step] == verdict.channel
    assert verdict.channel in person.reach and verdict.channel not in person.suppressed
    assert verdict.language in letter.languages[verdict.channel]
    if verdict.act == "wait":
        assert verdict.until is not None and now < verdict.until <= now + timedelta(hours=25)
        if letter.expires is not None:
            assert verdict.until < letter.expires


@given(persons, letters, laws, moments, chains)
def test_a_waiting_message_may_go_when_its_waiting_is_over(
    person: Person, letter: Letter, law: Law, now: datetime, chain: list[str]
) -> None:
    """Nothing waits in circles: judged again at its hour, it is sent or blocked."""
    step, verdict = choose(person, letter, law, Moment(now, law.operator_zone), chain)
    if verdict.act == "wait":
        assert verdict.until is not None
        _, again = choose(person, letter, law, Moment(verdict.until, law.operator_zone), chain, step)
        assert again.act != "wait"


@given(persons, letters, laws, moments, chains, st.frozensets(st.sampled_from(sorted(RULES))))
def test_no_override_lets_advertising_past_the_law(
    person: Person, letter: Letter, law: Law, now: datetime, chain: list[str], more: frozenset[str]
) -> None:
    """Whatever is set aside, the only verdicts that change are those of the cap and of the sensible hours."""
    plain = choose(person, replace(letter, overrides=frozenset()), law, Moment(now, law.operator_zone), chain)[1]
    other = choose(person, replace(letter, overrides=more), law, Moment(now, law.operator_zone), chain)[1]
    if other != plain:
        assert more & {"cap", "hours"}
        if letter.purpose == "advertising" and other.act == "send":
            assert person.ad.get(MEDIA[other.channel]) == "yes" or other.code == "existing"


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 60))
def test_months_before_is_a_day_of_the_right_month(day: date, months: int) -> None:
    found = months_before(day, months)
    assert (day.year * 12 + day.month) - (found.year * 12 + found.month) == months
    assert found.day <= day.day


def test_a_frame_is_half_open_and_may_cross_midnight() -> None:
    assert [within(time(h), time(21), time(8)) for h in (20, 21, 23, 0, 7, 8)] == [False, True, True, True, True, False]
    assert Verdict("send", "service").act == "send"
