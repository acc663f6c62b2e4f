"""Hangul as it is typed: whatever stands in the field on the way to a word already finds it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numaru.values import hangul, masked

SYLLABLES = st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=1, max_size=6)


def keystrokes(word: str) -> list[str]:
    """What an input method shows after each key of a two-set keyboard, for syllables of simple parts."""
    out: list[str] = []
    done = ""
    for n, char in enumerate(word):
        first, vowel, final = hangul.parts(char)
        index = hangul.INITIALS.index(first)
        open_syllable = chr(0xAC00 + index * 588 + "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ".index(vowel) * 28)
        if n and not hangul.parts(done[-1])[2] and first in "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ":
            last = "_ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ".index(first)
            out.append(done[:-1] + chr(ord(done[-1]) + last))  # the consonant first joins the syllable before
        else:
            out.append(done + first)
        out.append(done + open_syllable)
        if final:
            out.append(done + char)
        done += char
    return out


@pytest.mark.parametrize("word", ["청구 실행", "김하늘", "가구", "정보주체", "파기", "수납", "요금제"])
def test_every_keystroke_on_the_way_finds_the_word(word: str) -> None:
    joined = word.replace(" ", "")
    for shown in keystrokes(joined):
        assert hangul.begins(word, shown), shown


@given(SYLLABLES)
def test_a_word_begins_with_its_initials_and_with_every_part_of_itself(word: str) -> None:
    assert hangul.begins(word, hangul.initials(word)) and hangul.finds(word, word)
    assert all(hangul.begins(word, word[:n]) for n in range(1, len(word) + 1))
    assert hangul.consonants(hangul.initials(word)) == hangul.initials(word) == masked.initials(word)


@given(SYLLABLES, SYLLABLES)
def test_what_is_found_agrees_in_initials(word: str, typed: str) -> None:
    if hangul.begins(word, typed):
        shared = min(len(typed), len(word)) - 1  # of the last syllable a final may yet move on
        assert hangul.initials(word)[:shared] == hangul.initials(typed)[:shared]


@given(st.text(max_size=20), st.text(max_size=20))
def test_anything_at_all_may_be_typed(text: str, typed: str) -> None:
    found = hangul.span(text, typed)
    assert found is None or 0 <= found[0] < found[1] <= len(text)
    hangul.finds(text, typed)
    hangul.latin(typed)


def test_decomposed_hangul_is_the_same() -> None:
    assert (
        hangul.begins(unicodedata.normalize("NFD", "청구"), "ㅊㄱ") and hangul.initials(unicodedata.normalize("NFD", "김하늘")) == "ㄱㅎㄴ"
    )
