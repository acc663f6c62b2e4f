"""The forms of personal values that lists may show (SCREENS §9), and the normal forms that are compared."""

from __future__ import annotations

import re
import unicodedata

from numaru.values.hangul import INITIALS


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
    """Area or network and the last four digits stay; a number too short for both shows the last four, a very short one nothing.

    >>> mask_phone("01012342201"), mask_phone("0212345678"), mask_phone("15881234"), mask_phone("1234")
    ('010-****-2201', '02-****-5678', '****-1234', '****')
    """
    if len(digits) < 8:
        return "*" * len(digits)
    area = "02-" if digits.startswith("02") else f"{digits[:3]}-" if len(digits) >= 10 else ""
    return f"{area}****-{digits[-4:]}"


def mask_email(address: str) -> str:
    """At most two letters of the name, and never all of it; the first letter of the host and the top domain.

    >>> mask_email("haneul@naru.kr"), mask_email("ha@naru.kr"), mask_email("no address")
    ('ha***@n***.kr', 'h***@n***.kr', '***')
    """
    local, at, domain = address.strip().rpartition("@")
    host, _, top = domain.rpartition(".")
    return f"{local[: min(2, len(local) - 1)]}***@{host[:1]}***.{top}" if at and local and host else "***"


def phone_digits(text: str) -> str:
    """Digits of a Korean or international number in any written form; +82 10… becomes 010…

    >>> phone_digits("+82 10-1234-2201"), phone_digits("010.1234.2201"), phone_digits("+82 (0)2 123 4567")
    ('01012342201', '01012342201', '021234567')
    """
    digits = re.sub(r"[^0-9]", "", unicodedata.normalize("NFKC", text))
    abroad = digits.startswith("82") and (len(digits) > 10 or text.lstrip().startswith("+"))
    return "0" + digits[2:].lstrip("0") if abroad else digits


def phone_whole(digits: str) -> bool:
    """Whether a Korean number looks typed to its end: mobile, area and service numbers. One from abroad never does.

    >>> phone_whole("01012342201"), phone_whole("0101234220"), phone_whole("0212345678"), phone_whole("15881234"), phone_whole("01012342")
    (True, False, True, True, False)
    """
    if digits.startswith("010"):
        return len(digits) == 11
    if digits.startswith("02"):
        return 9 <= len(digits) <= 10
    return 10 <= len(digits) <= 11 if digits.startswith("0") else len(digits) == 8 and digits.startswith("1")


def phone_grouped(digits: str) -> str:
    """A Korean number as people write it; one of another length stays as it is.

    >>> phone_grouped("01012342201"), phone_grouped("0212345678"), phone_grouped("15881234"), phone_grouped("4915112345678")
    ('010-1234-2201', '02-1234-5678', '1588-1234', '4915112345678')
    """
    if not digits.isdigit() or not 8 <= len(digits) <= 11 or (len(digits) > 8 and not digits.startswith("0")):
        return digits
    if len(digits) == 8:
        return f"{digits[:4]}-{digits[4:]}"
    area = 2 if digits.startswith("02") else 3
    return f"{digits[:area]}-{digits[area:-4]}-{digits[-4:]}"


_E_MAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
_RESIDENT = re.compile(r"(?<![\w-])\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])[- ]?[1-8]\d{6}(?![\d-])")
_PHONE = re.compile(
    r"(?<![\w-])(?:\+?82[-. ]?(?:\(0\))?0?|\(?0)(?:1[016789]|2|3[1-3]|4[1-4]|5[1-5]|6[1-4]|70|80|50\d)\)?[-. ]?\d{3,4}[-. ]?\d{4}(?![\d-])"
)
_CARD = re.compile(r"(?<![\w-])\d{4}([- ]?)\d{4}\1\d{4}\1\d{4}(?![\d-])")


def telling(text: str) -> str:
    """What in free words looks like a person's data: "email", "resident number", "phone" or "card"; empty for none. Numbers of the house
    (INV-2026-0000123, S-0001234), days and amounts do not. A name cannot be told from other words: nobody may rely on this alone.

    >>> telling("010-1234-2201 전화"), telling("a@b.kr 앞"), telling("900101-1234567"), telling("INV-2026-0000123, 2026-10-01")
    ('phone', 'email', 'resident number', '')
    """
    text = unicodedata.normalize("NFKC", text)
    for what, form in (("email", _E_MAIL), ("resident number", _RESIDENT), ("phone", _PHONE), ("card", _CARD)):
        if form.search(text):
            return what
    return ""


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
        letters.append(INITIALS[code // 588])
    return "".join(letters)
