"""Channels: what each is called in the consent ledger, what its texts consist of, how long they may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from numaru.values.text import Text

CHANNELS: dict[str, Text] = {
    "email": Text("전자우편", "E-mail"),
    "sms": Text("단문(SMS)", "SMS"),
    "lms": Text("장문(LMS)", "LMS"),
    "alimtalk": Text("알림톡", "Alimtalk"),
    "push": Text("푸시", "Push"),
    "inapp": Text("포털 알림", "In the portal"),
    "letter": Text("우편", "Letter"),
}
MEDIA = {"email": "email", "sms": "text", "lms": "text", "alimtalk": "kakao", "push": "push", "inapp": "inapp", "letter": "letter"}
SUBJECTS = frozenset({"email", "lms", "push", "inapp", "letter"})  # channels whose texts have a subject or title
PHONES = frozenset({"sms", "lms", "alimtalk"})
KIND = {"email": "email", "sms": "phone", "lms": "phone", "alimtalk": "phone"}  # what parties keep of it
HTML = frozenset({"email"})


@dataclass(frozen=True, slots=True)
class Limit:
    """How long text and subject of a channel may be. ``unit``: characters, or bytes as EUC-KR counts them."""

    text: int
    subject: int = 0
    unit: str = "characters"


@dataclass(frozen=True, slots=True)
class Length:
    """What a text comes to. ``unwritable``: characters that the channel cannot carry."""

    count: int
    most: int
    unit: str
    unwritable: str = ""

    @property
    def fits(self) -> bool:
        return self.count <= self.most and not self.unwritable


def euc_kr(text: str) -> tuple[int, str]:
    """Bytes of a text as carriers of text messages count them, and the characters that they cannot write: Hangul and symbols are two, ASCII one.

    Counted by CP949, which writes every modern syllable; a line break is one byte.

    >>> euc_kr("가a"), euc_kr("뷁"), euc_kr("♥"), euc_kr("🎬 a")
    ((3, ''), (2, ''), (2, ''), (2, '🎬'))
    """
    try:
        return len(text.encode("cp949")), ""
    except UnicodeEncodeError:
        bad = "".join(dict.fromkeys(c for c in text if not _writable(c)))
        return len("".join(c for c in text if c not in bad).encode("cp949")), bad


def _writable(char: str) -> bool:
    try:
        char.encode("cp949")
    except UnicodeEncodeError:
        return False
    return True


def measured(text: str, most: int, unit: str) -> Length:
    """The length of a text against a limit.

    >>> measured("가" * 45, 90, "bytes").fits, measured("가" * 46, 90, "bytes").fits, measured("가나", 1000, "characters").count
    (True, False, 2)
    """
    if unit == "bytes":
        count, bad = euc_kr(text)
        return Length(count, most, unit, bad)
    return Length(len(text), most, unit)


def too_long(channel: str, subject: str, text: str, limits: Mapping[str, Limit]) -> bool:
    """Whether a finished message does not fit its channel, or has a character that the channel cannot carry."""
    limit = limits[channel]
    if not measured(text, limit.text, limit.unit).fits:
        return True
    return bool(subject) and limit.subject > 0 and not measured(subject, limit.subject, limit.unit).fits
