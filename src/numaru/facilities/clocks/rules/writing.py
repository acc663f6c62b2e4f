"""Hours as they are kept (JSON of a version) and as they are typed in the form, and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from numaru.values.business_calendar import HOLIDAY_POLICIES, DayException, Frame, Hours, known_zone, read_frames
from numaru.values.text import Text

WORDS: dict[str, Text] = {
    "zone": Text("‘{v}’은(는) 아는 시간대가 아닙니다.", "“{v}” is no time zone that is known."),
    "week": Text("‘{v}’은(는) 근무 시간이 아닙니다.", "“{v}” is no business hours."),
    "empty": Text("여는 시간이 하나도 없습니다.", "There is no time at which it is open."),
    "policy": Text("‘{v}’은(는) 휴일 규칙이 아닙니다.", "“{v}” is no rule for holidays."),
    "exceptions": Text("‘{v}’ 줄을 읽지 못했습니다.", "The line “{v}” could not be read."),
    "twice": Text("‘{v}’이(가) 두 번 있습니다.", "“{v}” is there twice."),
    "holidays": Text("‘{v}’ 줄을 읽지 못했습니다.", "The line “{v}” could not be read."),
}


class Unwritten(ValueError):
    """Hours that cannot be: which field, and what is wrong with it."""

    def __init__(self, field: str, value: str, word: str = "") -> None:
        super().__init__(f"{field}: {value}")
        self.field, self.text = field, WORDS[word or field].fill(v=value[:80])


def hours_of(zone: str, week: list[list[str]], holidays: Mapping[str, Any], policy: str, exceptions: Mapping[str, Any]) -> Hours:
    """The hours that a version keeps. Raises :class:`Unwritten` for what no hours can be."""
    if not known_zone(zone):
        raise Unwritten("zone", zone)
    if policy not in HOLIDAY_POLICIES:
        raise Unwritten("policy", policy)
    days = tuple(_frames(", ".join(frames)) for frames in week)
    if len(days) != 7:
        raise Unwritten("week", str(len(days)))
    if not any(days):
        raise Unwritten("week", "", "empty")
    return Hours(
        zone, days, {date.fromisoformat(d): Text(*names) for d, names in holidays.items()}, policy,  # type: ignore[arg-type]
        {date.fromisoformat(d): DayException(_frames(", ".join(frames)), note) for d, (frames, note) in exceptions.items()},
    )  # fmt: skip


def _frames(text: str) -> tuple[Frame, ...]:
    try:
        return read_frames(text)
    except ValueError:
        raise Unwritten("week", text) from None


def week_of(lines: list[str]) -> list[list[str]]:
    """Seven typed lines as a version keeps them."""
    return [[str(frame) for frame in _frames(line)] for line in lines]


def exceptions_of(text: str) -> dict[str, list[Any]]:
    """Typed exceptions, a day each: ``2026-12-31 09:00–13:00 종무식``; without hours, or with 휴무 or closed, the day is closed.

    >>> exceptions_of("2026-12-31 09:00-12:00, 13:00-15:00 year end")
    {'2026-12-31': [['09:00–12:00', '13:00–15:00'], 'year end']}
    """
    out: dict[str, list[Any]] = {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        day, _, rest = line.partition(" ")
        frames, words = list[str](), rest.replace(",", " ").split()
        while words and ":" in words[0]:
            frames.append(words.pop(0))
        if words and words[0] in ("휴무", "closed") and not frames:
            words.pop(0)
        try:
            when = date.fromisoformat(day).isoformat()
            kept = [str(f) for f in read_frames(", ".join(frames))]
        except ValueError:
            raise Unwritten("exceptions", line) from None
        if when in out:
            raise Unwritten("exceptions", when, "twice")
        out[when] = [kept, " ".join(words)[:80]]
    return dict(sorted(out.items()))


def exceptions_typed(exceptions: Mapping[str, Any], lang: str = "ko") -> str:
    """Exceptions as they can be typed again."""
    closed = "휴무" if lang == "ko" else "closed"
    return "\n".join(f"{day} {', '.join(frames) or closed} {note}".strip() for day, (frames, note) in exceptions.items())


def holidays_of(text: str) -> dict[str, list[str]]:
    """Typed holidays, a day each: the day, its Korean name, and after a stroke its English one."""
    out: dict[str, list[str]] = {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        day, _, names = line.partition(" ")
        ko, _, en = (part.strip() for part in names.partition("/"))
        try:
            when = date.fromisoformat(day).isoformat()
        except ValueError:
            raise Unwritten("holidays", line) from None
        if when in out:
            raise Unwritten("holidays", when, "twice")
        if not ko:
            raise Unwritten("holidays", line)
        out[when] = [ko[:80], (en or ko)[:80]]
    return dict(sorted(out.items()))


def holidays_typed(holidays: Mapping[str, Any]) -> str:
    """Holidays as they can be typed again."""
    return "\n".join(f"{day} {ko} / {en}" for day, (ko, en) in sorted(holidays.items()))
