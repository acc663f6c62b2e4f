"""The menu under the bell, the page of all notices, and reading them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from numaru.faces.console.views import back
from numaru.kernel.errors import NotAllowed
from numaru.kernel.notices import api as notices
from numaru.ui import bell, lists
from numaru.ui.lists import Choice, Column, Listing, Sort, View
from numaru.ui.pages import actor_of, page
from numaru.ui.shell import Crumb
from numaru.ui.states import State
from numaru.values.text import Text

NAME = Text("알림", "Notices")
UNREAD, NEEDS, READ = (
    State(Text("새 알림", "New"), "info", "bell"),
    State(Text("할 일 있음", "Needs you"), "warn", "bell-ringing"),
    State(Text("읽음", "Read"), "calm", "check"),
)


def _complete(rows: list[Any]) -> None:
    for row, line in zip(rows, bell.lines(rows), strict=True):
        row.said, row.face = line.said, READ if line.read else NEEDS if line.needs else UNREAD


LISTING = Listing(
    key="notices",
    name=NAME,
    unit=("건", "notice", "notices"),
    columns=(
        Column("what", Text("무엇을", "What"), lambda r: r.said.what, url=lambda r: r.said.url),
        Column("why", Text("내용", "About"), lambda r: r.said.why),
        Column("state", Text("상태", "State"), lambda r: r.face, "state"),
        Column("at", Text("알린 때", "Told"), lambda r: r.at, "when", short=False),
    ),
    sorts=(Sort("new", Text("최근 순", "Newest first"), ("pk",), descending=True),),
    filters=(
        Choice(
            "show",
            Text("보기", "View"),
            (("unread", Text("읽지 않은 것", "Unread")), ("read", Text("읽은 것", "Read"))),
            lambda rows, v: rows.filter(read_at__isnull=v == "unread"),
        ),
    ),
    views=(
        View("all", Text("전체", "All")),
        View("unread", Text("읽지 않은 것", "Unread"), (("show", "unread"),)),
    ),
    prepare=_complete,
)


def _own(request: HttpRequest) -> Any:
    actor = actor_of(request)
    if not actor.may_somewhere(notices.NOTICE_READ):
        raise NotAllowed.for_permission(notices.NOTICE_READ)
    return notices.own(actor)


def everything(request: HttpRequest) -> HttpResponseBase:
    """Everything that the reader was told, the newest first."""
    rows = _own(request)
    last = rows.order_by("-id").values_list("id", flat=True).first() or 0
    context = {"last": last, "some": bell.count(request), "me": actor_of(request).staff_id}
    return lists.respond(request, LISTING, rows, "console/notices/list.html", context, room="today", place="today", crumbs=[Crumb(NAME)])


def menu(request: HttpRequest) -> HttpResponse:
    """What stands under the bell: the last that are not read. Fetched when the bell is pressed or when something comes."""
    rows = list(_own(request).filter(read_at__isnull=True).order_by("-id")[: bell.LAST])
    came = urlsplit(request.headers.get("HX-Current-URL", ""))
    here = f"{came.path}?{came.query}" if came.query else came.path
    context = {"lines": bell.lines(rows), "last": rows[0].pk if rows else 0, "next": here or "/notices/", "me": actor_of(request).staff_id}
    return page(request, "console/notices/menu.html", context)


def count(request: HttpRequest) -> HttpResponse:
    """The bell alone, drawn anew when something comes or was read elsewhere."""
    _own(request)
    return page(request, "ui/parts/bell.html", {"some": bell.count(request)})


@require_POST
def follow(request: HttpRequest, number: int) -> HttpResponse:
    """Read one notice and go to what it is about."""
    row = notices.read_one.do(actor_of(request), number=number)
    (line,) = bell.lines([row])
    return redirect(line.said.url or "notices:list")


@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Read all that the page showed; what came since then stays."""
    digits = request.POST.get("upto", "")
    upto = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 18 else 0
    notices.read_all.do(actor_of(request), upto=upto)
    return HttpResponseRedirect(back(request, request.POST.get("next", "/notices/")))
