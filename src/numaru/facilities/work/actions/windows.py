"""The calendar of windows: planning, changing, cancelling, taking a file in, and the private address of the calendar."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from numaru.facilities.work.actions.tasks import titled, worded
from numaru.facilities.work.models import CalendarFeed, CalendarFile, Window
from numaru.facilities.work.permissions import WINDOW_PLAN, WINDOW_VIEW
from numaru.facilities.work.rules import clash, ics
from numaru.kernel import clock, numbering
from numaru.kernel.access import hash_token, new_token
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Conflict, Invalid, NotFound
from numaru.kernel.policies import policy, value
from numaru.values.masked import telling
from numaru.values.text import Text

WHAT = Text("일정", "window")
KINDS: dict[str, Text] = {
    "maintenance": Text("점검", "Maintenance"),
    "release": Text("배포", "Release"),
    "campaign": Text("캠페인", "Campaign"),
    "freeze": Text("변경 동결", "Freeze"),
    "drill": Text("훈련", "Drill"),
    "leave": Text("휴가", "Leave"),
    "other": Text("그 밖", "Other"),
}
HORIZON = timedelta(days=370)  # how far ahead occurrences are compared
LONGEST_FILE = 2_000_000


def _trouble(table: Any) -> Text | None:
    try:
        clash.pairs(table)
    except ValueError:
        return Text("한 줄에 종류 둘을 적으십시오. 예: freeze release ({k})", "Two kinds a line, like: freeze release ({k})").fill(
            k=", ".join(clash.KINDS)
        )
    return None


CLASHES = policy(
    "work.clashes", Text("같은 서비스에서 겹치면 안 되는 일정의 종류", "Kinds of windows that must not overlap on one service"),
    ["freeze release", "freeze maintenance", "maintenance campaign", "maintenance release", "maintenance maintenance", "release campaign", "drill campaign"],
    "Operator's own rule.", check=_trouble,
)  # fmt: skip


def event_of(row: Window) -> ics.Event:
    """A window as the rules know it. Its details stay in the house."""
    return ics.Event(
        row.uid, row.title, row.starts_at, row.ends_at, row.zone, row.all_day, row.sequence, "", row.rrule, list(row.exdates), list(row.overrides),
        row.state == "cancelled", row.changed_at, row.kind,
    )  # fmt: skip


def stretches(rows: Sequence[Window], since: datetime, until: datetime) -> list[clash.Stretch]:
    """Every occurrence of these windows within the time, by start."""
    found = [
        clash.Stretch(row.number, row.kind, row.service, a, b) for row in rows for a, b, _ in ics.occurrences(event_of(row), since, until)
    ]
    return sorted(found, key=lambda one: (one.starts, one.key))


def between(since: datetime, until: datetime) -> list[Window]:
    """Planned windows that may have an occurrence within the time. One query."""
    rows = Window.objects.filter(state="planned", last_at__gt=since, starts_at__lt=until).defer("details")
    return list(rows.order_by("starts_at", "id"))


def clashing(row: Window) -> list[tuple[clash.Stretch, clash.Stretch]]:
    """What a window, saved or not, clashes with over the next year of it."""
    table = clash.pairs(value("work.clashes", clock.today()))
    until = row.starts_at + HORIZON
    others = [one for one in between(row.starts_at, until) if one.pk != row.pk and frozenset({one.kind, row.kind}) in table]
    return clash.clashes(stretches([row], row.starts_at, until), stretches(others, row.starts_at, until), table) if others else []


def _kept(act: Act, row: Window) -> None:
    """Save a window. One that clashes is saved only with a reason."""
    found = clashing(row)
    if found and not act.reason and not act.dry:
        lines = sorted({other.key for _, other in found})
        raise Invalid.because(
            "work.clash", Text("겹치면 안 되는 일정 {n}건과 겹칩니다: {w}", "It clashes with {n}: {w}").fill(n=len(lines), w=", ".join(lines[:5])),
            Text("시간을 옮기거나, 그대로 두는 사유를 적으십시오.", "Move it, or write why it stays."), field="reason",
        )  # fmt: skip
    row.last_at = ics.last_end(event_of(row))
    row.changed_at = clock.now()
    row.save()
    act.record("work.window", row.number, after={
        "kind": row.kind, "title": row.title, "service": row.service, "from": row.starts_at.isoformat(), "to": row.ends_at.isoformat(),
        "state": row.state, "clashes": len(found),
    })  # fmt: skip


def _shaped(row: Window, kind: str, title: str, starts_at: datetime, ends_at: datetime, rrule: str) -> None:
    if kind not in KINDS or ends_at <= starts_at:
        raise Invalid.because(
            "work.window", Text("종류나 시간이 맞지 않습니다.", "The kind or the times are not right."), Text("끝이 시작보다 뒤여야 합니다.", "It must end after it begins."), field="ends_on",
        )  # fmt: skip
    try:
        row.rrule = ics.checked_rule(rrule)
    except ValueError:
        raise Invalid.because(
            "work.rrule", Text("되풀이 규칙을 읽지 못했습니다.", "The rule of recurrence could not be read."),
            Text("FREQ=WEEKLY;BYDAY=TU처럼 적으십시오.", "Write it like FREQ=WEEKLY;BYDAY=TU."), field="rrule", value=rrule[:80],
        ) from None  # fmt: skip
    row.kind, row.title, row.starts_at, row.ends_at = kind, titled(title), starts_at, ends_at


@action(WINDOW_PLAN)
def plan_window(
    act: Act, *, kind: str, title: str, starts_at: datetime, ends_at: datetime, service: str = "", all_day: bool = False, rrule: str = "",
    details: str = "", staff: int | None = None,
) -> str:  # fmt: skip
    """Put a window into the calendar and return its number. One that clashes with another (policy ``work.clashes``) needs a reason."""
    now = clock.now()
    row = Window(
        number=f"W-{numbering.take('work.window'):07d}", uid=f"{uuid.uuid4()}@numaru", service=service, all_day=all_day, zone=settings.TIME_ZONE,
        details=worded(details, "details"), staff=staff, opened_at=now, opened_by=act.actor.staff_id, opened_name=act.actor.name[:80],
    )  # fmt: skip
    _shaped(row, kind, title, starts_at, ends_at, rrule)
    _kept(act, row)
    return row.number


def of_window(number: str = "", **_: Any) -> str | None:
    """The service whose grant an act on this window needs."""
    return Window.objects.filter(number=number).values_list("service", flat=True).first() or None


def _locked(number: str) -> Window:
    row = Window.objects.select_for_update().filter(number=number).first()
    if row is None:
        raise NotFound.named(WHAT, number)
    return row


@action(WINDOW_PLAN, service=of_window)
def change_window(
    act: Act, *, number: str, kind: str, title: str, starts_at: datetime, ends_at: datetime, all_day: bool = False, rrule: str = "", details: str = ""
) -> None:  # fmt: skip
    """Change a window; calendars that read the feed see the new one in place of the old."""
    row = _locked(number)
    if row.state != "planned":
        raise Conflict.because(
            "work.window_off", Text("취소한 일정입니다.", "The window is cancelled."), Text("새로 잡으십시오.", "Plan a new one.")
        )
    was = (row.starts_at, row.rrule)
    _shaped(row, kind, title, starts_at, ends_at, rrule)
    if was != (row.starts_at, row.rrule):
        row.exdates, row.overrides = [], []  # exceptions belong to the series as it was
    row.all_day, row.details, row.sequence = all_day, worded(details, "details"), row.sequence + 1
    _kept(act, row)


@action(WINDOW_PLAN, service=of_window, reason=True)
def cancel_window(act: Act, *, number: str) -> None:
    """It will not take place. It stays in the feed as cancelled, so that other calendars take it away."""
    row = _locked(number)
    if row.state == "planned":
        row.state, row.sequence, row.changed_at = "cancelled", row.sequence + 1, clock.now()
        row.save(update_fields=["state", "sequence", "changed_at"])
    act.record("work.window", number, before={"state": "planned"}, after={"state": "cancelled"})


@dataclass(frozen=True, slots=True)
class Line:
    """What becomes of one event of a file: new, changed, cancelled, same or old."""

    event: ics.Event
    what: str
    title: str


def compared(text: str) -> tuple[list[Line], list[ics.Note]]:
    """The events of a file against the calendar. Raises Invalid for what is no calendar file."""
    try:
        events, notes = ics.read(text, settings.TIME_ZONE)
    except ValueError:
        raise Invalid.because(
            "work.ics", Text("캘린더 파일로 읽지 못했습니다.", "It could not be read as a calendar file."), Text("다른 캘린더에서 내보낸 .ics 파일을 고르십시오.", "Choose an .ics file that another calendar exported."), field="file",
        ) from None  # fmt: skip
    known = {row.uid: row for row in Window.objects.filter(uid__in=[e.uid for e in events]).defer("details")}
    lines = []
    for event in events:
        title = event.title
        if not title or telling(title):
            title = str(Text("제목 없는 일정", "Untitled"))
            notes.append(
                ics.Note(
                    event.uid,
                    "ics.title",
                    Text("제목이 없거나 개인정보가 있어 가렸습니다.", "The title is missing or holds personal data; it is left out."),
                )
            )
        row = known.get(event.uid)
        if row is None:
            what = "off" if event.cancelled else "new"
        elif event.sequence < row.sequence:
            what = "old"
        elif event.sequence == row.sequence and not _differs(row, event, title):
            what = "same"
        else:
            what = "cancelled" if event.cancelled else "changed"
        lines.append(Line(event, what, title))
    return lines, notes


def _differs(row: Window, event: ics.Event, title: str) -> bool:
    """Whether an event of the same sequence says something else: many calendars never count up. One of the house's own is not touched by it."""
    if row.source == "house":
        return False
    now = (row.title, row.starts_at, row.ends_at, row.all_day, row.rrule, sorted(row.exdates), row.overrides, row.state == "cancelled")
    return now != (title, event.starts, event.ends, event.all_day, event.rrule, sorted(event.exdates), event.overrides, event.cancelled)


@action(WINDOW_PLAN)
def read_file(act: Act, *, content: bytes, kind: str, service: str = "") -> str:
    """Keep a calendar file, sealed, until it is taken in; nothing of the calendar changes. Returns its number. Refuses what is no calendar."""
    if len(content) > LONGEST_FILE or kind not in KINDS:
        raise Invalid.because(
            "work.ics_long", Text("파일이 2MB를 넘거나 종류가 없습니다.", "The file is longer than 2 MB, or the kind is missing."), Text("기간을 좁혀 다시 내보내십시오.", "Export a shorter stretch of time."), field="file",
        )  # fmt: skip
    text = ics.decode(content)
    compared(text)
    CalendarFile.objects.filter(read_at__lt=clock.now() - timedelta(days=1)).delete()
    row = CalendarFile.objects.create(
        number=f"CF-{numbering.take('work.calendar_file'):06d}", staff=act.actor.staff_id or 0, kind=kind, service=service, content=text, read_at=clock.now()
    )  # fmt: skip
    act.record("work.calendar_file", row.number, after={"kind": kind, "service": service})
    return row.number


def file_of(actor: Any, number: str) -> CalendarFile:
    """One's own file that waits. Raises NotFound."""
    row = CalendarFile.objects.filter(number=number, staff=actor.staff_id or 0).first()
    if row is None:
        raise NotFound.named(Text("캘린더 파일", "calendar file"), number)
    return row


def of_file(number: str = "", **_: Any) -> str | None:
    return CalendarFile.objects.filter(number=number).values_list("service", flat=True).first() or None


@action(WINDOW_PLAN, service=of_file)
def take_file(act: Act, *, number: str) -> dict[str, int]:
    """Take the file into the calendar: new events are planned, newer ones change what stands under their UID, cancelled ones are cancelled.
    Doing it again changes nothing. Returns how many of each."""
    file = file_of(act.actor, number)
    lines, _ = compared(file.content)
    count: dict[str, int] = {}
    now = clock.now()
    for line in lines:
        count[line.what] = count.get(line.what, 0) + 1
        if line.what not in ("new", "changed", "cancelled"):
            continue
        event = line.event
        row = Window.objects.select_for_update().filter(uid=event.uid).first() or Window(
            number=f"W-{numbering.take('work.window'):07d}", uid=event.uid, kind=file.kind, service=file.service, source="file", opened_at=now,
            opened_by=act.actor.staff_id, opened_name=act.actor.name[:80],
        )  # fmt: skip
        row.title, row.details, row.starts_at, row.ends_at, row.all_day, row.zone = (
            line.title,
            event.details,
            event.starts,
            event.ends,
            event.all_day,
            event.zone,
        )
        row.rrule, row.exdates, row.overrides, row.sequence = event.rrule, event.exdates, event.overrides, event.sequence
        row.state, row.last_at, row.changed_at = "cancelled" if event.cancelled else "planned", ics.last_end(event), now
        row.save()
    file.delete()
    act.record("work.calendar_file", number, after=count)
    return count


@action(WINDOW_VIEW)
def make_feed(act: Act) -> str:
    """A new private address of the calendar; the one before is dead. Returns its token, which is shown once."""
    token = new_token().removeprefix("nmk_")
    staff = act.actor.staff_id or 0
    CalendarFeed.objects.filter(staff=staff, ended_at__isnull=True).update(ended_at=clock.now())
    CalendarFeed.objects.create(staff=staff, token_hash=hash_token(token), made_at=clock.now())
    act.record("work.feed", str(staff), after={"made": True})
    return token


@action(WINDOW_VIEW)
def end_feed(act: Act) -> None:
    """Shut the private address."""
    staff = act.actor.staff_id or 0
    CalendarFeed.objects.filter(staff=staff, ended_at__isnull=True).update(ended_at=clock.now())
    act.record("work.feed", str(staff), after={"made": False})


def local(on: Any, at: Any) -> datetime:
    """A day and a time on the operator's clock."""
    return datetime.combine(on, at, ZoneInfo(settings.TIME_ZONE))
