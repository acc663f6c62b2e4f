"""What a history of consents says: the named cases, and a naive second telling of random histories."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numaru.facilities.parties.rules import consents as rules
from numaru.facilities.parties.rules.consents import Childhood, Event, Terms, Version

DAY = timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
TERMS = Terms(24, 10, frozenset({"advertising", "third_party"}), "Asia/Seoul")


def day(n: float) -> datetime:
    return START + n * DAY


def line(n: int, at: float, kind: str, purpose: str = "advertising", medium: str = "", **more: object) -> Event:
    return Event(n, purpose, medium, kind, day(at), day(float(str(more.pop("recorded", at)))), **more)  # type: ignore[arg-type]


def at(events: list[Event], when: float, purpose: str = "advertising", medium: str = "", *, known: float | None = None, versions: dict[int, list[Version]] | None = None,
       document: int | None = None, childhoods: tuple[Childhood, ...] = ()) -> rules.Standing:  # fmt: skip
    seen = None if known is None else day(known)
    said = rules.said(events, day(when), seen, childhoods)
    return rules.standing(said, purpose, medium, document, versions or {}, TERMS, day(when), seen)


def test_an_answer_holds_from_its_instant_until_the_next() -> None:
    events = [line(1, 1, "yes"), line(2, 5, "withdrawn"), line(3, 9, "yes")]
    said = [(at(events, when).state, at(events, when).since) for when in (0.9, 1, 4.9, 5, 8.9, 9)]
    assert said == [("none", None), ("yes", day(1)), ("yes", day(1)), ("no", day(5)), ("no", day(5)), ("yes", day(9))]


def test_a_narrower_medium_wins_but_a_later_refusal_of_all_wins_over_an_older_yes() -> None:
    events = [line(1, 1, "yes"), line(2, 2, "withdrawn", medium="email"), line(3, 3, "yes", medium="text")]
    assert [at(events, 4, medium=m).state for m in ("", "email", "text", "push")] == ["yes", "no", "yes", "yes"]
    events.append(line(4, 5, "yes"))  # a yes to all does not undo what was refused by name
    assert at(events, 6, medium="email").state == "no"
    events.append(line(5, 7, "withdrawn"))
    assert [at(events, 8, medium=m).state for m in ("", "email", "text", "push")] == ["no"] * 4
    again = [*events, line(6, 9, "yes")]
    assert [at(again, 9, medium=m).state for m in ("", "email", "text")] == ["yes", "no", "yes"]
    assert at(again, 9, medium="text").since == day(9), "the yes of day 3 was withdrawn in between"
    events.append(line(6, 9, "yes", medium="push"))
    assert [at(events, 10, medium=m).state for m in ("", "text", "push")] == ["no", "no", "yes"]


def test_what_was_learned_later_was_not_known_before() -> None:
    events = [line(1, 1, "yes"), line(2, 3, "withdrawn", recorded=8)]
    assert at(events, 4, known=7.9).state == "yes"
    assert at(events, 4, known=8).state == "no"
    assert at(events, 2, known=9).state == "yes"


def test_a_yes_lapses_unless_it_is_confirmed_and_grace_is_counted() -> None:
    events = [line(1, 0, "yes")]
    by = datetime(2028, 1, 1, tzinfo=UTC)
    assert at(events, 1).confirm_by == by
    over = (by - START).days + 10
    assert [at(events, over - 0.01).state, at(events, over).state, at(events, over).why] == ["yes", "lapsed", "confirm"]
    assert at(events, over + 5).since == by + 10 * DAY
    events.append(line(2, 700, "confirmed"))
    assert at(events, over).state == "yes"
    assert at(events, over).since == day(0)
    assert at([line(1, 0, "withdrawn"), line(2, 5, "confirmed")], 6).state == "no", "a refusal is not confirmed into a consent"
    assert at([line(1, 0, "confirmed")], 6).state == "none"
    assert at([line(1, 0, "yes", purpose="service", document=1)], 5000, "service", document=1).state == "yes", (
        "only advertising is confirmed"
    )


def test_a_confirmation_of_all_confirms_each_medium() -> None:
    events = [line(1, 0, "yes", medium="email"), line(2, 700, "confirmed")]
    assert at(events, 800, medium="email").state == "yes"
    assert at(events, 800).state == "none"


def test_a_change_of_substance_lapses_what_was_said_to_the_text_before() -> None:
    versions = {7: [Version(7, 1, day(0), day(0)), Version(7, 2, day(10), day(5)), Version(7, 3, day(20), day(15), True)]}
    events = [line(1, 1, "yes", purpose="third_party", document=7, version=1)]

    def state(when: float, known: float | None = None) -> str:
        return at(events, when, "third_party", versions=versions, document=7, known=known).state

    assert [state(12), state(19.9), state(20)] == ["yes", "yes", "lapsed"]
    assert state(21, known=14) == "yes", "the version was not published yet"
    events.append(line(2, 22, "yes", purpose="third_party", document=7, version=3))
    assert [state(21), state(22)] == ["lapsed", "yes"]
    service = [line(1, 1, "yes", purpose="service", document=7, version=1)]
    assert at(service, 30, "service", versions=versions, document=7).state == "yes", "the policy names the purposes"


def test_documents_that_are_asked_one_by_one_stand_one_by_one() -> None:
    events = [line(1, 1, "yes", purpose="third_party", document=1), line(2, 2, "withdrawn", purpose="third_party", document=2)]
    said = rules.said(events, day(3))
    assert [rules.standing(said, "third_party", "", d, {}, TERMS, day(3)).state for d in (1, 2, 3)] == ["yes", "no", "none"]
    assert rules.whole(said, "third_party", {}, TERMS, day(3)).state == "no"
    assert rules.whole(rules.said(events, day(1)), "third_party", {}, TERMS, day(1)).state == "yes"
    assert rules.whole(said, "service", {}, TERMS, day(3)).state == "none"


def test_advertising_at_night_rests_on_advertising() -> None:
    events = [line(1, 1, "yes"), line(2, 1, "yes", purpose="advertising_night"), line(3, 4, "withdrawn", medium="email")]
    assert at(events, 5, "advertising_night", "text").state == "yes"
    assert at(events, 5, "advertising_night", "email").state == "no"
    assert at(events, 5, "advertising_night", "email").since == day(4)
    assert at([line(2, 1, "yes", purpose="advertising_night")], 5, "advertising_night").state == "no"


def test_what_a_child_says_alone_counts_only_as_a_refusal() -> None:
    child = (Childhood(day(0), day(100), day(50)),)
    own = [line(1, 1, "yes"), line(2, 2, "yes", actor="staff"), line(3, 120, "yes")]
    assert at(own, 60, childhoods=child).state == "none"
    assert at(own, 60, known=49, childhoods=child).state == "yes", "nobody knew"
    assert at(own, 121, childhoods=child).state == "yes"
    guarded = [line(1, 1, "yes", actor="guardian"), line(2, 5, "withdrawn")]
    assert [at(guarded, 3, childhoods=child).state, at(guarded, 6, childhoods=child).state] == ["yes", "no"]
    struck = (Childhood(day(0), day(100), day(50), day(70)),)
    assert [at(own, 60, childhoods=struck).state, at(own, 60, known=60, childhoods=struck).state] == ["yes", "none"]


# ── a second telling ─────────────────────────────────────────────────────────────────────────────────────────────────


def told(
    events: list[Event],
    when: datetime,
    known: datetime,
    purpose: str,
    medium: str,
    childhoods: tuple[Childhood, ...],
    versions: list[Version],
) -> str:
    """The state by walking the history line by line, changing what stands as one would in a notebook."""
    state: dict[tuple[str, str], dict[str, object]] = {}
    for e in sorted(events, key=lambda e: (e.at, e.id)):
        if e.at > when or e.recorded_at > known or e.kind == "shown":
            continue
        if e.kind in ("yes", "confirmed") and e.actor in ("self", "staff"):
            grown = [c for c in childhoods if c.recorded_at <= known and c.begun <= e.at and e.at < c.until]
            if grown:
                continue
        media = ("", *rules.MEDIA) if e.medium == "" else (e.medium,)
        for m in media:
            there = state.get((e.purpose, m))
            named = m == e.medium
            if e.kind == "yes" and (named or there is None or not there["named"] or there["yes"]):
                state[e.purpose, m] = {
                    "yes": True,
                    "named": named or (there is not None and there["named"]),
                    "sure": e.at,
                    "version": e.version,
                }
            elif e.kind in ("no", "withdrawn") and (named or there is None or not there["named"] or there["yes"]):
                state[e.purpose, m] = {"yes": False, "named": named}
            elif e.kind == "confirmed" and there is not None and there["yes"]:
                there["sure"] = e.at
                there["version"] = e.version if e.version is not None else there["version"]
    found = state.get((purpose, medium))
    if found is None:
        own = "none"
    elif not found["yes"]:
        own = "no"
    else:
        own = "yes"
        sure = found["sure"]
        assert isinstance(sure, datetime)
        if rules.add_months(sure, 24, "Asia/Seoul") + 10 * DAY <= when:
            own = "lapsed"
        seen = found["version"]
        if (
            purpose in TERMS.material_lapses
            and isinstance(seen, int)
            and any(v.material and v.number > seen and v.valid_from <= when and v.published_at <= known for v in versions)
        ):
            own = "lapsed"
    if purpose == "advertising_night" and own in ("yes", "lapsed"):
        below = told(events, when, known, "advertising", medium, childhoods, versions)
        if below != "yes":
            return "no" if below in ("no", "none") else below
    return own


moments = st.integers(0, 1200)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Event], tuple[Childhood, ...]]:
    events = []
    for n in range(1, draw(st.integers(0, 12)) + 1):
        when = draw(moments)
        events.append(
            line(
                n, when, draw(st.sampled_from(["shown", "yes", "yes", "no", "withdrawn", "confirmed"])), draw(st.sampled_from(["advertising", "advertising_night"])),
                draw(st.sampled_from(["", "", "email", "text"])), recorded=when + draw(st.sampled_from([0, 0, 3, 400])),
                actor=draw(st.sampled_from(["self", "self", "staff", "guardian", "house"])), document=7, version=draw(st.sampled_from([None, 1, 2])),
            )
        )  # fmt: skip
    young = [
        Childhood(day(a), day(a + b), day(a + c))
        for a, b, c in draw(st.lists(st.tuples(moments, st.integers(1, 500), st.integers(0, 300)), max_size=1))
    ]
    return events, tuple(young)


VERSIONS = [Version(7, 1, day(0), day(0)), Version(7, 2, day(300), day(280), True)]


@settings(max_examples=400)
@given(histories(), moments, st.integers(0, 1600))
def test_a_history_told_twice_says_the_same(history: tuple[list[Event], tuple[Childhood, ...]], when: int, known: int) -> None:
    events, childhoods = history
    for purpose in ("advertising", "advertising_night"):
        for medium in ("", "email", "text", "push"):
            mine = at(events, when, purpose, medium, known=known, versions={7: VERSIONS}, childhoods=childhoods)
            assert mine.state == told(events, day(when), day(known), purpose, medium, childhoods, VERSIONS), (purpose, medium)


@given(histories())
def test_what_a_later_line_says_never_changes_what_was_known(history: tuple[list[Event], tuple[Childhood, ...]]) -> None:
    """Between two lines nothing changes but by time alone; and the order in which lines are read does not matter."""
    events, childhoods = history
    for when in sorted({(e.at - START).days for e in events}):
        first = at(events, when, known=when, childhoods=childhoods)
        assert first == at(list(reversed(events)), when, known=when, childhoods=childhoods)
        assert first == at([e for e in events if e.recorded_at <= day(when)], when, known=when, childhoods=childhoods)


@pytest.mark.parametrize(
    ("given_at", "months", "by"),
    [
        ("2024-02-29T03:00", 24, "2026-02-28T12:00"),
        ("2026-01-31T15:30", 1, "2026-03-01T00:30"),
        ("2025-12-31T14:59", 24, "2027-12-31T23:59"),
    ],
)
def test_months_are_counted_on_the_operators_clock(given_at: str, months: int, by: str) -> None:
    found = rules.add_months(datetime.fromisoformat(given_at).replace(tzinfo=UTC), months, "Asia/Seoul")
    assert found.strftime("%Y-%m-%dT%H:%M") == by
