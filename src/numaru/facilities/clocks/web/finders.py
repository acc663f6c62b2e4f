"""Calendars, for whoever searches from anywhere."""

from __future__ import annotations

from django.db.models import Q
from django.urls import reverse

from numaru.facilities.clocks.models import Calendar
from numaru.facilities.clocks.permissions import CALENDAR_CHANGE, CALENDAR_VIEW
from numaru.kernel.access import Actor
from numaru.ui import search
from numaru.ui.search import Act, Asked, Finder, Hit
from numaru.values.text import Text


def find_calendars(actor: Actor, asked: Asked, limit: int) -> list[Hit]:
    """By name in either language. One query."""
    rows = Calendar.objects.filter(Q(name_ko__icontains=asked.text) | Q(name_en__icontains=asked.text)).order_by("id")[:limit]
    return [Hit(Text(row.name_ko, row.name_en), reverse("clocks:calendar", args=[row.key]), row.key, icon="calendar-stats") for row in rows]


search.finders.add(
    "clocks.calendar",
    Finder(Text("근무 달력", "Business calendars"), "calendar-stats", CALENDAR_VIEW, lambda asked: asked.is_word, find_calendars, None, 84),
)
search.acts.add(
    "clocks.new",
    Act(
        Text("근무 달력 만들기", "Make a business calendar"),
        "calendar-stats",
        "clocks:new",
        CALENDAR_CHANGE,
        "영업시간 휴일 hours holidays",
        order=61,
    ),
)
