"""The forms of personal values that lists may show (SCREENS §9), and the normal forms that are compared."""

from __future__ import annotations

import re
import unicodedata

_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"


def mask_name(name: str) -> str:
    """Korean: first and last syllable stay, of two the first. Latin words: first letters, the last word's first letter.

    >>> mask_name("김하늘"), mask_name("노을"), mask_name("남궁민수"), mask_name("Kim Haneul")
    ('김*늘', '노*', '남**수', 'K** H*****')
    """
    name = unicodedata.normalize("NFC", name.strip())
    if not name:
        return ""
    if " " in name or name.isascii():
        return " ".join(word[0] + "*" * (len(word) - 1) for word in name.split())
    if len(name) <= 2:
        return name[0] + "*" * (len(name) - 1)
    return name[0] + "*" * (len(name) - 2) + name[-1]


def mask_phone(digits: str) -> str:
    """
    >>> mask_phone("01012342201")
    '010-****-2201'
    """
    return f"{digits[:3]}-****-{digits[-4:]}" if len(digits) >= 8 else "*" * len(digits)


def mask_email(address: str) -> str:
    """
    >>> mask_email("haneul@naru.kr")
    'ha***@n***.kr'
    """
    local, _, domain = address.partition("@")
    host, _, top = domain.rpartition(".")
    return f"{local[:2]}***@{host[:1]}***.{top}"


def phone_digits(text: str) -> str:
    """Digits of a Korean or international number in any written form; +82 10… becomes 010…

    >>> phone_digits("+82 10-1234-2201"), phone_digits("010.1234.2201")
    ('01012342201', '01012342201')
    """
    digits = re.sub(r"\D", "", text)
    return "0" + digits[2:] if digits.startswith("82") and len(digits) > 10 else digits


def initials(name: str) -> str:
    """The initial consonants of a Korean name: 김하늘 → ㄱㅎㄴ. Empty when it has a syllable that is not Hangul.

    >>> initials("김하늘")
    'ㄱㅎㄴ'
    """
    letters = []
    for char in unicodedata.normalize("NFC", name.replace(" ", "")):
        code = ord(char) - 0xAC00
        if not 0 <= code < 11172:
            return ""
        letters.append(_INITIALS[code // 588])
    return "".join(letters)
