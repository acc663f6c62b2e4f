"""Pages of the calendar: month, week, agenda and year; one window; the private address; a file taken in."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe

from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.work import reads
from numaru.facilities.work.actions import windows
from numaru.facilities.work.actions.windows import KINDS
from numaru.facilities.work.models import CalendarFeed, Window
from numaru.facilities.work.permissions import WINDOW_PLAN, WINDOW_VIEW
from numaru.facilities.work.rules import clash, ics
from numaru.facilities.work.web import pictures
from numaru.facilities.work.web.forms import ReasonForm
from numaru.facilities.work.web.window_forms import FileForm, WindowForm, initial
from numaru.kernel import clock
from numaru.kernel.access import Actor, hash_token, staff_actor
from numaru.kernel.errors import NotAllowed, NotFound, Refused
from numaru.kernel.policies import value
from numaru.ui import detail, formats, toasts
from numaru.ui.detail import Fact
from numaru.ui.forms import refuse
from numaru.ui.pages import actor_of, page, seen_by
from numaru.ui.shell import Crumb
from numaru.ui.states import State
from numaru.ui.toasts import Toast
from numaru.values.text import Text

NAME = Text("일정", "Calendar")
WHERE: dict[str, str] = {"room": "shared", "place": "calendar"}
VIEWS: dict[str, Text] = {
    "month": Text("달", "Month"),
    "week": Text("주", "Week"),
    "agenda": Text("목록", "Agenda"),
    "year": Text("해", "Year"),
}
AGENDA = 60  # days of the list
PLANNED, CANCELLED = State(Text("잡힘", "Planned"), "info", "calendar-event"), State(Text("취소함", "Cancelled"), "calm", "x")
BACK, AHEAD = timedelta(days=60), timedelta(days=400)  # what the private address shows
LINES: dict[str, State] = {
    "new": State(Text("새 일정", "New"), "good", "plus"),
    "changed": State(Text("바뀜", "Changed"), "info", "pencil"),
    "cancelled": State(Text("취소됨", "Cancelled"), "warn", "x"),
    "same": State(Text("그대로", "The same"), "calm"),
    "old": State(Text("이미 더 새것이 있음", "A newer one is here"), "calm"),
    "off": State(Text("취소된 것이라 들이지 않음", "Cancelled, not taken in"), "calm"),
}


def visible(actor: Actor) -> Q:
    """The windows of the services that the actor may see, and those of all services."""
    seen = seen_by(actor, WINDOW_VIEW)
    return Q() if seen is None else Q(service__in=seen) | Q(service="")


def _day(text: str) -> date:
    try:
        found = date.fromisoformat(text if len(text) > 7 else f"{text}-01")
    except ValueError:
        return clock.today()
    return found if 2000 <= found.year <= 2200 else clock.today()


def _span(view: str, at: date) -> tuple[date, date, date, date]:
    """First and last day of what is drawn (half-open), and where the pages before and after begin."""
    if view == "week":
        first = at - timedelta(days=at.weekday())
        return first, first + timedelta(days=7), first - timedelta(days=7), first + timedelta(days=7)
    if view == "agenda":
        return at, at + timedelta(days=AGENDA), at - timedelta(days=AGENDA), at + timedelta(days=AGENDA)
    month = at.replace(day=1)
    if view == "year":
        return month, month.replace(year=month.year + 1), month.replace(year=month.year - 1), month.replace(year=month.year + 1)
    after = (month + timedelta(days=32)).replace(day=1)
    first = month - timedelta(days=month.weekday())
    last = after + timedelta(days=-after.weekday() % 7)
    return first, last, (month - timedelta(days=1)).replace(day=1), after


def calendar(request: HttpRequest) -> HttpResponse:
    """The calendar in one of its views, narrowed by kind and service."""
    actor, today = actor_of(request), clock.today()
    view = request.GET.get("view", "month")
    view = view if view in VIEWS else "month"
    at = _day(request.GET.get("at", "")) if request.GET.get("at") else today
    kind, service = request.GET.get("kind", ""), request.GET.get("service", "")
    since, until, before, after = _span(view, at)
    mine = visible(actor)
    rows = Window.objects.filter(mine, state="planned", last_at__gt=pictures.midnight(since), starts_at__lt=pictures.midnight(until)).defer(
        "details"
    )
    found = pictures.shown(list(rows.order_by("starts_at", "id")), since, until, clash.pairs(value("work.clashes", today)))
    services = [s for s in catalogue.services() if (seen := actor.services(WINDOW_VIEW)) is None or s.slug in seen]
    entries = [one for one in found if (kind not in KINDS or one.row.kind == kind) and (not service or one.row.service in (service, ""))]
    kept = {k: v for k, v in (("kind", kind if kind in KINDS else ""), ("service", service)) if v}

    def address(**more: str) -> str:
        return f"{reverse('work:calendar')}?{urlencode({**kept, **more})}"

    days = pictures.by_day(entries, since, until, today, once=view == "agenda") if view != "year" else []
    if view == "month":
        for one in days:
            one.inside = (one.day.year, one.day.month) == (at.year, at.month)
    weeks = [days[n : n + 7] for n in range(0, len(days), 7)] if view in ("month", "week") else []
    bad = [one for one in entries if one.clash]
    title = (
        formats.month(at)
        if view == "month"
        else Text("{a} ~ {b}", "{a} – {b}").fill(a=formats.day(since), b=formats.day(until - timedelta(days=1)))
    )
    context = {
        "view": view, "views": [(word, address(view=key, at=at.isoformat()), key == view) for key, word in VIEWS.items()], "title": title, "weeks": weeks,
        "days": [d for d in days if d.entries], "year": pictures.year(entries, since, today) if view == "year" else None, "count": len(entries), "bad": bad[:6],
        "clashes": len(bad), "before": address(view=view, at=before.isoformat()), "after": address(view=view, at=after.isoformat()),
        "now": address(view=view), "kinds": [(key, word, key == kind) for key, word in KINDS.items()],
        "services": [(s.slug, s.name, s.slug == service) for s in services], "filtered": bool(kept), "bare": f"{reverse('work:calendar')}?view={view}",
        "at": at.isoformat(), "may_plan": actor.may_somewhere(WINDOW_PLAN),
    }  # fmt: skip
    return page(request, "work/calendar.html", context, crumbs=[Crumb(NAME)], **WHERE)  # type: ignore[arg-type]


def _window(actor: Actor, number: str) -> Window:
    row = Window.objects.filter(visible(actor), number=number).first()
    if row is None:
        raise NotFound.named(windows.WHAT, number[:40])
    return row


def _when(row: Window, starts: Any, ends: Any) -> str:
    """When an occurrence takes place, in words."""
    a, b = formats.local(starts, settings.TIME_ZONE), formats.local(ends, settings.TIME_ZONE)
    if row.all_day:
        last = (b - timedelta(microseconds=1)).date()
        return formats.day(a.date()) if last == a.date() else f"{formats.day(a.date())} ~ {formats.day(last)}"
    return f"{formats.when(starts)} ~ {formats.clock(ends) if a.date() == b.date() else formats.when(ends)}"


def window(request: HttpRequest, number: str) -> HttpResponse:
    """One window: when, what it clashes with, when it comes again."""
    actor = actor_of(request)
    row = _window(actor, number)
    now = clock.now()
    event = windows.event_of(row)
    coming = ics.occurrences(event, max(now, row.starts_at), max(now, row.starts_at) + windows.HORIZON)[:6] if row.rrule else []
    found = windows.clashing(row) if row.state == "planned" else []
    others = {one.number: one for one in Window.objects.filter(visible(actor), number__in={b.key for _, b in found}).defer("details")}
    services = {s.slug: s.name for s in catalogue.services()}
    who = reads.names([row.staff])
    context = {
        "row": row, "face": PLANNED if row.state == "planned" else CANCELLED, "kind": KINDS[row.kind],
        "coming": [(_when(row, a, b), title) for a, b, title in coming],
        "clashes": [(others[b.key], _when(others[b.key], b.starts, b.ends)) for _, b in found if b.key in others][:10],
        "hidden": len({b.key for _, b in found} - set(others)),
        "may_change": row.state == "planned" and actor.may(WINDOW_PLAN, row.service or None),
        "facts": detail.facts(
            Fact(Text("언제", "When"), _when(row, row.starts_at, row.ends_at)),
            Fact(Text("종류", "Kind"), KINDS[row.kind]),
            Fact(Text("서비스", "Service"), services.get(row.service, row.service) if row.service else Text("모든 서비스", "All services")),
            Fact(Text("누가", "Who"), who.get(row.staff or 0, "–")) if row.staff else None,
            Fact(Text("되풀이", "Recurs"), row.rrule) if row.rrule else None,
            Fact(Text("잡은 사람", "Planned by"), row.opened_name, note=Text("파일에서", "from a file") if row.source == "file" else ""),
        ),
    }  # fmt: skip
    crumbs = [Crumb(NAME, reverse("work:calendar")), Crumb(number)]
    return page(request, "work/window.html", context, crumbs=crumbs, **WHERE)  # type: ignore[arg-type]


def plan(request: HttpRequest, number: str = "") -> HttpResponse:
    """Plan a window, or change one. What it clashes with is shown, and a reason asked, before it is saved all the same."""
    actor = actor_of(request)
    row = _window(actor, number) if number else None
    if not (actor.may(WINDOW_PLAN, row.service or None) if row else actor.may_somewhere(WINDOW_PLAN)):
        raise NotAllowed.for_permission(WINDOW_PLAN)
    day = _day(request.GET.get("at", "")) if request.GET.get("at") else clock.today()
    begins = initial(row) if row else {"starts_on": day, "kind": "maintenance", "service": request.GET.get("service", "")[:80]}
    asks = "reason" in request.POST
    form = WindowForm(request.POST or None, row=row, asks=asks, initial=begins)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        given = {key: data[key] for key in ("kind", "title", "starts_at", "ends_at", "all_day", "rrule", "details")}
        reason = data.get("reason", "")
        try:
            if row is not None:
                windows.change_window.do(actor, number=number, reason=reason, **given)
                made = number
            else:
                made = windows.plan_window.do(
                    actor, service=data["service"], staff=int(data["staff"]) if data["staff"] else None, reason=reason, **given
                )
        except (NotAllowed, NotFound):
            raise
        except Refused as refused:
            if any(f.code == "work.clash" for f in refused.findings):
                form = WindowForm(request.POST, row=row, asks=True)
            refuse(form, refused)
        else:
            toasts.tell(request, Toast(Text("일정 {n}을(를) 저장했습니다", "Window {n} was saved").fill(n=made)))
            return redirect("work:window", made)
    title = Text("일정 고치기", "Change the window") if row else Text("새 일정", "New window")
    back = reverse("work:window", args=[number]) if number else reverse("work:calendar")
    return _form(request, form, title, Text("저장", "Save") if row else Text("일정 잡기", "Plan it"), back, number)


def _form(
    request: HttpRequest, form: Any, title: Text, act: Text, back: str, number: str = "", note: Text | None = None, multipart: bool = False
) -> HttpResponse:
    crumbs = [Crumb(NAME, reverse("work:calendar")), *([Crumb(number, back)] if number else []), Crumb(title)]
    context = {"form": form, "title": title, "act": act, "back": back, "note": note, "multipart": multipart}
    return page(request, "work/form.html", context, crumbs=crumbs, status=422 if form.is_bound else 200, **WHERE)  # type: ignore[arg-type]


def cancel(request: HttpRequest, number: str) -> HttpResponse:
    """Cancel a window, saying why."""
    actor = actor_of(request)
    row = _window(actor, number)
    if not actor.may(WINDOW_PLAN, row.service or None):
        raise NotAllowed.for_permission(WINDOW_PLAN)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            windows.cancel_window.do(actor, number=number, reason=form.cleaned_data["reason"])
        except (NotAllowed, NotFound):
            raise
        except Refused as refused:
            refuse(form, refused)
        else:
            return redirect("work:window", number)
    note = Text(
        "내보낸 캘린더에는 취소된 일정으로 남아 거기서도 사라집니다.", "It stays in the feed as cancelled, so other calendars take it away."
    )
    return _form(
        request,
        form,
        Text("일정 취소", "Cancel the window"),
        Text("일정 취소하기", "Cancel the window"),
        reverse("work:window", args=[number]),
        number,
        note,
    )


def address(request: HttpRequest) -> HttpResponse:
    """The private address of the calendar; a POST makes a new one (shown once) or shuts it."""
    actor = actor_of(request)
    seen_by(actor, WINDOW_VIEW)
    made = ""
    if request.method == "POST":
        if request.POST.get("end"):
            windows.end_feed.do(actor)
            return redirect("work:address")
        made = request.build_absolute_uri(reverse("work:feed", args=[windows.make_feed.do(actor)]))
    row = CalendarFeed.objects.filter(staff=actor.staff_id or 0, ended_at__isnull=True).first()
    crumbs = [Crumb(NAME, reverse("work:calendar")), Crumb(Text("다른 캘린더에서 보기", "See it elsewhere"))]
    return page(request, "work/address.html", {"row": row, "made": made}, crumbs=crumbs, **WHERE)  # type: ignore[arg-type]


@login_not_required
@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar as a file, for who holds the private address: windows of the services that its owner may see, without details and names.
    An address that was shut, replaced, or whose owner left, is not found."""
    hashed = hash_token(token)
    row = CalendarFeed.objects.filter(token_hash=hashed, ended_at__isnull=True).first()
    actor = staff_actor(row.staff) if row is not None else None
    if row is None or actor is None or not constant_time_compare(row.token_hash, hashed) or not actor.may_somewhere(WINDOW_VIEW):
        raise Http404
    now = clock.now()
    if row.used_at is None or row.used_at < now - timedelta(minutes=10):
        CalendarFeed.objects.filter(pk=row.pk).update(used_at=now)
    found = Window.objects.filter(visible(actor), last_at__gt=now - BACK, starts_at__lt=now + AHEAD).defer("details").order_by("id")
    content = ics.write([windows.event_of(one) for one in found], now, str(Text("누마루 일정", "Numaru calendar")))
    answer = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="numaru.ics"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def bring(request: HttpRequest) -> HttpResponse:
    """A calendar file: read and compared first."""
    actor = actor_of(request)
    if not actor.may_somewhere(WINDOW_PLAN):
        raise NotAllowed.for_permission(WINDOW_PLAN)
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            number = windows.read_file.do(
                actor, content=data["file"].read(windows.LONGEST_FILE + 1), kind=data["kind"], service=data["service"]
            )
        except NotAllowed:
            raise
        except Refused as refused:
            refuse(form, refused)
        else:
            return redirect("work:file", number)
    note = Text("이 단계에서는 아무것도 바뀌지 않습니다.", "Nothing changes at this step.")
    return _form(
        request,
        form,
        Text("캘린더 파일 들이기", "Take a calendar file in"),
        Text("읽어 보기", "Read it"),
        reverse("work:calendar"),
        note=note,
        multipart=True,
    )


def file(request: HttpRequest, number: str) -> HttpResponse:
    """What the file would change, event by event; a POST takes it in."""
    actor = actor_of(request)
    row = windows.file_of(actor, number)
    if request.method == "POST":
        count = windows.take_file.do(actor, number=number)
        said = Text("새 일정 {a}건, 바뀐 일정 {b}건, 취소 {c}건", "{a} new, {b} changed, {c} cancelled").fill(
            a=count.get("new", 0), b=count.get("changed", 0), c=count.get("cancelled", 0)
        )
        toasts.tell(request, Toast(said))
        return redirect("work:calendar")
    lines, notes = windows.compared(row.content)
    said_of: dict[str, list[Text]] = {}
    for one in notes:
        said_of.setdefault(one.uid, []).append(one.text)
    shown = [(line, LINES[line.what], said_of.get(line.event.uid, [])) for line in lines]
    known = {line.event.uid for line in lines}
    lost = [one for one in notes if one.uid not in known or one.lost]
    active = sum(line.what in ("new", "changed", "cancelled") for line in lines)
    context = {"row": row, "lines": shown[:500], "more": max(0, len(shown) - 500), "lost": lost, "active": active, "kind": KINDS[row.kind]}
    crumbs = [Crumb(NAME, reverse("work:calendar")), Crumb(Text("캘린더 파일", "Calendar file"), reverse("work:bring")), Crumb(number)]
    return page(request, "work/file.html", context, crumbs=crumbs, **WHERE)  # type: ignore[arg-type]
