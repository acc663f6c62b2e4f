"""Calendar files (RFC 5545) read and written, and the occurrences of what recurs. Pure: the same bytes give the same windows.

Read leniently, as other calendars write: Outlook's zone names, zones of the file's own, floating times, durations, folded lines, a byte order mark.
Nothing is guessed in silence: what was put right or left out is a note beside its event. Attendees and organisers are never read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from numaru.values.text import Text

MOST = 5_000  # events of a file
OFTEN = frozenset({"SECONDLY", "MINUTELY", "HOURLY"})
FAR = datetime(9999, 1, 1, tzinfo=UTC)
_reading = Lock()


@dataclass(slots=True)
class Event:
    """A window as a calendar file holds it. ``exdates`` are instants (ISO, UTC); ``overrides`` say of one occurrence (``at``) when it takes
    place instead (``from``, ``to``), under which title, or that it does not (``off``)."""

    uid: str
    title: str
    starts: datetime
    ends: datetime
    zone: str
    all_day: bool = False
    sequence: int = 0
    details: str = ""
    rrule: str = ""
    exdates: list[str] = field(default_factory=list)
    overrides: list[dict[str, Any]] = field(default_factory=list)
    cancelled: bool = False
    changed: datetime | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """What was put right, or why an event was left out (``lost``)."""

    uid: str
    code: str
    text: Text
    lost: bool = False


def _known(name: str) -> bool:
    return name in available_timezones()


def zone_of(at: datetime, fallback: str) -> tuple[str, bool]:
    """The name of the zone of an aware time, and whether it is sure: a zone of the file's own is known by its offset alone."""
    key = str(getattr(at.tzinfo, "key", "") or getattr(at.tzinfo, "zone", "") or "")
    if key and _known(key):
        return key, True
    offset = at.utcoffset() or timedelta()
    if offset == timedelta():
        return "UTC", True
    if at.astimezone(ZoneInfo(fallback)).utcoffset() == offset:
        return fallback, False
    hours, rest = divmod(int(offset.total_seconds()), 3600)
    return (f"Etc/GMT{-hours:+d}", False) if not rest and -14 <= -hours <= 12 else ("UTC", False)


def _instant(value: date | datetime, zone: str) -> datetime:
    """A date is midnight in ``zone``; a floating time is meant there too."""
    if not isinstance(value, datetime):
        return datetime.combine(value, time(), ZoneInfo(zone)).astimezone(UTC)
    return (value if value.tzinfo else value.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def _many(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]


def decode(content: bytes) -> str:
    """The text of a file: UTF-8 with or without a mark, else what Korean Windows writes."""
    for encoding in ("utf-8-sig", "cp949", "latin-1"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValueError("encoding")


def read(text: str, zone: str) -> tuple[list[Event], list[Note]]:
    """The events of a file and notes on them. ``zone`` is where floating times are meant. Raises ValueError for what is no calendar file."""
    import icalendar
    from icalendar.timezone import tzp

    if "BEGIN:VCALENDAR" not in text.upper():
        raise ValueError("no calendar")
    with _reading:
        tzp.use_zoneinfo()  # forget the zones of files that were read before: the same name may mean another zone in each
        calendars = icalendar.Calendar.from_ical(text, multiple=True)
    masters: dict[str, Event] = {}
    parts: list[tuple[str, Any, Event]] = []
    notes: list[Note] = []
    count = 0
    for calendar in calendars:
        for item in calendar.walk("VEVENT"):
            count += 1
            if count > MOST:
                notes.append(
                    Note(
                        "",
                        "ics.many",
                        Text(
                            "일정이 {n}개를 넘어 나머지는 읽지 않았습니다.", "There are more than {n} events; the rest was not read."
                        ).fill(n=MOST),
                        True,
                    )
                )
                return _joined(masters, parts, notes), notes
            uid = str(item.get("UID", "")).strip()[:255]
            try:
                made = _event(item, uid, zone, notes)
            except (ValueError, TypeError, AttributeError, OverflowError, KeyError):
                made = None
                notes.append(Note(uid, "ics.broken", Text("일정을 읽지 못했습니다.", "The event could not be read."), True))
            if made is None:
                continue
            at = item.get("RECURRENCE-ID")
            if at is not None:
                parts.append((uid, at.dt, made))
            elif uid in masters:
                notes.append(
                    Note(uid, "ics.twice", Text("같은 UID가 두 번 있어 새것을 씁니다.", "The same UID stands twice; the newer one holds."))
                )
                if made.sequence >= masters[uid].sequence:
                    masters[uid] = made
            else:
                masters[uid] = made
    return _joined(masters, parts, notes), notes


def _joined(masters: dict[str, Event], parts: list[tuple[str, Any, Event]], notes: list[Note]) -> list[Event]:
    for uid, at, made in parts:
        master = masters.get(uid)
        if master is None:
            masters[uid] = made
            notes.append(
                Note(
                    uid,
                    "ics.alone",
                    Text(
                        "되풀이의 한 번만 있어 한 번짜리로 읽었습니다.",
                        "Only one occurrence of a series was there; it is read as a single event.",
                    ),
                )
            )
            continue
        key = _instant(at, master.zone).isoformat()
        master.overrides.append(
            {"at": key, "from": made.starts.isoformat(), "to": made.ends.isoformat(), "title": made.title, "off": made.cancelled}
        )
        master.sequence = max(master.sequence, made.sequence)
    return list(masters.values())


def _event(item: Any, uid: str, zone: str, notes: list[Note]) -> Event | None:
    start = item.get("DTSTART")
    if not uid or start is None:
        notes.append(Note(uid, "ics.no_start", Text("UID나 시작이 없어 뺐습니다.", "Left out: it has no UID or no start."), True))
        return None
    first = start.dt
    all_day = not isinstance(first, datetime)
    place = zone
    if isinstance(first, datetime) and first.tzinfo is None:
        named = str(start.params.get("TZID", ""))
        text = Text("시간대 ‘{z}’을(를) 몰라 {p} 시각으로 읽었습니다.", "The zone “{z}” is not known; read as time in {p}.").fill(z=named, p=zone) if named else \
            Text("시간대가 없어 {p} 시각으로 읽었습니다.", "It has no zone; read as time in {p}.").fill(p=zone)  # fmt: skip
        notes.append(Note(uid, "ics.floating", text))
    elif isinstance(first, datetime):
        place, sure = zone_of(first, zone)
        if not sure:
            notes.append(
                Note(
                    uid, "ics.zone", Text("파일만의 시간대라 {p}(으)로 읽었습니다.", "A zone of the file's own; read as {p}.").fill(p=place)
                )
            )
    starts = _instant(first, place)
    ends = _end(item, first, starts, place, uid, notes)
    if ends <= starts:
        notes.append(
            Note(uid, "ics.order", Text("끝이 시작보다 이르거나 같아 뺐습니다.", "Left out: it does not end after it begins."), True)
        )
        return None
    rule = item.get("RRULE")
    if isinstance(rule, list):
        rule = rule[0]
        notes.append(
            Note(uid, "ics.rules", Text("되풀이 규칙이 여럿이라 첫 규칙만 씁니다.", "There are several rules; the first one holds."))
        )
    if rule is not None and str(_many(rule.get("FREQ"))[0]).upper() in OFTEN:
        notes.append(Note(uid, "ics.often", Text("하루보다 잦은 되풀이라 뺐습니다.", "Left out: it recurs more often than daily."), True))
        return None
    if item.get("RDATE") is not None:
        notes.append(Note(uid, "ics.rdate", Text("따로 더한 날(RDATE)은 읽지 않았습니다.", "Days added by hand (RDATE) were not read.")))
    exdates = [_instant(one.dt, place).isoformat() for value in _many(item.get("EXDATE")) for one in value.dts]
    stamp = item.get("LAST-MODIFIED") or item.get("DTSTAMP")
    return Event(
        uid, " ".join(str(item.get("SUMMARY", "")).split())[:120], starts, ends, place, all_day, int(item.get("SEQUENCE", 0)), str(item.get("DESCRIPTION", ""))[:4_000],
        rule.to_ical().decode()[:400] if rule is not None else "", exdates, [], str(item.get("STATUS", "")).upper() == "CANCELLED",
        _instant(stamp.dt, "UTC") if stamp is not None else None,
    )  # fmt: skip


def _end(item: Any, first: Any, starts: datetime, place: str, uid: str, notes: list[Note]) -> datetime:
    end, span = item.get("DTEND"), item.get("DURATION")
    if end is not None:
        return _instant(end.dt, place)
    if span is not None:
        return _instant(first + span.dt, place) if not isinstance(first, datetime) else starts + span.dt
    if not isinstance(first, datetime):
        return _instant(first + timedelta(days=1), place)
    notes.append(Note(uid, "ics.no_end", Text("끝이 없어 한 시간으로 읽었습니다.", "It has no end; read as one hour.")))
    return starts + timedelta(hours=1)


def _stamp(at: datetime, event: Event) -> date | datetime:
    """An instant as the file says it: a date for whole days, UTC for what happens once, local time with its zone for what recurs."""
    local = at.astimezone(ZoneInfo(event.zone))
    if event.all_day:
        return local.date()
    return local if event.rrule and event.zone != "UTC" else at.astimezone(UTC)


def component(event: Event, stamp: datetime) -> list[Any]:
    """The event, and one more for each occurrence that takes place otherwise."""
    import icalendar

    out = []
    made = icalendar.Event()
    made.add("uid", event.uid)
    made.add("dtstamp", stamp.astimezone(UTC))
    made.add("sequence", event.sequence)
    made.add("summary", event.title)
    made.add("dtstart", _stamp(event.starts, event))
    made.add("dtend", _stamp(event.ends, event))
    made.add("status", "CANCELLED" if event.cancelled else "CONFIRMED")
    if event.kind:
        made.add("categories", [event.kind])
    if event.rrule:
        made.add("rrule", icalendar.vRecur.from_ical(event.rrule))
    away = [*event.exdates, *(o["at"] for o in event.overrides if o.get("off"))]
    for one in away:
        made.add("exdate", _stamp(datetime.fromisoformat(one), event))
    out.append(made)
    for other in event.overrides:
        if other.get("off"):
            continue
        moved = icalendar.Event()
        moved.add("uid", event.uid)
        moved.add("dtstamp", stamp.astimezone(UTC))
        moved.add("sequence", event.sequence)
        moved.add("recurrence-id", _stamp(datetime.fromisoformat(other["at"]), event))
        moved.add("summary", other.get("title") or event.title)
        moved.add("dtstart", _stamp(datetime.fromisoformat(other["from"]), event))
        moved.add("dtend", _stamp(datetime.fromisoformat(other["to"]), event))
        out.append(moved)
    return out


def write(events: list[Event], stamp: datetime, name: str) -> bytes:
    """A calendar file: CRLF, folded, with the zones that it names."""
    import icalendar

    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Numaru//Numaru//KO")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    for event in events:
        for one in component(event, event.changed or stamp):
            calendar.add_component(one)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def occurrences(event: Event, since: datetime, until: datetime) -> list[tuple[datetime, datetime, str]]:
    """When it takes place within [since, until): start, end, title, by time. Wall-clock times stay the same over a change of the clocks."""
    if not event.rrule:
        return [(event.starts, event.ends, event.title)] if event.starts < until and event.ends > since else []
    import icalendar
    import recurring_ical_events  # type: ignore[import-untyped]

    calendar = icalendar.Calendar()
    for one in component(event, FAR if event.changed is None else event.changed):
        calendar.add_component(one)
    out = []
    for one in recurring_ical_events.of(calendar).between(since, until):
        starts, ends = _instant(one["DTSTART"].dt, event.zone), _instant(one["DTEND"].dt, event.zone)
        if starts < until and ends > since:
            out.append((starts, ends, str(one.get("SUMMARY", event.title))))
    return sorted(out)


def last_end(event: Event) -> datetime:
    """An instant after which nothing of it ends; far away where it recurs for ever or long."""
    if not event.rrule:
        return event.ends
    moved = [datetime.fromisoformat(o["to"]) for o in event.overrides if not o.get("off")]
    import icalendar

    rule = icalendar.vRecur.from_ical(event.rrule)
    ends = _many(rule.get("UNTIL"))
    if not ends:
        return FAR
    until = _instant(ends[0], event.zone) + timedelta(days=1)
    return max([until + (event.ends - event.starts), *moved])


def checked_rule(text: str) -> str:
    """A rule as it is kept. Raises ValueError for one that cannot be read or recurs more often than daily.

    >>> checked_rule("freq=weekly;byday=TU")
    'FREQ=WEEKLY;BYDAY=TU'
    """
    import icalendar

    made = text.strip().upper().removeprefix("RRULE:")
    if not made:
        return ""
    rule = icalendar.vRecur.from_ical(made)
    freq = _many(rule.get("FREQ"))
    if not freq or str(freq[0]).upper() not in ("DAILY", "WEEKLY", "MONTHLY", "YEARLY"):
        raise ValueError(text)
    return str(rule.to_ical().decode())[:400]
