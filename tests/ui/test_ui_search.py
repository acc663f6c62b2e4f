"""How a question is read, whose finders are asked, and in which order the answers stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from numaru.kernel import access
from numaru.ui import keyboard, peek, search
from numaru.ui.search import Act, Asked, Finder, Hit
from numaru.values.text import Text

HOME = "console:home"
KEEP, SELL = (
    access.Actor("staff", 1, "한누리", (("billing_clerk", None),)),
    access.Actor("staff", 2, "서다온", (("billing_clerk", "naru-video"),)),
)
NOBODY = access.Actor("staff", 3, "백이든", (("support_engineer", None),))


@pytest.fixture
def bare() -> Iterator[list[str]]:
    """Registers with two finders and two acts; the list tells which finders were asked."""
    asked_of: list[str] = []
    registers: list[Any] = [search.finders, search.acts, access.permissions]
    kept = [dict(r._rows) for r in registers]
    for r in registers[:2]:
        r._rows.clear()
    access.permission("test.thing.view", Text("시험", "Test"), "billing_clerk")

    def finder(key: str, takes: Any, hits: list[Hit], **more: Any) -> None:
        def find(actor: access.Actor, asked: Asked, limit: int) -> list[Hit]:
            asked_of.append(key)
            return hits

        search.finders.add(key, Finder(Text(key, key), "user", "test.thing.view", takes, find, **more))

    finder("people", lambda a: not a.is_number, [Hit("김*늘", "/p/", f"S-{n}") for n in range(30)], order=10)
    finder("numbers", lambda a: a.is_number, [Hit("청구서", "/n/", "INV-1", exact=True)], order=90)
    finder("house", lambda a: True, [Hit("집", "/h/")], order=5, everywhere=True)
    search.acts.add("start", Act(Text("청구 실행 시작", "Start a bill run"), "plus", HOME, "test.thing.view", "월청구 month"))
    search.acts.add("add", Act(Text("직원 추가", "Add staff"), "plus", HOME, "test.thing.view", everywhere=True))
    yield asked_of
    for r, rows in zip(registers, kept, strict=True):
        r._rows.clear()
        r._rows.update(rows)


@pytest.mark.parametrize(
    ("typed", "shapes"),
    [
        ("S-0001234", {"number"}), ("s-12", {"number"}), ("INV-2026-0000123", {"number"}), ("R2026-10.3", {"number"}), ("ㄴ-0001234", {"number"}),
        ("ㅑㅜㅍ-2026-0000001", {"number"}), ("010-1234-2201", {"phone", "whole"}), ("+82 10 1234 2201", {"phone", "whole"}), ("01012342", {"phone"}), ("2201", set()),
        ("15881234", {"phone", "whole"}), ("haneul@naru.kr", {"email"}), ("haneul@", set()), ("ㄱㅎㄴ", {"consonants", "hangul", "word"}), ("김ㅎ", {"hangul", "word"}),
        ("bill run", {"word"}), ("", set()), ("   ", set()), ("2026-10", set()), ("#1204", {"word"}),
    ],
)  # fmt: skip
def test_a_question_is_read_by_its_shape(typed: str, shapes: set[str]) -> None:
    a = Asked.read(typed)
    found = {
        "number": a.is_number, "phone": a.is_phone, "whole": a.is_whole_phone, "email": a.is_email, "consonants": bool(a.consonants),
        "hangul": a.is_hangul, "word": a.is_word,
    }  # fmt: skip
    assert {shape for shape, yes in found.items() if yes} == shapes


def test_a_question_is_cut_and_may_be_for_acts_alone() -> None:
    assert len(Asked.read("가" * 500).text) == search.LONGEST
    assert Asked.read("> 청구").only_acts and Asked.read("> 청구").text == "청구" and Asked.read(">").text == ""


def test_only_finders_that_may_and_can_are_asked(bare: list[str]) -> None:
    search.look(KEEP, Asked.read("김하늘"))
    assert sorted(bare) == ["house", "people"]
    bare.clear()
    search.look(SELL, Asked.read("INV-1"))  # a grant for one service is none for the whole house
    assert bare == ["numbers"]
    bare.clear()
    assert search.look(NOBODY, Asked.read("김하늘")) == [] and search.look(KEEP, Asked.read("")) == [] and bare == []
    assert [g.key for g in search.look(KEEP, Asked.read(">청구"))] == ["acts"] and bare == []


def test_the_very_number_stands_first_and_no_finder_fills_the_page(bare: list[str]) -> None:
    groups = search.look(KEEP, Asked.read("INV-1"))
    assert [g.key for g in groups] == ["numbers", "house"] and search.only(groups) == groups[0].hits[0]
    people = next(g for g in search.look(KEEP, Asked.read("김하늘")) if g.key == "people")
    assert len(people.hits) == search.LIMIT and search.only([people]) is None
    assert search.only([*groups, *groups]) is None  # two things with one number: the reader chooses


def test_acts_are_found_by_initials_words_and_english_and_only_by_who_may(bare: list[str]) -> None:
    for typed in ("ㅊㄱㅅㅎ", "청ㄱ", "실행", "start", "run", "월청", "MONTH"):
        assert [str(h.title) for h in search.doing(KEEP, Asked.read(f">{typed}")).hits] == ["청구 실행 시작"], typed
    assert [str(h.title) for h in search.doing(SELL, Asked.read(">")).hits] == ["청구 실행 시작"]
    assert len(search.doing(KEEP, Asked.read(">")).hits) == 2 and search.doing(NOBODY, Asked.read(">")).hits == []


def test_a_room_does_not_take_a_key_of_the_kit() -> None:
    mine = keyboard.Key(Text("답변", "Reply"), (("R",),), "[data-key=KeyR]")
    assert keyboard.Sheet(Text("상담", "Support"), (mine,), order=60).keys == (mine,)
    with pytest.raises(ValueError, match="kit's"):
        keyboard.Sheet(Text("상담", "Support"), (keyboard.Key(Text("줄", "Row"), (("J",),)),), order=60)


@pytest.mark.parametrize(
    "url", ["", "/nowhere/", "//evil.example/", "https://evil.example/billing/runs/R2026-10/", "/find/", "/billing/runs/"]
)
def test_there_is_no_glance_at_what_is_no_object(url: str) -> None:
    assert peek.address(url) == ""


def test_links_to_objects_know_their_glance() -> None:
    assert peek.address("/billing/runs/R2026-10.3/?x=1#y") == "/find/billing.run/R2026-10.3/"
    assert (
        peek.page_of("billing.run", "R2026-10") == "/billing/runs/R2026-10/" and peek.page_of("kernel.staff", "12") == "/access/staff/12/"
    )
    assert peek.page_of("kernel.staff", "x") == peek.page_of("vault.master", "1") == peek.page_of("billing.run", "a/b") == ""
