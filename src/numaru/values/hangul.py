"""Hangul as it is typed: initial consonants, half-typed syllables, and Latin letters typed with the Hangul layout on. Pure functions.

A search reads what stands in the field while a syllable is still being composed, so "처" must already find 청구, and "각" 가구: the last
consonant may yet become the first of the next syllable.
"""

from __future__ import annotations

import functools
import unicodedata

INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_FINALS = ("", "ㄱ", "ㄲ", "ㄳ", "ㄴ", "ㄵ", "ㄶ", "ㄷ", "ㄹ", "ㄺ", "ㄻ", "ㄼ", "ㄽ", "ㄾ", "ㄿ", "ㅀ", "ㅁ", "ㅂ", "ㅄ", "ㅅ", "ㅆ", "ㅇ", "ㅈ", "ㅊ", "ㅋ", "ㅌ", "ㅍ", "ㅎ")  # fmt: skip
_SPLIT = {"ㄳ": "ㄱㅅ", "ㄵ": "ㄴㅈ", "ㄶ": "ㄴㅎ", "ㄺ": "ㄹㄱ", "ㄻ": "ㄹㅁ", "ㄼ": "ㄹㅂ", "ㄽ": "ㄹㅅ", "ㄾ": "ㄹㅌ", "ㄿ": "ㄹㅍ", "ㅀ": "ㄹㅎ", "ㅄ": "ㅂㅅ"}  # fmt: skip
_VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_GROWS = {"ㅗ": "ㅘㅙㅚ", "ㅜ": "ㅝㅞㅟ", "ㅡ": "ㅢ"}  # a vowel that may still become another
_KEYS = dict(zip("ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡㅃㅉㄸㄲㅆㅒㅖ", "QWERTYUIOPASDFGHJKLZXCVBNMQWERTOP", strict=True))
_FIRST, _COUNT = 0xAC00, 11172


def normal(text: str) -> str:
    """One form for comparing: composed, small letters, no spaces."""
    return "".join(unicodedata.normalize("NFC", text).casefold().split())


def is_syllable(char: str) -> bool:
    return 0 <= ord(char) - _FIRST < _COUNT


def parts(char: str) -> tuple[str, str, str]:
    """Initial consonant, vowel and final of a syllable; Raises ValueError for anything else.

    >>> parts("값"), parts("하")
    (('ㄱ', 'ㅏ', 'ㅄ'), ('ㅎ', 'ㅏ', ''))
    """
    code = ord(char) - _FIRST
    if not 0 <= code < _COUNT:
        raise ValueError(f"not a syllable: {char!r}")
    return INITIALS[code // 588], _VOWELS[code % 588 // 28], _FINALS[code % 28]


def initials(text: str) -> str:
    """The initial consonants of a text; what is no syllable stays as it is, spaces go. A lone double final (ㄳ) is the two it was typed as.

    >>> initials("김하늘"), initials("김ㅎ"), initials("청구 실행 10월"), initials("ㄳ")
    ('ㄱㅎㄴ', 'ㄱㅎ', 'ㅊㄱㅅㅎ10ㅇ', 'ㄱㅅ')
    """
    return "".join(parts(c)[0] if is_syllable(c) else _SPLIT.get(c, c) for c in normal(text))


def consonants(text: str) -> str:
    """``text`` when it is nothing but initial consonants, each on its own; else nothing.

    >>> consonants("ㄱ ㅎㄴ"), consonants("ㄳ"), consonants("김ㅎ"), consonants("")
    ('ㄱㅎㄴ', 'ㄱㅅ', '', '')
    """
    found = "".join(_SPLIT.get(c, c) for c in normal(text))
    return found if all(c in INITIALS for c in found) else ""


def begins(text: str, typed: str) -> bool:
    """Whether ``text`` begins with what is being typed: whole syllables, initial consonants, or a last syllable that is not finished.

    >>> begins("청구 실행", "ㅊㄱ"), begins("청구 실행", "청ㄱ"), begins("청구", "처"), begins("가구", "각"), begins("과금", "고")
    (True, True, True, True, True)
    >>> begins("청구", "천"), begins("청구", "ㅊㅅ"), begins("Bill run", "bi"), begins("청구", "")
    (False, False, True, True)
    """
    held, wanted = normal(text), "".join(_SPLIT.get(c, c) for c in normal(typed))
    for at, char in enumerate(wanted):
        if at >= len(held):
            return False
        if char == held[at]:
            continue
        if not is_syllable(held[at]):
            return False
        if char in INITIALS:
            if parts(held[at])[0] != char:
                return False
        elif at < len(wanted) - 1 or not is_syllable(char) or not _grows(char, held[at], held[at + 1 : at + 2]):
            return False
    return True


def _grows(typed: str, syllable: str, after: str) -> bool:
    """Whether the unfinished syllable ``typed`` may still become ``syllable``, perhaps lending its final to the one ``after``."""
    (first, vowel, final), (wanted, wanted_vowel, wanted_final) = parts(typed), parts(syllable)
    if first != wanted or not (vowel == wanted_vowel or (not final and wanted_vowel in _GROWS.get(vowel, ""))):
        return False
    if not final or (final, wanted_final) in _HALF:
        return True
    lent = _SPLIT.get(final, final)
    return wanted_final == lent[:-1] and bool(after) and initials(after)[:1] == lent[-1]


_HALF = {(whole[0], double) for double, whole in _SPLIT.items()}  # the first half of a double final: 갑 on the way to 값


def finds(text: str, typed: str) -> bool:
    """Whether every word that is typed begins a word of ``text``, or one begins ``text`` without its spaces; two syllables or more may stand
    anywhere among Hangul, for Korean joins its words.

    >>> finds("청구 실행 시작", "실행"), finds("Start a bill run", "run start"), finds("정보주체 요구", "요구ㅈ"), finds("보유기간", "기간")
    (True, True, False, True)
    >>> finds("보관하는 햇수", "ㅎㅅ"), finds("보관하는 햇수", "ㄱㅎㄴ")
    (True, False)
    """
    starts, inner = _starts(text)
    wanted = typed.split()
    return bool(wanted) and all(
        any(begins(start, word) for start in starts)
        or (len(normal(word)) > 1 and is_syllable(normal(word)[0]) and any(begins(rest, word) for rest in inner))
        for word in wanted
    )


@functools.lru_cache(4096)  # the same labels and titles are asked with every key
def _starts(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Where a word may begin in ``text``: at its words, and at any syllable."""
    words, joined = text.split(), normal(text)
    inner = tuple(joined[n:] for n in range(1, len(joined)) if is_syllable(joined[n]))
    return tuple(normal("".join(words[n:])) for n in range(len(words))), inner


def span(text: str, typed: str) -> tuple[int, int] | None:
    """Where ``text`` has what is being typed, as a half-open range of its characters; None when it does not begin a word or stand in Hangul.

    >>> span("청구 실행 시작", "시"), span("청구 실행", "ㅊㄱㅅ"), span("Start a bill run", "bill"), span("청구", "행")
    ((3, 4), (0, 4), (8, 12), None)
    """
    length = len("".join(_SPLIT.get(c, c) for c in normal(typed)))
    for start, char in enumerate(text):
        opens = start == 0 or text[start - 1] in " ,·-("
        if (
            length
            and not char.isspace()
            and (opens or (is_syllable(char) and is_syllable(typed[:1] or " ")))
            and begins(text[start:], typed)
        ):
            end, left = start, length
            while left and end < len(text):
                left -= not text[end].isspace()
                end += 1
            return start, end
    return None


def latin(text: str) -> str:
    """What was meant by letters and digits that were typed with the Hangul layout on; other text stays.

    >>> latin("ㄴ-0001234"), latin("ㅑㅜㅍ-2026-0000001"), latin("ㄱㅎㄴ"), latin("김-1")
    ('S-0001234', 'INV-2026-0000001', 'ㄱㅎㄴ', '김-1')
    """
    if not any(c.isdigit() for c in text) or not any(c in _KEYS for c in text):
        return text
    return "".join(_KEYS.get(c, c) for c in text)
