"""The tags of the first page: a clock that stands before a thing that waits, and the day in full."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from numaru.kernel import clock
from numaru.ui import formats
from numaru.ui.today import Waiting
from numaru.values.text import Text, language

register = template.Library()
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@register.simple_tag
def longday(on: date) -> SafeString:
    """``11월 23일 월요일``, ``Monday 23 November``."""
    ko = f"{on.month}월 {on.day}일 {formats.WEEKDAYS[on.weekday()]}요일"
    en = f"{DAYS[on.weekday()]} {on.day} {formats.MONTH_NAMES[on.month - 1]}"
    return format_html('<time datetime="{}">{}</time>', on.isoformat(), ko if language() == "ko" else en)


def over(spent: timedelta) -> Text:
    """How long a deadline is past: minutes, hours, days."""
    minutes = int(spent.total_seconds() // 60)
    if minutes < 60:
        return Text("{n}분 지남", "{n} min over").fill(n=max(1, minutes))
    if minutes < 48 * 60:
        return Text("{n}시간 지남", "{n} h over").fill(n=minutes // 60)
    return Text("{n}일 지남", "{n} days over").fill(n=minutes // 1440)


@register.simple_tag
def due(line: Waiting) -> SafeString:
    """The clock of a line. Within a day it counts down (``data-until``); further off it is the date; past it says by how much."""
    item, now = line.item, clock.now()
    ends = item.ends
    if ends is None:
        return format_html('<span class="clock none">{}</span>', Text("기한 없음", "No deadline"))
    if line.tone == "bad":
        return format_html(
            '<span class="clock clock-bad over" data-until="{}">{}</span>', ends.isoformat(timespec="seconds"), over(now - ends)
        )
    if line.tone == "far" or not isinstance(item.due, datetime):
        on = item.due if not isinstance(item.due, datetime) and item.due is not None else formats.local(ends).date()
        shown = Text("오늘까지", "Today") if on == clock.today() else formats.day(on, year=clock.today().year)
        tone = " clock-warn" if on == clock.today() and line.tone != "far" else ""
        return format_html('<span class="clock far{}"><time datetime="{}">{}</time></span>', tone, on.isoformat(), shown)
    parts = formats.left_parts(int((ends - now).total_seconds())) or []
    shown = format_html_join(" ", "{}<small>{}</small>", parts)
    tone = " clock-warn" if line.tone == "warn" else ""
    return format_html('<span class="clock{}" data-until="{}">{}</span>', tone, ends.isoformat(timespec="seconds"), shown)


@register.simple_tag
def asof(at: datetime | None) -> SafeString:
    """When a figure was counted: ``02:10 기준``; that it was not counted yet says so."""
    if at is None:
        return format_html("{}", Text("아직 세지 않음", "not counted yet"))
    shown = formats.clock(at) if formats.local(at).date() == clock.today() else formats.when(at, year=clock.today().year)
    said = Text("{t} 기준", "as of {t}").fill(t=shown)
    return format_html('<time datetime="{}">{}</time>', at.isoformat(timespec="seconds"), said)
