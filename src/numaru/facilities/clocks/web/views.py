"""Pages of clocks and calendars: lists, one clock, one calendar with its try-out, a new version with what it would move."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from numaru.facilities.clocks import calendars, reads
from numaru.facilities.clocks.actions.calendars import change_calendar, make_calendar
from numaru.facilities.clocks.kinds import kinds
from numaru.facilities.clocks.models import Calendar, CalendarVersion, ClockEvent
from numaru.facilities.clocks.permissions import CALENDAR_CHANGE, CALENDAR_VIEW, CLOCK_VIEW
from numaru.facilities.clocks.web import explaining, pictures
from numaru.facilities.clocks.web.forms import CalendarForm, TryForm
from numaru.facilities.clocks.web.listing import LISTING, NAME, PAST, shown
from numaru.facilities.clocks.web.states import CLOCK, LINES, POLICIES, spent
from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.errors import NotAllowed, NotFound, Refused
from numaru.ui import detail, lists, toasts
from numaru.ui.detail import Fact
from numaru.ui.forms import refuse
from numaru.ui.pages import actor_of, page
from numaru.ui.shell import Crumb
from numaru.ui.templatetags.nm import left
from numaru.ui.timeline import Entry, days
from numaru.ui.toasts import Toast
from numaru.values.business_calendar import BusinessCalendar, NeverOpen, seconds_of
from numaru.values.text import Text

CALENDARS = Text("근무 달력", "Business calendars")
DAY_AHEAD, FAR_AHEAD = 24, 72  # hours of the picture: of the day ahead, or over a weekend where nothing is due in it
CLOCKS: dict[str, str] = {"room": "shared", "place": "clocks"}
BOOK: dict[str, str] = {"room": "shared", "place": "calendars"}


def _needs(actor: Actor, permission: str) -> None:
    if not actor.may_somewhere(permission):
        raise NotAllowed.for_permission(permission)


def everything(request: HttpRequest) -> HttpResponseBase:
    """The clocks that the reader may see; above them the hours ahead."""
    actor = actor_of(request)
    _needs(actor, CLOCK_VIEW)
    every = reads.visible(actor)
    which = request.GET.get("show", "")
    context: dict[str, Any] = {}
    if which in ("", "nearing") and "format" not in request.GET:
        wanted = request.GET.get("kind", "")
        found = reads.forecast(every.filter(kind=wanted) if wanted in kinds else every, FAR_AHEAD).near(DAY_AHEAD)
        context = {"ahead": pictures.ahead(found), "overdue": found.overdue}
    return lists.respond(
        request,
        PAST if which in ("ended", "all") else LISTING,
        shown(every, which),
        "clocks/clocks.html",
        context,
        crumbs=[Crumb(NAME)],
        **CLOCKS,
    )  # type: ignore[arg-type]


def _why(event: ClockEvent) -> Text | None:
    facts: list[Text] = []
    kind = kinds.get(event.clock.kind)
    if event.reason:
        facts.append(
            next((p.label for p in kind.pauses if p.key == event.reason), Text(event.reason, event.reason))
            if kind
            else Text(event.reason, event.reason)
        )
    if not event.counts:
        facts.append(Text("정책에 따라 멈추지 않음", "does not stop it, by policy"))
    if event.calendar is not None:
        facts.append(Text(event.calendar.name_ko, event.calendar.name_en))
    if event.actor_kind == "staff":
        facts.append(Text(event.actor_name, event.actor_name))
    else:
        facts.append(Text("자동", "automatic"))
    return Text(" · ".join(f.ko for f in facts), " · ".join(f.en for f in facts))


def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One clock: where it stands, its course as a line, its log."""
    actor = actor_of(request)
    _needs(actor, CLOCK_VIEW)
    row = reads.clock_of(actor, pk)
    standing = reads.standings([row])[0]
    lines = reads.log_of(row)
    kind = kinds.get(row.kind)
    name = reads.names([row]).get((row.kind, row.subject))
    entries = [
        Entry(
            line.event.at, LINES[line.event.what][0], LINES[line.event.what][1].fill(t=spent(line.course.target)), _why(line.event),
            "bad" if line.event.what == "breach" else "",
        )
        for line in reversed(lines)
    ]  # fmt: skip
    running = standing.state in ("running", "nearing")
    context = {
        "row": row, "standing": standing, "face": CLOCK[standing.state], "title": name or row.subject, "label": f"{standing.label} · {row.subject}" if name else standing.label,
        "address": reverse("clocks:clock", args=[row.pk]), "subject": kind.url(row.subject) if kind else "",
        "course": pictures.course(lines, calendars.reader()), "days": days(entries),
        "facts": detail.facts(
            Fact(Text("남은 시간", "Time left"), left(row.due_at, label=row.subject)) if running and row.due_at else None,
            Fact(Text("기한", "Due"), row.due_at) if row.due_at else None,
            Fact(Text("쓴 시간", "Used"), spent(standing.used), note=f"{standing.share}%"),
            Fact(Text("목표", "Target"), spent(row.target)),
            Fact(Text("근무 달력", "Calendar"), Text(row.calendar.name_ko, row.calendar.name_en), url=reverse("clocks:calendar", args=[row.calendar.key])),
            Fact(Text("몇 번째", "Round"), row.round) if row.round > 1 else None,
        ),
        "unenforced": not row.enforced,
    }  # fmt: skip
    return page(request, "clocks/clock.html", context, crumbs=[Crumb(NAME, reverse("clocks:list")), Crumb(row.subject)], **CLOCKS)  # type: ignore[arg-type]


# ── calendars ───────────────────────────────────────────────────────────────


def book(request: HttpRequest) -> HttpResponse:
    """Every calendar: open now or not, until when, how many clocks are on it, how far its holidays reach."""
    actor = actor_of(request)
    _needs(actor, CALENDAR_VIEW)
    now, counts = clock.now(), reads.open_counts()
    last: dict[int, CalendarVersion] = {}
    for version in CalendarVersion.objects.filter(Q(valid_from=None) | Q(valid_from__lte=now)).order_by("number"):
        last[version.calendar_id] = version
    rows = []
    for row in Calendar.objects.order_by("id"):
        version, cal = last[row.pk], calendars.by_id(row.pk)
        is_open = cal.open_at(now)
        try:
            turns = _closing(cal, now) if is_open else cal.next_opening(now)
        except NeverOpen:
            turns = None
        hours = calendars.hours_of_version(version)
        rows.append(
            {
                "row": row, "name": Text(row.name_ko, row.name_en), "version": version, "open": is_open, "turns": turns,
                "week": spent(hours.minutes_a_week * 60), "clocks": counts.get(row.pk), "until": max(hours.holidays, default=None),
            }
        )  # fmt: skip
    context = {"rows": rows, "may_change": actor.may_somewhere(CALENDAR_CHANGE)}
    return page(request, "clocks/calendars.html", context, crumbs=[Crumb(CALENDARS)], **BOOK)  # type: ignore[arg-type]


def _closing(cal: BusinessCalendar, now: datetime) -> datetime | None:
    """When what is open closes; None for what is open for a fortnight and longer."""
    ahead = now.replace(microsecond=0) + timedelta(days=14)
    first = next(cal.spans(now, ahead), None)
    return first[1] if first is not None and first[1] < ahead else None


def _row(key: str) -> tuple[Calendar, list[CalendarVersion]]:
    row = Calendar.objects.filter(key=key).first()
    if row is None:
        raise NotFound.named(calendars.WHAT, key)
    return row, list(row.versions.order_by("-number"))


def calendar(request: HttpRequest, key: str) -> HttpResponse:
    """One calendar: its week, its year, its versions, and a try-out in the address."""
    actor = actor_of(request)
    _needs(actor, CALENDAR_VIEW)
    row, versions = _row(key)
    now, cal = clock.now(), calendars.by_id(row.pk)
    current = next(v for v in versions if v.valid_from is None or v.valid_from <= now)
    asked = request.GET.get("version", "")
    looked = next((v for v in versions if str(v.number) == asked), current)
    hours = calendars.hours_of_version(looked)
    today = clock.today(looked.zone)
    typed = request.GET.get("year", "")
    which = int(typed) if typed.isascii() and typed.isdigit() and 1990 <= int(typed) <= 2100 else today.year
    trying = TryForm(request.GET if "hours" in request.GET else None, initial={"hours": 8})
    answer: dict[str, Any] = {}
    if trying.is_bound and trying.is_valid():
        start, seconds = trying.asked(cal.hours_at(seconds_of(now)).zone)
        try:
            due = cal.add(start, seconds)
            answer = {"start": start, "target": spent(seconds), "due": due, "days": explaining.told(cal, start, due)}
        except NeverOpen:
            answer = {"never": True}
    holidays = [(d, n, hours.exceptions.get(d)) for d, n in sorted(hours.holidays.items()) if d.year == which]
    others = [(d, e, ", ".join(map(str, e.frames))) for d, e in sorted(hours.exceptions.items()) if d.year == which]
    reach = max(hours.holidays, default=None)
    is_open = cal.open_at(now)
    name = Text(row.name_ko, row.name_en)
    context = {
        "row": row, "name": Text(row.name_ko, row.name_en), "version": looked, "current": current, "versions": versions, "now": now,
        "week": pictures.week(hours), "months": pictures.year(hours, which), "year": str(which), "before": which - 1, "after": which + 1, "holidays": holidays, "others": others,
        "may_change": actor.may_somewhere(CALENDAR_CHANGE), "trying": trying, "answer": answer, "policy": POLICIES[hours.policy],
        "short": reach is not None and looked.country and (reach - today).days < 200, "reach": reach, "is_open": is_open,
        "per_week": spent(hours.minutes_a_week * 60), "clocks": reads.open_counts()[row.pk],
        "coming": [v for v in versions if v.valid_from is not None and v.valid_from > now],
    }  # fmt: skip
    crumbs = [Crumb(CALENDARS, reverse("clocks:calendars")), Crumb(name)]
    return page(request, "clocks/calendar.html", context, crumbs=crumbs, **BOOK)  # type: ignore[arg-type]


def change(request: HttpRequest, key: str) -> HttpResponse:
    """A new version: typed, previewed (what it moves), applied. What is applied is what was previewed."""
    actor = actor_of(request)
    _needs(actor, CALENDAR_CHANGE)
    row, versions = _row(key)
    form = CalendarForm(request.POST or None, request.FILES or None, row=row, last=versions[0])
    effects: list[Text] = []
    if request.method == "POST" and form.is_valid():
        given = {"key": key, "valid_from": form.valid_from(), **form.cleaned_data["said"]}
        try:
            if request.POST.get("go") and request.POST.get("seen") == form.seen:
                number = change_calendar.do(actor, reason=form.cleaned_data["reason"], **given)
                toasts.tell(request, Toast(Text("{n}판이 적용됩니다", "Version {n} holds").fill(n=number)))
                return redirect("clocks:calendar", key)
            effects = change_calendar.plan(actor, reason=form.cleaned_data["reason"], **given).effects
        except (NotAllowed, NotFound):
            raise
        except Refused as refused:
            refuse(form, _placed(refused, form))
        else:
            form = _again(form, row, versions[0])
    name = Text(row.name_ko, row.name_en)
    title = Text("{n} 새 판", "New version of {n}").fill(n=name)
    return _form(
        request, form, title, effects, reverse("clocks:calendar", args=[key]), [Crumb(name, reverse("clocks:calendar", args=[key]))]
    )


def _again(form: CalendarForm, row: Calendar, last: CalendarVersion) -> CalendarForm:
    """The same form with the holidays that were taken over and read from a file standing in it, so that applying needs neither again."""
    from numaru.facilities.clocks.rules.writing import holidays_typed

    data = form.data.copy()  # type: ignore[attr-defined]
    data["holidays"] = holidays_typed(form.cleaned_data["said"]["holidays"])
    data.pop("take", None)
    again = CalendarForm(data, row=row, last=last)
    again.is_valid()
    return again


def _placed(refused: Refused, form: CalendarForm) -> Refused:
    """A refusal of the action under the field of the form that it belongs to."""
    from dataclasses import replace

    names = {"week": "day0", "valid_from": "from_day" if "from_day" in form.fields else ""}
    return type(refused)(*(replace(f, field=names.get(f.field or "", f.field)) for f in refused.findings))


def new(request: HttpRequest) -> HttpResponse:
    """A calendar that nothing is on yet: made at once."""
    actor = actor_of(request)
    _needs(actor, CALENDAR_CHANGE)
    form = CalendarForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            key = make_calendar.do(actor, key=data["key"], name_ko=data["name_ko"], name_en=data["name_en"], **data["said"])
        except (NotAllowed, NotFound):
            raise
        except Refused as refused:
            refuse(form, _placed(refused, form))
        else:
            return redirect("clocks:calendar", key)
    return _form(request, form, Text("새 근무 달력", "New business calendar"), [], reverse("clocks:calendars"), [])


def _form(request: HttpRequest, form: CalendarForm, title: Text, effects: list[Text], back: str, crumbs: list[Crumb]) -> HttpResponse:
    bound = form.visible_fields()
    context = {
        "head": [b for b in bound if b.name in ("name_ko", "name_en", "key")],
        "weekdays": [b for b in bound if b.name.startswith("day")],
        "rest": [b for b in bound if b.name not in ("name_ko", "name_en", "key") and not b.name.startswith("day")],
        "form": form,
        "title": title,
        "effects": effects,
        "back": back,
        "seen": form.seen if effects else "",
        "version": form.row is not None,
    }
    status = 422 if form.is_bound and not effects else 200
    return page(
        request,
        "clocks/change.html",
        context,
        crumbs=[Crumb(CALENDARS, reverse("clocks:calendars")), *crumbs, Crumb(title)],
        status=status,
        **BOOK,
    )  # type: ignore[arg-type]
