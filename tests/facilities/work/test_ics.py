"""Calendar files as other calendars write them: what is read, what is said about it, and that it comes back the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from numaru.facilities.work.rules import ics

SEOUL = "Asia/Seoul"
ZONE = """BEGIN:VTIMEZONE
TZID:{name}
BEGIN:STANDARD
DTSTART:16010101T000000
TZOFFSETFROM:{offset}
TZOFFSETTO:{offset}
END:STANDARD
END:VTIMEZONE
"""


def calendar(*events: str, before: str = "", end: str = "\r\n") -> str:
    body = "".join(f"BEGIN:VEVENT\n{e.strip()}\nEND:VEVENT\n" for e in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//t//t//EN\n{before}{body}END:VCALENDAR\n".replace("\n", end)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


HEAD = "UID:a@x\nSUMMARY:s\n"
CASES: dict[str, tuple[str, str, str, bool, set[str]]] = {
    # name: (event, start in UTC, end in UTC, whole days, codes of notes)
    "utc": ("DTSTART:20261201T010000Z\nDTEND:20261201T020000Z", "2026-12-01T01:00", "2026-12-01T02:00", False, set()),
    "google zone": ("DTSTART;TZID=Asia/Seoul:20261201T100000\nDTEND;TZID=Asia/Seoul:20261201T110000", "2026-12-01T01:00", "2026-12-01T02:00", False, set()),
    "outlook zone name": ("DTSTART;TZID=Korea Standard Time:20261201T100000\nDTEND;TZID=Korea Standard Time:20261201T110000", "2026-12-01T01:00", "2026-12-01T02:00", False, set()),
    "quoted zone": ('DTSTART;TZID="Asia/Seoul":20261201T100000\nDTEND;TZID="Asia/Seoul":20261201T110000', "2026-12-01T01:00", "2026-12-01T02:00", False, set()),
    "floating": ("DTSTART:20261201T100000\nDTEND:20261201T110000", "2026-12-01T01:00", "2026-12-01T02:00", False, {"ics.floating"}),
    "whole day": ("DTSTART;VALUE=DATE:20261201\nDTEND;VALUE=DATE:20261202", "2026-11-30T15:00", "2026-12-01T15:00", True, set()),
    "whole day without end": ("DTSTART;VALUE=DATE:20261201", "2026-11-30T15:00", "2026-12-01T15:00", True, set()),
    "three days": ("DTSTART;VALUE=DATE:20261201\nDTEND;VALUE=DATE:20261204", "2026-11-30T15:00", "2026-12-03T15:00", True, set()),
    "days by duration": ("DTSTART;VALUE=DATE:20261201\nDURATION:P2D", "2026-11-30T15:00", "2026-12-02T15:00", True, set()),
    "duration": ("DTSTART:20261201T010000Z\nDURATION:PT90M", "2026-12-01T01:00", "2026-12-01T02:30", False, set()),
    "no end": ("DTSTART:20261201T010000Z", "2026-12-01T01:00", "2026-12-01T02:00", False, {"ics.no_end"}),
    "new york in summer": ("DTSTART;TZID=America/New_York:20260701T090000\nDTEND;TZID=America/New_York:20260701T100000", "2026-07-01T13:00", "2026-07-01T14:00", False, set()),
    "new york in winter": ("DTSTART;TZID=America/New_York:20261201T090000\nDTEND;TZID=America/New_York:20261201T100000", "2026-12-01T14:00", "2026-12-01T15:00", False, set()),
    "over the change of clocks": ("DTSTART;TZID=Europe/London:20261025T003000\nDTEND;TZID=Europe/London:20261025T033000", "2026-10-24T23:30", "2026-10-25T03:30", False, set()),
    "other zones at both ends": ("DTSTART;TZID=Asia/Seoul:20261201T100000\nDTEND;TZID=America/Los_Angeles:20261201T100000", "2026-12-01T01:00", "2026-12-01T18:00", False, set()),
    "apple extras": ("DTSTART:20261201T010000Z\nDTEND:20261201T020000Z\nX-APPLE-TRAVEL-ADVISORY-BEHAVIOR:AUTOMATIC\nBEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT15M\nDESCRIPTION:x\nEND:VALARM", "2026-12-01T01:00", "2026-12-01T02:00", False, set()),
    "people are not read": ("DTSTART:20261201T010000Z\nDTEND:20261201T020000Z\nORGANIZER;CN=K:mailto:k@x.kr\nATTENDEE:mailto:a@x.kr", "2026-12-01T01:00", "2026-12-01T02:00", False, set()),
    "day added by hand": ("DTSTART:20261201T010000Z\nDTEND:20261201T020000Z\nRDATE:20261203T010000Z", "2026-12-01T01:00", "2026-12-01T02:00", False, {"ics.rdate"}),
}  # fmt: skip


@pytest.mark.parametrize("end", ["\r\n", "\n"])
@pytest.mark.parametrize("name", CASES)
def test_a_single_event_is_read(name: str, end: str) -> None:
    event, start, stop, whole, codes = CASES[name]
    events, notes = ics.read(calendar(HEAD + event, end=end), SEOUL)
    assert [(e.starts, e.ends, e.all_day) for e in events] == [(utc(start), utc(stop), whole)]
    assert {n.code for n in notes} == codes
    assert "x.kr" not in repr(events)


LOST = {
    "no uid": ("SUMMARY:s\nDTSTART:20261201T010000Z", "ics.no_start"),
    "no start": ("UID:a@x\nSUMMARY:s", "ics.no_start"),
    "ends before it begins": (HEAD + "DTSTART:20261201T020000Z\nDTEND:20261201T010000Z", "ics.order"),
    "ends as it begins": (HEAD + "DTSTART:20261201T020000Z\nDTEND:20261201T020000Z", "ics.order"),
    "every minute": (HEAD + "DTSTART:20261201T020000Z\nDURATION:PT1M\nRRULE:FREQ=MINUTELY", "ics.often"),
}


@pytest.mark.parametrize("name", LOST)
def test_a_bad_event_is_told_and_hides_no_other(name: str) -> None:
    event, code = LOST[name]
    events, notes = ics.read(calendar(event, "UID:b@x\nDTSTART:20261201T010000Z\nDURATION:PT1H"), SEOUL)
    assert [e.uid for e in events] == ["b@x"]
    assert [(n.code, n.lost) for n in notes if n.code == code] == [(code, True)]


def test_folded_lines_and_escapes() -> None:
    text = calendar("UID:a@x\nSUMMARY:정기\n  점검\\, 결제\nDTSTART:20261201T010000Z\nDURATION:PT1H")
    assert ics.read(text, SEOUL)[0][0].title == "정기 점검, 결제"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_the_encodings_of_korean_desks(encoding: str) -> None:
    text = calendar("UID:a@x\nSUMMARY:정기 점검\nDTSTART:20261201T010000Z\nDURATION:PT1H")
    assert ics.read(ics.decode(text.encode(encoding)), SEOUL)[0][0].title == "정기 점검"


@pytest.mark.parametrize(("offset", "zone"), [("+0900", SEOUL), ("+0300", "Etc/GMT-3")])
def test_a_zone_of_the_files_own_is_known_by_its_offset(offset: str, zone: str) -> None:
    text = calendar(HEAD + "DTSTART;TZID=Our Time:20261201T100000\nDURATION:PT1H", before=ZONE.format(name="Our Time", offset=offset))
    events, notes = ics.read(text, SEOUL)
    assert (events[0].zone, [n.code for n in notes]) == (zone, ["ics.zone"])
    assert events[0].starts == utc("2026-12-01T10:00") - timedelta(hours=int(offset[1:3]))


@pytest.mark.parametrize("text", ["", "hello", "BEGIN:VEVENT\nEND:VEVENT", "<html></html>"])
def test_what_is_no_calendar_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        ics.read(text, SEOUL)


WEEKLY = (
    HEAD
    + "DTSTART;TZID=Asia/Seoul:20261201T100000\nDTEND;TZID=Asia/Seoul:20261201T110000\nRRULE:FREQ=WEEKLY;COUNT=4\nEXDATE;TZID=Asia/Seoul:20261208T100000\n"
)
MOVED = "UID:a@x\nSUMMARY:옮김\nSEQUENCE:2\nRECURRENCE-ID;TZID=Asia/Seoul:20261215T100000\nDTSTART;TZID=Asia/Seoul:20261216T140000\nDTEND;TZID=Asia/Seoul:20261216T150000"
GONE = "UID:a@x\nSTATUS:CANCELLED\nRECURRENCE-ID;TZID=Asia/Seoul:20261222T100000\nDTSTART;TZID=Asia/Seoul:20261222T100000\nDTEND;TZID=Asia/Seoul:20261222T110000"


def test_a_series_with_exceptions_in_any_order() -> None:
    expected = [("2026-12-01T01:00", "s"), ("2026-12-16T05:00", "옮김")]
    for order in ((WEEKLY, MOVED, GONE), (GONE, MOVED, WEEKLY)):
        (event,), notes = ics.read(calendar(*order), SEOUL)
        assert not notes
        assert event.sequence == 2
        found = ics.occurrences(event, utc("2026-11-01T00:00"), utc("2027-02-01T00:00"))
        assert [(a, title) for a, _, title in found] == [(utc(a), title) for a, title in expected]


def test_an_exception_without_its_series_is_a_single_event() -> None:
    (event,), notes = ics.read(calendar(MOVED), SEOUL)
    assert (event.starts, [n.code for n in notes]) == (utc("2026-12-16T05:00"), ["ics.alone"])


def test_wall_clock_times_hold_over_the_change_of_clocks() -> None:
    text = calendar(
        HEAD + "DTSTART;TZID=Europe/London:20261019T090000\nDTEND;TZID=Europe/London:20261019T100000\nRRULE:FREQ=WEEKLY;COUNT=2"
    )
    (event,), _ = ics.read(text, SEOUL)
    found = ics.occurrences(event, utc("2026-10-01T00:00"), utc("2026-12-01T00:00"))
    assert [a for a, _, _ in found] == [utc("2026-10-19T08:00"), utc("2026-10-26T09:00")]


@pytest.mark.parametrize("name", CASES)
def test_what_is_written_is_read_the_same(name: str) -> None:
    (first,), _ = ics.read(calendar(HEAD + CASES[name][0]), SEOUL)
    written = ics.write([first], utc("2026-11-27T00:00"), "누마루")
    assert b"\r\n" in written
    assert all(len(line) <= 75 for line in written.split(b"\r\n"))
    (again,), _ = ics.read(written.decode(), SEOUL)
    assert (again.uid, again.starts, again.ends, again.all_day, again.title) == (
        first.uid,
        first.starts,
        first.ends,
        first.all_day,
        first.title,
    )


def test_a_series_comes_back_with_its_exceptions() -> None:
    (first,), _ = ics.read(calendar(WEEKLY, MOVED, GONE), SEOUL)
    text = ics.write([first], utc("2026-11-27T00:00"), "n").decode()
    assert "BEGIN:VTIMEZONE" in text
    (again,), _ = ics.read(text, SEOUL)
    span = (utc("2026-11-01T00:00"), utc("2027-02-01T00:00"))
    assert ics.occurrences(again, *span) == ics.occurrences(first, *span)


def test_the_same_uid_twice_keeps_the_newer() -> None:
    one, two = (f"UID:a@x\nSEQUENCE:{n}\nSUMMARY:s{n}\nDTSTART:20261201T010000Z\nDURATION:PT1H" for n in (3, 1))
    (event,), notes = ics.read(calendar(one, two), SEOUL)
    assert (event.title, [n.code for n in notes]) == ("s3", ["ics.twice"])
