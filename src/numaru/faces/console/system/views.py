"""The page of the parts: what needs somebody first, then what is well."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from numaru.faces.console.system.rooms import NAME
from numaru.kernel import health
from numaru.kernel.errors import NotAllowed
from numaru.kernel.permissions import SYSTEM_VIEW
from numaru.ui.pages import actor_of, page
from numaru.ui.shell import Crumb
from numaru.ui.states import State
from numaru.values.text import Text

FACES = {
    "bad": State(Text("고장", "Broken"), "bad"),
    "warn": State(Text("살펴볼 것", "Needs a look"), "warn"),
    "ok": State(Text("정상", "Well"), "good"),
}
ORDER = list(FACES)


def _allowed(request: HttpRequest) -> None:
    if not actor_of(request).may(SYSTEM_VIEW):
        raise NotAllowed.for_permission(SYSTEM_VIEW)


def parts(request: HttpRequest) -> HttpResponse:
    """The parts; answers hold for some seconds each, ``again`` asks anew."""
    _allowed(request)
    rows = sorted(health.look(), key=lambda line: ORDER.index(line.seen.state))  # stable: by key within a state
    context = {
        "rows": [(line, FACES[line.seen.state]) for line in rows],
        "bad": sum(line.seen.state == "bad" for line in rows),
        "warn": sum(line.seen.state == "warn" for line in rows),
        "face": FACES[rows[0].seen.state],
    }
    return page(request, "console/system/parts.html", context, room="shared", place="system", crumbs=[Crumb(NAME)])


@require_POST
def again(request: HttpRequest) -> HttpResponse:
    """Ask every part anew and show it."""
    _allowed(request)
    health.forget()
    return redirect("system:parts")
