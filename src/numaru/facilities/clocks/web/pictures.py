"""Pictures of clocks: a week of frames, a year of days, one clock as a line, the hours ahead. Places are attributes of SVG, made here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from numaru.facilities.clocks.reads import Ahead, Line
from numaru.facilities.clocks.web.states import DAYS, LINES, spent
from numaru.kernel import clock
from numaru.ui import charts, formats
from numaru.ui.charts import Bin, Chart
from numaru.values.business_calendar import DAY, BusinessCalendar, Hours
from numaru.values.text import Text

WIDE, ROW = 960, 22  # units of a picture: minutes of a day over 1.5; pixels of a row
CELL = 12


@dataclass(frozen=True, slots=True)
class Bar:
    """A filled part of a picture."""

    x: float
    y: float
    width: float
    kind: str
    said: str = ""


@dataclass(frozen=True, slots=True)
class WeekDay:
    """A day of the week picture: its name, its bars, and its frames in words."""

    name: Text
    y: int
    bars: list[Bar]
    said: str


def week(hours: Hours) -> list[WeekDay]:
    """Seven rows of a day each; what runs past midnight goes on in the row of the day after, in its own tint."""
    bars: list[list[Bar]] = [[] for _ in range(7)]
    for n, frames in enumerate(hours.week):
        for frame in frames:
            bars[n].append(Bar(_x(frame.start), n * ROW + 4, _x(min(frame.end, DAY)) - _x(frame.start), "open", str(frame)))
            if frame.end > DAY:
                after = (n + 1) % 7
                bars[after].append(Bar(0, after * ROW + 4, _x(frame.end - DAY), "over", str(frame)))
    return [WeekDay(DAYS[n], n * ROW, bars[n], ", ".join(map(str, hours.week[n])) or "–") for n in range(7)]


def _x(minute: int) -> float:
    return round(minute * WIDE / DAY, 1)


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the year picture."""

    name: str
    days: list[Bar]


def year(hours: Hours, which: int) -> list[Month]:
    """Twelve rows of days. A kind: open, closed (no hours that weekday), holiday, works (a holiday with hours), other (other hours), off."""
    out = []
    for month in range(1, 13):
        days, day = [], date(which, month, 1)
        while day.month == month:
            days.append(Bar(2 + (day.day - 1) * (CELL + 2), 2, CELL, *_kind(hours, day)))
            day += timedelta(days=1)
        out.append(Month(formats.word(Text(f"{month}월", f"{date(which, month, 1):%b}")), days))
    return out


def _kind(hours: Hours, day: date) -> tuple[str, str]:
    name, shown = hours.holidays.get(day), formats.day(day)
    other = hours.exceptions.get(day)
    if other is not None:
        said = ", ".join(map(str, other.frames)) or str(Text("휴무", "closed"))
        return ("other" if other.frames else "off"), f"{shown} · {said} {other.note}".strip()
    if name is not None:
        return ("holiday" if hours.policy != "works" else "works"), f"{shown} · {name}"
    return ("open" if hours.week[day.weekday()] else "closed"), shown


@dataclass(frozen=True, slots=True)
class Mark:
    """A line of the log on the picture."""

    x: float
    kind: str
    said: str


@dataclass(frozen=True, slots=True)
class Course:
    """One clock as a line: open time that counted, open time that did not (it stood still), and marks. ``due`` and ``now`` are places."""

    bars: list[Bar]
    marks: list[Mark]
    due: float | None
    now: float | None
    begins: datetime
    ends: datetime
    said: Text


def course(lines: Sequence[Line], calendar_of: Callable[[int], BusinessCalendar]) -> Course:
    """From the start to the end, or to the due time, or to now, whichever is last; with a little room behind."""
    last, now, begins = lines[-1].course, clock.now(), lines[0].event.at
    times = [line.event.at for line in lines]
    open_still = last.ended_at is None
    ends = max([*times, *([last.due_at] if last.due_at else []), *([now] if open_still else [])])
    ends = max(ends, begins + timedelta(minutes=10))
    ends += (ends - begins) * 0.03
    whole = (ends - begins).total_seconds()

    def x(at: datetime) -> float:
        return round((at - begins).total_seconds() * WIDE / whole, 1)

    bars: list[Bar] = []
    turns = [*[(line.event.at, line.course) for line in lines], (ends, last)]
    for (since, state), (until, _) in pairwise(turns):
        runs = state.counted_from is not None
        if until <= since:
            continue
        for start, end in calendar_of(state.calendar).spans(since, until):
            done = min(end, now)
            kind = "still" if not runs else "ran"
            if start < done:
                bars.append(Bar(x(start), 0, max(1, round(x(done) - x(start), 1)), kind))
            if end > max(start, now) and open_still and runs:
                bars.append(Bar(x(max(start, now)), 0, max(1, round(x(end) - x(max(start, now)), 1)), "ahead"))
    marks = [
        Mark(
            x(line.event.at),
            line.event.what,
            f"{formats.when(line.event.at)} · {LINES[line.event.what][1].fill(t=spent(line.course.target))}",
        )
        for line in lines
    ]
    used = last.used if last.counted_from is None else last.used + max(0, calendar_of(last.calendar).between(last.counted_from, now))
    said = Text("목표 {t} 가운데 쓴 시간 {u}.", "{u} of {t} used.").fill(t=spent(last.target), u=spent(used))
    return Course(bars, marks, x(last.due_at) if last.due_at else None, x(now) if open_still and now < ends else None, begins, ends, said)


def ahead(found: Ahead) -> Chart | None:
    """Clocks by the hour in which they are due; hours in which some are expected to breach are the ones to see. None when nothing is due."""
    if not found.due:
        return None
    bins = [
        Bin(
            n, n + 1, hour.due, bool(hour.breaching),
            Text("{h}시, 넘길 것 {b}", "{h}:00, {b} to breach").fill(h=f"{formats.local(hour.begins):%H}", b=hour.breaching),
        )
        for n, hour in enumerate(found.hours)
    ]  # fmt: skip
    marks = [(n, f"{formats.local(h.begins):%H}") for n, h in enumerate(found.hours) if n % (4 if len(found.hours) <= 24 else 12) == 0]
    finding = (
        Text(
            "{h}시간 안에 기한인 시계 {d}개 가운데 지금 속도라면 {b}개가 넘깁니다.",
            "Of {d} clocks due within {h} hours {b} will breach at the present pace.",
        )
        if found.breaching
        else Text(
            "{h}시간 안에 기한인 시계는 {d}개이고, 지금 속도라면 모두 지킵니다.",
            "{d} clocks are due within {h} hours; at the present pace all are met.",
        )
    ).fill(h=len(found.hours), d=found.due, b=found.breaching)
    about = charts.About(
        "clocks-ahead", Text("다가오는 기한", "Due ahead"), finding, period=Text("지금부터 {h}시간", "{h} hours from now").fill(h=len(found.hours)),
        note=Text("붉은 시각은 지난 7일의 속도로 다 끝내지 못하는 때", "red: hours in which the pace of the last seven days is not enough"),
    )  # fmt: skip
    return charts.histogram(
        about,
        bins,
        charts.told(marks, 0, len(bins)),
        charts.count(),
        head=Text("시각", "Hour"),
        of=Text("기한인 시계", "Clocks due"),
        height=130,
    )
